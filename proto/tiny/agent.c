/* SPDX-License-Identifier: MIT */
#include "agent.h"

int agent_init(struct agent *agent, const struct agent_config *config)
{
	memset(agent, 0, sizeof(*agent));
	if (!config->env || !config->version || !config->request || !config->tokens)
		return AGENT_EINVAL;
	if (config->request_size < AGENT_REQUEST_MIN || config->request_size > AGENT_REQUEST_MAX)
		return AGENT_EREQUEST;
	if (config->tokens_size < AGENT_TOKENS_MIN * AGENT_TOKEN_SIZE ||
	    config->tokens_size > AGENT_SMALL_TOKENS * AGENT_TOKEN_SIZE)
		return AGENT_ETOKENS;
	if (config->n_commands || config->allow_rpcs || config->block_rpcs)
		return AGENT_ECOMMANDS;
	agent->config = config;
	agent->document.text = config->request;
	agent->document.size = config->request_size;
	agent->answer.out.buf = agent->answer.stage;
	agent->answer.out.cap = sizeof(agent->answer.stage) - ANSWER_TAIL_MAX;
	agent->ended = true;
	return 0;
}

static void begin(struct agent *agent)
{
	struct document *doc = &agent->document;

	doc->len = 0;
	doc->expects = doc->fault = 0;
	doc->open[0] = doc->open[1] = 0;
	doc->lists = 1;
	agent->answer.id = agent->answer.id_end = NULL;
	answer_drop(&agent->answer);
	agent->ended = false;
}

/* QEMU's way of knowing that a document is complete: braces and brackets are counted apart. */
static bool complete(struct document *doc, enum token token)
{
	if (token <= TOKEN_LIST_END)
		doc->open[token / 2 - 1] += token & 1 ? -1 : 1;
	return (doc->open[0] | doc->open[1]) <= 0;
}

static void take(struct agent *agent, enum token token)
{
	struct document *doc = &agent->document;

	if (token == TOKEN_STRAY) {
		doc->fault = FAULT_JSON;
	} else {
		if (!doc->fault)
			doc->fault = grammar_token(doc, token);
		if (!complete(doc, token))
			return;
		if (!doc->fault)
			doc->fault = json_read(agent);
	}
	agent->ended = true;
	if (doc->fault)
		answer_error(agent, doc->fault);
	else
		request_dispatch(agent);
}

size_t agent_feed(struct agent *agent, const void *data, size_t len)
{
	const uint8_t *p = data, *const end = p + len;
	enum token token;

	while (p < end && !answer_pending(&agent->answer)) {
		if (agent->ended)
			begin(agent);
		token = lexer_next(&agent->document, &p, end);
		if (token != TOKEN_MORE)
			take(agent, token);
	}
	return (size_t)(p - (const uint8_t *)data);
}

void agent_host_closed(struct agent *agent)
{
	answer_drop(&agent->answer);
	agent->document.state = 0;
	agent->ended = true;
}

uint64_t agent_poll(struct agent *agent)
{
	(void)agent;
	return AGENT_IDLE;
}
