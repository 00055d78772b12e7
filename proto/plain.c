/* SPDX-License-Identifier: MIT */
/* plain.c - see plain.h. A reader's functions return false as soon as a request is not plain. */
#include "agent.h"
#include "plain.h"
#include "request.h"

/* So many digits fit an int64_t, whatever they are. */
#define DIGITS_MAX 18

/* Values in a request of no arguments: the object, its member's name and value; and in an argument.
 */
#define VALUES          3
#define ARGUMENT_VALUES 2

struct reader {
	const char *p, *end;
};

/* Text that must stand here. */
#define IS(reader, text) (is(reader, text, sizeof(text) - 1))

static bool is(struct reader *r, const char *text, size_t len)
{
	const char *end = text + len;

	if ((size_t)(r->end - r->p) < len)
		return false;
	while (text < end)
		if (*r->p++ != *text++)
			return false;
	return true;
}

/* A punctuation mark, and blanks behind it. */
static inline bool mark(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	do
		r->p++;
	while (r->p < r->end && *r->p == ' ');
	return true;
}

/* A string of what names are made of. */
static inline bool name(struct reader *r, struct span *text)
{
	const char *p = r->p;

	if (p == r->end || *p++ != '"')
		return false;
	text->ptr = (char *)p;
	while (p < r->end && ((*p >= 'a' && *p <= 'z') || *p == '-' || (*p >= '0' && *p <= '9')))
		p++;
	text->len = (size_t)(p - text->ptr);
	r->p = p + 1;
	return p < r->end && *p == '"';
}

static inline bool integer(struct reader *r, int64_t *value)
{
	const char *p = r->p, *first;
	bool negative = p < r->end && *p == '-';
	int64_t n = 0;

	first = p += negative;
	while (p < r->end && *p >= '0' && *p <= '9' && p - first < DIGITS_MAX)
		n = n * 10 + (*p++ - '0');
	if (p == first || (*first == '0' && p - first > 1))
		return false;
	r->p = p;
	*value = negative ? -n : n;
	return true;
}

/* "KEY":INTEGER, for an integer that the command takes and was not given before. */
static bool argument(struct reader *r, const struct arg *rows, struct value *values)
{
	struct span key;
	int64_t i;

	if (!name(r, &key) || !mark(r, ':') || !integer(r, &i))
		return false;
	for (; rows && rows->name; rows++, values++) {
		if (!span_is(&key, rows->name))
			continue;
		if (rows->type != ARG_INT || values->present)
			return false;
		*values = (struct value){.present = true, .type = ARG_INT, .token = -1, .i = i};
		return true;
	}
	return false;
}

/* The rest of a request, behind its first member. */
static bool arguments(struct reader *r, const struct arg *rows, struct value *values, int *count)
{
	const struct arg *row;

	*count = VALUES;
	for (row = rows; row && row->name; row++)
		values[row - rows].present = false;
	if (mark(r, ',')) {
		*count += ARGUMENT_VALUES;
		if (!IS(r, "\"arguments\"") || !mark(r, ':') || !mark(r, '{'))
			return false;
		while (!mark(r, '}')) {
			if (*count > VALUES + ARGUMENT_VALUES && !mark(r, ','))
				return false;
			if (!argument(r, rows, values))
				return false;
			*count += ARGUMENT_VALUES;
		}
	}
	for (row = rows; row && row->name; row++)
		if (!row->optional && !values[row - rows].present)
			return false;
	return mark(r, '}');
}

/* The command of that name, if it may be run. */
static const struct command *find(const struct agent *agent, const struct span *name)
{
	int i = lookup_find(agent, name);

	return i < 0 || lookup_disabled(agent, (unsigned)i) ? NULL
	                                                    : lookup_command(agent, (unsigned)i);
}

size_t plain_request(struct agent *agent, const uint8_t *data, size_t len)
{
	struct reader r = {(const char *)data, (const char *)data + len};
	const struct command *command;
	struct span execute;
	int count;

	if (!mark(&r, '{') || !IS(&r, "\"execute\"") || !mark(&r, ':') || !name(&r, &execute))
		return 0;
	command = find(agent, &execute);
	if (!command || !arguments(&r, command->args, agent->call.arg, &count))
		return 0;
	len = (size_t)(r.p - (const char *)data);
	if (count > agent->json.max || len > agent->config->request_size)
		return 0;
	agent->answer.id = -1;
	request_call(agent, command);
	answer_run(agent);
	return len;
}
