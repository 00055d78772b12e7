/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"
#include "answer.h"

void answer_drop(struct answer *answer)
{
	answer->phase = ANSWER_NONE;
	answer->staged = answer->sent = 0;
}

void answer_run(struct agent *agent)
{
	struct answer *answer = &agent->answer;

	answer->phase = ANSWER_RUN;
	answer->begun = answer->wrote = false;
	if (!(agent->call.command->flags & CMD_NO_RESPONSE))
		return;
	/* Nothing will be pulled, so it runs now. */
	if (agent->call.command->run(agent, &agent->call) != CMD_FAIL)
		answer->phase = ANSWER_NONE;
}

/* One step of the handler. */
static void run_step(struct agent *agent)
{
	struct answer *answer = &agent->answer;
	struct json_out *out = &answer->out;
	size_t head = out->len, body;
	enum cmd_status status;

	if (!answer->begun) {
		if (agent->call.command->flags & CMD_DELIMITED)
			RAW(out, "\xFF");
		RAW(out, "{\"return\": ");
		out->comma = false;
	}
	body = out->len;
	/* A handler may fill all the room it sees. */
	out->cap -= ANSWER_TAIL_MAX;
	status = agent->call.command->run(agent, &agent->call);
	out->cap += ANSWER_TAIL_MAX;
	if (status != CMD_DONE) {
		answer->begun = status == CMD_MORE;
		answer->wrote |= out->len > body;
		if (status == CMD_FAIL)
			out->len = head;
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
	answer_id_begin(answer);
	answer->phase = ANSWER_SUCCESS_ID;
}

/* A piece of the answer that is no handler's. */
static __attribute__((noinline)) void envelope_step(struct agent *agent)
{
	struct answer *answer = &agent->answer;
	struct json_out *out = &answer->out;

	switch (answer->phase) {
	case ANSWER_SUCCESS_ID:
		if (answer_id_step(answer, &agent->json)) {
			RAW(out, "}\n");
			answer->phase = ANSWER_NONE;
		}
		break;
	case ANSWER_ERROR:
		RAW(out, "{");
		answer->phase = ANSWER_ERROR_CLASS;
		if (answer->id >= 0) {
			RAW(out, "\"id\": ");
			answer_id_begin(answer);
			answer->phase = ANSWER_ERROR_ID;
		}
		break;
	case ANSWER_ERROR_ID:
		if (answer_id_step(answer, &agent->json)) {
			RAW(out, ", ");
			answer->cursor = 0;
			answer->phase = ANSWER_ERROR_CLASS;
		}
		break;
	case ANSWER_ERROR_CLASS:
		RAW(out, "\"error\": {\"class\": \"");
		out_raw(out, answer->class, strlen(answer->class));
		RAW(out, "\", \"desc\": \"");
		answer->phase = ANSWER_ERROR_DESC;
		break;
	case ANSWER_ERROR_DESC:
		if (answer_text_step(answer, &agent->path)) {
			RAW(out, "\"}}\n");
			answer->phase = ANSWER_NONE;
		}
		break;
	}
}

/* Writes a piece of the answer; there is room for a handler's step. */
static void step(struct agent *agent)
{
	if (agent->answer.phase == ANSWER_RUN)
		run_step(agent);
	else
		envelope_step(agent);
}

/* Takes what a step has staged. */
static size_t unstage(struct answer *answer, char *buf, size_t cap)
{
	size_t n = answer->staged - answer->sent;

	n = n < cap ? n : cap;
	memcpy(buf, answer->stage + answer->sent, n);
	answer->sent += n;
	return n;
}

size_t answer_pull(struct agent *agent, char *buf, size_t cap)
{
	struct answer *answer = &agent->answer;
	const size_t need = sizeof(answer->stage);
	size_t n = 0;

	if (answer->sent < answer->staged)
		n = unstage(answer, buf, cap);
	while (answer->phase != ANSWER_NONE && cap - n >= need) {
		answer->out.buf = buf + n;
		answer->out.cap = cap - n;
		answer->out.len = 0;
		step(agent);
		n += answer->out.len;
	}
	while (n == 0 && answer->phase != ANSWER_NONE) {
		answer->out.buf = answer->stage;
		answer->out.cap = need;
		answer->out.len = 0;
		step(agent);
		answer->staged = answer->out.len;
		answer->sent = 0;
		n = unstage(answer, buf, cap);
	}
	return n;
}
