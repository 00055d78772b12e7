/* SPDX-License-Identifier: MIT */
/* progress.h - one line on stderr that tells how far a transfer is; nothing where stderr is no
 * terminal. */
#ifndef QGACTL_PROGRESS_H
#define QGACTL_PROGRESS_H

#include <stdbool.h>

struct progress {
	const char *what;
	long long total, from; /* bytes; total below 0: not known. from: those of an earlier time */
	double started, drawn;
	bool shown;
};

void progress_begin(struct progress *p, const char *what, long long from, long long total,
                    bool quiet);
void progress_at(struct progress *p, long long at);
/* Removes the line. */
void progress_end(struct progress *p);

#endif
