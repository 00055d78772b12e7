/* SPDX-License-Identifier: MIT */
/* conformance_report.c - verdicts as a table and as JSON. */
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

enum {
	SHOWN = 20, /* differences that a terminal gets */
	SHORT = 300
};

static void shorten(char to[SHORT], const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == '\n')
		len--;
	print_clean(to, SHORT, text, len);
	if (len >= SHORT)
		strcpy(to + SHORT - 4, "...");
}

static void show_row(struct table *t, const struct board *b, const char *topic)
{
	size_t all = 0;

	for (size_t v = 0; v < VERDICTS; v++)
		all += board_count(b, topic, v);
	if (all == 0)
		return;
	table_cell(t, "%s", topic ? topic : "all");
	for (size_t v = 0; v < VERDICTS; v++)
		table_cell(t, "%zu", board_count(b, topic, v));
}

static void show_result(const struct result *r)
{
	char expected[SHORT], got[SHORT], stream[SHORT];

	shorten(stream, member_text(r->row, "stream"));
	shorten(expected, r->expected ? r->expected : "");
	shorten(got, r->got && *r->got ? r->got : "nothing");
	printf("\n%s: %s%s%s%s\n", member_text(r->row, "name"), stream, r->why ? " (" : "",
	       r->why ? r->why : "", r->why ? ")" : "");
	if (r->expected)
		printf("  qemu-ga: %s\n", *expected ? expected : "nothing");
	printf("  here:    %s\n", got);
}

void report_table(const struct board *b)
{
	const json_t *topics = json_object_get(b->data, "topics");
	struct table t = {.columns = 1 + VERDICTS, .right = ~1u};
	size_t shown = 0;

	table_cell(&t, "topic");
	for (size_t v = 0; v < VERDICTS; v++)
		table_cell(&t, "%s", verdict_names[v]);
	for (size_t i = 0; i < json_array_size(topics); i++)
		show_row(&t, b, json_string_value(json_array_get(topics, i)));
	show_row(&t, b, NULL);
	table_print(&t);
	for (size_t i = 0; i < b->n && shown < SHOWN; i++)
		if (b->result[i].verdict == DIFFERS) {
			show_result(&b->result[i]);
			shown++;
		}
	if (b->count[DIFFERS] > shown)
		printf("\nand %zu more: --json and --html have them all\n",
		       b->count[DIFFERS] - shown);
}

/* Bytes of an agent as JSON can hold them: what is no ASCII becomes a \xNN. */
static json_t *text(const char *bytes)
{
	struct buffer out = {0};
	json_t *value;

	for (; *bytes; bytes++)
		if (*bytes == '\n' || (*bytes >= ' ' && *bytes < 0x7f))
			buffer_add(&out, bytes, 1);
		else
			buffer_printf(&out, "\\x%02x", (unsigned char)*bytes);
	value = json_stringn(out.len ? out.data : "", out.len);
	buffer_free(&out);
	return value;
}

static json_t *counts(const struct board *b, const char *topic)
{
	json_t *row = json_object();

	for (size_t v = 0; v < VERDICTS; v++)
		json_object_set_new(row, verdict_names[v],
		                    json_integer((json_int_t)board_count(b, topic, v)));
	return row;
}

json_t *report_json(const struct board *b)
{
	const json_t *topics = json_object_get(b->data, "topics");
	json_t *all = json_pack("{s:s, s:s, s:O, s:o, s:{}, s:[]}", "target", b->target, "version",
	                        b->version, "references", json_object_get(b->data, "versions"),
	                        "all", counts(b, NULL), "topics", "others");

	for (size_t i = 0; i < json_array_size(topics); i++) {
		const char *topic = json_string_value(json_array_get(topics, i));

		json_object_set_new(json_object_get(all, "topics"), topic, counts(b, topic));
	}
	for (size_t i = 0; i < b->n; i++) {
		const struct result *r = &b->result[i];
		json_t *row;

		if (r->verdict == SAME)
			continue;
		row = json_pack("{s:O, s:O, s:O, s:s, s:s*}", "name",
		                json_object_get(r->row, "name"), "topic",
		                json_object_get(r->row, "topic"), "stream",
		                json_object_get(r->row, "stream"), "verdict",
		                verdict_names[r->verdict], "why", r->why);
		if (r->expected)
			json_object_set_new(row, "qemu-ga", text(r->expected));
		if (r->got)
			json_object_set_new(row, "here", text(r->got));
		json_array_append_new(json_object_get(all, "others"), row);
	}
	return all;
}
