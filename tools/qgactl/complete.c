/* SPDX-License-Identifier: MIT */
/*
 * complete.c - see complete.h. Paths of the guest come from its ls: `ls -1pa DIRECTORY/` of a Linux
 * guest, and bareqga's, which takes no options and prints all its files with their sizes.
 */
#include <stdlib.h>
#include <string.h>

#include <editline/readline.h>

#include "clock.h"
#include "complete.h"
#include "program.h"
#include "words.h"

/* libedit's callbacks have no context of their own. */
static struct context *context;
static struct words found;
static size_t next;

static void offer(const char *text, size_t len)
{
	found.word = grow(found.word, (found.n + 1) * sizeof(char *));
	found.word[found.n++] = strndup(text, len);
}

static void offer_commands(void)
{
	for (const struct command *row = commands; row->name; row++)
		offer(row->name, strlen(row->name));
	offer("help", 4);
	offer("quit", 4);
}

static void offer_options(const struct option_row *row)
{
	for (; row->name; row++) {
		char text[40];

		offer(text, (size_t)snprintf(text, sizeof(text), "--%s", row->name));
	}
}

/* Offers a name in `directory`, the first dir_len bytes of what is typed. */
static void offer_path(const char *directory, size_t dir_len, const char *name, size_t len)
{
	char *path;

	if (len == 0 || strncmp(name, "./", len) == 0 || strncmp(name, "../", len) == 0)
		return;
	path = grow(NULL, dir_len + len);
	memcpy(path, directory, dir_len);
	memcpy(path + dir_len, name, len);
	offer(path, dir_len + len);
	free(path);
}

/* A line of ls: a name, or bareqga's path, which has a blank and a number behind it. */
static void offer_line(const char *directory, size_t dir_len, const char *line, size_t len)
{
	const char *blank = memrchr(line, ' ', len);

	if (len > 0 && line[0] == '/' && blank)
		offer(line, (size_t)(blank - line));
	else
		offer_path(directory, dir_len, line, len);
}

static void offer_guest_paths(const char *typed)
{
	const char *slash = strrchr(typed, '/');
	size_t dir_len = slash ? (size_t)(slash + 1 - typed) : 0;
	char *directory = dir_len ? strndup(typed, dir_len) : strdup("/");
	char *args[] = {"-1pa", "--", directory};
	struct buffer out = {0};
	double timeout = context->session.timeout;

	/* Nobody waits at a prompt for a guest that does not answer. */
	context->session.timeout = timeout < 1 ? timeout : 1;
	if (directory && program_run(&context->session, "ls", args, 3, &out) == OK)
		for (size_t at = 0; at < out.len;) {
			char *line = out.data + at, *end = memchr(line, '\n', out.len - at);
			size_t len = end ? (size_t)(end - line) : out.len - at;

			offer_line(directory, strlen(directory), line, len);
			at += len + 1;
		}
	context->session.timeout = timeout;
	if (dir_len == 0 || strcmp(typed, "/") == 0 || (typed[0] == '/' && dir_len == 1)) {
		offer("/log", 4);
		offer("/crash", 6);
	}
	buffer_free(&out);
	free(directory);
}

static bool local_paths(const char *command, size_t index)
{
	return (strcmp(command, "put") == 0 && index == 1) ||
	       (strcmp(command, "get") == 0 && index == 2);
}

static bool guest_paths(const char *command, size_t index)
{
	static const char *const all[] = {"cat", "ls", "log", "freeze", "exec"};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(command, all[i]) == 0)
			return true;
	return (strcmp(command, "get") == 0 && index == 1) ||
	       (strcmp(command, "put") == 0 && index == 2);
}

static char *generate(const char *text, int state)
{
	size_t len = strlen(text);

	if (state == 0)
		next = 0;
	while (next < found.n) {
		const char *word = found.word[next++];

		if (word && strncmp(word, text, len) == 0)
			return strdup(word);
	}
	return NULL;
}

/* Words of the line before the one at start that are no options. */
static size_t index_of(const struct words *before)
{
	size_t n = 0;

	for (size_t i = 0; i < before->n; i++)
		n += before->word[i][0] != '-';
	return n;
}

char **complete_line(struct context *c, const char *line, int start, int end)
{
	char *head = strndup(line, (size_t)start);
	char *typed = strndup(line + start, (size_t)(end - start));
	const struct command *command;
	struct words before;
	char **matches = NULL;

	context = c;
	words_free(&found);
	rl_attempted_completion_over = 1;
	rl_completion_append_character = ' ';
	if (head && typed && words_split(&before, head) == OK) {
		command = before.n > 0 ? command_find(before.word[0]) : NULL;
		if (before.n == 0)
			offer_commands();
		else if (strcmp(before.word[0], "help") == 0)
			offer_commands();
		else if (command && typed[0] == '-') {
			offer_options(command->options);
			offer_options(common_options);
		} else if (command && local_paths(command->name, index_of(&before)))
			rl_attempted_completion_over = 0; /* libedit knows them itself */
		else if (command && guest_paths(command->name, index_of(&before)))
			offer_guest_paths(typed);
		if (found.n > 0)
			matches = rl_completion_matches(typed, generate);
		words_free(&before);
	}
	/* Behind a directory one goes on typing. */
	if (matches && matches[0] && matches[0][0] && matches[0][strlen(matches[0]) - 1] == '/')
		rl_completion_append_character = '\0';
	free(head);
	free(typed);
	return matches;
}

static char **asked(const char *text, int start, int end)
{
	(void)text;
	return complete_line(context, rl_line_buffer, start, end);
}

void complete_begin(struct context *c)
{
	context = c;
	rl_attempted_completion_function = asked;
	rl_completer_word_break_characters = " \t\n";
}
