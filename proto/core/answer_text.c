/* SPDX-License-Identifier: MIT */
/* answer_text.c - what an error says: a format and its values, kept as they are until they are
 * written. */
#include <string.h>

#include "agent.h"
#include "answer.h"

void answer_describe(struct agent *agent, const char *class, const char *format, va_list values)
{
	struct answer *answer = &agent->answer;
	const struct span *span;
	const char *p;

	answer->phase = ANSWER_ERROR;
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

	if (kind == '%') {
		out_raw(out, "%", 1);
	} else if (kind == 'P') {
		if (!args_path_text(path, out, &answer->piece, &answer->cursor))
			return false;
	} else if (kind == 'd') {
		out->comma = false;
		out_int(out, arg->number);
	} else if (!out_text(out, arg->ptr, arg->len, &answer->cursor)) {
		return false;
	}
	answer->arg += kind != 'P' && kind != '%';
	answer->cursor = 0;
	return true;
}

/* The text of an error; true when all of it is written. */
bool answer_text_step(struct answer *answer, const struct arg_path *path)
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
