/* SPDX-License-Identifier: MIT */
/*
 * commands.c - the example's own commands: one of its invention, and those of qemu-ga that the
 * agent leaves to an application, for only that can know what they would mean.
 */
#include "example.h"

static const struct arg hello_args[] = {
	{.name = "name", .type = ARG_STR},
	{.name = "times", .type = ARG_INT, .optional = true},
	{.name = NULL},
};

/* Says hello to someone: {"hello": NAME, "times": N}. NAME may be longer than a step. */
static enum cmd_status hello(struct agent *agent, struct call *call)
{
	const struct span *name = &call->arg[0].s;

	(void)agent;
	if (call->arg[1].present && call->arg[1].i < 0)
		return call_error(call, "cannot say hello %d times", &call->arg[1].i);
	if (call->step++ == 0) {
		out_object(call->out);
		out_key(call->out, "hello");
	}
	if (!out_str_part(call->out, name->ptr, name->len, &call->cursor) ||
	    out_room(call->out) < 64)
		return CMD_MORE;
	out_member_int(call->out, "times", call->arg[1].present ? call->arg[1].i : 1);
	out_object_end(call->out);
	return CMD_DONE;
}

/* --- Memory: all of it is in use --- */

static const struct arg block_members[] = {
	{.name = "phys-index", .type = ARG_UINT},
	{.name = "online", .type = ARG_BOOL},
	{.name = "can-offline", .type = ARG_BOOL, .optional = true},
	{.name = NULL},
};
static const struct arg block = {.name = "", .type = ARG_STRUCT, .members = block_members};
static const struct arg set_blocks_args[] = {
	{.name = "mem-blks", .type = ARG_LIST, .item = &block},
	{.name = NULL},
};

/* One block a step. */
static enum cmd_status set_blocks(struct agent *agent, struct call *call)
{
	struct value member[3];
	int token = (int)call->u[0];

	if (call->step++ == 0)
		out_list(call->out);
	if (!call_list(agent, &call->arg[0], &block, &token, member)) {
		out_list_end(call->out);
		return CMD_DONE;
	}
	call->u[0] = (uint64_t)token;
	out_object(call->out);
	out_member_str(call->out, "response", "operation-not-supported");
	out_member_uint(call->out, "phys-index", member[0].u);
	out_object_end(call->out);
	return CMD_MORE;
}

/* --- Sleeping: not this machine --- */

static enum cmd_status suspend(struct agent *agent, struct call *call)
{
	(void)agent;
	return call_error(call, "the requested suspend mode is not supported by the guest");
}

const struct command example_commands[EXAMPLE_COMMANDS] = {
	{.name = "example-hello", .run = hello, .args = hello_args},
	{.name = "guest-set-memory-blocks", .run = set_blocks, .args = set_blocks_args},
	{.name = "guest-set-user-password", .run = cmd_set_password, .args = args_set_password},
	{.name = "guest-ssh-add-authorized-keys", .run = cmd_add_keys, .args = args_add_keys},
	{.name = "guest-ssh-get-authorized-keys", .run = cmd_get_keys, .args = args_get_keys},
	{.name = "guest-ssh-remove-authorized-keys",
         .run = cmd_remove_keys,
         .args = args_remove_keys},
	{.name = "guest-suspend-disk", .run = suspend, .flags = CMD_NO_RESPONSE},
	{.name = "guest-suspend-hybrid", .run = suspend, .flags = CMD_NO_RESPONSE},
	{.name = "guest-suspend-ram", .run = suspend, .flags = CMD_NO_RESPONSE},
};
