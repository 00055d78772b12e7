/* SPDX-License-Identifier: MIT */
/* cmd_ls.c - files of the guest. The protocol cannot list them, so the guest's own ls does. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "print.h"
#include "program.h"

static void print_lines(const struct buffer *text)
{
	json_t *list = json_array();
	/* Of no output there is not even an empty text. */
	const char *at = text->len > 0 ? text->data : "", *end = at + text->len;

	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		size_t len = line ? (size_t)(line - at) : (size_t)(end - at);
		json_t *name = json_stringn(at, len);

		if (name)
			json_array_append_new(list, name);
		at += len + 1;
	}
	print_json(list);
	json_decref(list);
}

int cmd_ls(struct context *c, const struct args *a)
{
	struct buffer out = {0};
	int status = program_run(&c->session, "ls", a->argv, a->argc, &out);

	if (!status && c->json)
		print_lines(&out);
	else if (out.len > 0)
		fwrite(out.data, 1, out.len, stdout);
	buffer_free(&out);
	return status;
}
