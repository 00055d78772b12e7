/* SPDX-License-Identifier: MIT */
/*
 * inventory.h - what the guest is and has: guest-get-osinfo, -host-name, -timezone, -users, -vcpus,
 * -memory-blocks, -memory-block-info, -cpustats, -load, -disks, -diskstats, -fsinfo,
 * guest-set-vcpus, guest-network-get-interfaces and -get-route.
 *
 * Each is offered if env_inventory can tell it. Names and addresses that the environment gives
 * are at most QGA_TEXT_MAX bytes long, so that a list item fits a step.
 */
#ifndef BAREQGA_CMD_INVENTORY_H
#define BAREQGA_CMD_INVENTORY_H

#include "bareqga.h"

/*
 * Writes list item `index` and returns 1, or writes nothing and returns 0 past the end, or a
 * negative enum qga_errno, which counts only for the first item.
 */
typedef int list_item(struct qga_call *call, size_t index);

/* A list command, an item each step; `what` is for the error text. Uses step and cursor. */
enum qga_status qga_inventory_list(struct qga_call *call, list_item *put, const char *what);

extern const struct qga_arg qga_args_set_vcpus[];

enum qga_status qga_cmd_get_osinfo(struct qga_call *call);
enum qga_status qga_cmd_get_host_name(struct qga_call *call);
enum qga_status qga_cmd_get_timezone(struct qga_call *call);
enum qga_status qga_cmd_get_users(struct qga_call *call);
enum qga_status qga_cmd_get_vcpus(struct qga_call *call);
enum qga_status qga_cmd_set_vcpus(struct qga_call *call);
enum qga_status qga_cmd_get_memory_blocks(struct qga_call *call);
enum qga_status qga_cmd_get_memory_block_info(struct qga_call *call);
enum qga_status qga_cmd_get_cpustats(struct qga_call *call);
enum qga_status qga_cmd_get_load(struct qga_call *call);
enum qga_status qga_cmd_get_disks(struct qga_call *call);
enum qga_status qga_cmd_get_diskstats(struct qga_call *call);
enum qga_status qga_cmd_get_fsinfo(struct qga_call *call);
enum qga_status qga_cmd_get_interfaces(struct qga_call *call);
enum qga_status qga_cmd_get_route(struct qga_call *call);

#endif
