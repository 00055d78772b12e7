/* SPDX-License-Identifier: MIT */
/* info.c - guest-info: the version, and all commands, also those that may not be run now. */
#include "agent.h"
#include "cmd/cmd.h"

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
		out_key(out, "enabled");
		out_bool(out, !lookup_disabled(agent, *row));
		out_key(out, "name");
		out_plain(out, command->name);
		out_key(out, "success-response");
		out_bool(out, !(command->flags & CMD_NO_RESPONSE));
		out_object_end(out);
	}
	return true;
}

enum cmd_status cmd_info(struct agent *agent, struct call *call)
{
	struct json_out *out = call->out;

	if (!call->cursor++) {
		out_object(out);
		out_key(out, "version");
		out_plain(out, agent->config->version);
		out_key(out, "supported_commands");
		out_list(out);
		return CMD_MORE;
	}
	if (!put_rows(agent, out, &call->step))
		return CMD_MORE;
	out_list_end(out);
	out_object_end(out);
	return CMD_DONE;
}
