/* SPDX-License-Identifier: MIT */
/* info.c - guest-info: the version, and all commands, also those that may not be run now. */
#include "agent.h"
#include "cmd.h"

_Static_assert(AGENT_NAME_MAX + 64 <= AGENT_STEP_MAX, "a row of guest-info must fit a step");

/* Puts what fits; *row is the command to begin with. True when all are there. */
static bool put_rows(struct agent *agent, struct json_out *out, uint32_t *row)
{
	const struct command *command;

	for (; (command = lookup_command(agent, *row)); ++*row) {
		if (!lookup_offered(agent, *row))
			continue;
		if (out_room(out) < AGENT_STEP_MAX)
			return false;
		out_object(out);
		out_put(out, "\"enabled\": ");
		out_put(out, lookup_disabled(agent, command, *row) ? "false" : "true");
		out_put(out, ", \"name\": \"");
		out_put(out, command->name);
		out_put(out, "\", \"success-response\": ");
		out_put(out, command->flags & CMD_NO_RESPONSE ? "false" : "true");
		out_object_end(out);
	}
	return true;
}

enum cmd_status cmd_info(struct agent *agent, struct call *call)
{
	struct json_out *out = call->out;

	if (!call->cursor++) {
		out_put(out, "{\"version\": \"");
		out_put(out, agent->config->version);
		out_put(out, "\", \"supported_commands\": [");
		return CMD_MORE;
	}
	if (!put_rows(agent, out, &call->step))
		return CMD_MORE;
	out_put(out, "]}");
	return CMD_DONE;
}
