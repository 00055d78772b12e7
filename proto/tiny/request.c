/* SPDX-License-Identifier: MIT */
/* request.c - one document becomes one call of a command, or one error answer. */
#include "core/agent.h"
#include "core/policy.h"

#if QGA_TINY

const struct qga_command *qga_lookup_command(const struct agent *agent, unsigned i)
{
	if (i < qga_commands_count)
		return &qga_commands[i];
	i -= qga_commands_count;
	return QGA_WITH_OWN && i < agent->config->n_commands ? &agent->config->commands[i] : NULL;
}

bool qga_lookup_offered(const struct agent *agent, unsigned i)
{
	return qga_command_offered(qga_lookup_command(agent, i), agent->config->env);
}

const char *qga_lookup_disabled(const struct agent *agent, const struct qga_command *command,
                                unsigned number)
{
	(void)number;
	return QGA_WITH_OWN && qga_policy_blocks(agent->config, command->name) ? "" : NULL;
}

/* An integer of 64 bits; the number may have a fraction or an exponent. */
static bool request_integer(struct qga_span text, int64_t *value)
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

void qga_echo(struct qga_call *call, const struct qga_value *value)
{
	struct qga_span text = qga_json_text(qga_agent_of(call), value->token);

	qga_out_raw(call->out, text.ptr, text.len); /* as it was sent: digits need no writer */
}

bool qga_value_is(const struct qga_value *value, const char *text)
{
	return qga_text_is(value->s, text);
}

/* Reads an argument; false: it is not of its row's type. */
static bool request_argument(struct agent *agent, const struct qga_arg *row, int token,
                             struct qga_value *value)
{
	enum json_type type = qga_json_type(agent, token);
	char first;

	value->token = token;
	value->s = qga_json_text(agent, token);
	if (row->type == QGA_ARG_STR || type != JSON_PRIMITIVE)
		return type == JSON_STRING && row->type == QGA_ARG_STR;
	first = value->s.ptr[0];
	if (row->type == QGA_ARG_INT)
		return request_integer(value->s, &value->i);
	value->b = first == 't';
	return value->b || first == 'f';
}

/* In the order of QEMU's visitor: members in the order of the rows, then those that have none. */
static bool request_arguments(struct agent *agent, const struct qga_arg *row, int object)
{
	struct qga_value *value = agent->call.arg;
	int found = 0;

	for (; row && row->name; row++, value++) {
		int token = object < 0 ? -1 : qga_json_member(agent, object, row->name);

		value->present = token >= 0;
		if (token < 0 ? !row->optional : !request_argument(agent, row, token, value))
			return false;
		found += value->present;
	}
	return object < 0 || found == qga_json_size(agent, object);
}

/* The command of that name, or NULL. */
static const struct qga_command *request_command(const struct agent *agent, struct qga_span name)
{
	const struct qga_command *command;
	unsigned i;

	for (i = 0; (command = qga_lookup_command(agent, i)); i++)
		if (qga_lookup_offered(agent, i) && qga_text_is(name, command->name))
			break;
	return command && !qga_lookup_disabled(agent, command, i) ? command : NULL;
}

void qga_request_dispatch(struct agent *agent)
{
	struct qga_call *call = &agent->call;
	int execute, object, id;

	if (qga_json_type(agent, 0) != JSON_OBJECT) {
		qga_answer_error(agent, FAULT_REQUEST);
		return;
	}
	execute = qga_json_member(agent, 0, "execute");
	object = qga_json_member(agent, 0, "arguments");
	id = qga_json_member(agent, 0, "id");
	if (id >= 0) {
		struct qga_span text = qga_json_text(agent, id);
		bool quotes = qga_json_type(agent, id) == JSON_STRING;

		agent->answer.id = text.ptr - quotes;
		agent->answer.id_end = text.ptr + text.len + quotes;
	}
	if (execute < 0 || qga_json_type(agent, execute) != JSON_STRING ||
	    (object >= 0 && qga_json_type(agent, object) != JSON_OBJECT) ||
	    qga_json_size(agent, 0) != 1 + (object >= 0) + (id >= 0)) {
		qga_answer_error(agent, FAULT_REQUEST);
		return;
	}
	memset(call, 0, sizeof(*call));
	call->command = request_command(agent, qga_json_text(agent, execute));
	call->env = agent->config->env;
	call->out = &agent->answer.out;
	if (!call->command)
		qga_answer_error(agent, FAULT_UNKNOWN);
	else if (!request_arguments(agent, call->command->args, object))
		qga_answer_error(agent, FAULT_ARGUMENT);
	else
		qga_answer_run(agent);
}

#endif
