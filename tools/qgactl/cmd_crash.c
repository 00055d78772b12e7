/* SPDX-License-Identifier: MIT */
/*
 * cmd_crash.c - bareqga's record of its last crash: as it is, or with the functions and lines of its addresses.
 *
 * The record is lines of text (firmware/env/env_crash.c); of a console's log the last one is taken. An image
 * that is not the one that crashed is known by its build id, and refused.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "print.h"
#include "remote.h"
#include "symbols.h"

#define FIRST_LINE "bareqga crashed"

enum {
	PLACES_MAX = 32
};

/* An address of the record that is one of code. */
struct place {
	const char *label;
	uint64_t address; /* as the record has it */
};

struct record {
	char build_id[BUILD_ID_MAX];
	uint64_t image;
	bool has_image;
	struct place place[PLACES_MAX];
	size_t n;
};

/* --- Where it comes from --- */

static int keep(void *context, const void *data, size_t len)
{
	buffer_add(context, data, len);
	return OK;
}

/* *found: there is one. */
static int from_agent(struct context *c, struct buffer *text, bool *found)
{
	struct remote r = {.session = &c->session};
	long long at = 0;
	int status = remote_open(&r, "/crash", "r");

	*found = status == OK;
	if (status == FAIL_AGENT)
		return fail(OK, "%s", "");
	return status ? status : remote_close(&r, remote_read(&r, 0, keep, text, &at));
}

static int read_all(FILE *file, const char *path, struct buffer *text)
{
	size_t n;

	do {
		n = fread(buffer_room(text, 65536), 1, 65536, file);
		text->len += n;
	} while (n > 0);
	return ferror(file) ? fail(FAIL_LOCAL, "%s: %s", path, strerror(errno)) : OK;
}

/* Where a record ends: behind the lines that one has. */
static size_t end_of_record(const struct buffer *text)
{
	static const char *const begins[] = {FIRST_LINE,  "cause ", "pc ",   "value ", "uptime_ns ",
	                                     "build_id ", "image ", "regs ", "calls ", "| "};
	size_t at = 0;

	while (at < text->len) {
		size_t left = text->len - at, i = 0, n = sizeof(begins) / sizeof(begins[0]);
		const char *line = text->data + at, *end = memchr(line, '\n', left);

		while (i < n &&
		       (strlen(begins[i]) > left || memcmp(line, begins[i], strlen(begins[i]))))
			i++;
		if (i == n || (i == 0 && at > 0))
			break;
		at = end ? (size_t)(end + 1 - text->data) : text->len;
	}
	return at;
}

/* The last record of a file that may have more in it, as a console's log does. */
static int from_file(const char *path, struct buffer *text, bool *found)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	size_t kept = 0, len = strlen(FIRST_LINE);
	int status;

	if (!file)
		return fail(FAIL_LOCAL, "%s: %s", path, strerror(errno));
	status = read_all(file, path, text);
	if (file != stdin)
		fclose(file);
	for (size_t i = 0; i < text->len; i++) /* a serial port's lines end in CR and LF */
		if (text->data[i] != '\r')
			text->data[kept++] = text->data[i];
	text->len = kept;
	for (size_t at = kept; !status && at-- > 0;)
		if (kept - at >= len && memcmp(text->data + at, FIRST_LINE, len) == 0 &&
		    (at == 0 || text->data[at - 1] == '\n')) {
			buffer_drop(text, at);
			text->len = end_of_record(text);
			*found = true;
			break;
		}
	return status;
}

/* --- What is in it --- */

static bool starts(const char *line, const char *with, const char **rest)
{
	size_t n = strlen(with);

	if (strncmp(line, with, n) != 0)
		return false;
	*rest = line + n;
	return true;
}

static void add(struct record *r, const char *label, const char *number)
{
	if (r->n < PLACES_MAX)
		r->place[r->n++] = (struct place){label, strtoull(number, NULL, 16)};
}

/* The register that a call leaves its address in, where there is one. */
static void add_link(struct record *r, const char *registers)
{
	static const char *const names[] = {" ra=", " lr=", " x30="};
	static const char *const labels[] = {"ra", "lr", "x30"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *found = strstr(registers, names[i]);

		if (found)
			add(r, labels[i], found + strlen(names[i]));
	}
}

