/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"
#include "request.h"

#if !QGA_TINY

#define KEY_IS(text) (qga_json_is(json, key, text, sizeof(text) - 1))

enum request_member {
	REQUEST_EXECUTE,
	REQUEST_ARGUMENTS,
	REQUEST_ID,
	REQUEST_UNKNOWN,
	REQUEST_MEMBERS
};

static enum request_member request_member_of(const struct json *json, int key)
{
	return KEY_IS("execute")     ? REQUEST_EXECUTE
	       : KEY_IS("arguments") ? REQUEST_ARGUMENTS
	       : KEY_IS("id")        ? REQUEST_ID
	                             : REQUEST_UNKNOWN;
}

/* What is wrong with a member of the request; NULL: nothing. */
static const char *request_member_fault(const struct json *json, int key, enum request_member which)
{
	enum json_type type = qga_json_type(json, key + 1);

	switch (which) {
	case REQUEST_EXECUTE:
		return type == JSON_STRING ? NULL : "QMP input member '%S' must be a string";
	case REQUEST_ARGUMENTS:
		return type == JSON_OBJECT ? NULL : "QMP input member '%S' must be an object";
	case REQUEST_ID:
		return NULL;
	default:
		return "QMP input member '%S' is unexpected";
	}
}

/* The command to run, or NULL if it is not there or may not be run. */
static const struct qga_command *request_command(struct agent *agent, const struct qga_span *name)
{
	unsigned number;
	const struct qga_command *command = qga_lookup_find(agent, name, &number);
	const char *disabled;

	if (!command) {
		qga_answer_error(agent, "CommandNotFound", "The command %S has not been found",
		                 name);
		return NULL;
	}
	disabled = qga_lookup_disabled(agent, command, number);
	if (!disabled)
		return command;
	qga_answer_error(agent, "CommandNotFound", "Command %S has been disabled%s", name,
	                 disabled);
	return NULL;
}

void qga_request_call(struct agent *agent, const struct qga_command *command)
{
	struct qga_call *call = &agent->call;

	call->command = command;
	call->step = 0;
	call->cursor = 0;
	memset(&call->scratch, 0, sizeof(call->scratch));
}

void qga_request_dispatch(struct agent *agent)
{
	const struct json *json = &agent->json;
	int value[REQUEST_MEMBERS] = {-1, -1, -1, -1}, key;
	const struct qga_command *command;
	const char *fault = NULL;
	struct qga_span name;

	if (qga_json_type(json, 0) != JSON_OBJECT) {
		qga_answer_error(agent, "GenericError", "QMP input must be a JSON object");
		return;
	}
	for (key = 1; key < json->n; key = qga_json_next(json, key)) {
		enum request_member which = request_member_of(json, key);

		value[which] = key + 1;
		if (fault)
			continue;
		fault = request_member_fault(json, key, which);
		name = qga_json_text(json, key);
	}
	agent->answer.id = value[REQUEST_ID];
	if (fault) {
		qga_answer_error(agent, "GenericError", fault, &name);
		return;
	}
	if (value[REQUEST_EXECUTE] < 0) {
		qga_answer_error(agent, "GenericError", "QMP input lacks member 'execute'");
		return;
	}
	name = qga_json_text(json, value[REQUEST_EXECUTE]);
	command = request_command(agent, &name);
	if (!command)
		return;
	qga_request_call(agent, command);
	/* Most commands take none and get none. */
	if ((!command->args && value[REQUEST_ARGUMENTS] < 0) ||
	    qga_args_check(agent, command->args, value[REQUEST_ARGUMENTS], agent->call.arg))
		qga_answer_run(agent);
}

#endif
