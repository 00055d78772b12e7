/* SPDX-License-Identifier: MIT */
/* plain.c - see plain.h. A reader's functions return false as soon as a request is not plain. */
#include "agent.h"
#include "json/byte.h"
#include "json/span.h"
#include "plain.h"
#include "request.h"

#if !QGA_TINY

/* So many digits fit an int64_t, whatever they are. */
#define PLAIN_DIGITS_MAX 18

/*
 * Values in a request of no arguments: the object, its member's name and value; and in an argument.
 */
#define PLAIN_VALUES          3
#define PLAIN_ARGUMENT_VALUES 2

struct plain_reader {
	const char *p, *end;
	int values;  /* of the request; as many tokens must fit */
	int missing; /* arguments that must still come */
};

/* Takes text that must stand here, as far as it does. Its blanks may be missing. */
static inline bool plain_text(struct plain_reader *r, const char *text)
{
	const char *p = r->p;

	for (; *text; text++) {
		bool here = p < r->end && *p == *text;

		if (!here && *text != ' ')
			break;
		p += here;
	}
	r->p = p;
	return !*text;
}

/*
 * Takes a name, up to its quote; to one with blanks or control characters no quote follows. It
 * stays where it lies, and is only compared: if the host changes it meanwhile, it has named another
 * command that it may use.
 */
static inline struct qga_span plain_name(struct plain_reader *r)
{
	const char *p = r->p;

	while (p < r->end && (uint8_t)*p > '"')
		p++;
	struct qga_span text = {(char *)r->p, (size_t)(p - r->p)};

	r->p = p;
	return text;
}

static inline bool plain_integer(struct plain_reader *r, int64_t *value)
{
	const char *p = r->p, *first;
	bool negative = p < r->end && *p == '-';
	int64_t n = 0;

	first = p += negative;
	while (p < r->end && p - first < PLAIN_DIGITS_MAX) {
		unsigned digit = qga_byte(p) - (unsigned)'0';

		if (digit > 9)
			break;
		n = n * 10 + digit;
		p++;
		if (n == 0)
			break; /* a zero stands alone; a digit behind it is not what must follow */
	}
	if (p == first)
		return false;
	r->p = p;
	*value = negative ? -n : n;
	return true;
}

/* KEY":INTEGER, for an integer that the command takes and was not given before. */
static bool plain_argument(struct plain_reader *r, const struct qga_arg *rows,
                           struct qga_value *values)
{
	struct qga_span key = plain_name(r);
	int64_t i;

	if (!plain_text(r, "\": ") || !plain_integer(r, &i))
		return false;
	for (; rows && rows->name; rows++, values++) {
		if (!qga_span_is(&key, rows->name))
			continue;
		if (rows->type != QGA_ARG_INT || values->present)
			return false;
		*values = (struct qga_value){
			.present = true, .type = QGA_ARG_INT, .token = -1, .i = i};
		r->values += PLAIN_ARGUMENT_VALUES;
		r->missing -= !rows->optional;
		return true;
	}
	return false;
}

/* The rest of a request, behind the command's name. */
static bool plain_arguments(struct plain_reader *r, const struct qga_arg *rows,
                            struct qga_value *values)
{
	const struct qga_arg *row;
	bool more;

	for (row = rows; row && row->name; row++) {
		values[row - rows].present = false;
		r->missing += !row->optional;
	}
	if (plain_text(r, "\"}"))
		return true;
	if (!plain_text(r, ", \"arguments\": { "))
		return false;
	r->values += PLAIN_ARGUMENT_VALUES;
	for (more = false; !plain_text(r, "} "); more = true)
		if ((more && !plain_text(r, ", ")) || !plain_text(r, "\"") ||
		    !plain_argument(r, rows, values))
			return false;
	return plain_text(r, "}");
}

size_t qga_plain_request(struct agent *agent, const uint8_t *data, size_t len)
{
	struct plain_reader r = {(const char *)data, (const char *)data + len,
	                         .values = PLAIN_VALUES};
	const struct qga_command *command;
	struct qga_span execute;
	unsigned number;

	if (!plain_text(&r, "{ \"execute\": \""))
		return 0;
	execute = plain_name(&r);
	command = qga_lookup_find(agent, &execute, &number);
	if (!command || qga_lookup_disabled(agent, command, number))
		return 0;
	if (!plain_arguments(&r, command->args, agent->call.arg))
		return 0;
	len = (size_t)(r.p - (const char *)data);
	if (r.missing || r.values > agent->json.max || len > agent->config->request_size)
		return 0;
	agent->answer.id = -1;
	qga_request_call(agent, command);
	qga_answer_run(agent);
	return len;
}

#endif
