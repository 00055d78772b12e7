/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "assume.h"
#include "json.h"
#include "parked.h"
#include "text.h"

#if !QGA_TINY

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include "jsmn.h"

_Static_assert(sizeof(jsmntok_t) + (QGA_SMALL ? 0 : sizeof(int)) <= QGA_TOKEN_SIZE,
               "QGA_TOKEN_SIZE is too small");

static jsmntok_t *json_at(const struct json *json, int token)
{
	return (jsmntok_t *)json->tokens + token;
}

/*
 * After jsmn stopped at a container that stands where a key should be, which it refuses at once and
 * QEMU when it ends: calls what it stands in a list, and steps back. False: that was not why.
 */
static bool json_key_container(struct json *json, jsmn_parser *parser)
{
	char c = json->text[parser->pos];

	/* There is nothing else that it refuses one for. */
	if (c != '{' && c != '[')
		return false;
	json_at(json, parser->toksuper)->type = JSMN_ARRAY;
	parser->toknext--;
	return true;
}

/* The bracket at jsmn's place closes what it stands in; false: it stands in nothing. */
static bool json_close(struct json *json, jsmn_parser *parser)
{
	jsmntok_t *t;

	if (parser->toksuper < 0)
		return false;
	t = json_at(json, parser->toksuper);
	if (t->type == JSMN_STRING)
		t = json_at(json, t->parent); /* what stands in a member is in its object */
	t->end = (int)++parser->pos;
	parser->toksuper = t->parent;
	return true;
}

/* Takes what jsmn refused, if it is ours to take; true: it may go on behind it. */
static bool json_take(struct json *json, jsmn_parser *parser)
{
	const char *text = json->text;
	size_t at, len;

	switch (text[parser->pos]) {
	case PARKED_STRING:
		if (!parked_body(text + parser->pos, json->len - parser->pos, &at, &len))
			return false;
		parser->pos += (unsigned)(at + len);
		return true;
	case PARKED_CLOSE:
		while (parser->pos < json->len && text[parser->pos] == PARKED_CLOSE)
			if (!json_close(json, parser))
				return false;
		return parser->pos < json->len;
	default:
		return json_key_container(json, parser);
	}
}

#if !QGA_SMALL
/* So that jsmn keeps its place in registers. */
__attribute__((flatten))
#endif
bool qga_json_tokenize(struct json *json, size_t len)
{
	jsmntok_t *tokens = json_at(json, 0);
	jsmn_parser parser;
	int result;

	ASSUME(tokens); /* spares jsmn from asking, for each token */
	json->len = len;
	jsmn_init(&parser);
	do
		result = jsmn_parse(&parser, json->text, len, tokens, (unsigned)json->max);
	while (result == JSMN_ERROR_INVAL && json_take(json, &parser));
	json->n = (int)parser.toknext;
	return json->n > 0 && parser.toksuper < 0 && parser.pos == len;
}

void qga_json_unescape(struct json *json)
{
	int i;

	for (i = 0; i < json->n; i++) {
		jsmntok_t *t = json_at(json, i);

		if (t->type == JSMN_STRING && t->end > t->start)
			t->end = t->start + (int)qga_text_unescape(json->text + t->start,
			                                           (size_t)(t->end - t->start));
	}
}

struct qga_span qga_json_text(const struct json *json, int token)
{
	const jsmntok_t *t = json_at(json, token);
	char *text = json->text + t->start;
	size_t at, len;

	/* What is empty is a string. */
	if (t->start < t->end || text[1] != PARKED_STRING)
		return (struct qga_span){text, (size_t)(t->end - t->start)};
	/* The mark is behind the closing quote. */
	if (!parked_body(text + 1, json->len - (size_t)(t->start + 1), &at, &len))
		return (struct qga_span){text, 0};
	return (struct qga_span){text + 1 + at, len};
}

bool qga_json_is(const struct json *json, int token, const char *text, size_t len)
{
	struct qga_span s = qga_json_text(json, token);
	const char *end;

	if (s.len != len)
		return false;
	/* Names are short, and not aligned: a call of memcmp() would take longer. */
	for (end = s.ptr + len; s.ptr < end;)
		if (*s.ptr++ != *text++)
			return false;
	return true;
}

/* A JSON number that has the form of an integer: which type is it for QEMU? */
static enum json_type json_integer(const struct qga_span *s, struct json_number *value)
{
	const char *p = s->ptr, *end = p + s->len;
	bool negative = *p == '-';
	uint64_t u = 0;

