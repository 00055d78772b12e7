/* SPDX-License-Identifier: MIT */
/* cmd.h - handlers of the commands that every guest has, and of clock and power. */
#ifndef BAREQGA_CMD_CMD_H
#define BAREQGA_CMD_CMD_H

#include "bareqga.h"

extern const struct qga_arg qga_args_sync[], qga_args_set_time[], qga_args_shutdown[];

/* sync.c, ping.c, info.c */
enum qga_status qga_cmd_sync(struct qga_call *call);
enum qga_status qga_cmd_ping(struct qga_call *call);
enum qga_status qga_cmd_info(struct qga_call *call);

/* time.c */
enum qga_status qga_cmd_get_time(struct qga_call *call);
enum qga_status qga_cmd_set_time(struct qga_call *call);

/* power.c */
enum qga_status qga_cmd_shutdown(struct qga_call *call);
enum qga_status qga_cmd_suspend_ram(struct qga_call *call);

#endif
