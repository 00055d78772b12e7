/* SPDX-License-Identifier: MIT */
/* words.c - see words.h. Left out on purpose: variables, patterns, pipes. */
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "fail.h"
#include "words.h"

/* Reads one word; returns what is behind it, or NULL if a quote is open. */
static const char *take(const char *p, struct buffer *word)
{
	char quote = 0;

	for (; *p && (quote || !strchr(" \t\n", *p)); p++) {
		if (*p == quote) {
			quote = 0;
		} else if (!quote && (*p == '\'' || *p == '"')) {
			quote = *p;
		} else {
			if (*p == '\\' && quote != '\'' && p[1])
				p++;
			buffer_add(word, p, 1);
		}
	}
	buffer_add(word, "", 1);
	return quote ? NULL : p;
}

int words_split(struct words *w, const char *line)
{
	*w = (struct words){.word = grow(NULL, sizeof(char *))};
	for (;;) {
		struct buffer word = {0};

		line += strspn(line, " \t\n");
		if (!*line)
			break;
		line = take(line, &word);
		w->word = grow(w->word, (w->n + 2) * sizeof(char *));
		w->word[w->n++] = word.data;
		if (!line)
			return fail(FAIL_USAGE, "a quote is not closed");
	}
	w->word[w->n] = NULL;
	return OK;
}

void words_free(struct words *w)
{
	for (size_t i = 0; i < w->n; i++)
		free(w->word[i]);
	free(w->word);
	*w = (struct words){0};
}
