/* SPDX-License-Identifier: MIT */
/*
 * freeze.h - guest-fsfreeze-status, -freeze, -freeze-list, -thaw, guest-fstrim, by the
 * application's hooks.
 *
 * As with qemu-ga, the state is "frozen" only if at least one file system is, and then only the
 * commands marked CMD_WHEN_FROZEN are offered; unlike qemu-ga, a watchdog thaws when nobody does.
 */
#ifndef FREEZE_H
#define FREEZE_H

#include "command.h"

/* The family's part of struct agent; starts zero. */
struct agent_freeze {
	bool frozen;
	uint64_t deadline; /* monotonic time; UINT64_MAX: none */
};

extern const struct arg args_freeze_list[], args_fstrim[];

enum cmd_status cmd_freeze_status(struct agent *agent, struct call *call);
enum cmd_status cmd_freeze(struct agent *agent, struct call *call);
enum cmd_status cmd_freeze_list(struct agent *agent, struct call *call);
enum cmd_status cmd_thaw(struct agent *agent, struct call *call);
enum cmd_status cmd_fstrim(struct agent *agent, struct call *call);

/* Thaws when the watchdog's time has come; returns as agent_poll() does. */
uint64_t freeze_poll(struct agent *agent);

#endif
