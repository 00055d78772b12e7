/* SPDX-License-Identifier: MIT */
/*
 * inventory.h - what the guest is and has: guest-get-osinfo, -host-name, -timezone, -users, -vcpus,
 * -memory-blocks, -memory-block-info, -cpustats, -load, -disks, -diskstats, -fsinfo,
 * guest-set-vcpus, guest-network-get-interfaces and -get-route.
 *
 * Each is offered if env_inventory can tell it. Names and addresses that the environment gives
 * are at most ENV_NAME_MAX bytes long, so that a list item fits a step.
 */
#ifndef INVENTORY_H
#define INVENTORY_H

#include "command.h"

/*
 * Writes list item `index` and returns 1, or writes nothing and returns 0 past the end, or a
 * negative enum env_error, which counts only for the first item.
 */
typedef int list_item(struct call *call, size_t index);

/* A list command, an item each step; `what` is for the error text. Uses step and cursor. */
enum cmd_status inventory_list(struct call *call, list_item *put, const char *what);

extern const struct arg args_set_vcpus[];

enum cmd_status cmd_get_osinfo(struct agent *agent, struct call *call);
enum cmd_status cmd_get_host_name(struct agent *agent, struct call *call);
enum cmd_status cmd_get_timezone(struct agent *agent, struct call *call);
enum cmd_status cmd_get_users(struct agent *agent, struct call *call);
enum cmd_status cmd_get_vcpus(struct agent *agent, struct call *call);
enum cmd_status cmd_set_vcpus(struct agent *agent, struct call *call);
enum cmd_status cmd_get_memory_blocks(struct agent *agent, struct call *call);
enum cmd_status cmd_get_memory_block_info(struct agent *agent, struct call *call);
enum cmd_status cmd_get_cpustats(struct agent *agent, struct call *call);
enum cmd_status cmd_get_load(struct agent *agent, struct call *call);
enum cmd_status cmd_get_disks(struct agent *agent, struct call *call);
enum cmd_status cmd_get_diskstats(struct agent *agent, struct call *call);
enum cmd_status cmd_get_fsinfo(struct agent *agent, struct call *call);
enum cmd_status cmd_get_interfaces(struct agent *agent, struct call *call);
enum cmd_status cmd_get_route(struct agent *agent, struct call *call);

#endif
