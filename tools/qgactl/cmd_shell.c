/* SPDX-License-Identifier: MIT */
/*
 * cmd_shell.c - a prompt: all sub-commands on one connection, with the editing, history and
 * completion of libedit. Where stdin is no terminal it is a script: no prompt, and it ends at the
 * first failure.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <editline/readline.h>

#include "clock.h"
#include "command.h"
#include "complete.h"
#include "print.h"
#include "words.h"

enum {
	HISTORY_LINES = 1000,
	LEAVE = -1
};

static int run(struct context *c, struct words *w)
{
	struct context kept = *c;
	int status;

	if (w->n == 0)
		return OK;
	if (strcmp(w->word[0], "quit") == 0 || strcmp(w->word[0], "exit") == 0)
		return LEAVE;
	if (strcmp(w->word[0], "shell") == 0)
		return fail(FAIL_USAGE, "this is the shell");
	stopped = 0;
	fail(OK, "%s", "");
	status = command_run(c, (int)w->n, w->word);
	/* Options are for one command, but for --target. */
	c->json = kept.json;
	c->quiet = kept.quiet;
	c->session.timeout = kept.session.timeout;
	c->session.trace = kept.session.trace;
	return status;
}

static int run_line(struct context *c, const char *line)
{
	struct words words;
	int status = words_split(&words, line);

	if (!status)
		status = run(c, &words);
	words_free(&words);
	if (status != LEAVE && status && *failure()) {
		fflush(stdout);
		fprintf(stderr, "qgactl: %s\n", failure());
	} else if (status > 0 && !c->quiet && isatty(STDIN_FILENO)) {
		fprintf(stderr, "(status %d)\n", status);
	}
	return status;
}

static int script(struct context *c)
{
	char *line = NULL;
	size_t cap = 0;
	int status = OK;

	while (!status && !stopped && getline(&line, &cap, stdin) >= 0)
		if (line[strspn(line, " \t")] != '#')
			status = run_line(c, line);
	free(line);
	if (stopped)
		return fail(FAIL_STOPPED, "stopped");
	return status == LEAVE ? OK : fail(status, "%s", "");
}

/* $XDG_STATE_HOME/qgactl_history, or the like below $HOME; NULL if there is no place. */
static char *history_file(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct buffer path = {0};

	if (state && *state) {
		buffer_printf(&path, "%s", state);
	} else if (home && *home) {
		buffer_printf(&path, "%s/.local", home);
		mkdir(path.data, 0700);
		buffer_text(&path, "/state");
		buffer_add(&path, "", 1);
		path.len--;
	} else {
		return NULL;
	}
	mkdir(path.data, 0700);
	buffer_printf(&path, "/qgactl_history");
	return path.data;
}

static void make_prompt(const struct context *c, char *prompt, size_t size)
{
	const char *text = c->session.target.text, *slash = strrchr(text, '/');
	char shown[40];

	/* A socket's directory says more than its name: all agents' are called alike. */
	if (strlen(text) > 36 && slash)
		for (text = slash; text > c->session.target.text && text[-1] != '/';)
			text--;
	print_clean(shown, sizeof(shown), text, strlen(text));
	snprintf(prompt, size, "%s> ", shown);
}

static int interactive(struct context *c)
{
	char prompt[64], *line, *path = history_file();
	int status = OK;

	complete_begin(c);
	rl_readline_name = "qgactl";
	using_history();
	stifle_history(HISTORY_LINES);
	if (path)
		read_history(path);
	make_prompt(c, prompt, sizeof(prompt));
	while (status != LEAVE) {
		stopped = 0;
		line = readline(prompt);
		if (!line && stopped) { /* Ctrl-C: not this line */
			putchar('\n');
			continue;
		}
		if (!line)
			break;
		if (line[strspn(line, " \t")]) {
			add_history(line);
			status = run_line(c, line);
			make_prompt(c, prompt, sizeof(prompt));
		}
		free(line);
	}
	if (status != LEAVE)
		putchar('\n');
	if (path)
		write_history(path);
	free(path);
	return fail(OK, "%s", "");
}

int cmd_shell(struct context *c, const struct args *a)
{
	int status;

	(void)a;
	if (c->shell)
		return fail(FAIL_USAGE, "this is the shell");
	c->shell = true;
	if (!isatty(STDIN_FILENO))
		return script(c);
	/* A guest that is not there yet is a hint, not the end. */
	status = session_ready(&c->session);
	if (status == FAIL_USAGE)
		return status;
	if (status)
		fprintf(stderr, "qgactl: %s\n", failure());
	else if (!c->quiet)
		printf("%s answers; help lists the commands, Ctrl-D leaves\n",
		       c->session.target.text);
	return interactive(c);
}
