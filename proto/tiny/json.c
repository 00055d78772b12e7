/* SPDX-License-Identifier: MIT */
/*
 * json.c - the read view of one document: jsmn's tokens, given meaning.
 *
 * The grammar has accepted the document, so jsmn need not be strict. The parent of a token is the
 * list or object that it is an item or a key of; a value's is its key, which stands before it.
 */
#include "core/agent.h"
#include "json/assume.h"

#if QGA_TINY

#define JSMN_STATIC
#define JSMN_PARENT_LINKS
#include "jsmn.h"

_Static_assert((int)JSMN_OBJECT == (int)JSON_OBJECT && (int)JSMN_ARRAY == (int)JSON_LIST &&
                       (int)JSMN_STRING == (int)JSON_STRING &&
                       (int)JSMN_PRIMITIVE == (int)JSON_PRIMITIVE,
               "jsmn has other names for its types");
_Static_assert(sizeof(jsmntok_t) <= QGA_TOKEN_SIZE, "QGA_TOKEN_SIZE is too small");

static inline jsmntok_t *json_at(const struct agent *agent, int token)
{
	return (jsmntok_t *)agent->config->tokens + token;
}

enum json_type qga_json_type(const struct agent *agent, int token)
{
	return (enum json_type)json_at(agent, token)->type;
}

struct qga_span qga_json_text(const struct agent *agent, int token)
{
	const jsmntok_t *t = json_at(agent, token);

	return (struct qga_span){agent->document.text + t->start, (size_t)(t->end - t->start)};
}

int qga_json_size(const struct agent *agent, int object)
{
	return json_at(agent, object)->size;
}

/* The first key of that name, or agent->tokens. */
static int json_find(const struct agent *agent, int object, struct qga_span name)
{
	int key = object + 1;

	while (key < agent->tokens && (json_at(agent, key)->parent != object ||
	                               !qga_text_same(qga_json_text(agent, key), name)))
		key++;
	return key;
}

int qga_json_member(const struct agent *agent, int object, const char *name)
{
	int key = json_find(agent, object, (struct qga_span){(char *)name, strlen(name)});

	return key < agent->tokens ? key + 1 : -1;
}

enum fault qga_json_read(struct agent *agent)
{
	jsmntok_t *tokens = json_at(agent, 0);
	jsmn_parser parser;
	int i, n;

	ASSUME(tokens); /* spares jsmn from asking, for each token */
	jsmn_init(&parser);
	n = jsmn_parse(&parser, agent->document.text, agent->document.len, tokens,
	               (unsigned)(agent->config->tokens_size / QGA_TOKEN_SIZE));
	if (n < 0)
		return FAULT_LIMIT;
	agent->tokens = n;
	for (i = 1; i < n; i++) {
		int parent = tokens[i].parent;

		if (tokens[parent].type == JSMN_OBJECT &&
		    json_find(agent, parent, qga_json_text(agent, i)) != i)
			return FAULT_JSON;
	}
	return FAULT_NONE;
}

#endif
