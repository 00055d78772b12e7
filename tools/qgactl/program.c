/* SPDX-License-Identifier: MIT */
/* program.c - see program.h. */
#include <stdlib.h>

#include "base64.h"
#include "clock.h"
#include "fail.h"
#include "print.h"
#include "program.h"

static json_t *encode(const struct buffer *data)
{
	size_t len = BASE64_CHARS(data->len);
	char *text = grow(NULL, len + 1);
	json_t *value;

	base64_encode(text, data->data, data->len);
	value = json_stringn(text, len);
	free(text);
	return value;
}

int program_start(struct session *s, const struct program *p, long long *pid)
{
	json_t *request = json_pack("{s:s, s:b}", "path", p->path, "capture-output", 1), *list,
	       *value;
	int status;

	if (!request)
		return fail(FAIL_USAGE, "'%s' is not valid UTF-8, which JSON must be", p->path);
	list = json_array();
	for (int i = 0; i < p->n_args; i++)
		if (json_array_append_new(list, json_string(p->args[i])) < 0) {
			json_decref(list);
			json_decref(request);
			return fail(FAIL_USAGE,
			            "argument '%s' is not valid UTF-8, which JSON must be",
			            p->args[i]);
		}
	json_object_set_new(request, "arg", list);
	if (p->env)
		json_object_set(request, "env", p->env);
	if (p->has_input)
		json_object_set_new(request, "input-data", encode(&p->input));
	status = session_ask(s, "guest-exec", request, &value);
	if (status)
		return status;
	*pid = member_number(value, "pid");
	json_decref(value);
	return OK;
}

int program_status(struct session *s, long long pid, json_t **ended)
{
	json_t *value;
	int status = session_ask(s, "guest-exec-status", json_pack("{s:I}", "pid", (json_int_t)pid),
	                         &value);

	*ended = NULL;
	if (status)
		return status;
	if (member_true(value, "exited"))
		*ended = value;
	else
		json_decref(value);
	return OK;
}

int program_wait(struct session *s, long long pid, double until, json_t **ended)
{
	double pause = 0.001;
	int status;

	for (;;) {
		status = program_status(s, pid, ended);
		if (status || *ended)
			return status;
		if (until >= 0 && now() >= until)
			return fail(FAIL_TIME, "its time was up");
		doze(until >= 0 && now() + pause > until ? until - now() : pause);
		if (stopped)
			return fail(FAIL_STOPPED, "stopped");
		/* Most end at once; those that do not need not be asked often. */
		pause = pause < 0.2 ? pause * 1.5 : 0.2;
	}
}

int program_output(const json_t *ended, const char *name, struct buffer *to)
{
	json_t *text = json_object_get(ended, name);
	size_t len = json_string_length(text), n = 0;

	if (!json_is_string(text) || len == 0)
		return OK;
	if (!base64_decode(buffer_room(to, len / 4 * 3 + 3), &n, json_string_value(text), len))
		return fail(FAIL_ANSWER, "the agent's %s is no base64", name);
	to->len += n;
	return OK;
}

int program_exit(const json_t *ended)
{
	if (json_object_get(ended, "signal"))
		return 128 + (int)(member_number(ended, "signal") & 127);
	return (int)(member_number(ended, "exitcode") & 255);
}

int program_run(struct session *s, const char *path, char **args, int n_args, struct buffer *out)
{
	struct program p = {.path = path, .args = args, .n_args = n_args};
	struct buffer err = {0};
	json_t *ended = NULL;
	long long pid;
	int status = program_start(s, &p, &pid);

	if (!status)
		status = program_wait(s, pid, now() + s->timeout, &ended);
	if (!status)
		status = program_output(ended, "out-data", out);
	if (!status)
		status = program_output(ended, "err-data", &err);
	if (!status && program_exit(ended) != 0) {
		char shown[400];

		print_clean(shown, sizeof(shown), err.data ? err.data : "", err.len);
		status = fail(FAIL_AGENT, "%s ended with status %d%s%s", path, program_exit(ended),
		              *shown ? ": " : "", shown);
	}
	json_decref(ended);
	buffer_free(&err);
	return status;
}
