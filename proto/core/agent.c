/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"
#include "check.h"
#include "json/byte.h"
#include "plain.h"
#include "request.h"

#if !QGA_TINY

#include "json/lexer_string.h"

/* Not among what every request needs. */
#define COLD __attribute__((noinline, cold))

void qga_init_unchecked(struct qga *qga, const struct qga_config *config)
{
	struct agent *agent = qga_agent(qga);

	memset(qga, 0, sizeof(*qga));
	agent->config = config;
	qga_lexer_init(&agent->lex);
	agent->lex.buf = agent->json.text = config->request;
	agent->lex.size = config->request_size;
	agent->json.tokens = config->tokens;
	agent->json.max = (int)(config->tokens_size / QGA_TOKEN_SIZE);
	agent->grammar.max_tokens = (unsigned)agent->json.max;
	agent->call.env = config->env;
	agent->call.out = &agent->answer.out;
	agent->ended = true;
	qga_lookup_init(agent);
}

static __attribute__((noinline)) void document_begin(struct agent *agent)
{
	qga_lexer_reset(&agent->lex);
	qga_grammar_reset(&agent->grammar);
	agent->braces = agent->brackets = 0;
	agent->kept = 0;
	agent->spoilt = agent->told = false;
	agent->answer.id = -1;
	agent->path.depth = 0;
	agent->ended = false;
}

/*
 * The document has a fault: until its brackets are closed nothing of it is needed but the fault's
 * text, which moves to the front of the buffer. A duplicate key before the fault is the first one;
 * but QEMU counts before it looks at keys.
 */
static COLD void document_spoil(struct agent *agent)
{
	struct grammar *g = &agent->grammar;
	struct json *json = &agent->json;
	char *buf = agent->lex.buf, last;

	if (g->keys > 1 && !g->limit) {
		/* jsmn wants to see that a number or keyword has ended. */
		last = buf[g->good];
		buf[g->good] = ',';
		qga_json_tokenize(json, g->good + 1);
		buf[g->good] = last;
		qga_json_unescape(json);
		if (!qga_json_unique(json))
			qga_grammar_fault(g, &agent->lex, "JSON parse error, duplicate key");
	}
	if (g->text.len)
		memmove(buf, g->text.ptr, g->text.len);
	g->text.ptr = buf;
	agent->kept = g->text.len;
	agent->lex.parking = false;
	agent->spoilt = true;
}

/* All brackets are closed. */
static __attribute__((noinline)) void document_end(struct agent *agent)
{
	struct grammar *g = &agent->grammar;

	if (!g->fault && agent->lex.buf[0] != '{' && agent->lex.buf[0] != '[') {
		g->fault = "QMP input must be a JSON object";
	} else if (!g->fault) {
		if (!qga_json_tokenize(&agent->json, agent->lex.len)) {
			g->fault = "JSON parse error, the document has no tokens";
		} else {
			if (g->escapes)
				qga_json_unescape(&agent->json);
			if (g->keys > 1 && !qga_json_unique(&agent->json))
				g->fault = "JSON parse error, duplicate key";
		}
	}
	if (!g->fault)
		qga_request_dispatch(agent);
	else if (!agent->told)
		qga_answer_error(agent, "GenericError", g->fault, &g->text);
}

/* Of a token that was skipped, only the byte that was astray is told. */
static COLD void document_stray(struct agent *agent, uint8_t byte)
{
	struct lexer *lex = &agent->lex;
	struct qga_span text = {0};
	size_t len = 1;

	if (lex->full)
		*(text.ptr = lex->buf) = (char)byte;
	else
		text.ptr = (char *)qga_lexer_stray(lex, &len);
	while (text.len < len && text.len < QGA_ECHO_MAX && text.ptr[text.len])
		text.len++;
	qga_answer_error(agent, "GenericError", "JSON parse error, stray '%S'", &text);
	/* The next byte is one of a new document, but not its first: it may be skipped. */
	document_begin(agent);
}

/* QEMU's way of knowing that a document is complete: braces and brackets are counted apart. */
static bool document_is_complete(struct agent *agent, enum lex_token token)
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
	/* Each of them at most 0; or one below 0, whatever the other is. */
	return agent->braces < 0 || agent->brackets < 0 ||
	       (agent->braces == 0 && agent->brackets == 0);
}

