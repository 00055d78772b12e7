/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"
#include "request.h"

#define IS(text) (qga_json_is(json, key, text, sizeof(text) - 1))

enum member {
	EXECUTE,
	ARGUMENTS,
	ID,
	UNKNOWN,
	MEMBERS
};

static enum member member(const struct json *json, int key)
{
	return IS("execute") ? EXECUTE : IS("arguments") ? ARGUMENTS : IS("id") ? ID : UNKNOWN;
}

/* What is wrong with a member of the request; NULL: nothing. */
static const char *member_fault(const struct json *json, int key, enum member which)
{
	enum json_type type = qga_json_type(json, key + 1);

	switch (which) {
	case EXECUTE:
		return type == JSON_STRING ? NULL : "QMP input member '%S' must be a string";
	case ARGUMENTS:
		return type == JSON_OBJECT ? NULL : "QMP input member '%S' must be an object";
	case ID:
		return NULL;
	default:
		return "QMP input member '%S' is unexpected";
	}
}

/*
 * QEMU looks at the members in the order of its hash table, and tells of the first bad one: 512
 * buckets, the youngest member of a bucket first. This is the bucket a name falls into.
 */
static unsigned bucket(const struct qga_span *name)
{
	uint32_t sum = 0x238F13AFU * (uint32_t)name->len;
	size_t i;

	for (i = 0; i < name->len; i++)
		sum += (uint32_t)(uint8_t)name->ptr[i] << i * 5 % 24;
	return (1103515243U * sum + 12345U) % 512;
}

/* Refuses a request that has bad members. */
static void refuse(struct agent *agent)
{
	const struct json *json = &agent->json;
	unsigned least = 512;
	const char *fault = NULL;
	struct qga_span name;
	int key;

	for (key = 1; key < json->n; key = qga_json_next(json, key)) {
		const char *what = member_fault(json, key, member(json, key));
		struct qga_span text = qga_json_text(json, key);

		if (!what || bucket(&text) > least)
			continue;
		least = bucket(&text);
		fault = what;
		name = text;
	}
	qga_answer_error(agent, "GenericError", fault, &name);
}

/* The command to run, or NULL if it is not there or may not be run. */
static const struct qga_command *find_command(struct agent *agent, const struct qga_span *name)
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
	int value[MEMBERS] = {-1, -1, -1, -1}, key;
	const struct qga_command *command;
	bool good = true;
	struct qga_span name;

	if (json->n == 0 || qga_json_type(json, 0) != JSON_OBJECT) {
		qga_answer_error(agent, "GenericError", "QMP input must be a JSON object");
		return;
	}
	for (key = 1; key < json->n; key = qga_json_next(json, key)) {
		enum member which = member(json, key);

		value[which] = key + 1;
		good = good && !member_fault(json, key, which);
	}
	agent->answer.id = value[ID];
	if (!good) {
		refuse(agent);
		return;
	}
	if (value[EXECUTE] < 0) {
		qga_answer_error(agent, "GenericError", "QMP input lacks member 'execute'");
		return;
	}
	name = qga_json_text(json, value[EXECUTE]);
	command = find_command(agent, &name);
	if (!command)
		return;
	qga_request_call(agent, command);
	/* Most commands take none and get none. */
	if ((!command->args && value[ARGUMENTS] < 0) ||
	    qga_args_check(agent, command->args, value[ARGUMENTS], agent->call.arg))
		qga_answer_run(agent);
}
