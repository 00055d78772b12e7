/* SPDX-License-Identifier: MIT */
/* conformance_page.c - verdicts as a page that can be published: one file, no script, nothing from elsewhere. */
#include <string.h>

#include "conformance.h"

enum {
	LONGEST = 2000 /* characters of a stream or its answers */
};

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<title>QEMU guest agent: conformance</title>\n<style>\n"
	":root { color-scheme: light dark; --same: #2e8b57; --wording: #8fbc5a; --known: #d9a520; "
	"--differs: #c0392b; --skipped: #b8bec4 }\n"
	"body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 "
	"1rem }\n"
	"h1 { font-size: 1.6rem; margin-bottom: 0 } h2 { font-size: 1.2rem; margin-top: 2rem }\n"
	".sum { font-size: 1.1rem; padding: .6rem 1rem; border-left: .4rem solid var(--same); "
	"background: #8881 }\n.sum.bad { border-color: var(--differs) }\n"
	"table { border-collapse: collapse; width: 100% } th, td { padding: .3rem .6rem; text-align: "
	"right; border-bottom: 1px solid #8884 }\n"
	"th:first-child, td:first-child { text-align: left } td.bar { width: 38% } tr:last-child td { "
	"font-weight: 600 }\n"
	".bar div { display: flex; height: .8rem; border-radius: .2rem; overflow: hidden; background: "
	"#8882 } .bar i { min-width: 1px }\n"
	".same { background: var(--same) } .wording { background: var(--wording) } .known { background: "
	"var(--known) } .differs { background: var(--differs) } .skipped { background: var(--skipped) "
	"}\n"
	"b.key { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; "
	"margin-right: .4rem }\n"
	"pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #8881; padding: .4rem .6rem; "
	"margin: .2rem 0; font-size: .85rem }\n"
	"details { margin: .3rem 0 } dt { float: left; clear: left; width: 5.5rem } dd { margin-left: "
	"6rem } .zero { opacity: .4 }\n"
	"</style></head><body>\n";

static const char *const meanings[VERDICTS] = {
	"answered as by a version of the real qemu-ga",
	"the same, but for the text of an error, which is for people",
	"other, in a way that is known: a limit of the agent's own", "not answered as by qemu-ga",
	"not played: the agent does not have the command, or it could do harm"};

static void put(FILE *to, const char *text)
{
	size_t n = 0;

	for (; *text && n < LONGEST; text++, n++)
		if (*text == '<')
			fputs("&lt;", to);
		else if (*text == '&')
			fputs("&amp;", to);
		else if (*text == '"')
			fputs("&quot;", to);
		else if (*text == '\n' || (*text >= ' ' && *text < 0x7f))
			fputc(*text, to);
		else
			fprintf(to, "\\x%02x", (unsigned char)*text);
	if (*text)
		fprintf(to, " ... %zu more", strlen(text));
}

static void put_row(FILE *to, const struct board *b, const char *topic)
{
	size_t all = 0;

	for (size_t v = 0; v < VERDICTS; v++)
		all += board_count(b, topic, v);
	if (all == 0)
		return;
	fprintf(to, "<tr><td>");
	put(to, topic ? topic : "all");
	fprintf(to, "</td><td class=\"bar\"><div>");
	for (size_t v = 0; v < VERDICTS; v++)
		if (board_count(b, topic, v) > 0)
			fprintf(to, "<i class=\"%s\" style=\"width:%.2f%%\"></i>", verdict_names[v],
			        100.0 * (double)board_count(b, topic, v) / (double)all);
	fprintf(to, "</div></td>");
	for (size_t v = 0; v < VERDICTS; v++)
		fprintf(to, "<td%s>%zu</td>", board_count(b, topic, v) ? "" : " class=\"zero\"",
		        board_count(b, topic, v));
	fprintf(to, "</tr>\n");
}

/* What the known differences are. */
static void put_known(FILE *to, const struct board *b)
{
	const char *name;
	json_t *about;

	fprintf(to, "<dl>\n");
	json_object_foreach(json_object_get(b->data, "known"), name, about)
	{
		fprintf(to, "<dt>");
		put(to, name);
		fprintf(to, "</dt><dd>");
		put(to, json_string_value(about));
		fprintf(to, "</dd>\n");
	}
	fprintf(to, "</dl>\n");
}

static void put_result(FILE *to, const struct result *r)
{
	fprintf(to, "<details><summary>");
	put(to, member_text(r->row, "name"));
	if (r->why) {
		fprintf(to, ": ");
		put(to, r->why);
	}
	fprintf(to, "</summary>sent<pre>");
	put(to, member_text(r->row, "stream"));
	fprintf(to, "</pre>qemu-ga<pre>");
	put(to, r->expected ? r->expected : "");
	fprintf(to, "</pre>here<pre>");
	put(to, r->got ? r->got : "");
	fprintf(to, "</pre></details>\n");
}

void report_page(const struct board *b, FILE *to)
{
	const json_t *topics = json_object_get(b->data, "topics"), *versions;
	size_t bad = b->count[DIFFERS];

	fputs(head, to);
	fprintf(to, "<h1>QEMU guest agent: conformance</h1>\n<p>of ");
	put(to, b->target);
	fprintf(to, ", whose agent calls itself ");
	put(to, b->version);
	fprintf(to, "; beside the real qemu-ga");
	versions = json_object_get(b->data, "versions");
	for (size_t i = 0; i < json_array_size(versions); i++) {
		fputs(i ? " and " : " ", to);
		put(to, json_string_value(json_array_get(versions, i)));
	}
	fprintf(to, "</p>\n<p class=\"sum%s\">%zu streams were played: ", bad ? " bad" : "",
	        b->n - b->count[SKIPPED]);
	fprintf(to, "%zu are answered as by qemu-ga, %zu in a known other way, %zu wrongly.</p>\n",
	        b->count[SAME] + b->count[WORDING], b->count[KNOWN], bad);
	fprintf(to, "<table><thead><tr><th>topic</th><th></th>");
	for (size_t v = 0; v < VERDICTS; v++)
		fprintf(to, "<th>%s</th>", verdict_names[v]);
	fprintf(to, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < json_array_size(topics); i++)
		put_row(to, b, json_string_value(json_array_get(topics, i)));
	put_row(to, b, NULL);
	fprintf(to, "</tbody></table>\n<dl>\n");
	for (size_t v = 0; v < VERDICTS; v++)
		fprintf(to, "<dt><b class=\"key %s\"></b>%s</dt><dd>%s</dd>\n", verdict_names[v],
		        verdict_names[v], meanings[v]);
	fprintf(to, "</dl>\n");
	for (size_t v = DIFFERS; v > SAME; v--) {
		if (b->count[v] == 0)
			continue;
		fprintf(to, "<h2>%s: %zu</h2>\n", verdict_names[v], b->count[v]);
		if (v == KNOWN)
			put_known(to, b);
		for (size_t i = 0; i < b->n; i++)
			if (b->result[i].verdict == v)
				put_result(to, &b->result[i]);
	}
	fprintf(to, "</body></html>\n");
}
