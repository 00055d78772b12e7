/* SPDX-License-Identifier: MIT */
/*
 * freeze.h - guest-fsfreeze-status, -freeze, -freeze-list, -thaw, guest-fstrim, by the
 * application's hooks.
 *
 * As with qemu-ga, the state is "frozen" only if at least one file system is, and then only the
 * commands marked QGA_WHEN_FROZEN are offered; unlike qemu-ga, a watchdog thaws when nobody does.
 */
#ifndef BAREQGA_CMD_FREEZE_H
#define BAREQGA_CMD_FREEZE_H

#include "bareqga.h"

struct agent;

/* The family's part of struct agent; starts zero. */
struct agent_freeze {
	bool frozen;
	uint64_t deadline; /* monotonic time; UINT64_MAX: none */
};

extern const struct qga_arg qga_args_freeze_list[], qga_args_fstrim[];

enum qga_status qga_cmd_freeze_status(struct qga_call *call);
enum qga_status qga_cmd_freeze(struct qga_call *call);
enum qga_status qga_cmd_freeze_list(struct qga_call *call);
enum qga_status qga_cmd_thaw(struct qga_call *call);
enum qga_status qga_cmd_fstrim(struct qga_call *call);

/* Thaws when the watchdog's time has come; returns as qga_poll() does. */
uint64_t qga_freeze_poll(struct agent *agent);

#endif