/*
 * There is too much of the document for its memory: that is answered at once, for its end may be
 * far. True if the answer begins here.
 */
static COLD bool document_refuse(struct agent *agent)
{
	struct grammar *g = &agent->grammar;

	if (!g->fault)
		qga_grammar_limit(g, &agent->lex, "JSON token size limit exceeded");
	if (!g->limit || agent->told)
		return false;
	agent->told = true;
	qga_answer_error(agent, "GenericError", g->fault, &g->text);
	return true;
}

/* The document cannot be good any more. True as document_refuse(). */
static COLD bool document_fault(struct agent *agent)
{
	bool refused = document_refuse(agent);

	if (!agent->spoilt)
		document_spoil(agent);
	agent->lex.len = agent->kept;
	return refused;
}

/* The buffer is full in the midst of a token, which goes on at its beginning: nobody wants it. */
static COLD void document_overrun(struct agent *agent)
{
	struct lexer *lex = &agent->lex;

	document_refuse(agent);
	lex->parking = false;
	lex->len = lex->start = agent->kept;
	lex->body = 0;
}

/* One token; true when its document is complete, or there is an answer to it. */
static bool document_take(struct agent *agent, enum lex_token token)
{
	struct grammar *g = &agent->grammar;
	bool refused = false;

	if (!g->fault && !agent->lex.full)
		qga_grammar_token(g, &agent->lex, token);
	if (g->fault || agent->lex.full)
		refused = document_fault(agent);
	if (!document_is_complete(agent, token))
		return refused;
	document_end(agent);
	agent->ended = true;
	return true;
}

/* The newline that most requests end with needs no call of its own. */
static inline const uint8_t *behind_space(const uint8_t *p, const uint8_t *end)
{
	while (p < end && qga_lexer_space(qga_byte(p)))
		p++;
	return p;
}

/*
 * Bytes of any document, up to its end; returns how far it came. On its own, so that what is plain
 * needs none of its registers saved.
 */
static __attribute__((noinline)) const uint8_t *document_parse(struct agent *agent,
                                                               const uint8_t *p, const uint8_t *end)
{
	enum lex_token token;

	if (agent->ended)
		document_begin(agent);
	do
		token = qga_lexer_next(&agent->lex, &p, end);
	while (token > LEX_STRAY && !document_take(agent, token));
	if (token == LEX_STRAY)
		document_stray(agent, qga_byte(p - 1));
	else if (agent->ended)
		p = behind_space(p, end);
	else if (agent->lex.full)
		document_overrun(agent);
	return p;
}

size_t qga_feed(struct qga *qga, const void *data, size_t len)
{
	struct agent *agent = qga_agent(qga);
	const uint8_t *p = data, *const end = p + len;

	while (p < end && !qga_answer_pending(&agent->answer)) {
		size_t used = 0;

		if (!QGA_SMALL && agent->ended)
			used = qga_plain_request(agent, p, (size_t)(end - p));
		p = used ? behind_space(p + used, end) : document_parse(agent, p, end);
	}
	return (size_t)(p - (const uint8_t *)data);
}

bool qga_pending(const struct qga *qga)
{
	return qga_answer_pending(&((const struct agent *)&qga->opaque)->answer);
}

size_t qga_pull(struct qga *qga, void *buf, size_t cap)
{
	return qga_answer_pull(qga_agent(qga), buf, cap);
}

void qga_host_closed(struct qga *qga)
{
	struct agent *agent = qga_agent(qga);

	qga_answer_drop(&agent->answer);
	qga_lexer_init(&agent->lex);
	agent->ended = true;
}

uint64_t qga_poll(struct qga *qga)
{
	struct agent *agent = qga_agent(qga);
	uint64_t wait = QGA_IDLE;

	(void)agent;
#if QGA_WITH_EXEC
	wait = qga_exec_poll(agent);
#endif
#if QGA_WITH_FREEZE
	uint64_t thaw = qga_freeze_poll(agent);

	wait = thaw < wait ? thaw : wait;
#endif
	return wait;
}

#endif
