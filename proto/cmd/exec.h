/* SPDX-License-Identifier: MIT */
/*
 * exec.h - guest-exec and guest-exec-status: programs are functions, run piece by piece.
 *
 * Each job has an equal slot of the memory given in agent_config: its arguments and input from
 * the front, its output behind them: stdout from there, stderr from the end. A job that nobody asks about is forgotten when its slot is
 * needed. Left out: signals, and the host's environment, which there is none of.
 */
#ifndef BAREQGA_CMD_EXEC_H
#define BAREQGA_CMD_EXEC_H

#include "bareqga.h"

struct agent;

enum exec_capture {
	EXEC_NONE,
	EXEC_STDOUT,
	EXEC_STDERR,
	EXEC_SEPARATED,
	EXEC_MERGED
};

/* One output stream: the room, which both may have, and what came. */
struct agent_output {
	char *buf;
	size_t cap, len;
	bool truncated;
};

struct agent_job {
	int64_t pid;      /* 0: free */
	qga_program *run; /* NULL: it has exited */
	struct qga_job job;
	uint64_t due; /* monotonic time of the next call */
	struct agent_output out, err;
	uint8_t capture, status;
};

/* The family's part of struct agent; starts zero. */
struct agent_jobs {
	struct agent_job job[QGA_JOBS_MAX];
	int64_t started;  /* pids count from 1 and are never used again */
	unsigned running; /* jobs that have not exited */
};

extern const struct qga_arg qga_args_exec[], qga_args_exec_status[];

enum qga_status qga_cmd_exec(struct qga_call *call);
enum qga_status qga_cmd_exec_status(struct qga_call *call);

/* One piece of every job that is due; returns as qga_poll() does. */
uint64_t qga_exec_poll(struct agent *agent);

#endif
