/* SPDX-License-Identifier: MIT */
/*
 * cmd_log.c - what the guest has written down: its log.
 *
 * Following goes on through a restart of the guest. Its file is then opened anew, and begins with
 * lines that were printed before: the last of those is looked for, and printing goes on behind it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "print.h"
#include "program.h"
#include "remote.h"

#define LOOK_EVERY 0.2

enum {
	REMEMBERED = 1024
};

struct log {
	struct remote remote;
	struct buffer fresh;   /* read, not yet printed */
	char last[REMEMBERED]; /* of what was printed */
	size_t last_len;
	bool again; /* the file begins with what may have been printed */
};

static int keep(void *context, const void *data, size_t len)
{
	buffer_add(context, data, len);
	return OK;
}

static void print(struct log *l)
{
	char *data = l->fresh.data;
	size_t len = l->fresh.len, n;

	if (l->again && l->last_len > 0 && len > 0) {
		char *seen = memmem(data, len, l->last, l->last_len);

		if (seen) {
			len -= (size_t)(seen + l->last_len - data);
			data = seen + l->last_len;
		}
	}
	l->again = false;
	if (len > 0) {
		fwrite(data, 1, len, stdout);
		fflush(stdout);
	}
	n = len < REMEMBERED ? len : REMEMBERED;
	if (n > 0) {
		memcpy(l->last, data + len - n, n);
		l->last_len = n;
	}
	l->fresh.len = 0;
}

static int read_rest(struct log *l)
{
	long long at = 0;
	int status = remote_read(&l->remote, 0, keep, &l->fresh, &at);

	print(l);
	return status;
}

static bool passing(int status)
{
	return status == FAIL_AGENT || status == FAIL_GONE || status == FAIL_ANSWER ||
	       status == FAIL_TARGET;
}

static int follow(struct log *l, const char *path)
{
	bool open = true;

	for (;;) {
		int status;

		doze(LOOK_EVERY);
		if (stopped)
			break;
		status = open ? OK : remote_open(&l->remote, path, "r");
		if (!status)
			status = read_rest(l);
		if (status == FAIL_STOPPED)
			break;
		if (!passing(status) && status)
			return status;
		if (status && open)
			l->again = true;
		open = status == OK;
	}
	/* Ctrl-C is how one ends this. */
	if (open)
		remote_close(&l->remote, FAIL_STOPPED);
	return fail(OK, "%s", "");
}

static int print_log(const struct buffer *log)
{
	json_t *text = json_stringn(log->len > 0 ? log->data : "", log->len);
	json_t *all = text ? json_pack("{s:o}", "log", text) : NULL;

	if (!all)
		return fail(FAIL_LOCAL, "the log is no UTF-8, which JSON must be");
	print_json(all);
	json_decref(all);
	return OK;
}

/* An agent without /log: the guest has a dmesg perhaps. */
static int run_dmesg(struct context *c, const char *why)
{
	struct buffer out = {0};
	char kept[256];
	int status;

	snprintf(kept, sizeof(kept), "%s", why);
	status = program_run(&c->session, "dmesg", NULL, 0, &out);
	if (!status && c->json)
		status = print_log(&out);
	else if (out.len > 0)
		fwrite(out.data, 1, out.len, stdout);
	buffer_free(&out);
	if (status == FAIL_AGENT || status == FAIL_UNKNOWN)
		return fail(status,
		            "%s, and neither can dmesg be run: %s; name a file of the guest: "
		            "qgactl log PATH",
		            kept, failure());
	return status;
}

static int log_json(struct log *l)
{
	long long at = 0;
	int status = remote_read(&l->remote, 0, keep, &l->fresh, &at);

	if (!status)
		status = print_log(&l->fresh);
	return remote_close(&l->remote, status);
}

int cmd_log(struct context *c, const struct args *a)
{
	const char *path = a->argc > 0 ? a->argv[0] : "/log";
	struct log l = {.remote = {.session = &c->session, .window = 2}};
	int status;

	if (c->json && args_has(a, 'f'))
		return fail(FAIL_USAGE, "--follow shows the log as it grows; --json cannot");
	status = remote_open(&l.remote, path, "r");
	if ((status == FAIL_AGENT || status == FAIL_UNKNOWN) && a->argc == 0 && !args_has(a, 'f'))
		return run_dmesg(c, failure());
	if (!status && c->json)
		status = log_json(&l);
	else if (!status) {
		status = read_rest(&l);
		if (!status && args_has(a, 'f'))
			status = follow(&l, path);
		else
			status = remote_close(&l.remote, status);
	}
	buffer_free(&l.fresh);
	return status;
}
