/* SPDX-License-Identifier: MIT */
/*
 * commands.c - the table: name, handler, arguments, what it needs of the environment, flags. Its
 * order is that of qemu-ga's guest-info. A family that is left out of the image takes its rows with
 * it.
 */
#include "bareqga.h"
#include "cmd/cmd.h"
#include "cmd/exec.h"
#include "cmd/file.h"
#include "cmd/freeze.h"
#include "cmd/inventory.h"
#include "commands.h"

const struct qga_command qga_commands[] = {
#if QGA_WITH_INVENTORY
	{.name = "guest-get-load", .run = qga_cmd_get_load, .needs = QGA_NEED(inventory, load)},
#if QGA_WITH_HOOKS
	{.name = "guest-network-get-route",
         .run = qga_cmd_get_route,
         .needs = QGA_NEED(inventory, route)},
#endif
	{.name = "guest-get-cpustats",
         .run = qga_cmd_get_cpustats,
         .needs = QGA_NEED(inventory, cpustat)},
	{.name = "guest-get-diskstats",
         .run = qga_cmd_get_diskstats,
         .needs = QGA_NEED(inventory, disk)},
	{.name = "guest-get-osinfo",
         .run = qga_cmd_get_osinfo,
         .needs = QGA_NEED(inventory, machine)},
	{.name = "guest-get-timezone", .run = qga_cmd_get_timezone},
	{.name = "guest-get-users",
         .run = qga_cmd_get_users,
         .needs = QGA_NEED(inventory, has_users)},
	{.name = "guest-get-host-name",
         .run = qga_cmd_get_host_name,
         .needs = QGA_NEED(inventory, host_name)},
#endif
#if QGA_WITH_EXEC
	{.name = "guest-exec",
         .run = qga_cmd_exec,
         .args = qga_args_exec,
         .needs = QGA_NEED(exec, find)},
	{.name = "guest-exec-status",
         .run = qga_cmd_exec_status,
         .args = qga_args_exec_status,
         .needs = QGA_NEED(exec, find)},
#endif
#if QGA_WITH_INVENTORY
	{.name = "guest-get-memory-block-info",
         .run = qga_cmd_get_memory_block_info,
         .needs = QGA_NEED(inventory, memory_block_size)},
	{.name = "guest-get-memory-blocks",
         .run = qga_cmd_get_memory_blocks,
         .needs = QGA_NEED(inventory, memory_block)},
	{.name = "guest-get-fsinfo",
         .run = qga_cmd_get_fsinfo,
         .needs = QGA_NEED(inventory, filesystem)},
	{.name = "guest-get-disks", .run = qga_cmd_get_disks, .needs = QGA_NEED(inventory, disk)},
#if QGA_WITH_HOOKS
	{.name = "guest-set-vcpus",
         .run = qga_cmd_set_vcpus,
         .args = qga_args_set_vcpus,
         .needs = QGA_NEED(inventory, set_vcpu)},
#endif
	{.name = "guest-get-vcpus", .run = qga_cmd_get_vcpus, .needs = QGA_NEED(inventory, vcpu)},
	{.name = "guest-network-get-interfaces",
         .run = qga_cmd_get_interfaces,
         .needs = QGA_NEED(inventory, interface)},
#endif
#if QGA_WITH_HOOKS
	{.name = "guest-suspend-ram",
         .run = qga_cmd_suspend_ram,
         .needs = QGA_NEED(power, suspend),
         .flags = QGA_NO_RESPONSE},
#endif
#if QGA_WITH_FREEZE
#if QGA_WITH_HOOKS
	{.name = "guest-fstrim",
         .run = qga_cmd_fstrim,
         .args = qga_args_fstrim,
         .needs = QGA_NEED(freeze, trim)},
#endif
	{.name = "guest-fsfreeze-thaw",
         .run = qga_cmd_thaw,
         .needs = QGA_NEED(freeze, freeze),
         .flags = QGA_WHEN_FROZEN},
	{.name = "guest-fsfreeze-freeze-list",
         .run = qga_cmd_freeze_list,
         .args = qga_args_freeze_list,
         .needs = QGA_NEED(freeze, freeze)},
	{.name = "guest-fsfreeze-freeze", .run = qga_cmd_freeze, .needs = QGA_NEED(freeze, freeze)},
	{.name = "guest-fsfreeze-status",
         .run = qga_cmd_freeze_status,
         .needs = QGA_NEED(freeze, freeze),
         .flags = QGA_WHEN_FROZEN},
#endif
#if QGA_WITH_FILES
	{.name = "guest-file-flush",
         .run = qga_cmd_file_flush,
         .args = qga_args_file_handle,
         .needs = QGA_NEED(files, open)},
	{.name = "guest-file-seek",
         .run = qga_cmd_file_seek,
         .args = qga_args_file_seek,
         .needs = QGA_NEED(files, open)},
	{.name = "guest-file-write",
         .run = qga_cmd_file_write,
         .args = qga_args_file_write,
         .needs = QGA_NEED(files, open)},
	{.name = "guest-file-read",
         .run = qga_cmd_file_read,
         .args = qga_args_file_read,
         .needs = QGA_NEED(files, open)},
	{.name = "guest-file-close",
         .run = qga_cmd_file_close,
         .args = qga_args_file_handle,
         .needs = QGA_NEED(files, open)},
	{.name = "guest-file-open",
         .run = qga_cmd_file_open,
         .args = qga_args_file_open,
         .needs = QGA_NEED(files, open)},
#endif
	{.name = "guest-shutdown",
         .run = qga_cmd_shutdown,
         .args = qga_args_shutdown,
         .needs = QGA_NEED(power, shutdown),
         .flags = QGA_NO_RESPONSE},
	{.name = "guest-info", .run = qga_cmd_info, .flags = QGA_WHEN_FROZEN},
#if QGA_WITH_TIME
	{.name = "guest-set-time",
         .run = qga_cmd_set_time,
         .args = qga_args_set_time,
         .needs = QGA_NEED(clock, set)},
	{.name = "guest-get-time", .run = qga_cmd_get_time, .needs = QGA_NEED(clock, get)},
#endif
	{.name = "guest-ping", .run = qga_cmd_ping, .flags = QGA_WHEN_FROZEN},
	{.name = "guest-sync",
         .run = qga_cmd_sync,
         .args = qga_args_sync,
         .flags = QGA_WHEN_FROZEN},
	{.name = "guest-sync-delimited",
         .run = qga_cmd_sync,
         .args = qga_args_sync,
         .flags = QGA_WHEN_FROZEN | QGA_DELIMITED},
};

const unsigned qga_commands_count = sizeof(qga_commands) / sizeof(qga_commands[0]);

bool qga_command_offered(const struct qga_command *command, const struct qga_env *env)
{
	const struct qga_need *needs = &command->needs;
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
