/* SPDX-License-Identifier: MIT */
/*
 * conformance_compare.c - two answers, by their meaning. What counts: success or failure, the class of an
 * error, the values of "return" and "id", a number being its value. What does not: the order of members.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

static bool alike(const json_t *a, const json_t *b)
{
	const char *name;
	json_t *member;

	if (json_is_number(a) && json_is_number(b))
		return json_is_integer(a) && json_is_integer(b)
		               ? json_integer_value(a) == json_integer_value(b)
		               : json_number_value(a) == json_number_value(b);
	if (json_typeof(a) != json_typeof(b))
		return false;
	if (json_is_array(a)) {
		for (size_t i = 0; i < json_array_size(a); i++)
			if (i >= json_array_size(b) ||
			    !alike(json_array_get(a, i), json_array_get(b, i)))
				return false;
		return json_array_size(a) == json_array_size(b);
	}
	if (!json_is_object(a))
		return json_equal(a, b);
	json_object_foreach((json_t *)a, name, member)
	{
		const json_t *other = json_object_get(b, name);

		if (!other || !alike(member, other))
			return false;
	}
	return json_object_size(a) == json_object_size(b);
}

static json_t *empty(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return json_object();
	case JSON_ARRAY:
		return json_array();
	case JSON_STRING:
		return json_string("");
	case JSON_INTEGER:
		return json_integer(0);
	case JSON_REAL:
		return json_real(0);
	case JSON_NULL:
		return json_null();
	default:
		return json_false();
	}
}

/* 'NUMBER' in a text becomes 'N'. */
static json_t *without_numbers(const char *text)
{
	struct buffer out = {0};
	json_t *value;

	while (*text) {
		size_t digits = *text == '\'' ? strspn(text + 1, "0123456789") : 0;

		if (digits > 0 && text[digits + 1] == '\'') {
			buffer_text(&out, "'N'");
			text += digits + 2;
		} else {
			buffer_add(&out, text++, 1);
		}
	}
	value = json_stringn(out.len ? out.data : "", out.len);
	buffer_free(&out);
	return value;
}

/* qemu-ga 11.1 begins with line and column, counted from the connection's beginning: "1:5: JSON parse error". */
static const char *without_position(const char *desc)
{
	size_t line = strspn(desc, "0123456789"),
	       column = desc[line] == ':' ? strspn(desc + line + 1, "0123456789") : 0;
	const char *rest = desc + line + 1 + column;

	return line && column && strncmp(rest, ": JSON", 6) == 0 ? rest + 2 : desc;
}

/* Leaves out what only one guest can know. */
static void hide(json_t *answer, const char *mask)
{
	json_t *value = json_object_get(answer, "return"),
	       *error = json_object_get(answer, "error");
	const char *desc = json_string_value(json_object_get(error, "desc"));

	if (strcmp(mask, "return") == 0 && value)
		json_object_set_new(answer, "return", empty(value));
	else if (strcmp(mask, "integers") == 0 && json_is_integer(value))
		json_object_set_new(answer, "return", json_integer(0));
	else if (strcmp(mask, "integers") == 0 && json_is_integer(json_object_get(value, "pid")))
		json_object_set_new(value, "pid", json_integer(0));
	else if (strcmp(mask, "integers") == 0 && desc)
		json_object_set_new(error, "desc", without_numbers(desc));
	else if (desc && without_position(desc) != desc)
		json_object_set_new(error, "desc", json_string(without_position(desc)));
}

/* jansson takes no NUL in a member's name, so it becomes another character, in both answers. */
static json_t *read_answer(const char *line, size_t len, bool *delimited)
{
	const size_t flags = JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES;
	struct buffer text = {0};
	json_t *value;

	*delimited = len > 0 && (unsigned char)*line == 0xff;
	buffer_add(&text, line + *delimited, len - *delimited);
	buffer_add(&text, "", 1);
	for (char *nul = text.data; (nul = strstr(nul, "\\u0000")); nul += 6)
		memcpy(nul, "\\ue0f0", 6);
	value = json_loadb(text.data, text.len - 1, flags, NULL);
	/* Only then, for it makes reals of all integers. */
	if (!value)
		value = json_loadb(text.data, text.len - 1, flags | JSON_DECODE_INT_AS_REAL, NULL);
	buffer_free(&text);
	return value;
}

enum verdict compare_answers(const char *theirs, size_t their_len, const char *ours, size_t our_len,
                             const char *mask)
{
	bool delimited[2];
	json_t *a, *b;
	enum verdict verdict = DIFFERS;

	if (their_len == our_len && memcmp(theirs, ours, our_len) == 0)
		return SAME;
	a = read_answer(theirs, their_len, &delimited[0]);
	b = read_answer(ours, our_len, &delimited[1]);
	if (json_is_object(a) && json_is_object(b) && delimited[0] == delimited[1]) {
		json_t *error[2] = {json_object_get(a, "error"), json_object_get(b, "error")};

		hide(b, mask);
		if (alike(a, b)) {
			verdict = SAME;
		} else if (json_is_string(json_object_get(error[0], "desc")) &&
		           json_is_string(json_object_get(error[1], "desc"))) {
			json_object_del(error[0], "desc");
			json_object_del(error[1], "desc");
			verdict = alike(a, b) ? WORDING : DIFFERS;
		}
	}
	json_decref(a);
	json_decref(b);
	return verdict;
}
