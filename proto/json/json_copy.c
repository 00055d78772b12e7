/* SPDX-License-Identifier: MIT */
/* answer_id.c - the id: any JSON value, written again as QEMU would, in any portions. */
#include "core/agent.h"

#if !QGA_TINY

static int id_container(const struct json *json, int token)
{
	int parent = qga_json_parent(json, token);

	/* A member's value hangs on its key. */
	if (parent > 0 && qga_json_type(json, parent) == JSON_STRING)
		parent = qga_json_parent(json, parent);
	return parent;
}

/* A scalar, a key, or the opening of a container; false: it needs more room. */
static bool id_token(struct answer *answer, const struct json *json, int token)
{
	struct qga_out *out = &answer->out;
	struct json_number number;
	enum json_type type = qga_json_number(json, token, &number);
	struct qga_span text = qga_json_text(json, token);

	switch (type) {
	case JSON_OBJECT:
	case JSON_LIST:
		type == JSON_LIST ? qga_out_list(out) : qga_out_object(out);
		answer->open = token;
		return true;
	case JSON_INT:
		qga_out_int(out, number.i);
		return true;
	case JSON_UINT:
		qga_out_uint(out, number.u);
		return true;
	case JSON_BOOL:
		qga_out_bool(out, text.ptr[0] == 't');
		return true;
	case JSON_STRING:
		/* Behind a key there must be room for its colon. */
		out->cap -= 2;
		if (!qga_out_str_part(out, text.ptr, text.len, &answer->cursor))
			text.ptr = NULL;
		out->cap += 2;
		if (!text.ptr)
			return false;
		answer->cursor = 0;
		if (qga_json_parent(json, token) == answer->open &&
		    qga_json_type(json, answer->open) == JSON_OBJECT) {
			RAW(out, ": ");
			out->comma = false;
		}
		return true;
	default:
		break;
	}
	/* null; or a number that is echoed with the digits it came with. */
	if (answer->cursor == 0 && out->comma)
		RAW(out, ", ");
	if (!qga_out_text(out, text.ptr, text.len, &answer->cursor))
		return false;
	out->comma = true;
	answer->cursor = 0;
	return true;
}

/* True when the id is complete. */
bool qga_answer_id_step(struct answer *answer, const struct json *json)
{
	const int end = qga_json_next(json, answer->id);
	struct qga_out *out = &answer->out;

	while (qga_out_room(out) >= 32) {
		int open = answer->open, token = answer->token;

		if (open >= answer->id && (token == end || id_container(json, token) != open)) {
			qga_json_type(json, open) == JSON_LIST ? qga_out_list_end(out)
							       : qga_out_object_end(out);
			answer->open = id_container(json, open);
		} else if (token == end) {
			return true;
		} else if (!id_token(answer, json, token)) {
			return false;
		} else {
			answer->token++;
		}
	}
	return false;
}

void qga_answer_id_begin(struct answer *answer)
{
	answer->token = answer->id;
	answer->open = -1;
	answer->cursor = 0;
	answer->out.comma = false;
}

#endif
