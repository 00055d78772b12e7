/* SPDX-License-Identifier: MIT */
/* conformance.c - one row of the data: is it played, and what are its answers worth? */
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

/* Seconds that one stream may take. */
#define PATIENCE 1

const char *const verdict_names[VERDICTS] = {"same", "wording", "known", "differs", "skipped"};

size_t board_count(const struct board *b, const char *topic, enum verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->result[i].verdict == verdict &&
		     (!topic || strcmp(member_text(b->result[i].row, "topic"), topic) == 0);
	return n;
}

/* An answer of the data, as bytes. */
static void expected(const struct board *b, const json_t *index, const char *tmp,
                     struct answers *answers)
{
	const json_t *pool = json_object_get(b->data, "answers");
	const char *text =
		json_string_value(json_array_get(pool, (size_t)json_integer_value(index)));
	struct parts parts;

	if (text && parts_read(&parts, text, tmp) && parts.n == 1)
		answers_add(answers, parts.part[0].bytes.data, parts.part[0].bytes.len);
	else
		answers_add(answers, "", 0);
	parts_free(&parts);
}

static void read_sequence(const struct board *b, const json_t *sequence, const char *tmp,
                          struct answers *answers)
{
	for (size_t i = 0; i < json_array_size(sequence); i++)
		expected(b, json_array_get(sequence, i), tmp, answers);
}

static enum verdict at_place(const struct answers *theirs, const struct answers *ours, size_t i,
                             const char *mask)
{
	size_t their_len, our_len;
	const char *their, *our;

	if (i >= theirs->n || i >= ours->n)
		return DIFFERS;
	their = answers_line(theirs, i, &their_len);
	our = answers_line(ours, i, &our_len);
	return compare_answers(their, their_len, our, our_len, mask);
}

static bool says(const struct answers *a, size_t i, const char *words)
{
	size_t len;
	const char *line = i < a->n ? answers_line(a, i, &len) : NULL;

	return line && memmem(line, len, words, strlen(words));
}

/*
 * The verdict over all places: at each, the best of the versions that gave as many answers. *first is where
 * the first one is that no version gave.
 */
static enum verdict over_all(const struct answers *versions, size_t n, const struct answers *ours,
                             const char *mask, size_t *first)
{
	enum verdict worst = SAME;
	bool as_many = false;

	for (size_t v = 0; v < n; v++)
		as_many |= versions[v].n == ours->n;
	for (*first = 0; *first < ours->n; ++*first) {
		enum verdict best = DIFFERS;

		for (size_t v = 0; v < n; v++) {
			enum verdict one = !as_many || versions[v].n == ours->n
			                           ? at_place(&versions[v], ours, *first, mask)
			                           : DIFFERS;

			best = one < best ? one : best;
		}
		worst = best > worst ? best : worst;
		if (best == DIFFERS)
			return DIFFERS;
	}
	return as_many ? worst : DIFFERS;
}

/* `inf` as a number, which is no JSON. */
static bool infinite(const struct answers *a, size_t i)
{
	size_t len;
	const char *line = i < a->n ? answers_line(a, i, &len) : NULL;
	json_t *value = line ? json_read(line, len) : NULL;

	json_decref(value);
	return line && !value && says(a, i, "inf");
}

/* Did the agent tell of a limit, up to that place, where no version does? */
static bool beyond(const struct answers *versions, size_t n, const struct answers *ours,
                   size_t first)
{
	const char *const words = "limit exceeded";

	for (size_t i = 0; i <= first; i++) {
		bool theirs = false;

		for (size_t v = 0; v < n; v++)
			theirs |= says(&versions[v], i, words);
		if (says(ours, i, words) && !theirs)
			return true;
	}
	return false;
}

