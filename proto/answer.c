/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"
#include "answer.h"

enum answer_phase {
	NONE,
	RUN, /* the handler's steps */
	ERROR,
	ERROR_ID,
	ERROR_CLASS,
	ERROR_DESC,
	SUCCESS_ID,
};

/* A constant text: in a large image a few stores, in a small one a call. */
#if AGENT_SMALL
#define RAW(out, text) out_raw(out, text, sizeof(text) - 1)
#else
#define RAW(out, text)                                            \
	(memcpy((out)->buf + (out)->len, text, sizeof(text) - 1), \
	 (void)((out)->len += sizeof(text) - 1))
#endif

void answer_drop(struct answer *answer)
{
	answer->phase = NONE;
	answer->staged = answer->sent = 0;
}

/* --- Errors --------------------------------------------------------------------------------------
 */

void answer_describe(struct agent *agent, const char *class, const char *format, va_list values)
{
	struct answer *answer = &agent->answer;
	const struct span *span;
	const char *p;

	answer->phase = ERROR;
	answer->class = class;
	answer->format = format;
	answer->at = answer->cursor = 0;
	answer->arg = answer->piece = answer->n_args = 0;
	for (p = format; (p = strchr(p, '%')); p += 2) {
		struct answer_arg *arg = &answer->args[answer->n_args];

		switch (p[1]) {
		case 's':
			arg->ptr = va_arg(values, const char *);
			arg->len = strlen(arg->ptr);
			break;
		case 'S':
			span = va_arg(values, const struct span *);
			arg->ptr = span->ptr;
			arg->len = span->len;
			break;
		case 'd':
			arg->number = *va_arg(values, const int64_t *);
			break;
		default:
			continue;
		}
		answer->n_args++;
	}
}

void answer_error(struct agent *agent, const char *class, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	answer_describe(agent, class, format, values);
	va_end(values);
}

enum cmd_status call_error(struct call *call, const char *format, ...)
{
	struct agent *agent = (struct agent *)((char *)call - offsetof(struct agent, call));
	va_list values;

	va_start(values, format);
	answer_describe(agent, "GenericError", format, values);
	va_end(values);
	return CMD_FAIL;
}

/* One value of an error text; true when all of it is written. */
static bool error_arg(struct answer *answer, const struct arg_path *path, char kind)
{
	struct answer_arg *arg = &answer->args[answer->arg];
	struct json_out *out = &answer->out;

	if (kind == 'P') {
		if (!args_path_text(path, out, &answer->piece, &answer->cursor))
			return false;
	} else if (kind == 'd') {
		out->comma = false;
		out_int(out, arg->number);
	} else if (kind != '%' && !out_text(out, arg->ptr, arg->len, &answer->cursor)) {
		return false;
	}
	answer->arg += kind != 'P' && kind != '%';
	answer->cursor = 0;
	return true;
}

/* The text of an error; true when all of it is written. */
static bool error_text(struct answer *answer, const struct arg_path *path)
{
	struct json_out *out = &answer->out;

	while (out_room(out) >= 2 * OUT_CHAR_MAX) {
		const char *format = answer->format + answer->at;
		size_t literal = strcspn(format, "%");

		if (literal > 0) {
			if (!out_text(out, format, literal, &answer->cursor))
				return false;
			answer->cursor = 0;
			answer->at += literal;
		} else if (*format == 0) {
			return true;
		} else {
			if (!error_arg(answer, path, format[1]))
				return false;
			answer->at += 2;
		}
	}
	return false;
}

/* --- The id: any value, written again as QEMU would
 * ------------------------------------------------- */

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
static bool id_step(struct answer *answer, const struct json *json)
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

static void id_begin(struct answer *answer)
{
	answer->token = answer->id;
	answer->open = -1;
	answer->cursor = 0;
	answer->out.comma = false;
}

/* --- Steps
 * -------------------------------------------------------------------------------------------- */

void answer_run(struct agent *agent)
{
	struct answer *answer = &agent->answer;

	answer->phase = RUN;
	answer->begun = answer->wrote = false;
	if (!(agent->call.command->flags & CMD_NO_RESPONSE))
		return;
	/* Nothing will be pulled, so it runs now. */
	if (agent->call.command->run(agent, &agent->call) != CMD_FAIL)
		answer->phase = NONE;
}

/* One step of the handler. */
static void run_step(struct agent *agent)
{
	struct answer *answer = &agent->answer;
	struct json_out *out = &answer->out;
	size_t head = out->len, body;
	enum cmd_status status;

	if (!answer->begun) {
		if (agent->call.command->flags & CMD_DELIMITED)
			RAW(out, "\xFF");
		RAW(out, "{\"return\": ");
		out->comma = false;
	}
	body = out->len;
	status = agent->call.command->run(agent, &agent->call);
	if (status == CMD_FAIL) {
		out->len = head;
		return;
	}
	answer->begun = true;
	answer->wrote |= out->len > body;
	if (status == CMD_MORE)
		return;
	if (!answer->wrote)
		RAW(out, "{}");
	if (answer->id < 0) {
		RAW(out, "}\n");
		answer->phase = NONE;
		return;
	}
	RAW(out, ", \"id\": ");
	id_begin(answer);
	answer->phase = SUCCESS_ID;
}

/* A piece of the answer that is no handler's. */
static __attribute__((noinline)) void envelope_step(struct agent *agent)
{
	struct answer *answer = &agent->answer;
	struct json_out *out = &answer->out;

	switch (answer->phase) {
	case SUCCESS_ID:
		if (id_step(answer, &agent->json)) {
			RAW(out, "}\n");
			answer->phase = NONE;
		}
		break;
	case ERROR:
		RAW(out, "{");
		answer->phase = ERROR_CLASS;
		if (answer->id >= 0) {
			RAW(out, "\"id\": ");
			id_begin(answer);
			answer->phase = ERROR_ID;
		}
		break;
	case ERROR_ID:
		if (id_step(answer, &agent->json)) {
			RAW(out, ", ");
			answer->cursor = 0;
			answer->phase = ERROR_CLASS;
		}
		break;
	case ERROR_CLASS:
		RAW(out, "\"error\": {\"class\": \"");
		out_raw(out, answer->class, strlen(answer->class));
		RAW(out, "\", \"desc\": \"");
		answer->phase = ERROR_DESC;
		break;
	case ERROR_DESC:
		if (error_text(answer, &agent->path)) {
			RAW(out, "\"}}\n");
			answer->phase = NONE;
		}
		break;
	}
}

/* Writes a piece of the answer; there is room for a handler's step. */
static void step(struct agent *agent)
{
	if (agent->answer.phase == RUN)
		run_step(agent);
	else
		envelope_step(agent);
}

size_t answer_pull(struct agent *agent, char *buf, size_t cap)
{
	struct answer *answer = &agent->answer;
	const size_t need = sizeof(answer->stage);
	size_t n = 0, part;

	while (n < cap) {
		if (answer->sent < answer->staged) {
			part = answer->staged - answer->sent;
			part = part < cap - n ? part : cap - n;
			memcpy(buf + n, answer->stage + answer->sent, part);
			answer->sent += part;
			n += part;
			continue;
		}
		if (answer->phase == NONE || (n > 0 && cap - n < need))
			break;
		answer->out.len = 0;
		if (cap - n >= need) {
			answer->out.buf = buf + n;
			answer->out.cap = cap - n;
			step(agent);
			n += answer->out.len;
		} else {
			answer->out.buf = answer->stage;
			answer->out.cap = need;
			step(agent);
			answer->staged = answer->out.len;
			answer->sent = 0;
		}
	}
	return n;
}
