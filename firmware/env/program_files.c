/* SPDX-License-Identifier: MIT */
/*
 * program_files.c - see programs.h: cat, ls and rm. ls is our own: each line is a path and a size.
 */
#include <string.h>

#include "env.h"
#include "programs.h"

static const struct qga_files *files;

static int open(const char *path, void **file)
{
	if (!files)
		return QGA_ENOENT;
	return files->open(files->context, path, strlen(path), QGA_OPEN_READ, file);
}

/* --- cat --- */

/* Copies a piece of a file to stdout; returns the bytes, 0 at the end, or an error. The deepest call of small machines. */
static int64_t cat_piece(struct qga_job *job, const char *path, uint64_t offset)
{
	char buf[QGA_SMALL ? 128 : 256];
	void *file;
	int64_t n = open(path, &file);

	if (n < 0)
		return n;
	n = files->read(files->context, file, offset, buf, sizeof(buf));
	files->close(files->context, file);
	if (n > 0)
		job->output(job, STDOUT, buf, (size_t)n);
	return n;
}

/* What is left of the input. */
static void cat_input(struct qga_job *job)
{
	if (!job->state[3])
		job->output(job, STDOUT, job->input, job->input_len);
	job->state[3] = 1;
}

/*
 * A piece each call. state[0]: number of the file, state[1]: offset in it, state[2]: exit status,
 * state[3]: whether the input has been read.
 */
int program_cat(struct qga_job *job)
{
	const char *path = program_operand(job, (size_t)job->state[0]);
	int64_t n = 0;

	if (job->state[0] == 0 && job->state[1] == 0) {
		if (program_refuses(job, "u"))
			return 1;
		if (!path)
			path = "-";
	}
	if (!path)
		return (int)job->state[2];
	if (strcmp(path, "-") == 0)
		cat_input(job);
	else
		n = cat_piece(job, path, job->state[1]);
	if (n < 0) {
		program_complain(job, "", path, ": ", (int)n);
		job->state[2] = 1;
	}
	if (n <= 0)
		job->state[0]++;
	job->state[1] = n > 0 ? job->state[1] + (uint64_t)n : 0;
	return QGA_RUNNING;
}

/* --- ls --- */

static void list_file(struct qga_job *job, const char *path, size_t len, uint64_t size)
{
	job->output(job, STDOUT, path, len);
	program_put(job, STDOUT, " ");
	program_put_number(job, size, 0, "\n");
}

/* The files in RAM whose paths begin so, or all. */
static void list_ram(struct qga_job *job, const char *directory, size_t dir_len)
{
	const char *path;
	size_t size, len;

	for (size_t i = 0; (len = env_files_list(i, &path, &size)) > 0; i++)
		if (len > dir_len && memcmp(path, directory, dir_len) == 0)
			list_file(job, path, len, size);
}

/* Lists a file, or a directory; returns 0 or an error. */
static int list(struct qga_job *job, const char *name)
{
	const char *path;
	uint64_t size;
	void *file;
	int error = open(name, &file);

	if (error == QGA_EISDIR) { /* so it has a path */
		int n = env_path(name, strlen(name), env_files_step, &path);

		list_ram(job, path, n > 1 ? (size_t)n : 0);
		return 0;
	}
	if (error < 0)
		return error;
	error = files->size(files->context, file, &size);
	files->close(files->context, file);
	if (error == 0)
		list_file(job, name, strlen(name), size);
	return error;
}

/* -1, -a and -p change nothing: each line is a whole path, and directories are not listed. */
int program_ls(struct qga_job *job)
{
	const char *name;
	int status = 0;

	if (program_refuses(job, "1ap"))
		return 2;
	if (!program_operand(job, 0))
		list_ram(job, "", 0);
	for (size_t i = 0; (name = program_operand(job, i)); i++) {
		int error = list(job, name);

		if (error < 0) {
			program_complain(job, "cannot access '", name, "': ", error);
			status = 2;
		}
	}
	return status;
}

/* --- rm --- */

int program_rm(struct qga_job *job)
{
	const char *name;
	bool force = false;
	int status = 0;

	if (program_refuses(job, "f"))
		return 1;
	for (size_t i = 1; i < job->argc && strcmp(job->argv[i], "--") != 0; i++)
		force |= job->argv[i][0] == '-' && job->argv[i][1];
	if (!force && !program_operand(job, 0))
		return program_complain(job, "missing operand", "", "", 0);
	for (size_t i = 0; (name = program_operand(job, i)); i++) {
		int error = env_files_remove(name, strlen(name));

		if (error < 0 && !(force && error == QGA_ENOENT))
			status = program_complain(job, "cannot remove '", name, "': ", error);
	}
	return status;
}

void program_files_init(const struct qga_files *f)
{
	files = f;
}