	for (p += negative; p < end; p++) {
		unsigned digit = (unsigned)(*p - '0');

		/* One more digit would be too much for any type, or is none. */
		if (digit > 9 || u > UINT64_MAX / 10 ||
		    (u == UINT64_MAX / 10 && digit > UINT64_MAX % 10))
			return JSON_DOUBLE;
		u = u * 10 + digit;
	}
	if (negative && u > (uint64_t)INT64_MAX + 1)
		return JSON_DOUBLE;
	value->u = negative ? -u : u;
	value->i = (int64_t)value->u;
	return negative || u <= INT64_MAX ? JSON_INT : JSON_UINT;
}

enum json_type qga_json_number(const struct json *json, int token, struct json_number *value)
{
	struct qga_span s;

	switch (json_at(json, token)->type) {
	case JSMN_OBJECT:
		return JSON_OBJECT;
	case JSMN_ARRAY:
		return JSON_LIST;
	case JSMN_STRING:
		return JSON_STRING;
	default:
		s = qga_json_text(json, token);
		if (s.ptr[0] == 't' || s.ptr[0] == 'f')
			return JSON_BOOL;
		return s.ptr[0] == 'n' ? JSON_NULL : json_integer(&s, value);
	}
}

enum json_type qga_json_type(const struct json *json, int token)
{
	struct json_number ignored;

	return qga_json_number(json, token, &ignored);
}

int qga_json_next(const struct json *json, int token)
{
	const jsmntok_t *t = json_at(json, token);
	int end, next = token + 1;

	if (t->type == JSMN_STRING && t->size)
		t = json_at(json, next++); /* a key and its value */
	if (t->type != JSMN_OBJECT && t->type != JSMN_ARRAY)
		return next;
	for (end = t->end; next < json->n && json_at(json, next)->start < end;)
		next++;
	return next;
}

int qga_json_parent(const struct json *json, int token)
{
	return json_at(json, token)->parent;
}

int qga_json_member(const struct json *json, int object, const char *name)
{
	size_t len = strlen(name);
	int end = qga_json_next(json, object), key;

	for (key = object + 1; key < end; key = qga_json_next(json, key))
		if (qga_json_is(json, key, name, len))
			return key + 1;
	return -1;
}

/* --- Duplicate keys --- */

/* Below so many tokens, comparing each key with each is quicker than the table. */
#define KEYS_FEW 24

static bool member_is_complete(const struct json *json, int key)
{
	const jsmntok_t *t = json_at(json, key);

	/* What has a value is a key; and the value, the next token, is one that ends. */
	return t->type == JSMN_STRING && t->size == 1 && json_at(json, key + 1)->end >= 0;
}

static bool keys_are_same(const struct json *json, int a, int b)
{
	struct qga_span name = qga_json_text(json, b);

	return json_at(json, a)->parent == json_at(json, b)->parent &&
	       qga_json_is(json, a, name.ptr, name.len);
}

static bool keys_unique_few(const struct json *json)
{
	int key, other;

	for (key = 1; key < json->n; key++) {
		if (!member_is_complete(json, key))
			continue;
		for (other = key - 1; other > 0; other--)
			if (member_is_complete(json, other) && keys_are_same(json, key, other))
				return false;
	}
	return true;
}

/* FNV-1a over the name, starting from the object it belongs to. */
static uint32_t key_hash(const struct json *json, int key)
{
	struct qga_span name = qga_json_text(json, key);
	uint32_t h = 2166136261U ^ (uint32_t)json_at(json, key)->parent * 0x9E3779B1U;
	size_t i;

	for (i = 0; i < name.len; i++)
		h = (h ^ (uint8_t)name.ptr[i]) * 16777619U;
	return h ^ h >> 15;
}

/*
 * A table of chains, one slot for each token of the document, behind the tokens. A key's link is
 * its size, which is 1 for all of them and is put back.
 */
static bool keys_unique_many(const struct json *json)
{
	int *slots = (int *)(json_at(json, 0) + json->max), n = json->n, key, other;
	bool unique = true;

	memset(slots, 0, (size_t)n * sizeof(*slots));
	for (key = 1; key < n && unique; key++) {
		int *slot;

		if (!member_is_complete(json, key))
			continue;
		slot = &slots[key_hash(json, key) % (uint32_t)n];
		for (other = *slot; other && unique; other = -json_at(json, other)->size - 1)
			unique = !keys_are_same(json, key, other);
		json_at(json, key)->size = -*slot - 1;
		*slot = key;
	}
	for (key = 1; key < n; key++)
		if (json_at(json, key)->type == JSMN_STRING && json_at(json, key)->size < 0)
			json_at(json, key)->size = 1;
	return unique;
}

bool qga_json_unique(struct json *json)
{
	return QGA_SMALL || json->n <= KEYS_FEW ? keys_unique_few(json) : keys_unique_many(json);
}

#endif
