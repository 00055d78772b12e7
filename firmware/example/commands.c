/* SPDX-License-Identifier: MIT */
/*
 * commands.c - the example's own commands: one of its invention, and those of qemu-ga that the
 * agent leaves to an application, for only that can know what they would mean.
 */
#include "example.h"

static const struct qga_arg hello_args[] = {
	{.name = "name", .type = QGA_ARG_STR},
	{.name = "times", .type = QGA_ARG_INT, .optional = true},
	{.name = NULL},
};

/* Says hello to someone: {"hello": NAME, "times": N}. NAME may be longer than a step. */
static enum qga_status hello(struct qga_call *call)
{
	const struct qga_span *name = &call->arg[0].s;
	bool *said = QGA_SCRATCH(bool, call); /* the name, to its closing quote */

	if (call->arg[1].present && call->arg[1].i < 0)
		return qga_error(call, "cannot say hello %d times", &call->arg[1].i);
	if (call->step++ == 0) {
		qga_out_object(call->out);
		qga_out_key(call->out, "hello");
	}
	if (!*said)
		*said = qga_out_str_part(call->out, name->ptr, name->len, &call->cursor);
	if (!*said || qga_out_room(call->out) < 64)
		return QGA_MORE;
	qga_out_member_int(call->out, "times", call->arg[1].present ? call->arg[1].i : 1);
	qga_out_object_end(call->out);
	return QGA_DONE;
}

/* --- Memory: all of it is in use --- */

static const struct qga_arg block_members[] = {
	{.name = "phys-index", .type = QGA_ARG_UINT},
	{.name = "online", .type = QGA_ARG_BOOL},
	{.name = "can-offline", .type = QGA_ARG_BOOL, .optional = true},
	{.name = NULL},
};
static const struct qga_arg block = {.name = "", .type = QGA_ARG_STRUCT, .members = block_members};
static const struct qga_arg set_blocks_args[] = {
	{.name = "mem-blks", .type = QGA_ARG_LIST, .item = &block},
	{.name = NULL},
};

/* One block a step. */
static enum qga_status set_blocks(struct qga_call *call)
{
	struct qga_value member[3];
	int *token = QGA_SCRATCH(int, call);

	if (call->step++ == 0)
		qga_out_list(call->out);
	if (!qga_list_next(call, &call->arg[0], &block, token, member)) {
		qga_out_list_end(call->out);
		return QGA_DONE;
	}
	qga_out_object(call->out);
	qga_out_member_str(call->out, "response", "operation-not-supported");
	qga_out_member_uint(call->out, "phys-index", member[0].u);
	qga_out_object_end(call->out);
	return QGA_MORE;
}

/* --- Sleeping: not this machine --- */

static enum qga_status suspend(struct qga_call *call)
{
	return qga_error(call, "the requested suspend mode is not supported by the guest");
}

const struct qga_command example_commands[EXAMPLE_COMMANDS] = {
	{.name = "example-hello", .run = hello, .args = hello_args},
	{.name = "guest-set-memory-blocks", .run = set_blocks, .args = set_blocks_args},
	{.name = "guest-set-user-password", .run = cmd_set_password, .args = args_set_password},
	{.name = "guest-ssh-add-authorized-keys", .run = cmd_add_keys, .args = args_add_keys},
	{.name = "guest-ssh-get-authorized-keys", .run = cmd_get_keys, .args = args_get_keys},
	{.name = "guest-ssh-remove-authorized-keys",
         .run = cmd_remove_keys,
         .args = args_remove_keys},
	{.name = "guest-suspend-disk", .run = suspend, .flags = QGA_NO_RESPONSE},
	{.name = "guest-suspend-hybrid", .run = suspend, .flags = QGA_NO_RESPONSE},
	{.name = "guest-suspend-ram", .run = suspend, .flags = QGA_NO_RESPONSE},
};
