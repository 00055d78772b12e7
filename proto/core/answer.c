/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"

#if !QGA_TINY

void qga_answer_drop(struct answer *answer)
{
	answer->phase = ANSWER_NONE;
	answer->staged = answer->sent = 0;
}

/* A handler that failed, or returned what is no status, may not have said why. It is not called again. */
static void answer_unexplained(struct agent *agent)
{
	if (agent->answer.phase == ANSWER_RUN)
		qga_answer_error(agent, "GenericError", "the command does not say why it failed");
}

void qga_answer_run(struct agent *agent)
{
	struct answer *answer = &agent->answer;
	struct qga_out *out = &answer->out;

	answer->phase = ANSWER_RUN;
	answer->begun = answer->wrote = false;
	if (!(agent->call.command->flags & QGA_NO_RESPONSE))
		return;
	/* Nothing will be pulled, so it runs now; the buffer of the last pull is not ours any more. */
	out->buf = answer->stage;
	out->cap = out->len = 0;
	if (agent->call.command->run(&agent->call) != QGA_FAIL)
		answer->phase = ANSWER_NONE;
	else
		answer_unexplained(agent);
	out->full = false;
}

/*
 * The handler wrote more than there was room for: what the step wrote is not sent. If nothing of the
 * answer was, it becomes an error; else it ends here, and the client reads a line that is no JSON.
 */
static __attribute__((noinline, cold)) void answer_overrun(struct agent *agent, size_t head)
{
	struct answer *answer = &agent->answer;
	struct qga_out *out = &answer->out;

	out->len = head;
	out->full = false;
	if (!answer->begun) {
		qga_answer_error(agent, "GenericError",
		                 "the command's answer has a part that does not fit");
		return;
	}
	RAW(out, "\n");
	answer->phase = ANSWER_NONE;
}

/* One step of the handler. */
static void answer_run_step(struct agent *agent)
{
	struct answer *answer = &agent->answer;
	struct qga_out *out = &answer->out;
	size_t head = out->len, cap = out->cap, body;
	enum qga_status status;

	if (!answer->begun) {
		if (agent->call.command->flags & QGA_DELIMITED)
			RAW(out, "\xFF");
		RAW(out, "{\"return\": ");
		out->comma = false;
	}
	body = out->len;
	/* A handler may fill all the room it sees. */
	out->cap -= ANSWER_TAIL_MAX;
	status = agent->call.command->run(&agent->call);
	out->cap = cap;
	if (out->full) {
		answer_overrun(agent, head);
		return;
	}
	if (status != QGA_DONE) {
		answer->begun = status == QGA_MORE;
		answer->wrote |= out->len > body;
		if (status != QGA_MORE) {
			out->len = head;
			answer_unexplained(agent);
		}
		return;
	}
	if (!answer->wrote && out->len == body)
		RAW(out, "{}");
	if (answer->id < 0) {
		RAW(out, "}\n");
		answer->phase = ANSWER_NONE;
		return;
	}
	RAW(out, ", \"id\": ");
	qga_json_copy_begin(&answer->copy, answer->id, out);
	answer->phase = ANSWER_SUCCESS_ID;
}

/* A piece of the answer that is no handler's. */
static __attribute__((noinline)) void answer_envelope_step(struct agent *agent)
{
	struct answer *answer = &agent->answer;
	struct qga_out *out = &answer->out;

	switch (answer->phase) {
	case ANSWER_SUCCESS_ID:
		if (qga_json_copy_step(&answer->copy, &agent->json, out)) {
			RAW(out, "}\n");
			answer->phase = ANSWER_NONE;
		}
		break;
	case ANSWER_ERROR:
		RAW(out, "{");
		answer->phase = ANSWER_ERROR_CLASS;
		if (answer->id >= 0) {
			RAW(out, "\"id\": ");
			qga_json_copy_begin(&answer->copy, answer->id, out);
			answer->phase = ANSWER_ERROR_ID;
		}
		break;
	case ANSWER_ERROR_ID:
		if (qga_json_copy_step(&answer->copy, &agent->json, out)) {
			RAW(out, ", ");
			answer->phase = ANSWER_ERROR_CLASS;
		}
		break;
	case ANSWER_ERROR_CLASS:
		RAW(out, "\"error\": {\"class\": \"");
		qga_out_raw(out, answer->error_class, strlen(answer->error_class));
		RAW(out, "\", \"desc\": \"");
		answer->phase = ANSWER_ERROR_DESC;
		break;
	default: /* ANSWER_ERROR_DESC */
		if (qga_answer_text_step(answer, &agent->path)) {
			RAW(out, "\"}}\n");
			answer->phase = ANSWER_NONE;
		}
		break;
	}
}

/* Writes a piece of the answer; there is room for a handler's step. */
static void answer_step(struct agent *agent)
{
	if (agent->answer.phase == ANSWER_RUN)
		answer_run_step(agent);
	else
		answer_envelope_step(agent);
}

/* Takes what a step has staged. */
static size_t answer_unstage(struct answer *answer, char *buf, size_t cap)
{
	size_t n = answer->staged - answer->sent;

	n = n < cap ? n : cap;
	memcpy(buf, answer->stage + answer->sent, n);
	answer->sent += n;
	return n;
}

size_t qga_answer_pull(struct agent *agent, char *buf, size_t cap)
{
	struct answer *answer = &agent->answer;
	const size_t need = sizeof(answer->stage);
	size_t n = 0;

	if (answer->sent < answer->staged)
		n = answer_unstage(answer, buf, cap);
	while (answer->phase != ANSWER_NONE && cap - n >= need) {
		answer->out.buf = buf + n;
		answer->out.cap = cap - n;
		answer->out.len = 0;
		answer_step(agent);
		n += answer->out.len;
	}
	while (n == 0 && answer->phase != ANSWER_NONE) {
		answer->out.buf = answer->stage;
		answer->out.cap = need;
		answer->out.len = 0;
		answer_step(agent);
		answer->staged = answer->out.len;
		answer->sent = 0;
		n = answer_unstage(answer, buf, cap);
	}
	return n;
}

#endif
