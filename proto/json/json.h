/* SPDX-License-Identifier: MIT */
/*
 * json.h - the read view of one document in the request buffer.
 *
 * jsmn finds the tokens of a document that the grammar has accepted; here they are given meaning.
 * A token is a number: 0 is the document; the first member or item of a container is the next
 * token. Strings are unescaped in place, so the document itself is used up.
 */
#ifndef BAREQGA_JSON_JSON_H
#define BAREQGA_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bareqga.h"

enum json_type {
	JSON_OBJECT,
	JSON_LIST,
	JSON_STRING,
	JSON_INT,    /* fits int64_t */
	JSON_UINT,   /* fits uint64_t only */
	JSON_DOUBLE, /* has a fraction or an exponent, or fits neither */
	JSON_BOOL,
	JSON_NULL,
};

struct json {
	char *text;
	size_t len;   /* of the text that has been tokenized */
	void *tokens; /* jsmn's, then the slots */
	int max;      /* tokens that fit */
	int n;        /* tokens of the document */
};

/* A whole number, signed or not: modulo 2^64 they are the same. */
struct json_number {
	int64_t i;
	uint64_t u;
};

/*
 * Finds the tokens of text[0..len), an accepted document or as much of it as was good. False if
 * the whole of it is no document to jsmn.
 */
bool qga_json_tokenize(struct json *json, size_t len);

/* Replaces the escapes in all strings that are not parked. */
void qga_json_unescape(struct json *json);

/* False if two members of an object, both complete, have the same name. */
bool qga_json_unique(struct json *json);

enum json_type qga_json_type(const struct json *json, int token);

/* Likewise, and the value of a JSON_INT or JSON_UINT. */
enum json_type qga_json_number(const struct json *json, int token, struct json_number *value);

/* A string; or a number or keyword as it was sent. */
struct qga_span qga_json_text(const struct json *json, int token);

bool qga_json_is(const struct json *json, int token, const char *text, size_t len);

/* The token behind this one and all that is in it. */
int qga_json_next(const struct json *json, int token);

/* What holds this token: a container, or the key of a member's value; -1: nothing. */
int qga_json_parent(const struct json *json, int token);

/* The value of member `name` of an object, or -1. */
int qga_json_member(const struct json *json, int object, const char *name);

#endif
