/* SPDX-License-Identifier: MIT */
/*
 * exec_stream.c - see exec_stream.h: the guest's shell starts the program with its output in two
 * files,
 *
 *     /bin/sh -c 'exec "$@" >"$0.out" 2>"$0.err"' /tmp/qgactl-N PROGRAM ARG...
 *
 * which are read while they grow, and removed in the end. This also has no limit for the output.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "exec_stream.h"
#include "remote.h"

struct tail {
	char path[64];
	struct remote remote;
	bool open;
	FILE *to;
};

static int copy(void *context, const void *data, size_t len)
{
	fwrite(data, 1, len, context);
	fflush(context);
	return OK;
}

/* Copies what has been added; a file that is not there yet has nothing. */
static int follow(struct session *s, struct tail *t)
{
	long long at = 0;
	int status = OK;

	if (!t->open) {
		t->remote = (struct remote){.session = s, .window = 1};
		status = remote_open(&t->remote, t->path, "r");
		if (status)
			return status == FAIL_AGENT ? OK : status;
		t->open = true;
	}
	return remote_read(&t->remote, 0, copy, t->to, &at);
}

static int start(struct session *s, const struct program *p, char *name, long long *pid)
{
	char **args = grow(NULL, (size_t)(p->n_args + 4) * sizeof(char *));
	struct program shell = {.path = "/bin/sh",
	                        .args = args,
	                        .n_args = p->n_args + 4,
	                        .env = p->env,
	                        .input = p->input,
	                        .has_input = p->has_input};
	int status;

	args[0] = "-c";
	args[1] = "umask 077; exec \"$@\" >\"$0.out\" 2>\"$0.err\"";
	args[2] = name;
	args[3] = (char *)p->path;
	for (int i = 0; i < p->n_args; i++)
		args[4 + i] = p->args[i];
	status = program_start(s, &shell, pid);
	free(args);
	return status;
}

static void remove_files(struct session *s, struct tail *tails)
{
	char *args[] = {"-f", tails[0].path, tails[1].path};
	struct buffer nothing = {0};

	program_run(s, "rm", args, 3, &nothing);
	buffer_free(&nothing);
}

int exec_stream(struct context *c, const struct program *p, double until, long long *pid,
                json_t **ended)
{
	struct session *s = &c->session;
	struct tail tails[2] = {{.to = stdout}, {.to = stderr}};
	char name[48];
	double pause = 0.005;
	int status;

	snprintf(name, sizeof(name), "/tmp/qgactl-%d-%.0f", (int)getpid(), now() * 1e6);
	snprintf(tails[0].path, sizeof(tails[0].path), "%s.out", name);
	snprintf(tails[1].path, sizeof(tails[1].path), "%s.err", name);
	status = start(s, p, name, pid);
	if (status)
		return fail_in(status, "--stream needs a shell in the guest");
	while (!status) {
		/* Asked first: what was written until then is read after. */
		status = program_status(s, *pid, ended);
		for (int i = 0; !status && i < 2; i++)
			status = follow(s, &tails[i]);
		if (status || *ended)
			break;
		if (until >= 0 && now() >= until)
			return fail(FAIL_TIME, "its time was up");
		doze(pause);
		if (stopped)
			return fail(FAIL_STOPPED, "stopped");
		pause = pause < 0.1 ? pause * 1.5 : 0.1;
	}
	for (int i = 0; i < 2; i++)
		if (tails[i].open)
			status = remote_close(&tails[i].remote, status);
	if (*ended)
		remove_files(s, tails);
	return status;
}
