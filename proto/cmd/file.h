/* SPDX-License-Identifier: MIT */
/*
 * file.h - guest-file-open, -close, -read, -write, -seek, -flush: a FILE's view of env_files.
 *
 * Handles, positions, fopen(3) modes and base64 are here; what a path is, is the environment's.
 * Left out: stdio's buffering, so a write is seen by other handles at once and its error is told
 * at once, where qemu-ga tells it on flush.
 */
#ifndef BAREQGA_CMD_FILE_H
#define BAREQGA_CMD_FILE_H

#include "bareqga.h"

struct agent;

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
	struct agent_file open[QGA_FILES_MAX];
	int64_t opened; /* files opened so far; handles count from 1000 and are never used again */
};

extern const struct qga_arg qga_args_file_open[], qga_args_file_handle[], qga_args_file_read[],
	qga_args_file_write[], qga_args_file_seek[];

enum qga_status qga_cmd_file_open(struct qga_call *call);
enum qga_status qga_cmd_file_close(struct qga_call *call);
enum qga_status qga_cmd_file_read(struct qga_call *call);
enum qga_status qga_cmd_file_write(struct qga_call *call);
enum qga_status qga_cmd_file_seek(struct qga_call *call);
enum qga_status qga_cmd_file_flush(struct qga_call *call);

/* The open file of that handle, or NULL; and the error of the latter. */
struct agent_file *qga_file_find(struct agent *agent, int64_t handle);
enum qga_status qga_file_not_found(struct qga_call *call);

/* What the environment could not do: "failed to WHAT file: WHY". */
enum qga_status qga_file_failed(struct qga_call *call, const char *what, int error);

#endif
