/* SPDX-License-Identifier: MIT */
#include "agent_config.h"
#include "cmd/cmd.h"
#include "commands.h"

const struct command commands[] = {
	{.name = "guest-suspend-ram",
	 .run = cmd_suspend_ram,
	 .offered = suspend_offered,
	 .flags = CMD_NO_RESPONSE},
	{.name = "guest-shutdown",
	 .run = cmd_shutdown,
	 .args = args_shutdown,
	 .offered = power_offered,
	 .flags = CMD_NO_RESPONSE},
	{.name = "guest-info", .run = cmd_info, .flags = CMD_WHEN_FROZEN},
#if AGENT_WITH_TIME
	{.name = "guest-set-time",
	 .run = cmd_set_time,
	 .args = args_set_time,
	 .offered = set_time_offered},
	{.name = "guest-get-time", .run = cmd_get_time, .offered = time_offered},
#endif
	{.name = "guest-ping", .run = cmd_ping, .flags = CMD_WHEN_FROZEN},
	{.name = "guest-sync", .run = cmd_sync, .args = args_sync, .flags = CMD_WHEN_FROZEN},
	{.name = "guest-sync-delimited",
	 .run = cmd_sync,
	 .args = args_sync,
	 .flags = CMD_WHEN_FROZEN | CMD_DELIMITED},
};

const unsigned commands_count = sizeof(commands) / sizeof(commands[0]);
