/* SPDX-License-Identifier: MIT */
/* info.c - guest-info: the version, and all commands, also those that may not be run now. */
#include "core/agent.h"
#include "cmd.h"

_Static_assert(QGA_NAME_MAX + 64 <= QGA_STEP_MAX, "a row of guest-info must fit a step");

/* Puts what fits; *row is the command to begin with. True when all are there. */
static bool info_put_rows(struct agent *agent, struct qga_out *out, uint32_t *row)
{
	const struct qga_command *command;

	for (; (command = qga_lookup_command(agent, *row)); ++*row) {
		if (!qga_lookup_offered(agent, *row))
			continue;
		if (qga_out_room(out) < QGA_STEP_MAX)
			return false;
		qga_out_object(out);
		qga_out_put(out, "\"enabled\": ");
		qga_out_put(out, qga_lookup_disabled(agent, command, *row) ? "false" : "true");
		qga_out_put(out, ", \"name\": \"");
		qga_out_put(out, command->name);
		qga_out_put(out, "\", \"success-response\": ");
		qga_out_put(out, command->flags & QGA_NO_RESPONSE ? "false" : "true");
		qga_out_object_end(out);
	}
	return true;
}

enum qga_status qga_cmd_info(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	struct qga_out *out = call->out;

	if (!call->cursor++) {
		qga_out_put(out, "{\"version\": \"");
		qga_out_put(out, agent->config->version);
		qga_out_put(out, "\", \"supported_commands\": [");
		return QGA_MORE;
	}
	if (!info_put_rows(agent, out, &call->step))
		return QGA_MORE;
	qga_out_put(out, "]}");
	return QGA_DONE;
}
