/* SPDX-License-Identifier: MIT */
/*
 * setting.c - what the host sets, for everybody who asks: -fw_cfg name=opt/bareqga/NAME,string=VALUE,
 * or on the kernel command line bareqga.NAME=VALUE.
 *
 * An empty value means not set. fw_cfg wins; of several words the last one does. Line ends at the
 * end of an item are dropped. Words are what Linux takes for words: double quotes, around a value
 * or around the whole word, keep blanks inside, and are dropped; one behind a backslash is a part of
 * the value, and the backslash is dropped.
 */
#include <string.h>

#include "board.h"

#define ITEM_PREFIX "opt/bareqga/"
#define WORD_PREFIX "bareqga."

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Reads an item; as board_setting(), and 0 if there is none. */
static int from_item(const char *item, char *value, size_t size)
{
	int64_t len = board_item_size(item);

	if (len <= 0)
		return 0;
	if ((uint64_t)len >= size)
		return -1;
	len = board_item_read(item, 0, value, (size_t)len);
	while (len > 0 && (value[len - 1] == '\n' || value[len - 1] == '\r' || !value[len - 1]))
		len--;
	return len > 0 ? (int)len : 0;
}

/* The end of the word at p: a blank that is not inside double quotes, or the end. */
static const char *word_end(const char *p)
{
	bool quoted = false;

	for (; *p && (quoted || !is_blank(*p)); p++)
		if (p[0] == '\\' && p[1] == '"')
			p++;
		else
			quoted ^= *p == '"';
	return p;
}

/* Where the text goes on behind `beginning`, if it begins so, or NULL. */
static const char *behind(const char *text, const char *beginning)
{
	while (*beginning)
		if (*text++ != *beginning++)
			return NULL;
	return text;
}

/* The value in the word at p, if it is for NAME, or NULL. */
static const char *value_in(const char *p, const char *name)
{
	p = behind(*p == '"' ? p + 1 : p, WORD_PREFIX);
	p = p ? behind(p, name) : NULL;
	return p && *p == '=' ? p + 1 : NULL;
}

static int from_words(const char *name, const char *cmdline, char *value, size_t size)
{
	const char *end, *p;
	size_t len = 0;

	for (; *cmdline; cmdline = *end ? end + 1 : end) {
		end = word_end(cmdline);
		p = value_in(cmdline, name);
		if (!p)
			continue;
		for (len = 0; p < end; p++) {
			if (*p == '"')
				continue;
			if (p[0] == '\\' && p[1] == '"')
				p++;
			if (len == size - 1)
				return -1;
			value[len++] = *p;
		}
	}
	return (int)len;
}

int board_setting(const char *item, const char *cmdline, char *value, size_t size)
{
	int len = from_item(item, value, size);

	if (len == 0 && cmdline)
		len = from_words(item + sizeof ITEM_PREFIX - 1, cmdline, value, size);
	value[len > 0 ? len : 0] = '\0';
	return len;
}
