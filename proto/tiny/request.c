/* SPDX-License-Identifier: MIT */
/* request.c - one document becomes one call of a command, or one error answer. */
#include "agent.h"

bool lookup_offered(const struct agent *agent, unsigned i)
{
	return command_offered(&commands[i], agent->config->env);
}

/* An integer of 64 bits; the number may have a fraction or an exponent. */
static bool integer(struct span text, int64_t *value)
{
	const char *p = text.ptr, *end = p + text.len;
	bool negative = *p == '-';
	uint64_t u = 0;

	p += negative;
	if (end - p > 19)
		return false; /* 19 digits cannot be too much for 64 bits without sign */
	for (; p < end; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (digit > 9)
			return false;
		u = u * 10 + digit;
	}
	*value = (int64_t)(negative ? -u : u);
	return u <= (uint64_t)INT64_MAX + negative;
}

void call_echo(struct agent *agent, struct call *call, const struct value *value)
{
	struct span text = json_text(agent, value->token);

	out_raw(call->out, text.ptr, text.len); /* as it was sent: digits need no writer */
}

bool call_is(const struct value *value, const char *text)
{
	return text_is(value->s, text);
}

/* Reads an argument; false: it is not of its row's type. */
static bool argument(struct agent *agent, const struct arg *row, int token, struct value *value)
{
	enum json_type type = json_type(agent, token);
	char first;

	value->token = token;
	value->s = json_text(agent, token);
	if (row->type == ARG_STR || type != JSON_PRIMITIVE)
		return type == JSON_STRING && row->type == ARG_STR;
	first = value->s.ptr[0];
	if (row->type == ARG_INT)
		return integer(value->s, &value->i);
	value->b = first == 't';
	return value->b || first == 'f';
}

/* In the order of QEMU's visitor: members in the order of the rows, then those that have none. */
static bool arguments(struct agent *agent, const struct arg *row, int object)
{
	struct value *value = agent->call.arg;
	int found = 0;

	for (; row && row->name; row++, value++) {
		int token = object < 0 ? -1 : json_member(agent, object, row->name);

		value->present = token >= 0;
		if (token < 0 ? !row->optional : !argument(agent, row, token, value))
			return false;
		found += value->present;
	}
	return object < 0 || found == json_size(agent, object);
}

/* The command of that name, or NULL. */
static const struct command *find(const struct agent *agent, struct span name)
{
	unsigned i;

	for (i = 0; i < commands_count; i++)
		if (lookup_offered(agent, i) && text_is(name, commands[i].name))
			return &commands[i];
	return NULL;
}

void request_dispatch(struct agent *agent)
{
	struct call *call = &agent->call;
	int execute, object, id;

	if (json_type(agent, 0) != JSON_OBJECT) {
		answer_error(agent, FAULT_REQUEST);
		return;
	}
	execute = json_member(agent, 0, "execute");
	object = json_member(agent, 0, "arguments");
	id = json_member(agent, 0, "id");
	if (id >= 0) {
		struct span text = json_text(agent, id);
		bool quotes = json_type(agent, id) == JSON_STRING;

		agent->answer.id = text.ptr - quotes;
		agent->answer.id_end = text.ptr + text.len + quotes;
	}
	if (execute < 0 || json_type(agent, execute) != JSON_STRING ||
	    (object >= 0 && json_type(agent, object) != JSON_OBJECT) ||
	    json_size(agent, 0) != 1 + (object >= 0) + (id >= 0)) {
		answer_error(agent, FAULT_REQUEST);
		return;
	}
	memset(call, 0, sizeof(*call));
	call->command = find(agent, json_text(agent, execute));
	call->env = agent->config->env;
	call->out = &agent->answer.out;
	if (!call->command)
		answer_error(agent, FAULT_UNKNOWN);
	else if (!arguments(agent, call->command->args, object))
		answer_error(agent, FAULT_ARGUMENT);
	else
		answer_run(agent);
}
