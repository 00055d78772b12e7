/* SPDX-License-Identifier: MIT */
/* log.c - see log.h. Left out: time stamps, levels. */
#include "log.h"

#include <string.h>

#define LOG_MAGIC      0x676f6c62u
#define SUM_OF_NOTHING 2166136261u

static uint32_t sum(uint32_t so_far, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		so_far = (so_far ^ (uint8_t)text[i]) * 16777619u;
	return so_far;
}

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
		log_crash_begin(log);
		log->crashes = 0;
		log->written = 0;
		log->size = ring;
	}
	if (log->crash_len > 0 && sum(SUM_OF_NOTHING, log->crash, log->crash_len) != log->crash_sum)
		log_crash_begin(log);
	return log;
}

void log_crash_begin(struct log *log)
{
	log->crash_len = 0;
	log->crash_sum = SUM_OF_NOTHING;
}

void log_crash_add(struct log *log, const char *text, size_t len)
{
	char *to = log->crash + log->crash_len;

	if (len >= LOG_CRASH_MAX - log->crash_len)
		return;
	memcpy(to, text, len);
	to[len] = '\n';
	log->crash_sum = sum(log->crash_sum, to, len + 1);
	log->crash_len += (uint32_t)len + 1;
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
