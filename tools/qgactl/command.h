/* SPDX-License-Identifier: MIT */
/*
 * command.h - a sub-command is a row of the table in commands.c, and a function.
 *
 * The function gets its options and words taken apart, and a session that is in step with the agent
 * (unless the row says otherwise); it prints to stdout and returns OK or what fail() gave.
 */
#ifndef QGACTL_COMMAND_H
#define QGACTL_COMMAND_H

#include <stdbool.h>

#include "fail.h"
#include "session.h"

/* A row of a table of options, ended by one of zeros. */
struct option_row {
	int letter;        /* as -x, or a number beyond letters if there is only the long one */
	const char *name;  /* as --name */
	const char *value; /* what its value is called, or NULL: it has none */
	const char *help;
};

/* What was given, in its order. */
struct args {
	struct given {
		int letter;
		const char *value;
	} * given;
	size_t n_given;
	int argc; /* the words that are left */
	char **argv;
};

struct context {
	struct session session;
	bool json;  /* machines read what is printed */
	bool quiet; /* no progress, no hints */
	bool shell; /* called from the prompt, and so more follows */
};

struct command {
	const char *name;
	const char *words; /* behind the options, for --help */
	const char *summary;
	const char *more; /* what --help says beyond, or NULL */
	const struct option_row *options;
	int min, max; /* words; max -1: any number */
	bool offline; /* opens its session itself */
	enum {
		ALL,        /* options may stand behind words */
		UP_TO_WORD, /* the first word ends them, */
		UP_TO_OTHER /* and so does one that is not known, which is the guest's */
	} takes;
	int (*run)(struct context *c, const struct args *a);
};

extern const struct command commands[]; /* ended by one without a name */

/* Options that every sub-command has, and that may stand in front of it. */
extern const struct option_row common_options[];
enum {
	OPT_JSON = 256,
	OPT_TIMEOUT,
	OPT_COLOR,
	OPT_OWN, /* the first that sub-commands may use */
};

const struct command *command_find(const char *name);
/* Takes an argv apart: options of `command`, or NULL, and common ones. argv[0] is the name. */
int args_parse(struct args *a, int argc, char **argv, const struct command *command);
void args_free(struct args *a);
bool args_has(const struct args *a, int letter);
/* The last value, or NULL. */
const char *args_value(const struct args *a, int letter);
/* A number from `low` to `high`; *value stays as it is if the option was not given. */
int args_number(const struct args *a, int letter, double low, double high, double *value);

void command_help(const struct command *command);
/* Applies the common options, and runs a sub-command: argv[0] is its name. */
int command_run(struct context *c, int argc, char **argv);

/* The sub-commands; each is in cmd_NAME.c, or in a file with its likes. */
int cmd_cat(struct context *c, const struct args *a);
int cmd_conformance(struct context *c, const struct args *a);
int cmd_cpus(struct context *c, const struct args *a);
int cmd_crash(struct context *c, const struct args *a);
int cmd_disks(struct context *c, const struct args *a);
int cmd_exec(struct context *c, const struct args *a);
int cmd_freeze(struct context *c, const struct args *a);
int cmd_get(struct context *c, const struct args *a);
int cmd_halt(struct context *c, const struct args *a);
int cmd_info(struct context *c, const struct args *a);
int cmd_log(struct context *c, const struct args *a);
int cmd_ls(struct context *c, const struct args *a);
int cmd_net(struct context *c, const struct args *a);
int cmd_ping(struct context *c, const struct args *a);
int cmd_put(struct context *c, const struct args *a);
int cmd_raw(struct context *c, const struct args *a);
int cmd_reboot(struct context *c, const struct args *a);
int cmd_shell(struct context *c, const struct args *a);
int cmd_shutdown(struct context *c, const struct args *a);
int cmd_status(struct context *c, const struct args *a);
int cmd_thaw(struct context *c, const struct args *a);
int cmd_time(struct context *c, const struct args *a);
int cmd_top(struct context *c, const struct args *a);
int cmd_wait(struct context *c, const struct args *a);

#endif
