/* SPDX-License-Identifier: MIT */
/* cmd_raw.c - requests as they are, and answers as they come. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

/* One object and nothing else: what is less could swallow, or make more answers than, what follows.
 */
static int check(const char *text, size_t len)
{
	json_error_t error;
	json_t *value = json_loadb(text, len, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, &error);
	bool object = json_is_object(value);

	json_decref(value);
	if (!value)
		return fail(FAIL_USAGE, "this is no JSON, at character %d: %s", error.column,
		            error.text);
	return object ? OK
	              : fail(FAIL_USAGE,
	                     "a request is a JSON object: {\"execute\": \"guest-ping\"}");
}

static int ask(struct context *c, char *text)
{
	size_t len = strcspn(text, "\n");
	char *line;
	struct answer answer;
	int status = check(text, strlen(text));

	/* White space all the same to the agent, but not to us, who send lines. */
	for (char *p = text + len; *p; p++)
		if (*p == '\n')
			*p = ' ';
	len = strlen(text);
	if (!status)
		status = session_ready(&c->session);
	if (!status)
		status = session_send(&c->session, text, len);
	if (!status)
		status = session_receive_line(&c->session, &line, &len);
	if (status)
		return status;
	fwrite(line, 1, len, stdout);
	putchar('\n');
	fflush(stdout);
	if (!answer_read(&answer, line, len))
		status = fail(FAIL_ANSWER, "this is no answer of an agent");
	else if (!answer.value)
		status = fail(strcmp(answer.error_class, "CommandNotFound") == 0 ? FAIL_UNKNOWN
		                                                                 : FAIL_AGENT,
		              "%s", "");
	answer_free(&answer);
	return status;
}

int cmd_raw(struct context *c, const struct args *a)
{
	char *line = NULL;
	size_t cap = 0;
	int status = OK;

	if (a->argc == 1)
		return ask(c, a->argv[0]);
	while (!status || status == FAIL_AGENT || status == FAIL_UNKNOWN) {
		errno = 0;
		if (getline(&line, &cap, stdin) < 0)
			break;
		if (line[strspn(line, " \t\n")])
			status = ask(c, line);
	}
	free(line);
	return status;
}
