/* SPDX-License-Identifier: MIT */
/*
 * main.c - qgactl: talks to a QEMU guest agent, whichever it is.
 *
 *     main -> command_run -> a row of commands.c -> cmd_*.c -> session -> reader, target_*.c
 *
 * Left out on purpose: several targets at once, which a shell's loop does as well.
 */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "print.h"

#ifndef QGACTL_VERSION
#define QGACTL_VERSION "unknown"
#endif

static void on_signal(int number)
{
	stopped = number;
}

static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	/* No SA_RESTART: what waits is to notice. */
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

const struct command *command_find(const char *name)
{
	for (const struct command *row = commands; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

static int set_colours(const char *when)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (strcmp(when, "always") == 0)
		print_colours = true;
	else if (strcmp(when, "never") == 0)
		print_colours = false;
	else if (strcmp(when, "auto") == 0)
		print_colours =
			isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb") != 0;
	else
		return fail(FAIL_USAGE, "--color is auto, always or never, not '%s'", when);
	return OK;
}

static int set_target(struct context *c, const char *target)
{
	double timeout = c->session.timeout;
	bool trace = c->session.trace;
	int status;

	session_end(&c->session);
	status = session_begin(&c->session, target, timeout);
	c->session.trace = trace;
	return status;
}

static int apply(struct context *c, const struct args *a)
{
	const char *color = args_value(a, OPT_COLOR), *target = args_value(a, 'T');
	int status = args_number(a, OPT_TIMEOUT, 0.001, 1e6, &c->session.timeout);

	if (args_has(a, OPT_JSON))
		c->json = true;
	if (args_has(a, 'q'))
		c->quiet = true;
	if (args_has(a, 'v'))
		c->session.trace = true;
	if (!status && color)
		status = set_colours(color);
	if (!status && target)
		status = set_target(c, target);
	return status;
}

static int need_target(struct context *c)
{
	const char *target = getenv("QGACTL_TARGET");

	if (c->session.target.kind)
		return OK;
	if (!target || !*target)
		return fail(FAIL_USAGE, "no target: say -T unix:PATH, or another one, or set "
		                        "QGACTL_TARGET; see qgactl --help");
	return set_target(c, target);
}

static int run(struct context *c, const struct command *command, struct args *a)
{
	bool alone = command->run == cmd_crash && args_has(a, 'r'); /* nobody is asked */
	int status = OK;

	if (a->argc < command->min)
		return fail(FAIL_USAGE, "%s: words are missing: %s; see qgactl %s --help",
		            command->name, command->words, command->name);
	if (command->max >= 0 && a->argc > command->max)
		return fail(FAIL_USAGE, "%s: '%s' is one word too many; see qgactl %s --help",
		            command->name, a->argv[command->max], command->name);
	if (!c->shell && !alone)
		status = need_target(c);
	if (!status && !command->offline && !alone)
		status = session_ready(&c->session);
	if (status && command->run == cmd_exec && status != FAIL_USAGE)
		return FAIL_EXEC;
	return status ? status : command->run(c, a);
}

int command_run(struct context *c, int argc, char **argv)
{
	bool help = strcmp(argv[0], "help") == 0;
	const char *name = help && argc > 1 ? argv[1] : argv[0];
	const struct command *command = command_find(name);
	struct args a;
	int status;

	if (!command && !(help && argc == 1))
		return fail(FAIL_USAGE, "'%s' is no command; see %s", name,
		            c->shell ? "help" : "qgactl --help");
	if (help) {
		command_help(command);
		return OK;
	}
	status = args_parse(&a, argc, argv, command);
	if (!status && args_has(&a, 'h'))
		command_help(command);
	else {
		if (!status)
			status = apply(c, &a);
		if (!status)
			status = run(c, command, &a);
	}
	args_free(&a);
	/* Nobody reads any more: no matter to tell anybody of. */
	if (fflush(stdout) != 0 && !status)
		status = fail(FAIL_LOCAL, "the output cannot be written: %s", strerror(errno));
	return status;
}

/* For the completions of shells: the commands, or the options of one; a tab before what it is. */
static int list(const char *name)
{
	const struct command *command = name ? command_find(name) : NULL;

	for (const struct command *row = commands; !name && row->name; row++)
		printf("%s\t%s\n", row->name, row->summary);
	for (int i = name ? 0 : 2; i < 2; i++) {
		const struct option_row *row = i == 1    ? common_options
		                               : command ? command->options
		                                         : NULL;

		for (; row && row->name; row++)
			printf("--%s\t%s\n", row->name, row->help);
	}
	return OK;
}

int main(int argc, char **argv)
{
	struct context c = {.session = {.fd = -1, .timeout = 5}};
	struct args a;
	int status;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C");
	catch_signals();
	set_colours("auto");
	if (argc > 1 && strcmp(argv[1], "--list") == 0)
		return list(argc > 2 ? argv[2] : NULL);
	if (argc == 2 && (strcmp(argv[1], "-V") == 0 || strcmp(argv[1], "--version") == 0)) {
		printf("qgactl %s\n", QGACTL_VERSION);
		return OK;
	}
	status = args_parse(&a, argc, argv, NULL);
	if (!status && args_has(&a, 'h'))
		command_help(NULL);
	else if (!status) {
		status = apply(&c, &a);
		if (!status && a.argc == 0)
			status = fail(FAIL_USAGE, "what is to be done? See qgactl --help");
		if (!status)
			status = command_run(&c, a.argc, a.argv);
	}
	args_free(&a);
	session_end(&c.session);
	if (status && *failure()) {
		fflush(stdout);
		fprintf(stderr, "qgactl: %s\n", failure());
	}
	return status;
}
