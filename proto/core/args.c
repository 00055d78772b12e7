/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"
#include "args.h"

#if !QGA_TINY

/* With QGA_WITH_NESTED 0 the compiler leaves out all that this guards. */
static inline bool args_in_list(const struct arg_frame *frame)
{
	return QGA_WITH_NESTED && frame->index >= 0;
}

static bool args_wrong_type(struct agent *agent, const char *expected)
{
	qga_answer_error(agent, "GenericError", "Invalid parameter type for '%P', expected: %s",
	                 expected);
	return false;
}

bool qga_args_path_text(const struct arg_path *path, struct qga_out *out, unsigned *piece,
                        size_t *cursor)
{
	for (; *piece < path->depth; ++*piece) {
		const struct arg_frame *frame = &path->frame[*piece];
		const char *name = frame->row && frame->row->name ? frame->row->name : "";

		if (qga_out_room(out) < 32)
			return false;
		if (args_in_list(frame)) {
			qga_out_raw(out, "[", 1);
			out->comma = false;
			qga_out_int(out, frame->index);
			qga_out_raw(out, "]", 1);
			continue;
		}
		if (*piece > 0 && *cursor == 0)
			qga_out_raw(out, ".", 1);
		if (!qga_out_text(out, name, strlen(name), cursor))
			return false;
		*cursor = 0;
	}
	return true;
}

/* The index of s in a NULL-ended list, or -1. */
static int args_name_index(const struct qga_span *s, const char *const *names)
{
	int i;

	for (i = 0; names[i]; i++)
		if (strlen(names[i]) == s->len && !memcmp(names[i], s->ptr, s->len))
			return i;
	return -1;
}

/*
 * Reads a scalar; returns NULL, or what was expected instead. *bad: an enum's value is not known.
 */
static const char *args_scalar(const struct json *json, const struct qga_arg *row, int token,
                               struct qga_value *value, bool *bad)
{
	struct json_number number = {0};
	enum json_type type = qga_json_number(json, token, &number);
	uint8_t want = row->type;

	if (QGA_WITH_NESTED && (want == QGA_ARG_ALT_INT_ENUM || want == QGA_ARG_ALT_BOOL_ENUM)) {
		if (type == JSON_STRING)
			want = QGA_ARG_ENUM;
		else if (want == QGA_ARG_ALT_INT_ENUM && type >= JSON_INT && type <= JSON_DOUBLE)
			want = QGA_ARG_INT;
		else if (want == QGA_ARG_ALT_BOOL_ENUM && type == JSON_BOOL)
			want = QGA_ARG_BOOL;
		else
			return row->names[0];
	}
	value->present = true;
	value->type = want;
	value->token = token;
	switch (want) {
	case QGA_ARG_INT:
		value->i = number.i;
		return type == JSON_INT ? NULL : "integer";
	case QGA_ARG_UINT:
		value->u = number.u;
		return type == JSON_INT || type == JSON_UINT ? NULL : "uint64";
	case QGA_ARG_BOOL:
		value->b = qga_json_text(json, token).ptr[0] == 't';
		return type == JSON_BOOL ? NULL : "boolean";
	}
	if (type != JSON_STRING)
		return "string";
	value->s = qga_json_text(json, token);
	if (QGA_WITH_NESTED && want == QGA_ARG_ENUM) {
		value->i = args_name_index(&value->s, row->names + (row->type != QGA_ARG_ENUM));
		*bad = value->i < 0;
	}
	return NULL;
}

/* Not deeper than ARGS_DEPTH_MAX: qga_init() has refused a command whose rows are. */
static void args_enter(struct agent *agent, const struct qga_arg *row, int token)
{
	struct arg_path *path = &agent->path;
	bool list = row->type == QGA_ARG_LIST;

	path->frame[path->depth++] = (struct arg_frame){
		.rows = list ? row->item : row->members,
		.row = list ? row->item : row->members,
		.token = list ? token + 1 : token,
		.end = list ? qga_json_next(&agent->json, token) : 0,
		.index = list ? 0 : -1,
	};
}

/* Behind a value that is good. */
static void args_advance(struct arg_path *path, const struct json *json)
{
	struct arg_frame *frame = &path->frame[path->depth - 1];

	if (!args_in_list(frame)) {
		frame->row++;
	} else {
		frame->token = qga_json_next(json, frame->token);
		frame->index++;
	}
}

static void args_leave(struct arg_path *path, const struct json *json)
{
	if (--path->depth > 0)
		args_advance(path, json);
}

/* Checks one value against its row. Containers are entered: what is in them has its turn next. */
static bool args_check_value(struct agent *agent, const struct qga_arg *row, int token,
                             struct qga_value *value)
{
	bool list = row->type == QGA_ARG_LIST, bad = false;
	const char *expected;
	struct qga_span text;

