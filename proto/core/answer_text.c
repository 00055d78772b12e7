/* SPDX-License-Identifier: MIT */
/*
 * answer_text.c - what an error says: a format and its values, kept as they are until they are
 * written.
 */
#include <string.h>

#include "agent.h"

#if !QGA_TINY

void qga_answer_describe(struct agent *agent, const char *error_class, const char *format,
                         va_list values)
{
	struct answer *answer = &agent->answer;
	const struct qga_span *span;
	const char *p;

	answer->phase = ANSWER_ERROR;
	answer->error_class = error_class;
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
			span = va_arg(values, const struct qga_span *);
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

void qga_answer_error(struct agent *agent, const char *error_class, const char *format, ...)
{
	va_list values;

	va_start(values, format);
	qga_answer_describe(agent, error_class, format, values);
	va_end(values);
}

enum qga_status qga_error(struct qga_call *call, const char *format, ...)
{
	struct agent *agent = qga_agent_of(call);
	va_list values;

	va_start(values, format);
	qga_answer_describe(agent, "GenericError", format, values);
	va_end(values);
	return QGA_FAIL;
}

/* One value of an error text; true when all of it is written. */
static bool answer_error_arg(struct answer *answer, const struct arg_path *path, char kind)
{
	struct answer_arg *arg = &answer->args[answer->arg];
	struct qga_out *out = &answer->out;

	if (kind == '%') {
		qga_out_raw(out, "%", 1);
	} else if (kind == 'P') {
		if (!qga_args_path_text(path, out, &answer->piece, &answer->cursor))
			return false;
	} else if (kind == 'd') {
		out->comma = false;
		qga_out_int(out, arg->number);
	} else if (!qga_out_text(out, arg->ptr, arg->len, &answer->cursor)) {
		return false;
	}
	answer->arg += kind != 'P' && kind != '%';
	answer->cursor = 0;
	return true;
}

/* The text of an error; true when all of it is written. */
bool qga_answer_text_step(struct answer *answer, const struct arg_path *path)
{
	struct qga_out *out = &answer->out;

	while (qga_out_room(out) >= 2 * QGA_OUT_CHAR_MAX) {
		const char *format = answer->format + answer->at;
		size_t literal = strcspn(format, "%");

		if (literal > 0) {
			if (!qga_out_text(out, format, literal, &answer->cursor))
				return false;
			answer->cursor = 0;
			answer->at += literal;
		} else if (*format == 0) {
			return true;
		} else {
			if (!answer_error_arg(answer, path, format[1]))
				return false;
			answer->at += 2;
		}
	}
	return false;
}

#endif
