/* SPDX-License-Identifier: MIT */
/*
 * log.h - the last lines of text, kept in memory that a reset of the guest does not clear.
 *
 * The ring is the file /log and what dmesg prints; beside it lies the record of the last crash,
 * the file /crash. They are found again by a magic number, and the record by its checksum.
 */
#ifndef LOG_H
#define LOG_H

#include <stddef.h>
#include <stdint.h>

/* So that what is said first shares a page with what is in front of it. */
#define LOG_CRASH_MAX 3072

struct log {
	uint32_t magic;
	uint32_t crash_len; /* 0: none */
	uint32_t crash_sum; /* FNV-1a */
	uint32_t crashes;   /* in a row, each soon after the start */
	size_t written;     /* bytes since the ring was empty; the last `size` of them are there */
	size_t size;        /* a power of two */
	char crash[LOG_CRASH_MAX];
	char ring[];
};

/* Least memory that makes sense. */
#define LOG_MIN (sizeof(struct log) + 256)

/*
 * Finds the log of before the reset in memory of `size` bytes, or starts one, whose ring is the
 * largest that fits. Returns it; NULL if the memory is too small.
 */
struct log *log_open(void *memory, size_t size);

/* Forgets the record of a crash, for another one. */
void log_crash_begin(struct log *log);

/* Appends a line to the record, which is whole after each; one that does not fit is dropped. */
void log_crash_add(struct log *log, const char *text, size_t len);

/* Appends text. A NULL log drops it. */
void log_write(struct log *log, const char *text, size_t len);

/* Where the oldest byte that is still there stands, counted as `written` is. */
size_t log_oldest(const struct log *log);

/*
 * Copies up to len bytes from position `from`; what has been overwritten meanwhile reads as blanks.
 * Returns how many.
 */
size_t log_read(const struct log *log, size_t from, char *buf, size_t len);

#endif