	if (QGA_WITH_NESTED && (list || row->type == QGA_ARG_STRUCT)) {
		if (qga_json_type(&agent->json, token) != (list ? JSON_LIST : JSON_OBJECT))
			return args_wrong_type(agent, list ? "array" : "object");
		*value = (struct qga_value){.present = true, .type = row->type, .token = token};
		args_enter(agent, row, token);
		return true;
	}
	expected = args_scalar(&agent->json, row, token, value, &bad);
	if (QGA_WITH_NESTED && bad) {
		text = qga_json_text(&agent->json, token);
		qga_answer_error(agent, "GenericError", "Parameter '%P' does not accept value '%S'",
		                 &text);
	} else if (expected && row->type == QGA_ARG_UINT) {
		qga_answer_error(agent, "GenericError", "Parameter '%P' expects %s", expected);
	} else if (expected) {
		return args_wrong_type(agent, expected);
	} else {
		args_advance(&agent->path, &agent->json);
		return true;
	}
	return false;
}

static bool args_has_row(const struct json *json, const struct qga_arg *rows, int key)
{
	for (; rows && rows->name; rows++)
		if (qga_json_is(json, key, rows->name, strlen(rows->name)))
			return true;
	return false;
}

/* All rows of a struct have had their turn: is there more? */
static bool args_check_unexpected(struct agent *agent, const struct qga_arg *rows, int object)
{
	const struct json *json = &agent->json;
	int key, end = qga_json_next(json, object);
	struct qga_span name;

	for (key = object + 1; key < end; key = qga_json_next(json, key)) {
		if (args_has_row(json, rows, key))
			continue;
		name = qga_json_text(json, key);
		qga_answer_error(agent, "GenericError", "Parameter '%P%S' is unexpected", &name);
		return false;
	}
	return true;
}

/* A struct: its next row, or its end. */
static bool args_step_struct(struct agent *agent, struct arg_frame *frame, struct qga_value *values)
{
	const struct qga_arg *row = frame->row;
	struct qga_value nested,
		*value = agent->path.depth == 1 ? &values[row - frame->rows] : &nested;
	int token;

	if (!row || !row->name) {
		if (frame->token >= 0 && !args_check_unexpected(agent, frame->rows, frame->token))
			return false;
		args_leave(&agent->path, &agent->json);
		return true;
	}
	token = frame->token < 0 ? -1 : qga_json_member(&agent->json, frame->token, row->name);
	if (token >= 0)
		return args_check_value(agent, row, token, value);
	if (!row->optional) {
		qga_answer_error(agent, "GenericError", "Parameter '%P' is missing");
		return false;
	}
	value->present = false;
	frame->row++;
	return true;
}

/* A list: its next item, or its end. */
static bool args_step_list(struct agent *agent, struct arg_frame *frame)
{
	struct qga_value item;

	if (frame->token < frame->end)
		return args_check_value(agent, frame->row, frame->token, &item);
	args_leave(&agent->path, &agent->json);
	return true;
}

bool qga_args_check(struct agent *agent, const struct qga_arg *rows, int arguments,
                    struct qga_value *values)
{
	struct arg_path *path = &agent->path;

	path->frame[0] =
		(struct arg_frame){.rows = rows, .row = rows, .token = arguments, .index = -1};
	path->depth = 1;
	while (path->depth > 0) {
		struct arg_frame *frame = &path->frame[path->depth - 1];

		if (!(!args_in_list(frame) ? args_step_struct(agent, frame, values)
		                           : args_step_list(agent, frame)))
			return false;
	}
	return true;
}

void qga_echo(struct qga_call *call, const struct qga_value *value)
{
	qga_out_int(call->out, value->i);
}

bool qga_value_is(const struct qga_value *value, const char *text)
{
	return strlen(text) == value->s.len && !memcmp(text, value->s.ptr, value->s.len);
}

bool qga_list_next(struct qga_call *call, const struct qga_value *list, const struct qga_arg *item,
                   int *token, struct qga_value *values)
{
	const struct json *json = &qga_agent_of(call)->json;
	const struct qga_arg *row;
	bool bad;
	int member;

	if (*token == 0)
		*token = list->token + 1;
	if (*token >= json->n || qga_json_parent(json, *token) != list->token)
		return false;
	if (item->type != QGA_ARG_STRUCT) {
		args_scalar(json, item, *token, values, &bad);
	} else {
		for (row = item->members; row->name; row++, values++) {
			*values = (struct qga_value){0};
			member = qga_json_member(json, *token, row->name);
			if (member >= 0)
				args_scalar(json, row, member, values, &bad);
		}
	}
	*token = qga_json_next(json, *token);
	return true;
}

#endif
