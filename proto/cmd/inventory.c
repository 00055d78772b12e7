/* SPDX-License-Identifier: MIT */
/*
 * inventory.c - see inventory.h: processors and memory, and the walk of a list.
 *
 * Members stand in the order in which qemu-ga writes them (that of its hash table).
 */
#include "inventory.h"

#include "agent.h"
#include "env_text.h"
#include "members.h"

#if AGENT_WITH_INVENTORY

/* `what` could not be told. */
static enum cmd_status failed(struct call *call, const char *what, int error)
{
	return call_error(call, "failed to get %s: %s", what, env_text(error));
}

enum cmd_status inventory_list(struct call *call, list_item *put, const char *what)
{
	struct json_out before = *call->out;
	int result;

	if (call->step == 0)
		out_list(call->out);
	result = put(call, call->cursor);
	if (result < 0 && call->step == 0) {
		*call->out = before;
		return failed(call, what, result);
	}
	call->step = 1;
	call->cursor++;
	if (result > 0)
		return CMD_MORE;
	out_list_end(call->out);
	return CMD_DONE;
}

/* --- Processors --- */

static int put_vcpu(struct call *call, size_t index)
{
	static const struct member members[] = {
		MEMBER("online", struct env_vcpu, online),
		MEMBER("can-offline", struct env_vcpu, can_offline),
		MEMBER("logical-id", struct env_vcpu, logical_id),
	};
	const struct env_inventory *inventory = call->env->inventory;
	struct env_vcpu vcpu = {0};
	int result = inventory->vcpu(inventory->context, index, &vcpu);

	if (result > 0)
		out_struct(call->out, members, &vcpu);
	return result;
}

enum cmd_status cmd_get_vcpus(struct agent *agent, struct call *call)
{
	(void)agent;
	return inventory_list(call, put_vcpu, "processors");
}

#if AGENT_WITH_HOOKS

static const struct arg vcpu_members[] = {
	{.name = "logical-id", .type = ARG_INT},
	{.name = "online", .type = ARG_BOOL},
	{.name = "can-offline", .type = ARG_BOOL, .optional = true},
	{.name = NULL},
};
static const struct arg vcpu_item = {.name = "", .type = ARG_STRUCT, .members = vcpu_members};

enum {
	LOGICAL_ID,
	ONLINE,
	CAN_OFFLINE,
	VCPU_MEMBERS
};

const struct arg args_set_vcpus[] = {
	{.name = "vcpus", .type = ARG_LIST, .item = &vcpu_item},
	{.name = NULL},
};

/* Looks a processor up; false if there is none such. */
static bool find_vcpu(const struct env_inventory *inventory, int64_t id, struct env_vcpu *vcpu)
{
	for (size_t i = 0; inventory->vcpu(inventory->context, i, vcpu) > 0; i++)
		if (vcpu->logical_id == id)
			return true;
	return false;
}

/* The list is done up to the first failure, which is an error only if nothing was done. */
enum cmd_status cmd_set_vcpus(struct agent *agent, struct call *call)
{
	const struct env_inventory *inventory = call->env->inventory;
	struct value v[VCPU_MEMBERS];
	struct env_vcpu vcpu;
	int64_t done = 0;
	int token = 0;

	while (call_list(agent, &call->arg[0], &vcpu_item, &token, v)) {
		int64_t id = v[LOGICAL_ID].i;
		bool online = v[ONLINE].b;
		int error = 0;

		if (!find_vcpu(inventory, id, &vcpu))
			error = ENV_ENOENT;
		else if (vcpu.online && !online && !vcpu.can_offline)
			error = ENV_EPERM;
		else if (vcpu.online != online)
			error = inventory->set_vcpu(inventory->context, id, online);
		if (error < 0 && done > 0)
			break;
		if (error == ENV_EPERM)
			return call_error(call, "logical processor #%d can't be offlined",
			                  &v[LOGICAL_ID].i);
		if (error < 0)
			return call_error(call, "logical processor #%d: %s", &v[LOGICAL_ID].i,
			                  env_text(error));
		done++;
	}
	out_int(call->out, done);
	return CMD_DONE;
}

#endif

struct told_cpustat {
	struct env_cpustat stat;
	uint32_t cpu;
	const char *type;
};

static int put_cpustat(struct call *call, size_t index)
{
	static const struct member members[] = {
		MEMBER("cpu", struct told_cpustat, cpu),
		MEMBER("idle", struct told_cpustat, stat.idle_ms),
		MEMBER("system", struct told_cpustat, stat.system_ms),
		{"nice", MEMBER_CONSTANT, 0},
		MEMBER("type", struct told_cpustat, type),
		MEMBER("user", struct told_cpustat, stat.user_ms),
	};
	const struct env_inventory *inventory = call->env->inventory;
	struct told_cpustat told = {
		.cpu = (uint32_t)index, .type = "linux", /* the only layout the schema has */
	};
	int result = inventory->cpustat(inventory->context, index, &told.stat);

	if (result > 0)
		out_struct(call->out, members, &told);
	return result;
}

enum cmd_status cmd_get_cpustats(struct agent *agent, struct call *call)
{
	(void)agent;
	return inventory_list(call, put_cpustat, "processor statistics");
}

enum cmd_status cmd_get_load(struct agent *agent, struct call *call)
{
	static const struct member members[] = {
		{"load15m", MEMBER_HUNDREDTHS, offsetof(struct env_load, load15m)},
		{"load1m", MEMBER_HUNDREDTHS, offsetof(struct env_load, load1m)},
		{"load5m", MEMBER_HUNDREDTHS, offsetof(struct env_load, load5m)},
	};
	const struct env_inventory *inventory = call->env->inventory;
	struct env_load load = {0};
	int error = inventory->load(inventory->context, &load);

	(void)agent;
	if (error < 0)
		return failed(call, "load", error);
	out_struct(call->out, members, &load);
	return CMD_DONE;
}

/* --- Memory --- */

static int put_memory_block(struct call *call, size_t index)
{
	static const struct member members[] = {
		MEMBER("online", struct env_memory_block, online),
		MEMBER("can-offline", struct env_memory_block, can_offline),
		MEMBER("phys-index", struct env_memory_block, phys_index),
	};
	const struct env_inventory *inventory = call->env->inventory;
	struct env_memory_block block = {0};
	int result = inventory->memory_block(inventory->context, index, &block);

	if (result > 0)
		out_struct(call->out, members, &block);
	return result;
}

enum cmd_status cmd_get_memory_blocks(struct agent *agent, struct call *call)
{
	(void)agent;
	return inventory_list(call, put_memory_block, "memory blocks");
}

enum cmd_status cmd_get_memory_block_info(struct agent *agent, struct call *call)
{
	static const struct member members[] = {
		MEMBER("size", struct env_inventory, memory_block_size),
	};

	(void)agent;
	out_struct(call->out, members, call->env->inventory);
	return CMD_DONE;
}

#endif
