/* SPDX-License-Identifier: MIT */
/*
 * fail.h - how a function says that it could not do its work: it returns an exit status of qgactl,
 * and has left one sentence, which names what to do where that is known.
 *
 *     if (fd < 0)
 *             return fail(FAIL_TARGET, "%s: %s", path, strerror(errno));
 */
#ifndef QGACTL_FAIL_H
#define QGACTL_FAIL_H

#include <stddef.h>

/* The exit statuses: qgactl.1 lists them for users. */
enum {
	OK = 0,
	FAIL_AGENT = 1,   /* the agent answered with an error */
	FAIL_USAGE = 2,   /* the command line is wrong */
	FAIL_TARGET = 3,  /* the target cannot be reached */
	FAIL_ANSWER = 4,  /* no answer in time, or none that is one */
	FAIL_GONE = 5,    /* the target went away in the middle of the work */
	FAIL_LOCAL = 6,   /* something on this side: a file, the terminal */
	FAIL_DIFFERS = 7, /* what was transferred is not what is there */
	FAIL_UNKNOWN = 8, /* the agent does not have the command */
	FAIL_TIME = 124,  /* exec: still running when its time was up */
	FAIL_EXEC = 125,  /* exec: the command was not run, or not to its end */
	FAIL_STOPPED = 130,
};

/* Keeps the sentence and returns the status. */
int fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The last sentence. */
const char *failure(void);

/* Puts something in front of the last sentence; returns the status. */
int fail_in(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Memory that must be there: ends the program, with a sentence, if it is not. */
void *grow(void *memory, size_t size);

#endif
