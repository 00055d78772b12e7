/* SPDX-License-Identifier: MIT */
/*
 * exec.h - guest-exec and guest-exec-status: programs are functions, run piece by piece.
 *
 * Each job has an equal slot of the memory given in agent_config: its arguments and input from
 * the front, its output behind them. A job that nobody asks about is forgotten when its slot is
 * needed. Left out: signals, and the host's environment, which there is none of.
 */
#ifndef EXEC_H
#define EXEC_H

#include "command.h"

enum exec_capture {
	EXEC_NONE,
	EXEC_STDOUT,
	EXEC_STDERR,
	EXEC_SEPARATED,
	EXEC_MERGED
};

/* One output stream: where it goes, and what came. */
struct agent_output {
	char *buf;
	size_t cap, len;
	bool truncated;
};

struct agent_job {
	int64_t pid;      /* 0: free */
	env_program *run; /* NULL: it has exited */
	struct env_job job;
	uint64_t due; /* monotonic time of the next call */
	struct agent_output out, err;
	uint8_t capture, status;
};

/* The family's part of struct agent; starts zero. */
struct agent_jobs {
	struct agent_job job[AGENT_JOBS_MAX];
	int64_t started;  /* pids count from 1 and are never used again */
	unsigned running; /* jobs that have not exited */
};

extern const struct arg args_exec[], args_exec_status[];

enum cmd_status cmd_exec(struct agent *agent, struct call *call);
enum cmd_status cmd_exec_status(struct agent *agent, struct call *call);

/* One piece of every job that is due; returns as agent_poll() does. */
uint64_t exec_poll(struct agent *agent);

#endif
