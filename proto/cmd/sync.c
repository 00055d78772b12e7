/* SPDX-License-Identifier: MIT */
/*
 * sync.c - guest-sync and guest-sync-delimited: the id comes back, in the latter case behind 0xFF.
 */
#include "cmd.h"

const struct arg args_sync[] = {{.name = "id", .type = ARG_INT}, {0}};

enum cmd_status cmd_sync(struct agent *agent, struct call *call)
{
	call_echo(agent, call, &call->arg[0]);
	return CMD_DONE;
}
