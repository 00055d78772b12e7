/* SPDX-License-Identifier: MIT */
/* cmd_freeze.c - freeze, thaw, status: the file systems at rest while somebody takes a snapshot. */
#include <stdio.h>

#include "command.h"
#include "print.h"

static int show(struct context *c, const char *text, json_t *value)
{
	long long n = json_integer_value(value);

	if (c->json)
		print_json(value);
	else
		printf("%lld file system%s %s\n", n, n == 1 ? "" : "s", text);
	json_decref(value);
	return OK;
}

int cmd_freeze(struct context *c, const struct args *a)
{
	json_t *list, *value;
	int status;

	if (a->argc == 0) {
		status = session_ask(&c->session, "guest-fsfreeze-freeze", NULL, &value);
		return status ? status : show(c, "frozen", value);
	}
	list = json_array();
	for (int i = 0; i < a->argc; i++)
		if (json_array_append_new(list, json_string(a->argv[i])) < 0) {
			json_decref(list);
			return fail(FAIL_USAGE, "'%s' is not valid UTF-8, which JSON must be",
			            a->argv[i]);
		}
	status = session_ask(&c->session, "guest-fsfreeze-freeze-list",
	                     json_pack("{s:o}", "mountpoints", list), &value);
	return status ? status : show(c, "frozen", value);
}

int cmd_thaw(struct context *c, const struct args *a)
{
	json_t *value;
	int status = session_ask(&c->session, "guest-fsfreeze-thaw", NULL, &value);

	(void)a;
	return status ? status : show(c, "thawed", value);
}

int cmd_status(struct context *c, const struct args *a)
{
	json_t *value;
	int status = session_ask(&c->session, "guest-fsfreeze-status", NULL, &value);

	(void)a;
	if (status)
		return status;
	if (c->json)
		print_json(value);
	else {
		print_text(stdout, json_is_string(value) ? json_string_value(value) : "?");
		putchar('\n');
	}
	json_decref(value);
	return OK;
}
