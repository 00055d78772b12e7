/* SPDX-License-Identifier: MIT */
/*
 * commands.c - the table: name, handler, arguments, when it is offered, flags. Its order is that
 * of qemu-ga's guest-info. A family that is left out of the image takes its rows with it.
 */
#include "agent_config.h"
#include "cmd/cmd.h"
#include "cmd/exec.h"
#include "cmd/file.h"
#include "cmd/freeze.h"
#include "cmd/inventory.h"
#include "commands.h"

const struct command commands[] = {
#if AGENT_WITH_INVENTORY
	{.name = "guest-get-load", .run = cmd_get_load, .offered = load_offered},
	{.name = "guest-network-get-route", .run = cmd_get_route, .offered = route_offered},
	{.name = "guest-get-cpustats", .run = cmd_get_cpustats, .offered = cpustats_offered},
	{.name = "guest-get-diskstats", .run = cmd_get_diskstats, .offered = diskstats_offered},
	{.name = "guest-get-osinfo", .run = cmd_get_osinfo, .offered = osinfo_offered},
	{.name = "guest-get-timezone", .run = cmd_get_timezone},
	{.name = "guest-get-users", .run = cmd_get_users, .offered = users_offered},
	{.name = "guest-get-host-name", .run = cmd_get_host_name, .offered = host_name_offered},
#endif
#if AGENT_WITH_EXEC
	{.name = "guest-exec", .run = cmd_exec, .args = args_exec, .offered = exec_offered},
	{.name = "guest-exec-status",
         .run = cmd_exec_status,
         .args = args_exec_status,
         .offered = exec_offered},
#endif
#if AGENT_WITH_INVENTORY
	{.name = "guest-get-memory-block-info",
         .run = cmd_get_memory_block_info,
         .offered = memory_block_info_offered},
	{.name = "guest-get-memory-blocks",
         .run = cmd_get_memory_blocks,
         .offered = memory_blocks_offered},
	{.name = "guest-get-fsinfo", .run = cmd_get_fsinfo, .offered = fsinfo_offered},
	{.name = "guest-get-disks", .run = cmd_get_disks, .offered = disks_offered},
	{.name = "guest-set-vcpus",
         .run = cmd_set_vcpus,
         .args = args_set_vcpus,
         .offered = set_vcpus_offered},
	{.name = "guest-get-vcpus", .run = cmd_get_vcpus, .offered = vcpus_offered},
	{.name = "guest-network-get-interfaces",
         .run = cmd_get_interfaces,
         .offered = interfaces_offered},
#endif
#if AGENT_WITH_SUSPEND
	{.name = "guest-suspend-ram",
         .run = cmd_suspend_ram,
         .offered = suspend_offered,
         .flags = CMD_NO_RESPONSE},
#endif
#if AGENT_WITH_FREEZE
	{.name = "guest-fstrim", .run = cmd_fstrim, .args = args_fstrim, .offered = fstrim_offered},
	{.name = "guest-fsfreeze-thaw",
         .run = cmd_thaw,
         .offered = freeze_offered,
         .flags = CMD_WHEN_FROZEN},
	{.name = "guest-fsfreeze-freeze-list",
         .run = cmd_freeze_list,
         .args = args_freeze_list,
         .offered = freeze_offered},
	{.name = "guest-fsfreeze-freeze", .run = cmd_freeze, .offered = freeze_offered},
	{.name = "guest-fsfreeze-status",
         .run = cmd_freeze_status,
         .offered = freeze_offered,
         .flags = CMD_WHEN_FROZEN},
#endif
#if AGENT_WITH_FILES
	{.name = "guest-file-flush",
         .run = cmd_file_flush,
         .args = args_file_handle,
         .offered = file_offered},
	{.name = "guest-file-seek",
         .run = cmd_file_seek,
         .args = args_file_seek,
         .offered = file_offered},
	{.name = "guest-file-write",
         .run = cmd_file_write,
         .args = args_file_write,
         .offered = file_offered},
	{.name = "guest-file-read",
         .run = cmd_file_read,
         .args = args_file_read,
         .offered = file_offered},
	{.name = "guest-file-close",
         .run = cmd_file_close,
         .args = args_file_handle,
         .offered = file_offered},
	{.name = "guest-file-open",
         .run = cmd_file_open,
         .args = args_file_open,
         .offered = file_offered},
#endif
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
