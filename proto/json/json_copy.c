/* SPDX-License-Identifier: MIT */
/* answer_id.c - the id: any JSON value, written again as QEMU would, in any portions. */
#include "agent.h"
#include "core/answer.h"

static int container(const struct json *json, int token)
{
	int parent = json_parent(json, token);

	/* A member's value hangs on its key. */
	if (parent > 0 && json_type(json, parent) == JSON_STRING)
		parent = json_parent(json, parent);
	return parent;
}

/* A scalar, a key, or the opening of a container; false: it needs more room. */
static bool id_token(struct answer *answer, const struct json *json, int token)
{
	struct json_out *out = &answer->out;
	struct json_number number;
	enum json_type type = json_number(json, token, &number);
	struct span text = json_text(json, token);

	switch (type) {
	case JSON_OBJECT:
	case JSON_LIST:
		type == JSON_LIST ? out_list(out) : out_object(out);
		answer->open = token;
		return true;
	case JSON_INT:
		out_int(out, number.i);
		return true;
	case JSON_UINT:
		out_uint(out, number.u);
		return true;
	case JSON_BOOL:
		out_bool(out, text.ptr[0] == 't');
		return true;
	case JSON_STRING:
		/* Behind a key there must be room for its colon. */
		out->cap -= 2;
		if (!out_str_part(out, text.ptr, text.len, &answer->cursor))
			text.ptr = NULL;
		out->cap += 2;
		if (!text.ptr)
			return false;
		answer->cursor = 0;
		if (json_parent(json, token) == answer->open &&
		    json_type(json, answer->open) == JSON_OBJECT) {
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
	if (!out_text(out, text.ptr, text.len, &answer->cursor))
		return false;
	out->comma = true;
	answer->cursor = 0;
	return true;
}

/* True when the id is complete. */
bool answer_id_step(struct answer *answer, const struct json *json)
{
	const int end = json_next(json, answer->id);
	struct json_out *out = &answer->out;

	while (out_room(out) >= 32) {
		int open = answer->open, token = answer->token;

		if (open >= answer->id && (token == end || container(json, token) != open)) {
			json_type(json, open) == JSON_LIST ? out_list_end(out)
							   : out_object_end(out);
			answer->open = container(json, open);
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

void answer_id_begin(struct answer *answer)
{
	answer->token = answer->id;
	answer->open = -1;
	answer->cursor = 0;
	answer->out.comma = false;
}
