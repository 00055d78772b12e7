/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"
#include "request.h"

#define IS(text) (json_is(json, key, text, sizeof(text) - 1))

/* What is wrong with a member of the request; NULL: nothing. */
static const char *member_fault(const struct json *json, int key)
{
	enum json_type type = json_type(json, key + 1);

	if (IS("execute"))
		return type == JSON_STRING ? NULL : "QMP input member '%S' must be a string";
	if (IS("arguments"))
		return type == JSON_OBJECT ? NULL : "QMP input member '%S' must be an object";
	return IS("id") ? NULL : "QMP input member '%S' is unexpected";
}

/*
 * QEMU looks at the members in the order of its hash table, and tells of the first bad one: 512
 * buckets, the youngest member of a bucket first. This is the bucket a name falls into.
 */
static unsigned bucket(const struct span *name)
{
	uint32_t sum = 0x238F13AFU * (uint32_t)name->len;
	size_t i;

	for (i = 0; i < name->len; i++)
		sum += (uint32_t)(uint8_t)name->ptr[i] << i * 5 % 24;
	return (1103515243U * sum + 12345U) % 512;
}

/* Refuses a request with bad members; true if there are none. */
static bool check_members(struct agent *agent)
{
	const struct json *json = &agent->json;
	unsigned least = 512;
	const char *fault = NULL;
	struct span name;
	int key;

	for (key = 1; key < json->n; key = json_next(json, key)) {
		const char *what = member_fault(json, key);
		struct span text = json_text(json, key);

		if (!what || bucket(&text) > least)
			continue;
		least = bucket(&text);
		fault = what;
		name = text;
	}
	if (fault)
		answer_error(agent, "GenericError", fault, &name);
	return !fault;
}

/* The command to run, or -1 if it is not there or may not be run. */
static int find_command(struct agent *agent, const struct span *name)
{
	int i = lookup_find(agent, name);
	const char *disabled;

	if (i < 0) {
		answer_error(agent, "CommandNotFound", "The command %S has not been found", name);
		return -1;
	}
	disabled = lookup_disabled(agent, (unsigned)i);
	if (!disabled)
		return i;
	answer_error(agent, "CommandNotFound", "Command %S has been disabled%s", name, disabled);
	return -1;
}

void request_dispatch(struct agent *agent)
{
	const struct json *json = &agent->json;
	struct call *call = &agent->call;
	int execute = -1, arguments = -1, key, i;
	struct span name;

	agent->answer.id = -1;
	if (json->n == 0 || json_type(json, 0) != JSON_OBJECT) {
		answer_error(agent, "GenericError", "QMP input must be a JSON object");
		return;
	}
	for (key = 1; key < json->n; key = json_next(json, key)) {
		if (IS("execute"))
			execute = key + 1;
		else if (IS("arguments"))
			arguments = key + 1;
		else if (IS("id"))
			agent->answer.id = key + 1;
	}
	if (!check_members(agent))
		return;
	if (execute < 0) {
		answer_error(agent, "GenericError", "QMP input lacks member 'execute'");
		return;
	}
	name = json_text(json, execute);
	i = find_command(agent, &name);
	if (i < 0)
		return;
	memset(call, 0, sizeof(*call));
	call->command = lookup_command(agent, (unsigned)i);
	call->env = agent->config->env;
	call->out = &agent->answer.out;
	if (args_check(agent, call->command->args, arguments, call->arg))
		answer_run(agent);
}
