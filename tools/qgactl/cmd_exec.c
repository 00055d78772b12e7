/* SPDX-License-Identifier: MIT */
/*
 * cmd_exec.c - a command in the guest, as if it ran here: stdin, stdout, stderr, exit status.
 *
 * guest-exec-status gives output only when the command has ended. With --stream the guest's own
 * shell writes it into two files instead, which are read while they grow (exec_stream.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "exec_stream.h"
#include "print.h"

static int read_stdin(struct buffer *to)
{
	for (;;) {
		ssize_t n = read(STDIN_FILENO, buffer_room(to, 65536), 65536);

		if (stopped)
			return fail(FAIL_STOPPED, "stopped");
		if (n < 0 && errno != EINTR)
			return fail(FAIL_LOCAL, "stdin: %s", strerror(errno));
		if (n == 0)
			return OK;
		if (n > 0)
			to->len += (size_t)n;
	}
}

static int environment(const struct args *a, json_t **env)
{
	*env = args_has(a, 'e') ? json_array() : NULL;
	for (size_t i = 0; i < a->n_given; i++) {
		const char *text = a->given[i].value;

		if (a->given[i].letter != 'e')
			continue;
		if (!strchr(text, '=') || text[0] == '=')
			return fail(FAIL_USAGE, "-e wants NAME=VALUE, not '%s'", text);
		if (json_array_append_new(*env, json_string(text)) < 0)
			return fail(FAIL_USAGE, "-e '%s' is not valid UTF-8, which JSON must be",
			            text);
	}
	return OK;
}

static int show(const json_t *ended, const char *data, const char *cut, FILE *to, bool quiet)
{
	struct buffer out = {0};
	int status = program_output(ended, data, &out);

	if (out.len > 0)
		fwrite(out.data, 1, out.len, to);
	buffer_free(&out);
	if (member_true(ended, cut) && !quiet)
		fprintf(stderr, "qgactl: the agent kept only the beginning of %s\n",
		        to == stdout ? "stdout" : "stderr");
	return status;
}

/* The agent's answer, with the output as text beside it where it is text. */
static int show_json(json_t *ended, long long pid)
{
	static const char *const names[][2] = {{"out-data", "stdout"}, {"err-data", "stderr"}};
	int status = OK;

	for (int i = 0; !status && i < 2; i++) {
		struct buffer out = {0};

		status = program_output(ended, names[i][0], &out);
		if (!status && out.len > 0)
			json_object_set_new(ended, names[i][1], json_stringn(out.data, out.len));
		buffer_free(&out);
	}
	json_object_set_new(ended, "pid", json_integer(pid));
	print_json(ended);
	return status;
}

/* Runs it, and says what became of it: a status of ours, or *result of the command's. */
static int run(struct context *c, const struct program *p, double until, bool stream, int *result)
{
	json_t *ended = NULL;
	long long pid = 0;
	int status = stream ? exec_stream(c, p, until, &pid, &ended)
	                    : program_start(&c->session, p, &pid);

	if (!status && !stream)
		status = program_wait(&c->session, pid, until, &ended);
	if (status == FAIL_TIME || status == FAIL_STOPPED)
		return pid ? fail(status, "%s: %s; it goes on in the guest as %lld", p->path,
		                  failure(), pid)
		           : status;
	if (!status && c->json)
		status = show_json(ended, pid);
	else if (!status && !stream) {
		status = show(ended, "out-data", "out-truncated", stdout, c->quiet);
		fflush(stdout);
		if (!status)
			status = show(ended, "err-data", "err-truncated", stderr, c->quiet);
	}
	if (!status)
		*result = program_exit(ended);
	json_decref(ended);
	return status;
}

int cmd_exec(struct context *c, const struct args *a)
{
	struct program p = {.path = a->argv[0], .args = a->argv + 1, .n_args = a->argc - 1};
	double seconds = -1, until = -1;
	int result = 0, status = args_number(a, 't', 0, 1e9, &seconds);

	if (!status && args_has(a, 's') && c->json)
		status = fail(FAIL_USAGE, "--stream shows output as it is; --json cannot");
	if (!status)
		status = environment(a, &p.env);
	if (status) {
		json_decref(p.env);
		return status;
	}
	p.has_input = args_has(a, 'i');
	if (p.has_input)
		status = read_stdin(&p.input);
	if (seconds >= 0)
		until = now() + seconds;
	if (!status)
		status = run(c, &p, until, args_has(a, 's'), &result);
	buffer_free(&p.input);
	json_decref(p.env);
	if (status)
		return status == FAIL_TIME || status == FAIL_STOPPED ? status : FAIL_EXEC;
	return fail(result, "%s", ""); /* it has said itself what is to be said */
}
