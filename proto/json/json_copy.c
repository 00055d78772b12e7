/* SPDX-License-Identifier: MIT */
#include "json_copy.h"

#if !QGA_TINY

/* Room that a scalar which is no string, or a bracket, never needs more of. */
#define COPY_ROOM 32

/* What stands between a key and its value. */
#define COPY_COLON ": "

/* The list or object that a token is in; -1: none. */
static int copy_container(const struct json *json, int token)
{
	int parent = qga_json_parent(json, token);

	/* A member's value hangs on its key. */
	if (qga_json_type(json, parent) == JSON_STRING)
		parent = qga_json_parent(json, parent);
	return parent;
}

static bool copy_string(struct json_copy *copy, const struct json *json, struct qga_out *out)
{
	const struct qga_span text = qga_json_text(json, copy->token);
	bool all;

	/* Behind a key there must be room for its colon. */
	out->cap -= sizeof(COPY_COLON) - 1;
	all = qga_out_str_part(out, text.ptr, text.len, &copy->cursor);
	out->cap += sizeof(COPY_COLON) - 1;
	if (!all)
		return false;
	if (qga_json_parent(json, copy->token) == copy->open &&
	    qga_json_type(json, copy->open) == JSON_OBJECT) {
		qga_out_raw(out, COPY_COLON, sizeof(COPY_COLON) - 1);
		out->comma = false;
	}
	return true;
}

/* null; or a number that is echoed with the digits it came with. */
static bool copy_text(struct json_copy *copy, const struct json *json, struct qga_out *out)
{
	const struct qga_span text = qga_json_text(json, copy->token);

	if (copy->cursor == 0 && out->comma)
		qga_out_raw(out, ", ", 2);
	if (!qga_out_text(out, text.ptr, text.len, &copy->cursor))
		return false;
	out->comma = true;
	return true;
}

/* A scalar, a key, or the opening of a container; false: it needs more room. */
static bool copy_token(struct json_copy *copy, const struct json *json, struct qga_out *out)
{
	struct json_number number;
	const enum json_type type = qga_json_number(json, copy->token, &number);

	switch (type) {
	case JSON_OBJECT:
		qga_out_object(out);
		copy->open = copy->token;
		return true;
	case JSON_LIST:
		qga_out_list(out);
		copy->open = copy->token;
		return true;
	case JSON_INT:
		qga_out_int(out, number.i);
		return true;
	case JSON_UINT:
		qga_out_uint(out, number.u);
		return true;
	case JSON_BOOL:
		qga_out_bool(out, qga_json_text(json, copy->token).ptr[0] == 't');
		return true;
	case JSON_STRING:
		return copy_string(copy, json, out);
	default:
		return copy_text(copy, json, out);
	}
}

void qga_json_copy_begin(struct json_copy *copy, int value, struct qga_out *out)
{
	copy->value = copy->token = value;
	copy->open = -1;
	copy->end = 0;
	copy->cursor = 0;
	out->comma = false;
}

bool qga_json_copy_step(struct json_copy *copy, const struct json *json, struct qga_out *out)
{
	/* Once, not for each piece: it takes a look at all that is in a container. */
	if (copy->end == 0)
		copy->end = qga_json_next(json, copy->value);
	while (qga_out_room(out) >= COPY_ROOM) {
		const int open = copy->open, token = copy->token;

		if (open >= copy->value &&
		    (token == copy->end || copy_container(json, token) != open)) {
			if (qga_json_type(json, open) == JSON_LIST)
				qga_out_list_end(out);
			else
				qga_out_object_end(out);
			copy->open = copy_container(json, open);
		} else if (token == copy->end) {
			return true;
		} else if (copy_token(copy, json, out)) {
			copy->cursor = 0;
			copy->token++;
		} else {
			return false;
		}
	}
	return false;
}

#endif