/* What kind of known difference that is, or NULL. */
static const char *known(const struct board *b, const json_t *row, const struct answers *versions,
                         size_t n, const struct answers *ours, const char *mask, size_t first,
                         const char *tmp)
{
	struct answers documented = {0};
	size_t nowhere;
	enum verdict verdict;

	read_sequence(b, json_object_get(row, "ours"), tmp, &documented);
	verdict = documented.n ? over_all(&documented, 1, ours, mask, &nowhere) : DIFFERS;
	answers_free(&documented);
	if (verdict != DIFFERS)
		return member_text(row, "known");
	/* How much is answered to a document beyond an agent's limit is its own affair. */
	for (size_t v = 0; v < n; v++)
		for (size_t i = 0; i <= first; i++)
			if (says(&versions[v], i, "\"JSON nesting depth limit exceeded\""))
				return "nesting";
	for (size_t v = 0; v < n; v++)
		if (infinite(&versions[v], first) &&
		    says(&versions[v], first, "\"error\"") == says(ours, first, "\"error\""))
			return "infinity";
	return beyond(versions, n, ours, first) || says(ours, first, "No space left on device")
	               ? "limits"
	               : NULL;
}

static char *copy(const struct answers *a)
{
	char *text = grow(NULL, a->text.len + 1);

	if (a->text.len > 0)
		memcpy(text, a->text.data, a->text.len);
	text[a->text.len] = '\0';
	/* A text that ends early there would show less, not more. */
	for (size_t i = 0; i < a->text.len; i++)
		if (text[i] == '\0')
			text[i] = '?';
	return text;
}

static void judge(const struct board *b, struct result *r, const struct answers *ours,
                  const char *tmp)
{
	const json_t *all = json_object_get(r->row, "answers");
	const char *mask = member_text(r->row, "mask");
	size_t n = json_array_size(all), first;
	struct answers *versions = grow(NULL, n * sizeof(*versions));

	memset(versions, 0, n * sizeof(*versions));
	for (size_t v = 0; v < n; v++)
		read_sequence(b, json_array_get(all, v), tmp, &versions[v]);
	r->verdict = over_all(versions, n, ours, mask, &first);
	if (r->verdict == DIFFERS &&
	    (r->why = known(b, r->row, versions, n, ours, mask, first, tmp)) != NULL)
		r->verdict = KNOWN;
	if (r->verdict != SAME) {
		r->expected = copy(&versions[0]);
		r->got = copy(ours);
	}
	for (size_t v = 0; v < n; v++)
		answers_free(&versions[v]);
	free(versions);
}

static size_t size(const struct parts *parts)
{
	size_t all = 0;

	for (size_t i = 0; i < parts->n; i++)
		all += parts->part[i].bytes.len;
	return all;
}

int conformance_play(struct board *b, struct player *p, const json_t *row, const char *tmp)
{
	struct result *r = &b->result[b->n];
	struct answers ours = {0};
	struct parts parts;
	int status;

	*r = (struct result){.row = row};
	if (!parts_read(&parts, member_text(row, "stream"), tmp)) {
		parts_free(&parts);
		return fail(FAIL_LOCAL, "%s: this is not in the data's language",
		            member_text(row, "name"));
	}
	if (p->rate > 0 && (double)size(&parts) > p->rate * PATIENCE) {
		parts_free(&parts);
		r->verdict = SKIPPED;
		r->why = "too long for this channel";
		b->count[SKIPPED]++;
		b->n++;
		return OK;
	}
	status = player_play(p, &parts, member_true(row, "bytewise"), &ours);
	parts_free(&parts);
	if (status == OK) {
		judge(b, r, &ours, tmp);
	} else if (status == FAIL_ANSWER || status == FAIL_GONE) {
		/* It may come back; whether it does, the next one shows. */
		r->verdict = DIFFERS;
		r->why = status == FAIL_GONE ? "the connection ended" : "no answer";
		r->got = copy(&ours);
		session_drop(p->session);
		status = player_begin(p, p->session);
	}
	answers_free(&ours);
	b->count[r->verdict]++;
	b->n++;
	return status;
}
