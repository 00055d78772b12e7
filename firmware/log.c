/* SPDX-License-Identifier: MIT */
/* log.c - see log.h. Left out: time stamps, levels. */
#include <string.h>

#include "log.h"

#define LOG_MAGIC 0x676f6c2061676b71u

struct log *log_open(void *memory, size_t size)
{
	struct log *log = memory;

	if (!memory || size < LOG_MIN)
		return NULL;
	if (log->magic != LOG_MAGIC || log->size != size - sizeof(*log) ||
	    log->crash_len > LOG_CRASH_MAX) {
		memset(log, 0, sizeof(*log));
		log->magic = LOG_MAGIC;
		log->size = size - sizeof(*log);
	}
	return log;
}

void log_write(struct log *log, const char *text, size_t len)
{
	for (size_t i = 0; log && i < len; i++)
		log->ring[log->written++ % log->size] = text[i];
}

uint64_t log_oldest(const struct log *log)
{
	return log->written > log->size ? log->written - log->size : 0;
}

size_t log_read(const struct log *log, uint64_t from, char *buf, size_t len)
{
	uint64_t oldest = log_oldest(log);
	size_t n = 0;

	for (; n < len && from + n < log->written; n++)
		buf[n] = from + n < oldest ? ' ' : log->ring[(from + n) % log->size];
	return n;
}
