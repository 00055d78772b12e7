/* SPDX-License-Identifier: MIT */
/*
 * env_setting.c - keeps the values of settings that are asked for; boards/shared/setting.c reads them.
 */
#include <string.h>

#include "env.h"

#if ENV_SETTINGS_SIZE > 0

#define NAME_MAX 24

static char values[ENV_SETTINGS_SIZE];
static size_t used;

static void too_long(const char *name)
{
	char text[96] = "bareqga: setting ";

	strncat(text, name, NAME_MAX);
	strcat(text, " is too long and not used");
	env_say(text);
}

const char *env_setting(const char *item, const char *cmdline)
{
	char *value = values + used;
	int len = used < sizeof values ? board_setting(item, cmdline, value, sizeof values - used)
	                               : -1;

	if (len < 0)
		too_long(item + sizeof(ENV_SETTING("")) - 1);
	if (len <= 0)
		return NULL;
	used += (size_t)len + 1;
	return value;
}

#endif
