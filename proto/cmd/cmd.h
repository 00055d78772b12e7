/* SPDX-License-Identifier: MIT */
/* cmd.h - handlers of the commands that every guest has, and of clock and power. */
#ifndef CMD_H
#define CMD_H

#include "command.h"

extern const struct arg args_sync[], args_set_time[], args_shutdown[];

/* sync.c, ping.c, info.c */
enum cmd_status cmd_sync(struct agent *agent, struct call *call);
enum cmd_status cmd_ping(struct agent *agent, struct call *call);
enum cmd_status cmd_info(struct agent *agent, struct call *call);

/* time.c */
enum cmd_status cmd_get_time(struct agent *agent, struct call *call);
enum cmd_status cmd_set_time(struct agent *agent, struct call *call);

/* power.c */
enum cmd_status cmd_shutdown(struct agent *agent, struct call *call);
enum cmd_status cmd_suspend_ram(struct agent *agent, struct call *call);

#endif
