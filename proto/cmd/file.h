/* SPDX-License-Identifier: MIT */
/*
 * file.h - guest-file-open, -close, -read, -write, -seek, -flush: a FILE's view of env_files.
 *
 * Handles, positions, fopen(3) modes and base64 are here; what a path is, is the environment's.
 * Left out: stdio's buffering, so a write is seen by other handles at once and its error is told
 * at once, where qemu-ga tells it on flush.
 */
#ifndef FILE_H
#define FILE_H

#include "command.h"

/* Largest "count" of guest-file-read, as in qemu-ga. */
#define FILE_READ_MAX (48 << 20)

/* "count" when the client gives none. */
#define FILE_READ_DEFAULT 4096

/* Positions end here: the largest file of an ext4 with 4 KiB blocks, where qemu-ga usually runs. */
#define FILE_POSITION_MAX 0xffffffff000

/* One open file. */
struct agent_file {
	int64_t handle; /* 0: free */
	void *file;     /* the environment's */
	uint64_t position;
	uint8_t mode; /* enum file_mode */
};

enum file_mode {
	FILE_READ = 1 << 0,
	FILE_WRITE = 1 << 1,
	FILE_APPEND = 1 << 2,
};

/* The family's part of struct agent; starts zero. */
struct agent_files {
	struct agent_file open[AGENT_FILES_MAX];
	int64_t opened; /* files opened so far; handles count from 1000 and are never used again */
};

extern const struct arg args_file_open[], args_file_handle[], args_file_read[], args_file_write[],
	args_file_seek[];

enum cmd_status cmd_file_open(struct agent *agent, struct call *call);
enum cmd_status cmd_file_close(struct agent *agent, struct call *call);
enum cmd_status cmd_file_read(struct agent *agent, struct call *call);
enum cmd_status cmd_file_write(struct agent *agent, struct call *call);
enum cmd_status cmd_file_seek(struct agent *agent, struct call *call);
enum cmd_status cmd_file_flush(struct agent *agent, struct call *call);

/* The open file of that handle, or NULL; and the error of the latter. */
struct agent_file *file_find(struct agent *agent, int64_t handle);
enum cmd_status file_not_found(struct call *call);

/* What the environment could not do: "failed to WHAT file: WHY". */
enum cmd_status file_failed(struct call *call, const char *what, int error);

#endif
