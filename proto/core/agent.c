/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"
#include "plain.h"
#include "request.h"

/* Not among what every request needs. */
#define COLD __attribute__((noinline, cold))

int agent_init(struct agent *agent, const struct agent_config *config)
{
	size_t max = config->tokens_size / AGENT_TOKEN_SIZE;

	memset(agent, 0, sizeof(*agent));
	if (!config->env | !config->version | !config->request | !config->tokens)
		return AGENT_EINVAL;
	if (config->request_size < AGENT_REQUEST_MIN || config->request_size > AGENT_REQUEST_MAX)
		return AGENT_EREQUEST;
	if (max < AGENT_TOKENS_MIN || max > (AGENT_SMALL ? AGENT_SMALL_TOKENS : INT32_MAX))
		return AGENT_ETOKENS;
	agent->config = config;
	lexer_init(&agent->lex);
	agent->lex.buf = agent->json.text = config->request;
	agent->lex.size = config->request_size;
	/* Each parked string costs jsmn a look at every token; so there are to be few. */
	agent->lex.longest = config->request_size / AGENT_PARKED_MAX;
	if (agent->lex.longest < AGENT_PARK_MIN)
		agent->lex.longest = AGENT_PARK_MIN;
	agent->json.tokens = config->tokens;
	agent->json.max = (int)max;
	agent->grammar.max_tokens = (unsigned)max;
	agent->call.env = config->env;
	agent->call.out = &agent->answer.out;
	agent->ended = true;
	return lookup_init(agent) ? 0 : AGENT_ECOMMANDS;
}

static __attribute__((noinline)) void begin(struct agent *agent)
{
	lexer_reset(&agent->lex);
	grammar_reset(&agent->grammar);
	agent->braces = agent->brackets = 0;
	agent->kept = 0;
	agent->spoilt = false;
	agent->answer.id = -1;
	agent->path.depth = 0;
	agent->ended = false;
}

/*
 * The document has a fault: it will be answered when its brackets are closed, and until then
 * nothing of it is needed but the fault's text, which moves to the front of the buffer.
 * A duplicate key before the fault is the first one.
 */
static COLD void spoil(struct agent *agent)
{
	struct grammar *g = &agent->grammar;
	struct json *json = &agent->json;
	char *buf = agent->lex.buf, last;

	if (g->keys > 1 && !agent->lex.full) {
		/* jsmn wants to see that a number or keyword has ended. */
		last = buf[g->good];
		buf[g->good] = ',';
		json_tokenize(json, g->good + 1);
		buf[g->good] = last;
		json_unescape(json);
		if (!json_unique(json))
			grammar_fault(g, &agent->lex, "JSON parse error, duplicate key");
	}
	if (g->text.len)
		memmove(buf, g->text.ptr, g->text.len);
	g->text.ptr = buf;
	agent->kept = g->text.len;
	agent->lex.parking = false;
	agent->spoilt = true;
}

/* All brackets are closed. */
static __attribute__((noinline)) void document(struct agent *agent)
{
	struct grammar *g = &agent->grammar;

	if (!g->fault && agent->lex.buf[0] != '{' && agent->lex.buf[0] != '[') {
		g->fault = "QMP input must be a JSON object";
	} else if (!g->fault) {
		if (!json_tokenize(&agent->json, agent->lex.len)) {
			g->fault = "JSON parse error, the document has no tokens";
		} else {
			if (g->escapes)
				json_unescape(&agent->json);
			if (g->keys > 1 && !json_unique(&agent->json))
				g->fault = "JSON parse error, duplicate key";
		}
	}
	if (g->fault)
		answer_error(agent, "GenericError", g->fault, &g->text);
	else
		request_dispatch(agent);
}

static COLD void stray(struct agent *agent)
{
	struct span text;

	text.ptr = (char *)lexer_stray(&agent->lex, &text.len);
	if (text.len > AGENT_ECHO_MAX)
		text.len = AGENT_ECHO_MAX;
	text.len = strnlen(text.ptr, text.len);
	answer_error(agent, "GenericError", "JSON parse error, stray '%S'", &text);
	/* The next byte is one of a new document, but not its first: it may be skipped. */
	begin(agent);
}

/* QEMU's way of knowing that a document is complete: braces and brackets are counted apart. */
static bool complete(struct agent *agent, enum lex_token token)
{
	switch (token) {
	case LEX_OBJECT:
		agent->braces++;
		break;
	case LEX_OBJECT_END:
		agent->braces--;
		break;
	case LEX_LIST:
		agent->brackets++;
		break;
	case LEX_LIST_END:
		agent->brackets--;
		break;
	default:
		break;
	}
	return (agent->braces | agent->brackets) <= 0;
}

/* The document cannot be good any more. */
static COLD void fault(struct agent *agent)
{
	struct grammar *g = &agent->grammar;

	if (!agent->spoilt) {
		if (!g->fault)
			grammar_fault(g, &agent->lex, "JSON token size limit exceeded");
		spoil(agent);
	}
	agent->lex.len = agent->kept;
}

/* One token; true when its document is complete. */
static bool take(struct agent *agent, enum lex_token token)
{
	struct grammar *g = &agent->grammar;

	if (!g->fault && !agent->lex.full)
		grammar_token(g, &agent->lex, token);
	if (g->fault || agent->lex.full)
		fault(agent);
	if (!complete(agent, token))
		return false;
	document(agent);
	agent->ended = true;
	return true;
}

/* The newline that most requests end with needs no call of its own. */
static inline const uint8_t *behind_space(const uint8_t *p, const uint8_t *end)
{
	while (p < end && lexer_space(*p))
		p++;
	return p;
}

/* Bytes of any document, up to its end; returns how far it came. */
static const uint8_t *parse(struct agent *agent, const uint8_t *p, const uint8_t *end)
{
	enum lex_token token;

	if (agent->ended)
		begin(agent);
	do
		token = lexer_next(&agent->lex, &p, end);
	while (token > LEX_STRAY && !take(agent, token));
	if (token == LEX_STRAY)
		stray(agent);
	else if (agent->ended)
		p = behind_space(p, end);
	return p;
}

size_t agent_feed(struct agent *agent, const void *data, size_t len)
{
	const uint8_t *p = data, *const end = p + len;

	while (p < end && !answer_pending(&agent->answer)) {
		size_t used = 0;

		if (!AGENT_SMALL && agent->ended)
			used = plain_request(agent, p, (size_t)(end - p));
		p = used ? behind_space(p + used, end) : parse(agent, p, end);
	}
	return (size_t)(p - (const uint8_t *)data);
}

size_t agent_pull(struct agent *agent, void *buf, size_t cap)
{
	return answer_pull(agent, buf, cap);
}

void agent_host_closed(struct agent *agent)
{
	answer_drop(&agent->answer);
	lexer_init(&agent->lex);
	agent->ended = true;
}

uint64_t agent_poll(struct agent *agent)
{
	uint64_t wait = AGENT_IDLE;

	(void)agent;
#if AGENT_WITH_EXEC
	wait = exec_poll(agent);
#endif
#if AGENT_WITH_FREEZE
	uint64_t thaw = freeze_poll(agent);

	wait = thaw < wait ? thaw : wait;
#endif
	return wait;
}
