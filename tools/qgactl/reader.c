/* SPDX-License-Identifier: MIT */
/* reader.c - see reader.h. Left out on purpose: answers over several lines, which no agent sends.
 */
#include <string.h>

#include "reader.h"

char *reader_room(struct reader *r, size_t n)
{
	if (r->at > r->in.len / 2) {
		buffer_drop(&r->in, r->at);
		r->scanned -= r->at;
		r->at = 0;
	}
	return buffer_room(&r->in, n);
}

void reader_fed(struct reader *r, size_t n)
{
	size_t room = sizeof(r->heard) - r->heard_len, kept = n < room ? n : room;

	if (kept > 0)
		memcpy(r->heard + r->heard_len, r->in.data + r->in.len, kept);
	r->heard_len += kept;
	r->in.len += n;
}

void reader_feed(struct reader *r, const void *data, size_t len)
{
	if (len == 0)
		return;
	memcpy(reader_room(r, len), data, len);
	reader_fed(r, len);
}

enum reader_result reader_line(struct reader *r, char **line, size_t *len)
{
	const char *from = r->in.data + r->scanned, *end;

	end = r->in.len > r->scanned ? memchr(from, '\n', r->in.len - r->scanned) : NULL;
	if (!end) {
		r->scanned = r->in.len;
		return r->in.len - r->at > READER_LINE_MAX ? READER_TOO_LONG : READER_MORE;
	}
	*line = r->in.data + r->at;
	*len = (size_t)(end - *line);
	r->at = r->scanned = (size_t)(end + 1 - r->in.data);
	return READER_LINE;
}

/* Drops up to and with the last 0xFF; false if there is none. */
static bool find_delimiter(struct reader *r)
{
	const char *found =
		r->in.len > r->at ? memchr(r->in.data + r->at, '\xff', r->in.len - r->at) : NULL;

	if (!found)
		return false;
	r->at = r->scanned = (size_t)(found + 1 - r->in.data);
	return true;
}

enum reader_result reader_sync(struct reader *r, uint64_t first, uint64_t last, uint64_t *number)
{
	char *line;
	size_t len;

	for (;;) {
		enum reader_result result;
		struct answer answer;
		char *cut;
		bool ours = false;

		if (!r->delimited && !find_delimiter(r)) {
			r->at = r->scanned = r->in.len;
			return READER_MORE;
		}
		r->delimited = true;
		result = reader_line(r, &line, &len);
		if (result != READER_LINE)
			return result;
		r->delimited = false;
		/* An old answer may have been cut off by the beginning of this one. */
		cut = memrchr(line, '\xff', len);
		if (cut) {
			len -= (size_t)(cut + 1 - line);
			line = cut + 1;
		}
		if (answer_read(&answer, line, len) && json_is_integer(answer.value)) {
			*number = (uint64_t)json_integer_value(answer.value);
			ours = *number >= first && *number <= last;
		}
		answer_free(&answer);
		if (ours)
			return READER_LINE;
	}
}

size_t reader_rest(const struct reader *r)
{
	return r->in.len - r->at;
}

void reader_free(struct reader *r)
{
	buffer_free(&r->in);
	*r = (struct reader){0};
}

json_t *json_read(const char *text, size_t len)
{
	const size_t flags = JSON_ALLOW_NUL | JSON_DECODE_ANY;
	json_t *value = json_loadb(text, len, flags, NULL);

	/* Only then, for it makes reals of all integers. */
	return value ? value : json_loadb(text, len, flags | JSON_DECODE_INT_AS_REAL, NULL);
}

bool answer_read(struct answer *a, const char *line, size_t len)
{
	json_t *error;

	*a = (struct answer){.whole = json_read(line, len)};
	if (!json_is_object(a->whole))
		return false;
	error = json_object_get(a->whole, "error");
	if (json_is_object(error)) {
		a->error_class = json_string_value(json_object_get(error, "class"));
		a->desc = json_string_value(json_object_get(error, "desc"));
		if (!a->error_class)
			a->error_class = "GenericError";
		if (!a->desc)
			a->desc = "an error without a description";
		return true;
	}
	a->value = json_object_get(a->whole, "return");
	return a->value != NULL;
}

bool answer_is_event(const char *line, size_t len)
{
	static const char begin[] = "{\"event\":";
	struct answer answer;
	bool is;

	if (len < sizeof(begin) || memcmp(line, begin, sizeof(begin) - 1) != 0)
		return false;
	is = !answer_read(&answer, line, len) && json_is_object(answer.whole);
	answer_free(&answer);
	return is;
}

/* Behind `"name": "` in the line, or NULL. No string can hold it: there its quotes would be
 * escaped. */
static char *find_member(char *line, size_t len, const char *name)
{
	char *end = line + len, *p = memmem(line, len, name, strlen(name));

	if (!p || p == line || p[-1] != '"')
		return NULL;
	p += strlen(name);
	if (p == end || *p++ != '"')
		return NULL;
	while (p < end && (*p == ' ' || *p == ':'))
		p++;
	return p < end && *p == '"' ? p + 1 : NULL;
}

bool answer_read_around(struct answer *a, char *line, size_t len, const char *name, char **text,
                        size_t *text_len)
{
	char *start = find_member(line, len, name), *end = NULL;
	struct buffer rest = {0};
	bool result;

	*text = NULL;
	*text_len = 0;
	if (start)
		end = memchr(start, '"', len - (size_t)(start - line));
	if (!end || memchr(start, '\\', (size_t)(end - start)))
		return answer_read(a, line, len);
	buffer_add(&rest, line, (size_t)(start - line));
	buffer_add(&rest, end, len - (size_t)(end - line));
	result = answer_read(a, rest.data, rest.len);
	buffer_free(&rest);
	*text = start;
	*text_len = (size_t)(end - start);
	return result;
}

void answer_free(struct answer *a)
{
	json_decref(a->whole);
	*a = (struct answer){0};
}
