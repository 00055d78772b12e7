/* SPDX-License-Identifier: MIT */
/*
 * commands.c - the table: name, handler, arguments, what it needs of the environment, flags. Its
 * order is that of qemu-ga's guest-info. A family that is left out of the image takes its rows with
 * it.
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
	{.name = "guest-get-load", .run = cmd_get_load, .needs = NEED(inventory, load)},
#if AGENT_WITH_HOOKS
	{.name = "guest-network-get-route", .run = cmd_get_route, .needs = NEED(inventory, route)},
#endif
	{.name = "guest-get-cpustats", .run = cmd_get_cpustats, .needs = NEED(inventory, cpustat)},
	{.name = "guest-get-diskstats", .run = cmd_get_diskstats, .needs = NEED(inventory, disk)},
	{.name = "guest-get-osinfo", .run = cmd_get_osinfo, .needs = NEED(inventory, machine)},
	{.name = "guest-get-timezone", .run = cmd_get_timezone},
	{.name = "guest-get-users", .run = cmd_get_users, .needs = NEED(inventory, has_users)},
	{.name = "guest-get-host-name",
         .run = cmd_get_host_name,
         .needs = NEED(inventory, host_name)},
#endif
#if AGENT_WITH_EXEC
	{.name = "guest-exec", .run = cmd_exec, .args = args_exec, .needs = NEED(exec, find)},
	{.name = "guest-exec-status",
         .run = cmd_exec_status,
         .args = args_exec_status,
         .needs = NEED(exec, find)},
#endif
#if AGENT_WITH_INVENTORY
	{.name = "guest-get-memory-block-info",
         .run = cmd_get_memory_block_info,
         .needs = NEED(inventory, memory_block_size)},
	{.name = "guest-get-memory-blocks",
         .run = cmd_get_memory_blocks,
         .needs = NEED(inventory, memory_block)},
	{.name = "guest-get-fsinfo", .run = cmd_get_fsinfo, .needs = NEED(inventory, filesystem)},
	{.name = "guest-get-disks", .run = cmd_get_disks, .needs = NEED(inventory, disk)},
#if AGENT_WITH_HOOKS
	{.name = "guest-set-vcpus",
         .run = cmd_set_vcpus,
         .args = args_set_vcpus,
         .needs = NEED(inventory, set_vcpu)},
#endif
	{.name = "guest-get-vcpus", .run = cmd_get_vcpus, .needs = NEED(inventory, vcpu)},
	{.name = "guest-network-get-interfaces",
         .run = cmd_get_interfaces,
         .needs = NEED(inventory, interface)},
#endif
#if AGENT_WITH_HOOKS
	{.name = "guest-suspend-ram",
         .run = cmd_suspend_ram,
         .needs = NEED(power, suspend),
         .flags = CMD_NO_RESPONSE},
#endif
#if AGENT_WITH_FREEZE
#if AGENT_WITH_HOOKS
	{.name = "guest-fstrim",
         .run = cmd_fstrim,
         .args = args_fstrim,
         .needs = NEED(freeze, trim)},
#endif
	{.name = "guest-fsfreeze-thaw",
         .run = cmd_thaw,
         .needs = NEED(freeze, freeze),
         .flags = CMD_WHEN_FROZEN},
	{.name = "guest-fsfreeze-freeze-list",
         .run = cmd_freeze_list,
         .args = args_freeze_list,
         .needs = NEED(freeze, freeze)},
	{.name = "guest-fsfreeze-freeze", .run = cmd_freeze, .needs = NEED(freeze, freeze)},
	{.name = "guest-fsfreeze-status",
         .run = cmd_freeze_status,
         .needs = NEED(freeze, freeze),
         .flags = CMD_WHEN_FROZEN},
#endif
#if AGENT_WITH_FILES
	{.name = "guest-file-flush",
         .run = cmd_file_flush,
         .args = args_file_handle,
         .needs = NEED(files, open)},
	{.name = "guest-file-seek",
         .run = cmd_file_seek,
         .args = args_file_seek,
         .needs = NEED(files, open)},
	{.name = "guest-file-write",
         .run = cmd_file_write,
         .args = args_file_write,
         .needs = NEED(files, open)},
	{.name = "guest-file-read",
         .run = cmd_file_read,
         .args = args_file_read,
         .needs = NEED(files, open)},
	{.name = "guest-file-close",
         .run = cmd_file_close,
         .args = args_file_handle,
         .needs = NEED(files, open)},
	{.name = "guest-file-open",
         .run = cmd_file_open,
         .args = args_file_open,
         .needs = NEED(files, open)},
#endif
	{.name = "guest-shutdown",
         .run = cmd_shutdown,
         .args = args_shutdown,
         .needs = NEED(power, shutdown),
         .flags = CMD_NO_RESPONSE},
	{.name = "guest-info", .run = cmd_info, .flags = CMD_WHEN_FROZEN},
#if AGENT_WITH_TIME
	{.name = "guest-set-time",
         .run = cmd_set_time,
         .args = args_set_time,
         .needs = NEED(clock, set)},
	{.name = "guest-get-time", .run = cmd_get_time, .needs = NEED(clock, get)},
#endif
	{.name = "guest-ping", .run = cmd_ping, .flags = CMD_WHEN_FROZEN},
	{.name = "guest-sync", .run = cmd_sync, .args = args_sync, .flags = CMD_WHEN_FROZEN},
	{.name = "guest-sync-delimited",
         .run = cmd_sync,
         .args = args_sync,
         .flags = CMD_WHEN_FROZEN | CMD_DELIMITED},
};

const unsigned commands_count = sizeof(commands) / sizeof(commands[0]);

bool command_offered(const struct command *command, const struct agent_env *env)
{
	const struct need *needs = &command->needs;
	unsigned size = needs->size;
	const char *group;

	if (size == 0)
		return true;
	group = *(const char *const *)((const char *)env + needs->group);
	while (group && size-- > 0)
		if (group[needs->member + size])
			return true;
	return false;
}
