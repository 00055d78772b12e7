/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "json.h"
#include "lexer.h"
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

/* Steps over the body of a parked string, which stands behind a NUL. */
static unsigned behind_parked(const char *nul)
{
	uint32_t len;

	memcpy(&len, nul + 1, sizeof(len));
	return LEX_PARK_HEAD + (unsigned)(uint8_t)nul[LEX_PARK_HEAD - 1] + len;
}

/*
 * After jsmn stopped at a container that stands where a key should be, which it refuses at once and
 * QEMU when it ends: calls what it stands in a list, and steps back. False: that was not why.
 */
static bool container_as_key(struct json *json, jsmn_parser *parser)
{
	char c = json->text[parser->pos];

	if ((c != '{' && c != '[') || parser->toksuper < 0 ||
	    json_at(json, parser->toksuper)->type != JSMN_OBJECT)
		return false;
	json_at(json, parser->toksuper)->type = JSMN_ARRAY;
	parser->toknext--;
	return true;
}

#if !QGA_SMALL
/* So that jsmn keeps its place in registers. */
__attribute__((flatten))
#endif
bool qga_json_tokenize(struct json *json, size_t len)
{
	const char *text = json->text;
	jsmntok_t *tokens = json_at(json, 0);
	jsmn_parser parser;
	int result;
	bool more;

	if (!tokens)
		return false; /* spares jsmn from asking, for each token */
	jsmn_init(&parser);
	do {
		result = jsmn_parse(&parser, text, len, tokens, (unsigned)json->max);
		more = false;
		if (result == JSMN_ERROR_PART && parser.pos < len && json->text[parser.pos] == 0) {
			/* A NUL ends jsmn's input; it may be given more. */
			parser.pos += behind_parked(json->text + parser.pos);
			more = true;
		} else if (result == JSMN_ERROR_INVAL) {
			more = container_as_key(json, &parser);
		}
	} while (more);
	json->n = (int)parser.toknext;
	return result > 0;
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
	uint32_t len;

	if (t->start < t->end || t->type != JSMN_STRING || text[1] != 0)
		return (struct qga_span){text, (size_t)(t->end - t->start)};
	/* Parked: the NUL is behind the closing quote. */
	memcpy(&len, text + 2, sizeof(len));
	return (struct qga_span){text + 1 + behind_parked(text + 1) - len, len};
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

	return t->type == JSMN_STRING && t->start >= 0 && t->size == 1 && key + 1 < json->n &&
	       json_at(json, key + 1)->start >= 0 && json_at(json, key + 1)->end >= 0;
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
