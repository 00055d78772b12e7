/* SPDX-License-Identifier: MIT */
/*
 * fuzz_agent.c - libFuzzer: any bytes at all to the agent, in big and in small pieces; and what the
 * grammar accepts jsmn must not refuse.
 *
 * The first four bytes choose the sizes: request buffer, tokens, pieces fed, pieces pulled.
 */
#include "pieces.h"

/* agent.c says so, in a line that begins so: elsewhere it may be an id that was sent. */
#define REFUSED \
	"{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error, the document has no tokens\""

static bool is_refused(const struct talk *talk)
{
	size_t len = strlen(REFUSED);

	return (talk->len >= len && !memcmp(talk->answer, REFUSED, len)) ||
	       memmem(talk->answer, talk->len, "\n" REFUSED, len + 1);
}

/* A command of every type of argument, so that all checks are reached. */
static const struct qga_arg member_args[] = {{.name = "n", .type = QGA_ARG_UINT},
                                             {.name = "b", .type = QGA_ARG_BOOL, .optional = true},
                                             {0}};
static const struct qga_arg item_struct = {.type = QGA_ARG_STRUCT, .members = member_args};
static const struct qga_arg item_string = {.type = QGA_ARG_STR};
static const char *const colours[] = {"red", "green", NULL};
static const char *const whence[] = {"Whence", "red", "green", NULL};
static const struct qga_arg args[] = {
	{.name = "i", .type = QGA_ARG_INT, .optional = true},
	{.name = "s", .type = QGA_ARG_STR, .optional = true},
	{.name = "l", .type = QGA_ARG_LIST, .item = &item_string, .optional = true},
	{.name = "v", .type = QGA_ARG_LIST, .item = &item_struct, .optional = true},
	{.name = "w", .type = QGA_ARG_ALT_INT_ENUM, .names = whence, .optional = true},
	{.name = "c", .type = QGA_ARG_ENUM, .names = colours, .optional = true},
	{0},
};

static enum qga_status run(struct qga_call *call)
{
	struct qga_value item, members[2];
	int token = 0;

	if (call->cursor == 0 && call->arg[0].present && call->arg[0].i < 0)
		return qga_error(call, "'%S' is less than %d%s", &call->arg[1].s, &call->arg[0].i,
		                 "%");
	if (call->step++ == 0) {
		qga_out_list(call->out);
		while (call->arg[3].present &&
		       qga_list_next(call, &call->arg[3], &item_struct, &token, members))
			call->scratch.words[0] += members[0].u;
		return QGA_MORE;
	}
	token = (int)call->scratch.words[1];
	if (call->arg[2].present &&
	    qga_list_next(call, &call->arg[2], &item_string, &token, &item)) {
		if (!qga_out_str_part(call->out, item.s.ptr, item.s.len, &call->cursor))
			return QGA_MORE;
		call->cursor = 0;
		call->scratch.words[1] = (uint64_t)token;
		return QGA_MORE;
	}
	qga_out_uint(call->out, call->scratch.words[0]);
	qga_out_list_end(call->out);
	return QGA_DONE;
}

static const struct qga_command commands_of_app[] = {{.name = "x", .run = run, .args = args}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct talk like = {.config = {.commands = commands_of_app, .n_commands = 1}};
	const struct talk *big;

	if (len < 4)
		return 0;
	like.chunk = 1U + data[2];
	like.pull = 1U + data[3];
	big = pieces_talk(&like, QGA_REQUEST_MIN + 16U * data[0], QGA_TOKENS_MIN + data[1],
	                  data + 4, len - 4);
	if (is_refused(big))
		abort();
	return 0;
}
