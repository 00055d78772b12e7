/* SPDX-License-Identifier: MIT */
/* log.c - see log.h. Left out: time stamps, levels. */
#include "log.h"

#define LOG_MAGIC 0x676f6c61u

struct log *log_open(void *memory, size_t size)
{
	struct log *log = memory;
	size_t ring = LOG_MIN - sizeof(*log);

	if (!memory || size < LOG_MIN)
		return NULL;
	do
		ring *= 2;
	while (ring <= size - sizeof(*log));
	ring /= 2;
	if (log->magic != LOG_MAGIC || log->size != ring || log->crash_len > LOG_CRASH_MAX) {
		log->magic = LOG_MAGIC;
		log->crash_len = log->crashes = 0;
		log->written = 0;
		log->size = ring;
	}
	return log;
}

void log_write(struct log *log, const char *text, size_t len)
{
	for (size_t i = 0; log && i < len; i++)
		log->ring[log->written++ & (log->size - 1)] = text[i];
}

size_t log_oldest(const struct log *log)
{
	return log->written > log->size ? log->written - log->size : 0;
}

size_t log_read(const struct log *log, size_t from, char *buf, size_t len)
{
	size_t oldest = log_oldest(log), n = 0;

	for (; n < len && from < log->written; n++, from++)
		buf[n] = from < oldest ? ' ' : log->ring[from & (log->size - 1)];
	return n;
}
