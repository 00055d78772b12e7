/* SPDX-License-Identifier: MIT */
/* program.h - a program of the guest: guest-exec, and guest-exec-status until it has ended. */
#ifndef QGACTL_PROGRAM_H
#define QGACTL_PROGRAM_H

#include "session.h"

struct program {
	const char *path;
	char **args; /* n_args of them */
	int n_args;
	json_t *env;         /* list of K=V, or NULL; owned by the caller */
	struct buffer input; /* given if has_input */
	bool has_input;
};

/* Starts it; its output is kept for program_ended(). */
int program_start(struct session *s, const struct program *p, long long *pid);

/* Asks once. *ended: NULL while it runs, then the agent's answer, which the caller owns. */
int program_status(struct session *s, long long pid, json_t **ended);

/* Waits for its end; until < 0: without end. FAIL_TIME when that time has come. */
int program_wait(struct session *s, long long pid, double until, json_t **ended);

/* Output decoded: "out-data" or "err-data" of an answer, added to `to`. */
int program_output(const json_t *ended, const char *name, struct buffer *to);

/* What a shell would call its end: the exit status, or 128 and the signal. */
int program_exit(const json_t *ended);

/* Runs it to its end, with its output in `out`; what it wrote to stderr is a failure's sentence. */
int program_run(struct session *s, const char *path, char **args, int n_args, struct buffer *out);

#endif
