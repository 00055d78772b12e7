/* SPDX-License-Identifier: MIT */
/*
 * answer.c - one answer, written step by step to the stage.
 *
 *     success   [FF] {"return": VALUE, "id": ID} LF
 *     failure   {"error": {"class": CLASS, "desc": TEXT}, "id": ID} LF
 */
#include "core/agent.h"

#if QGA_TINY

static void answer_end(struct agent *agent)
{
	agent->answer.phase = ANSWER_ID;
	if (agent->answer.id)
		qga_out_put(&agent->answer.out, ", \"id\": ");
}

void qga_answer_error(struct agent *agent, enum fault fault)
{
	static const char texts[][17] = {
		[FAULT_JSON] = "JSON parse error",   [FAULT_LIMIT] = "limit exceeded",
		[FAULT_REQUEST] = "invalid request", [FAULT_ARGUMENT] = "invalid argument",
		[FAULT_COMMAND] = "command failed",  [FAULT_UNKNOWN] = "no such command",
	};
	struct qga_out *out = &agent->answer.out;
	const char *error_class = fault == FAULT_UNKNOWN ? "CommandNotFound" : "GenericError";

	out->len = agent->answer.sent = 0;
	qga_out_put(out, "{\"error\": {\"class\": \"");
	qga_out_put(out, error_class);
	qga_out_put(out, "\", \"desc\": \"");
	qga_out_put(out, texts[fault]);
	qga_out_put(out, "\"}");
	answer_end(agent);
}

enum qga_status qga_failed(struct qga_call *call)
{
	qga_answer_error(qga_agent_of(call), FAULT_COMMAND);
	return QGA_FAIL;
}

/*
 * The handler wrote more than there was room for. If nothing of the answer was sent it becomes an
 * error; else it ends here, and the client reads a line that is no JSON.
 */
static void answer_overrun(struct agent *agent, size_t before)
{
	struct qga_out *out = &agent->answer.out;

	out->full = false;
	out->cap = STAGE_MAX;
	if (!agent->answer.wrote) {
		qga_answer_error(agent, FAULT_COMMAND);
		return;
	}
	out->len = before;
	qga_out_put(out, "\n");
	agent->answer.phase = ANSWER_LAST;
}

/* One step of the handler. */
static void answer_step(struct agent *agent)
{
	struct qga_out *out = &agent->answer.out;
	const size_t before = out->len;
	enum qga_status status;

	agent->answer.phase = ANSWER_RUN;
	status = agent->call.command->run(&agent->call);
	if (out->full) {
		answer_overrun(agent, before);
		return;
	}
	agent->answer.wrote |= out->len > before;
	if (status == QGA_MORE)
		return;
	if (status != QGA_DONE) {
		if (agent->answer.phase == ANSWER_RUN) /* it has not said why */
			qga_answer_error(agent, FAULT_COMMAND);
		return;
	}
	if (agent->call.command->flags & QGA_NO_RESPONSE) {
		agent->answer.phase = ANSWER_NONE;
		return;
	}
	if (!agent->answer.wrote)
		qga_out_put(out, "{}");
	answer_end(agent);
}

void qga_answer_run(struct agent *agent)
{
	struct qga_out *out = &agent->answer.out;

	if (agent->call.command->flags & QGA_DELIMITED)
		qga_out_put(out, "\xFF");
	qga_out_put(out, "{\"return\": ");
	out->comma = agent->answer.wrote = false;
	answer_step(agent);
}

static void answer_unit(struct qga_out *out, unsigned code)
{
	int shift;

	qga_out_put(out, "\\u");
	for (shift = 12; shift >= 0; shift -= 4)
		qga_out_raw(out, &"0123456789ABCDEF"[code >> shift & 15], 1);
}

/* Of the id as much as there is room for: as it was sent, but in ASCII. */
static void answer_id(struct answer *answer)
{
	struct qga_out *out = &answer->out;

	while (answer->id < answer->id_end && qga_out_room(out) > 2 * QGA_OUT_CHAR_MAX) {
		uint8_t byte = (uint8_t)*answer->id;
		int32_t code;

		if (byte < 0x7F) {
			qga_out_raw(out, answer->id++, 1);
			continue;
		}
		code = qga_text_next(&answer->id, answer->id_end);
		if (code > 0xFFFF) {
			answer_unit(out, 0xD800 - (0x10000 >> 10) + ((unsigned)code >> 10));
			code = 0xDC00 | (code & 0x3FF);
		}
		answer_unit(out, (unsigned)code);
	}
	if (answer->id == answer->id_end) {
		qga_out_put(out, "}\n");
		answer->phase = ANSWER_LAST;
	}
}

void qga_answer_drop(struct answer *answer)
{
	answer->phase = ANSWER_NONE;
	answer->sent = answer->out.len = 0;
}

size_t qga_pull(struct qga *qga, void *buf, size_t cap)
{
	struct agent *agent = qga_agent(qga);
	struct answer *answer = &agent->answer;
	char *to = buf;
	size_t n = 0;

	while (n < cap && qga_answer_pending(answer)) {
		if (answer->sent == answer->out.len) {
			answer->out.len = answer->sent = 0;
			if (answer->phase == ANSWER_RUN)
				answer_step(agent);
			else
				answer_id(answer);
		}
		if (answer->sent < answer->out.len)
			to[n++] = answer->stage[answer->sent++];
		if (answer->sent == answer->out.len && answer->phase == ANSWER_LAST)
			answer->phase = ANSWER_NONE;
	}
	return n;
}

#endif