static void take_line(struct record *r, char *line)
{
	const char *rest;

	if (starts(line, "pc ", &rest))
		add(r, "pc", rest);
	else if (starts(line, "build_id ", &rest))
		snprintf(r->build_id, sizeof(r->build_id), "%s", rest);
	else if (starts(line, "image ", &rest)) {
		r->image = strtoull(rest, NULL, 16);
		r->has_image = true;
	} else if (starts(line, "regs", &rest))
		add_link(r, rest);
	else if (starts(line, "calls", &rest))
		for (char *save, *word = strtok_r(line + 5, " ", &save); word;
		     word = strtok_r(NULL, " ", &save))
			add(r, "call", word);
}

static void take_apart(struct record *r, const struct buffer *text)
{
	char *copy = strndup(text->data ? text->data : "", text->len), *save;

	memset(r, 0, sizeof(*r));
	for (char *line = copy ? strtok_r(copy, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		take_line(r, line);
	free(copy);
}

/* --- Symbols --- */

/*
 * Where it was linked, and of what a call returns to, the call. Bit 0 says Thumb there; where it does not, the
 * byte before is the call's, too.
 */
static uint64_t linked(const struct record *r, const struct image *image, const struct place *p)
{
	uint64_t address = p->address - (r->has_image ? r->image - image->address : 0);

	return strcmp(p->label, "pc") == 0 ? address : (address & ~(uint64_t)1) - 1;
}

static int find_lines(const char *path, const struct record *r, struct buffer *lines)
{
	struct image image;
	uint64_t address[PLACES_MAX];
	int status = image_read(&image, path);

	if (!status && *r->build_id && strcmp(r->build_id, image.build_id) != 0)
		status = fail(
			FAIL_DIFFERS,
			"%s is not the image that crashed: its build id is %s, the record's %s",
			path, *image.build_id ? image.build_id : "none", r->build_id);
	for (size_t i = 0; i < r->n; i++)
		address[i] = linked(r, &image, &r->place[i]);
	return status ? status : image_lines(path, address, r->n, lines);
}

/* Calls show(where a place begins, its label and address; else NULL; a line of symbols). */
static void each_line(const struct record *r, struct buffer *lines,
                      void (*show)(void *context, const struct place *place, const char *line),
                      void *context)
{
	size_t next = 0;
	char *save, *line;

	buffer_add(lines, "", 1);
	for (line = strtok_r(lines->data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *colon = strncmp(line, "0x", 2) == 0 ? strstr(line, ": ") : NULL;
		const struct place *place = colon && next < r->n ? &r->place[next++] : NULL;

		show(context, place, colon ? colon + 2 : line + strspn(line, " "));
	}
}

static void show_line(void *context, const struct place *place, const char *line)
{
	(void)context;
	if (place)
		printf("%-4s 0x%" PRIx64 " %s\n", place->label, place->address, line);
	else
		printf("     %s\n", line);
}

static void show_json(void *context, const struct place *place, const char *line)
{
	json_t *all = context, *last;
	char address[20];

	if (place) {
		snprintf(address, sizeof(address), "0x%" PRIx64, place->address);
		json_array_append_new(all, json_pack("{s:s,s:s,s:[]}", "of", place->label,
		                                     "address", address, "symbols"));
	}
	last = json_array_get(all, json_array_size(all) - 1);
	json_array_append_new(json_object_get(last, "symbols"), json_string(line));
}

/* --- The command --- */

static int show(struct context *c, const struct buffer *text, const char *path)
{
	struct record r;
	struct buffer lines = {0};
	int status = OK;

	take_apart(&r, text);
	if (path)
		status = find_lines(path, &r, &lines);
	if (!status && c->json) {
		json_t *all = json_pack("{s:o}", "crash", json_stringn(text->data, text->len));
		json_t *places = json_array();

		each_line(&r, &lines, show_json, places);
		if (path)
			json_object_set(all, "symbols", places);
		print_json(all);
		json_decref(places);
		json_decref(all);
	} else if (!c->json) {
		fwrite(text->data, 1, text->len, stdout);
		if (text->data[text->len - 1] != '\n')
			putchar('\n');
		if (!status)
			each_line(&r, &lines, show_line, NULL);
	}
	buffer_free(&lines);
	return status;
}

int cmd_crash(struct context *c, const struct args *a)
{
	struct buffer text = {0};
	const char *file = args_value(a, 'r');
	bool found = false;
	int status = file ? from_file(file, &text, &found) : from_agent(c, &text, &found);

	if (!status && (!found || text.len == 0)) {
		puts(c->json ? "{\"crash\": null}" : "no crash is recorded");
		buffer_free(&text);
		return OK;
	}
	if (!status)
		status = show(c, &text, args_value(a, 's'));
	buffer_free(&text);
	return status;
}
