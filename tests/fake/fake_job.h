/* SPDX-License-Identifier: MIT */
/*
 * fake_job.h - runs programs of guest-exec to their ends, and keeps what they print.
 * Include it behind cmocka.h, in one file of a program.
 */
#ifndef FAKE_JOB_H
#define FAKE_JOB_H

#include <string.h>

#include "bareqga.h"

/* What became of the last one. */
static struct {
	char out[65536], err[1024]; /* NUL-ended */
	size_t out_len, err_len;
	uint64_t waited; /* ns that it wanted to wait, all together */
	unsigned calls;  /* of the program */
} ran;

static void job_output(struct qga_job *job, int stream, const void *data, size_t len)
{
	char *to = stream == 1 ? ran.out : ran.err;
	size_t *have = stream == 1 ? &ran.out_len : &ran.err_len;
	size_t room = (stream == 1 ? sizeof ran.out : sizeof ran.err) - *have;

	(void)job;
	assert_in_range(stream, 1, 2);
	assert_true(len < room);
	memcpy(to + *have, data, len);
	*have += len;
	to[*have] = '\0';
}

/* The words are ended by NULL. Returns the exit status, or -1: there is no such program. */
static int job_run(const struct qga_exec *exec, const char *input, char *const *words)
{
	static char *const environment[] = {"A=1", "B=two", NULL};
	struct qga_job job = {.argv = words, .env = environment, .output = job_output};
	qga_program *program = exec->find(exec->context, words[0], strlen(words[0]), &job.context);
	int status;

	memset(&ran, 0, sizeof ran);
	if (!program)
		return -1;
	while (words[job.argc])
		job.argc++;
	job.input = input;
	job.input_len = strlen(input);
	do {
		assert_in_range(++ran.calls, 1, 100000);
		job.wait_ns = 0;
		status = program(&job);
		ran.waited += job.wait_ns;
	} while (status == QGA_RUNNING);
	return status;
}

#endif
