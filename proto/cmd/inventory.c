/* SPDX-License-Identifier: MIT */
/*
 * inventory.c - see inventory.h: processors and memory, and the walk of a list.
 *
 * Members stand in the order in which qemu-ga writes them (that of its hash table).
 */
#include "inventory.h"

#include "core/agent.h"
#include "env_text.h"
#include "members.h"

#if QGA_WITH_INVENTORY

/* `what` could not be told. */
static enum qga_status inventory_failed(struct qga_call *call, const char *what, int error)
{
	return qga_error(call, "failed to get %s: %s", what, qga_env_text(error));
}

enum qga_status qga_inventory_list(struct qga_call *call, list_item *put, const char *what)
{
	struct qga_out before = *call->out;
	int result;

	if (call->step == 0)
		qga_out_list(call->out);
	result = put(call, call->cursor);
	if (result < 0 && call->step == 0) {
		*call->out = before;
		return inventory_failed(call, what, result);
	}
	call->step = 1;
	call->cursor++;
	if (result > 0)
		return QGA_MORE;
	qga_out_list_end(call->out);
	return QGA_DONE;
}

/* --- Processors --- */

static int put_vcpu(struct qga_call *call, size_t index)
{
	static const struct member members[] = {
		MEMBER("online", struct qga_vcpu, online),
		MEMBER("can-offline", struct qga_vcpu, can_offline),
		MEMBER("logical-id", struct qga_vcpu, logical_id),
	};
	const struct qga_inventory *inventory = call->env->inventory;
	struct qga_vcpu vcpu = {0};
	int result = inventory->vcpu(inventory->context, index, &vcpu);

	if (result > 0)
		qga_out_struct(call->out, members, &vcpu);
	return result;
}

enum qga_status qga_cmd_get_vcpus(struct qga_call *call)
{
	return qga_inventory_list(call, put_vcpu, "processors");
}

#if QGA_WITH_HOOKS

static const struct qga_arg vcpu_members[] = {
	{.name = "logical-id", .type = QGA_ARG_INT},
	{.name = "online", .type = QGA_ARG_BOOL},
	{.name = "can-offline", .type = QGA_ARG_BOOL, .optional = true},
	{.name = NULL},
};
static const struct qga_arg vcpu_item = {
	.name = "", .type = QGA_ARG_STRUCT, .members = vcpu_members};

enum {
	LOGICAL_ID,
	ONLINE,
	CAN_OFFLINE,
	VCPU_MEMBERS
};

const struct qga_arg qga_args_set_vcpus[] = {
	{.name = "vcpus", .type = QGA_ARG_LIST, .item = &vcpu_item},
	{.name = NULL},
};

/* Looks a processor up; false if there is none such. */
static bool find_vcpu(const struct qga_inventory *inventory, int64_t id, struct qga_vcpu *vcpu)
{
	for (size_t i = 0; inventory->vcpu(inventory->context, i, vcpu) > 0; i++)
		if (vcpu->logical_id == id)
			return true;
	return false;
}

/* The list is done up to the first failure, which is an error only if nothing was done. */
enum qga_status qga_cmd_set_vcpus(struct qga_call *call)
{
	const struct qga_inventory *inventory = call->env->inventory;
	struct qga_value v[VCPU_MEMBERS];
	struct qga_vcpu vcpu;
	int64_t done = 0;
	int token = 0;

	while (qga_list_next(call, &call->arg[0], &vcpu_item, &token, v)) {
		int64_t id = v[LOGICAL_ID].i;
		bool online = v[ONLINE].b;
		int error = 0;

		if (!find_vcpu(inventory, id, &vcpu))
			error = QGA_ENOENT;
		else if (vcpu.online && !online && !vcpu.can_offline)
			error = QGA_EPERM;
		else if (vcpu.online != online)
			error = inventory->set_vcpu(inventory->context, id, online);
		if (error < 0 && done > 0)
			break;
		if (error == QGA_EPERM)
			return qga_error(call, "logical processor #%d can't be offlined",
			                 &v[LOGICAL_ID].i);
		if (error < 0)
			return qga_error(call, "logical processor #%d: %s", &v[LOGICAL_ID].i,
			                 qga_env_text(error));
		done++;
	}
	qga_out_int(call->out, done);
	return QGA_DONE;
}

#endif

struct told_cpustat {
	struct qga_cpustat stat;
	uint32_t cpu;
	const char *type;
};

static int put_cpustat(struct qga_call *call, size_t index)
{
	static const struct member members[] = {
		MEMBER("cpu", struct told_cpustat, cpu),
		MEMBER("idle", struct told_cpustat, stat.idle_ms),
		MEMBER("system", struct told_cpustat, stat.system_ms),
		{"nice", MEMBER_CONSTANT, 0},
		MEMBER("type", struct told_cpustat, type),
		MEMBER("user", struct told_cpustat, stat.user_ms),
	};
	const struct qga_inventory *inventory = call->env->inventory;
	struct told_cpustat told = {
		.cpu = (uint32_t)index, .type = "linux", /* the only layout the schema has */
	};
	int result = inventory->cpustat(inventory->context, index, &told.stat);

	if (result > 0)
		qga_out_struct(call->out, members, &told);
	return result;
}

enum qga_status qga_cmd_get_cpustats(struct qga_call *call)
{
	return qga_inventory_list(call, put_cpustat, "processor statistics");
}

enum qga_status qga_cmd_get_load(struct qga_call *call)
{
	static const struct member members[] = {
		{"load15m", MEMBER_HUNDREDTHS, offsetof(struct qga_load, load15m)},
		{"load1m", MEMBER_HUNDREDTHS, offsetof(struct qga_load, load1m)},
		{"load5m", MEMBER_HUNDREDTHS, offsetof(struct qga_load, load5m)},
	};
	const struct qga_inventory *inventory = call->env->inventory;
	struct qga_load load = {0};
	int error = inventory->load(inventory->context, &load);

	if (error < 0)
		return inventory_failed(call, "load", error);
	qga_out_struct(call->out, members, &load);
	return QGA_DONE;
}

/* --- Memory --- */

static int put_memory_block(struct qga_call *call, size_t index)
{
	static const struct member members[] = {
		MEMBER("online", struct qga_memory_block, online),
		MEMBER("can-offline", struct qga_memory_block, can_offline),
		MEMBER("phys-index", struct qga_memory_block, phys_index),
	};
	const struct qga_inventory *inventory = call->env->inventory;
	struct qga_memory_block block = {0};
	int result = inventory->memory_block(inventory->context, index, &block);

	if (result > 0)
		qga_out_struct(call->out, members, &block);
	return result;
}

enum qga_status qga_cmd_get_memory_blocks(struct qga_call *call)
{
	return qga_inventory_list(call, put_memory_block, "memory blocks");
}

enum qga_status qga_cmd_get_memory_block_info(struct qga_call *call)
{
	static const struct member members[] = {
		MEMBER("size", struct qga_inventory, memory_block_size),
	};

	qga_out_struct(call->out, members, call->env->inventory);
	return QGA_DONE;
}

#endif
