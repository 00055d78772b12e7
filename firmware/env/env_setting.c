/* SPDX-License-Identifier: MIT */
/*
 * env_setting.c - what the host sets: -fw_cfg name=opt/bareqga/NAME,string=VALUE, or on the kernel
 * command line bareqga.NAME=VALUE, or bareqga.NAME="VALUE" with blanks in it.
 *
 * An empty value means not set. fw_cfg wins. Line ends at the end of an item are dropped.
 */
#include <string.h>

#include "env.h"

#if ENV_SETTINGS_SIZE > 0

#define WORD_PREFIX "bareqga."
#define NAME_MAX    24

static char values[ENV_SETTINGS_SIZE];
static size_t used;

/* Ends the value of len bytes that stands at the end of the used part; NULL if it is empty. */
static const char *keep(size_t len)
{
	char *value = values + used;

	while (len > 0 && (value[len - 1] == '\n' || value[len - 1] == '\r' || !value[len - 1]))
		len--;
	if (len == 0)
		return NULL;
	value[len] = '\0';
	used += len + 1;
	return value;
}

static const char *too_long(const char *name)
{
	char text[96] = "bareqga: setting ";

	strncat(text, name, NAME_MAX);
	strcat(text, " is too long and not used");
	env_say(text);
	return NULL;
}

static const char *from_item(const char *item, const char *name)
{
	size_t room = sizeof(values) - used;
	int64_t size = board_item_size(item);

	if (size <= 0)
		return NULL;
	if ((uint64_t)size >= room)
		return too_long(name);
	size = board_item_read(item, 0, values + used, (size_t)size);
	return size > 0 ? keep((size_t)size) : NULL;
}

/* The end of the word at p: a blank that is not inside double quotes, or the end. */
static const char *word_end(const char *p)
{
	bool quoted = false;

	for (; *p && (quoted || *p != ' '); p++)
		quoted ^= *p == '"';
	return p;
}

static const char *from_word(const char *name, const char *value, const char *end)
{
	size_t len = 0;

	if ((size_t)(end - value) >= sizeof(values) - used)
		return too_long(name);
	for (; value < end; value++)
		if (*value != '"')
			values[used + len++] = *value;
	return keep(len);
}

/* Where the text goes on behind `beginning`, if it begins so, or NULL. */
static const char *behind(const char *text, const char *beginning)
{
	while (*beginning)
		if (*text++ != *beginning++)
			return NULL;
	return text;
}

const char *env_setting(const char *item, const char *cmdline)
{
	const char *name = item + sizeof(ENV_SETTING("")) - 1;
	const char *found = from_item(item, name);

	while (!found && cmdline && *cmdline) {
		const char *end = word_end(cmdline);
		const char *p = behind(cmdline, WORD_PREFIX);

		p = p ? behind(p, name) : NULL;
		if (p && *p == '=')
			found = from_word(name, p + 1, end);
		cmdline = *end ? end + 1 : end;
	}
	return found;
}

#endif
