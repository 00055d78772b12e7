/* SPDX-License-Identifier: MIT */
/* cmd_cat.c - files of the guest on stdout. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "print.h"
#include "remote.h"

static int print(void *context, const void *data, size_t len)
{
	(void)context;
	if (fwrite(data, 1, len, stdout) != len)
		return errno == EPIPE ? fail(FAIL_LOCAL, "%s", "") /* who had enough knows it */
		                      : fail(FAIL_LOCAL, "the output cannot be written: %s",
		                             strerror(errno));
	return OK;
}

static int collect(void *context, const void *data, size_t len)
{
	buffer_add(context, data, len);
	return OK;
}

static int cat(struct context *c, const char *path, remote_sink *sink, void *context)
{
	struct remote r = {.session = &c->session};
	long long at = 0;
	int status = remote_open(&r, path, "r");

	return status ? status : remote_close(&r, remote_read(&r, 0, sink, context, &at));
}

/* A file as a string, if it is text. */
static int cat_json(struct context *c, const char *path)
{
	struct buffer all = {0};
	int status = cat(c, path, collect, &all);
	json_t *text = json_stringn(all.data ? all.data : "", all.len);

	buffer_free(&all);
	if (status) {
		json_decref(text);
		return status;
	}
	if (!text)
		return fail(FAIL_LOCAL, "%s is no UTF-8, which JSON must be; leave --json out",
		            path);
	text = json_pack("{s:s, s:o}", "path", path, "text", text);
	print_json(text);
	json_decref(text);
	return OK;
}

int cmd_cat(struct context *c, const struct args *a)
{
	int status = OK;

	for (int i = 0; !status && i < a->argc; i++)
		status = c->json ? cat_json(c, a->argv[i]) : cat(c, a->argv[i], print, NULL);
	return status;
}
