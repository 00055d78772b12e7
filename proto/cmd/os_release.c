/* SPDX-License-Identifier: MIT */
/*
 * os_release.c - see os_release.h. Format: os-release(5): lines of NAME=value, comments with #, the
 * value quoted as for a POSIX shell. Expansions ($HOME) are no part of the format. In double quotes a
 * backslash stands before a single quote, too, as for qemu-ga.
 */
#include <string.h>

#include "os_release.h"

/* The value of `name` on the line at p, or NULL. */
static const char *os_release_value_on(const char *p, const char *name)
{
	size_t len = strlen(name);

	while (*p == ' ' || *p == '\t')
		p++;
	return strncmp(p, name, len) == 0 && p[len] == '=' ? p + len + 1 : NULL;
}

/* The length of buf[0..n) without a character that was cut. */
static size_t os_release_whole_characters(const char *buf, size_t n)
{
	size_t start = n;

	while (start > 0 && (buf[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0)
		return n;
	unsigned char lead = (unsigned char)buf[start - 1];
	size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;

	return n - start + 1 < want ? start - 1 : n;
}

/* Removes the shell's quoting up to the end of the line. */
static size_t os_release_unquote(const char *p, char *buf, size_t size)
{
	size_t n = 0;
	char quote = '\0';

	for (; *p && *p != '\n' && *p != '\r'; p++) {
		if (quote ? *p == quote : (*p == '"' || *p == '\'')) {
			quote = quote ? '\0' : *p;
			continue;
		}
		if (!quote && (*p == ' ' || *p == '\t' || *p == ';'))
			break;
		if (*p == '\\' && quote != '\'' && p[1] && p[1] != '\n' &&
		    (!quote || strchr("\"\\$`'", p[1])))
			p++;
		if (n + 1 >= size) {
			n = os_release_whole_characters(buf, n);
			break;
		}
		buf[n++] = *p;
	}
	buf[n] = '\0';
	return n;
}

int qga_os_release_get(const char *text, const char *name, char *buf, size_t size)
{
	int found = -1;

	while (text && *text) {
		const char *value = os_release_value_on(text, name);

		if (value)
			found = (int)os_release_unquote(value, buf, size);
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return found;
}
