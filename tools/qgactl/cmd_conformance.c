/* SPDX-License-Identifier: MIT */
/* cmd_conformance.c - does an agent answer as the real qemu-ga does? */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conformance.h"

enum {
	OPT_HTML = OPT_OWN,
	OPT_DESTRUCTIVE,
	OPT_STRICT,
	OPT_TOPIC
};

/* What the guest has, which decides what is played. */
struct guest {
	json_t *commands; /* names of those that are switched on */
	json_t *programs; /* path: whether it can be run */
	bool destructive;
	char tmp[48];
};

static int ask_commands(struct context *c, struct board *b, struct guest *g)
{
	json_t *info, *row;
	size_t i;
	int status = session_ask(&c->session, "guest-info", NULL, &info);

	if (status)
		return status;
	json_array_foreach(json_object_get(info, "supported_commands"), i,
	                   row) if (member_true(row, "enabled"))
		json_object_set_new(g->commands, member_text(row, "name"), json_true());
	json_object_set_new(b->data, "version", json_string(member_text(info, "version")));
	b->version = member_text(b->data, "version");
	json_decref(info);
	return OK;
}

/* Runs a program; the answer tells whether there is one. */
static int has_program(struct context *c, struct guest *g, const char *path, bool *has)
{
	json_t *known = json_object_get(g->programs, path), *value;
	int status = OK;

	if (!known) {
		status = session_try(&c->session, "guest-exec", json_pack("{s:s}", "path", path),
		                     &value);
		known = json_boolean(value != NULL);
		json_decref(value);
		json_object_set_new(g->programs, path, known);
	}
	*has = json_is_true(known);
	return status;
}

/* Why a row is not played, or NULL. */
static int why_not(struct context *c, struct guest *g, const json_t *row, const char **why)
{
	const char *program = member_text(row, "program");
	const json_t *needs = json_object_get(row, "needs");
	bool has = true;

	*why = NULL;
	for (size_t i = 0; i < json_array_size(needs) && !*why; i++)
		if (!json_object_get(g->commands, json_string_value(json_array_get(needs, i))))
			*why = json_string_value(json_array_get(needs, i));
	if (!*why && member_true(row, "harm") && !g->destructive)
		*why = "--destructive";
	if (!*why && *program) {
		int status = has_program(c, g, program, &has);

		if (status)
			return status;
		*why = has ? NULL : program;
	}
	return OK;
}

/* Adds the files that a stream makes. */
static void add_files(json_t *words, const char *stream, const char *tmp)
{
	static const char mark[] = "<tmp>";

	while ((stream = strstr(stream, mark))) {
		char path[96];

		stream += strlen(mark);
		snprintf(path, sizeof(path), "%s%.*s", tmp,
		         (int)strspn(stream, "abcdefghijklmnopqrstuvwxyz0123456789-_."), stream);
		json_array_append_new(words, json_string(path));
	}
}

/* Runs rm in the guest, to its end. *done: there is one. */
static int run_rm(struct context *c, json_t *words, bool *done)
{
	json_t *value, *state = NULL;
	int status = session_try(&c->session, "guest-exec",
	                         json_pack("{s:s, s:o}", "path", "rm", "arg", words), &value);
	double deadline = now() + c->session.timeout;

	*done = value != NULL;
	while (!status && value && !member_true(state, "exited") && now() < deadline) {
		json_decref(state);
		status = session_try(
			&c->session, "guest-exec-status",
			json_pack("{s:I}", "pid", (json_int_t)member_number(value, "pid")), &state);
		if (!state)
			break;
		doze(0.005);
	}
	json_decref(state);
	json_decref(value);
	return status;
}

/* The data's files in the guest, none of which is of use to anybody. */
static int remove_files(struct context *c, const struct board *b, struct guest *g)
{
	json_t *words = json_pack("[s]", "-f");
	bool done;
	int status;

	for (size_t i = 0; i < b->n; i++)
		if (b->result[i].verdict != SKIPPED)
			add_files(words, member_text(b->result[i].row, "stream"), g->tmp);
	if (json_array_size(words) == 1) {
		json_decref(words);
		return OK;
	}
	status = run_rm(c, words, &done);
	if (!status && !done && !c->quiet)
		fprintf(stderr, "qgactl: %s... are left in the guest, which has no rm\n", g->tmp);
	return status;
}

