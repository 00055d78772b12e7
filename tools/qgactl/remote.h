/* SPDX-License-Identifier: MIT */
/* remote.h - a file of the guest: the guest-file-* commands, and reading and writing it fast. */
#ifndef QGACTL_REMOTE_H
#define QGACTL_REMOTE_H

#include "session.h"

struct remote {
	struct session *session;
	const char *path; /* for messages */
	long long handle;
	size_t piece;    /* bytes in each request; 0: as the target likes it */
	unsigned window; /* requests under way at once; 0: likewise */
};

/* mode: as for fopen(). `session` and `piece` are set before. */
int remote_open(struct remote *r, const char *path, const char *mode);
/* Closes if it still can; returns the status it is given, or if that is OK what closing gave. */
int remote_close(struct remote *r, int status);
/* whence: 0 from the start, 1 from here, 2 from the end. */
int remote_seek(struct remote *r, long long offset, int whence, long long *position);

/* Gets what was read, piece by piece; anything but OK ends the reading. */
typedef int remote_sink(void *context, const void *data, size_t len);

/* Reads from `from`, where the file stands, to its end; *at counts what the sink got, from there
 * on. */
int remote_read(struct remote *r, long long from, remote_sink *sink, void *context, long long *at);

/* Gives up to len bytes to write: their number, 0 at the end, or below 0 for a failure. */
typedef long remote_source(void *context, void *data, size_t len);

/* Writes from where the file stands, `from`; *at counts what is stored, and the sum is told to
 * `told`. */
int remote_write(struct remote *r, remote_source *source, void *context, long long *at,
                 void (*told)(void *context, long long at));

#endif
