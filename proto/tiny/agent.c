/* SPDX-License-Identifier: MIT */
#include "core/agent.h"
#include "core/check.h"

#if QGA_TINY

void qga_init_unchecked(struct qga *qga, const struct qga_config *config)
{
	struct agent *agent = qga_agent(qga);

	memset(qga, 0, sizeof(*qga));
	agent->config = config;
	agent->document.text = config->request;
	agent->document.size = config->request_size;
	agent->call.env = config->env;
	agent->call.out = &agent->answer.out;
	agent->answer.out.buf = agent->answer.stage;
	agent->answer.out.cap = STAGE_MAX;
	agent->ended = true;
}

static void document_begin(struct agent *agent)
{
	struct document *doc = &agent->document;

	doc->len = 0;
	doc->expects = doc->fault = 0;
	doc->open[0] = doc->open[1] = 0;
	doc->lists = 1;
	agent->answer.id = agent->answer.id_end = NULL;
	qga_answer_drop(&agent->answer);
	agent->ended = false;
}

/* QEMU's way of knowing that a document is complete: braces and brackets are counted apart. */
static bool document_is_complete(struct document *doc, enum token token)
{
	if (token <= TOKEN_LIST_END)
		doc->open[token / 2 - 1] += token & 1 ? -1 : 1;
	return doc->open[0] < 0 || doc->open[1] < 0 || (doc->open[0] == 0 && doc->open[1] == 0);
}

static void document_take(struct agent *agent, enum token token)
{
	struct document *doc = &agent->document;

	if (token == TOKEN_STRAY) {
		doc->fault = FAULT_JSON;
	} else {
		if (!doc->fault)
			doc->fault = qga_grammar_token(doc, token);
		if (!document_is_complete(doc, token))
			return;
		if (!doc->fault)
			doc->fault = qga_json_read(agent);
	}
	agent->ended = true;
	if (!doc->fault)
		qga_request_dispatch(agent);
	else if (doc->fault != FAULT_TOLD)
		qga_answer_error(agent, doc->fault);
}

size_t qga_feed(struct qga *qga, const void *data, size_t len)
{
	struct agent *agent = qga_agent(qga);
	const uint8_t *p = data, *const end = p + len;
	struct document *doc = &agent->document;
	enum token token;

	while (p < end && !qga_answer_pending(&agent->answer)) {
		if (agent->ended)
			document_begin(agent);
		token = qga_lexer_next(doc, &p, end);
		if (token != TOKEN_MORE)
			document_take(agent, token);
		/* Its end may be far. */
		if (!agent->ended && doc->fault == FAULT_LIMIT) {
			doc->fault = FAULT_TOLD;
			qga_answer_error(agent, FAULT_LIMIT);
		}
	}
	return (size_t)(p - (const uint8_t *)data);
}

bool qga_pending(const struct qga *qga)
{
	return qga_answer_pending(&((const struct agent *)&qga->opaque)->answer);
}

void qga_host_closed(struct qga *qga)
{
	struct agent *agent = qga_agent(qga);

	qga_answer_drop(&agent->answer);
	agent->document.state = 0;
	agent->ended = true;
}

uint64_t qga_poll(struct qga *qga)
{
	(void)qga;
	return QGA_IDLE;
}

#endif
