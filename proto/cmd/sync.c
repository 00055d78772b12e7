/* SPDX-License-Identifier: MIT */
/*
 * sync.c - guest-sync and guest-sync-delimited: the id comes back, in the latter case behind 0xFF.
 */
#include "cmd.h"

const struct qga_arg qga_args_sync[] = {{.name = "id", .type = QGA_ARG_INT}, {0}};

enum qga_status qga_cmd_sync(struct qga_call *call)
{
	qga_echo(call, &call->arg[0]);
	return QGA_DONE;
}
