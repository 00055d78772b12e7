/* SPDX-License-Identifier: MIT */
/* compare.h - a file of this host beside one of the guest, byte for byte. */
#ifndef QGACTL_COMPARE_H
#define QGACTL_COMPARE_H

#include <stdio.h>

#include "progress.h"
#include "remote.h"

enum {
	/* Of what an earlier transfer left, so much is compared before going on. */
	COMPARE_TAIL = 64 << 10
};

/* A remote_sink that compares with what comes next in a file. */
struct compare {
	FILE *file;
	const char *local, *remote;
	long long at; /* in both */
	struct progress *progress;
};

int compare_sink(void *context, const void *data, size_t len);

/* Reads all of both: FAIL_DIFFERS if they are not alike. */
int compare_files(struct remote *r, const char *path, FILE *file, const char *local, long long size,
                  bool quiet);

/* The part of a path behind its last slash. */
const char *base_name(const char *path);

#endif
