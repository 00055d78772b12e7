/* SPDX-License-Identifier: MIT */
/*
 * answer.c - one answer, written step by step to the stage.
 *
 *     success   [FF] {"return": VALUE, "id": ID} LF
 *     failure   {"error": {"class": CLASS, "desc": TEXT}, "id": ID} LF
 */
#include "agent.h"

static void end(struct agent *agent)
{
	agent->answer.phase = ANSWER_ID;
	if (agent->answer.id)
		out_put(&agent->answer.out, ", \"id\": ");
}

void answer_error(struct agent *agent, enum fault fault)
{
	static const char texts[][17] = {
		[FAULT_JSON] = "JSON parse error",   [FAULT_LIMIT] = "limit exceeded",
		[FAULT_REQUEST] = "invalid request", [FAULT_ARGUMENT] = "invalid argument",
		[FAULT_COMMAND] = "command failed",  [FAULT_UNKNOWN] = "no such command",
	};
	struct json_out *out = &agent->answer.out;
	const char *class = fault == FAULT_UNKNOWN ? "CommandNotFound" : "GenericError";

	out->len = 0;
	out_put(out, "{\"error\": {\"class\": \"");
	out_put(out, class);
	out_put(out, "\", \"desc\": \"");
	out_put(out, texts[fault]);
	out_put(out, "\"}");
	end(agent);
}

enum cmd_status call_failed(struct call *call)
{
	answer_error((struct agent *)((char *)call - offsetof(struct agent, call)), FAULT_COMMAND);
	return CMD_FAIL;
}

/* One step of the handler. */
static void run(struct agent *agent)
{
	struct json_out *out = &agent->answer.out;
	const size_t before = out->len;
	enum cmd_status status;

	agent->answer.phase = ANSWER_RUN;
	status = agent->call.command->run(agent, &agent->call);
	agent->answer.wrote |= out->len > before;
	if (status != CMD_DONE)
		return;
	if (agent->call.command->flags & CMD_NO_RESPONSE) {
		agent->answer.phase = ANSWER_NONE;
		out->len = 0;
		return;
	}
	if (!agent->answer.wrote)
		out_put(out, "{}");
	end(agent);
}

void answer_run(struct agent *agent)
{
	struct json_out *out = &agent->answer.out;

	out->len = 0;
	if (agent->call.command->flags & CMD_DELIMITED)
		out_put(out, "\xFF");
	out_put(out, "{\"return\": ");
	out->comma = agent->answer.wrote = false;
	run(agent);
}

static void unit(struct json_out *out, unsigned code)
{
	int shift;

	out_put(out, "\\u");
	for (shift = 12; shift >= 0; shift -= 4)
		out_raw(out, &"0123456789ABCDEF"[code >> shift & 15], 1);
}

/* Of the id as much as there is room for: as it was sent, but in ASCII. */
static void id(struct answer *answer)
{
	struct json_out *out = &answer->out;

	while (answer->id < answer->id_end && out_room(out) > 2 * OUT_CHAR_MAX) {
		uint8_t byte = (uint8_t)*answer->id;
		int32_t code;

		if (byte < 0x7F) {
			out_raw(out, answer->id++, 1);
			continue;
		}
		code = text_next(&answer->id, answer->id_end);
		if (code > 0xFFFF) {
			unit(out, 0xD800 - (0x10000 >> 10) + ((unsigned)code >> 10));
			code = 0xDC00 | (code & 0x3FF);
		}
		unit(out, (unsigned)code);
	}
	if (answer->id == answer->id_end) {
		out_put(out, "}\n");
		answer->phase = ANSWER_LAST;
	}
}

void answer_drop(struct answer *answer)
{
	answer->phase = ANSWER_NONE;
	answer->sent = answer->out.len = 0;
}

size_t agent_pull(struct agent *agent, void *buf, size_t cap)
{
	struct answer *answer = &agent->answer;
	char *to = buf;
	size_t n = 0;

	while (n < cap && answer_pending(answer)) {
		if (answer->sent == answer->out.len) {
			answer->out.len = answer->sent = 0;
			if (answer->phase == ANSWER_RUN)
				run(agent);
			else
				id(answer);
		}
		if (answer->sent < answer->out.len)
			to[n++] = answer->stage[answer->sent++];
		if (answer->sent == answer->out.len && answer->phase == ANSWER_LAST)
			answer->phase = ANSWER_NONE;
	}
	return n;
}
