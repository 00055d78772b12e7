/* SPDX-License-Identifier: MIT */
/* words.h - a line of the prompt as words, the way a shell takes it apart. */
#ifndef QGACTL_WORDS_H
#define QGACTL_WORDS_H

#include <stddef.h>

struct words {
	char **word; /* n of them, and NULL */
	size_t n;
};

/* Blanks divide; '...' and "..." and \ keep. Fails with FAIL_USAGE if a quote is never closed. */
int words_split(struct words *w, const char *line);
void words_free(struct words *w);

#endif