static bool wanted(const struct args *a, const json_t *row)
{
	bool all = !args_has(a, OPT_TOPIC);

	for (size_t i = 0; i < a->n_given && !all; i++)
		all = a->given[i].letter == OPT_TOPIC &&
		      strcmp(a->given[i].value, member_text(row, "topic")) == 0;
	return all;
}

static void show_progress(const struct context *c, const struct board *b, size_t at, size_t n)
{
	if (!c->quiet && isatty(STDERR_FILENO) && (at % 64 == 0 || at == n))
		fprintf(stderr, at == n ? "\r%*s\r" : "\r%*s%zu of %zu, %zu differ",
		        at == n ? 40 : 0, "", at, n, b->count[DIFFERS]);
}

static int play_all(struct context *c, const struct args *a, struct board *b, struct guest *g)
{
	const json_t *rows = json_object_get(b->data, "cases");
	size_t n = json_array_size(rows);
	struct player player;
	int status = player_begin(&player, &c->session);

	if (!status)
		status = player_measure(&player);
	for (size_t i = 0; i < n && !status; i++) {
		const json_t *row = json_array_get(rows, i);
		const char *why;

		if (!wanted(a, row))
			continue;
		show_progress(c, b, i, n);
		status = why_not(c, g, row, &why);
		if (!status && why) {
			b->result[b->n++] = (struct result){row, SKIPPED, why, NULL, NULL};
			b->count[SKIPPED]++;
		} else if (!status) {
			status = conformance_play(b, &player, row, g->tmp);
			if (status)
				status = fail_in(status, "%s, %s", member_text(row, "name"),
				                 member_text(row, "stream"));
		}
	}
	show_progress(c, b, n, n);
	return status;
}

static int write_page(const struct board *b, const char *path)
{
	FILE *to = fopen(path, "we");

	if (!to)
		return fail(FAIL_LOCAL, "%s: %s", path, strerror(errno));
	report_page(b, to);
	if (fclose(to) != 0)
		return fail(FAIL_LOCAL, "%s: %s", path, strerror(errno));
	return OK;
}

static int report(const struct context *c, const struct args *a, const struct board *b)
{
	const char *path = args_value(a, OPT_HTML);
	size_t bad = b->count[DIFFERS] + (args_has(a, OPT_STRICT) ? b->count[WORDING] : 0);
	int status = path ? write_page(b, path) : OK;

	if (c->json) {
		json_t *all = report_json(b);

		print_json(all);
		json_decref(all);
	} else {
		report_table(b);
	}
	if (!status && bad > 0)
		status = fail(FAIL_DIFFERS, "%zu of %zu streams are not answered as by qemu-ga",
		              bad, b->n - b->count[SKIPPED]);
	return status;
}

static int check_topics(const struct args *a, const struct board *b)
{
	const json_t *topics = json_object_get(b->data, "topics");

	for (size_t i = 0; i < a->n_given; i++) {
		bool found = a->given[i].letter != OPT_TOPIC;

		for (size_t t = 0; t < json_array_size(topics) && !found; t++)
			found = strcmp(json_string_value(json_array_get(topics, t)),
			               a->given[i].value) == 0;
		if (!found)
			return fail(FAIL_USAGE,
			            "there is no topic '%s'; without --topic all are shown",
			            a->given[i].value);
	}
	return OK;
}

int cmd_conformance(struct context *c, const struct args *a)
{
	struct board b = {.data = conformance_data(), .target = c->session.target.text};
	struct guest g = {.commands = json_object(),
	                  .programs = json_object(),
	                  .destructive = args_has(a, OPT_DESTRUCTIVE)};
	int status = check_topics(a, &b);

	snprintf(g.tmp, sizeof(g.tmp), "/tmp/qgactl-conformance-%ld-", (long)getpid());
	if (!status && c->session.target.kind->ask)
		status = fail(FAIL_USAGE,
		              "%s: libvirt passes on whole requests only; conformance needs "
		              "the agent's socket",
		              c->session.target.text);
	b.result =
		grow(NULL, json_array_size(json_object_get(b.data, "cases")) * sizeof(*b.result));
	if (!status)
		status = ask_commands(c, &b, &g);
	if (!status)
		status = play_all(c, a, &b, &g);
	if (!status)
		status = remove_files(c, &b, &g);
	if (!status)
		status = report(c, a, &b);
	for (size_t i = 0; i < b.n; i++) {
		free(b.result[i].expected);
		free(b.result[i].got);
	}
	free(b.result);
	json_decref(g.commands);
	json_decref(g.programs);
	json_decref(b.data);
	return status;
}
