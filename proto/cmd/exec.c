/* SPDX-License-Identifier: MIT */
/*
 * exec.c - see exec.h: starting jobs and running them. The texts are those of qemu-ga 7.2; the
 * named values of "capture-output" came with the 8.1 schema.
 */
#include <string.h>

#include "core/agent.h"
#include "base64.h"
#include "env_text.h"
#include "exec.h"

#if QGA_WITH_EXEC

static const char *const exec_capture_names[] = {
	[0] = "GuestExecCaptureOutput",
	[1 + EXEC_NONE] = "none",
	[1 + EXEC_STDOUT] = "stdout",
	[1 + EXEC_STDERR] = "stderr",
	[1 + EXEC_SEPARATED] = "separated",
	[1 + EXEC_MERGED] = "merged",
	NULL,
};

/* Bytes of the room that one stream leaves to the other, so that a flood hides no complaint. */
#define EXEC_KEPT 1024

static const struct qga_arg exec_string = {.name = "", .type = QGA_ARG_STR};

enum {
	EXEC_PATH,
	EXEC_ARGV,
	EXEC_ENVIRONMENT,
	EXEC_INPUT,
	EXEC_CAPTURE
};

const struct qga_arg qga_args_exec[] = {
	[EXEC_PATH] = {.name = "path", .type = QGA_ARG_STR},
	[EXEC_ARGV] = {.name = "arg", .type = QGA_ARG_LIST, .optional = true, .item = &exec_string},
	[EXEC_ENVIRONMENT] = {.name = "env",
                              .type = QGA_ARG_LIST,
                              .optional = true,
                              .item = &exec_string},
	[EXEC_INPUT] = {.name = "input-data", .type = QGA_ARG_STR, .optional = true},
	[EXEC_CAPTURE] = {.name = "capture-output",
                          .type = QGA_ARG_ALT_BOOL_ENUM,
                          .optional = true,
                          .names = exec_capture_names},
	{.name = NULL},
};

/* --- A slot's memory --- */

/* How many strings a list has, and the bytes they take with their NULs. */
struct job_extent {
	size_t n, bytes;
};

static struct job_extent job_measure(struct qga_call *call, const struct qga_value *list)
{
	struct job_extent e = {0};
	struct qga_value item;
	int token = 0;

	while (list->present && qga_list_next(call, list, &exec_string, &token, &item)) {
		e.n++;
		e.bytes += item.s.len + 1;
	}
	return e;
}

/* Copies a string and its NUL to *to, and moves that on. */
static char *job_copy(char **to, const struct qga_span *s)
{
	char *text = *to;

	memcpy(text, s->ptr, s->len);
	text[s->len] = '\0';
	*to += s->len + 1;
	return text;
}

/* Fills a NULL-ended vector with the strings of a list. */
static void job_fill(struct qga_call *call, char **v, char **to, const struct qga_value *list)
{
	struct qga_value item;
	int token = 0;

	while (list->present && qga_list_next(call, list, &exec_string, &token, &item))
		*v++ = job_copy(to, &item.s);
	*v = NULL;
}

/* --- guest-exec --- */

/* A free slot, or that of the job which exited first of those nobody asked about. */
static struct agent_job *job_find_free(struct agent_jobs *jobs)
{
	struct agent_job *best = NULL;

	for (size_t i = 0; i < QGA_JOBS_MAX; i++) {
		struct agent_job *job = &jobs->job[i];

		if (!job->run && (!best || job->pid < best->pid))
			best = job;
	}
	return best;
}

/* How much of `len` a stream may still take. Both streams share the room; some is kept for the other. */
static size_t job_room(const struct agent_job *job, const struct agent_output *to, size_t len)
{
	const struct agent_output *other = to == &job->out ? &job->err : &job->out;
	size_t room = to->cap - to->len - other->len, keep = 0;

	if (job->capture == EXEC_SEPARATED) {
		keep = to->cap / 16 < EXEC_KEPT ? to->cap / 16 : EXEC_KEPT;
		keep = keep > other->len ? keep - other->len : 0;
	}
	room = room > keep ? room - keep : 0;
	return len < room ? len : room;
}

static void job_output(struct qga_job *seen, int stream, const void *data, size_t len)
{
	struct agent_job *job =
		(struct agent_job *)((char *)seen - offsetof(struct agent_job, job));
	struct agent_output *to =
		stream == 2 && job->capture != EXEC_MERGED ? &job->err : &job->out;
	const char *from = data;
	size_t n;

	if (!to->buf)
		return;
	n = job_room(job, to, len);
	to->truncated |= n < len;
	if (job->capture == EXEC_SEPARATED && to == &job->err)
		for (size_t i = 1; i <= n; i++)
			*(to->buf + to->cap - to->len - i) = *from++;
	else
		memcpy(to->buf + to->len, from, n);
	to->len += n;
}

/* Beside stdout, stderr grows down from the end of the room: turns it round. */
static void job_turn(struct agent_job *job)
{
	struct agent_output *err = &job->err;
	char *a, *b;

	if (job->capture != EXEC_SEPARATED)
		return;
	b = err->buf + err->cap;
	a = b - err->len;
	err->buf = a;
	while (a < b) {
		char c = *a;

		*a++ = *--b;
		*b = c;
	}
}

static enum exec_capture job_capture(const struct qga_value *value)
{
	if (!value->present)
		return EXEC_NONE;
	if (value->type == QGA_ARG_BOOL)
		return value->b ? EXEC_SEPARATED : EXEC_NONE;
	return (enum exec_capture)value->i;
}

/* Gives a job room for what it captures. */
static void job_divide(struct agent_job *job, char *room, size_t size)
{
	struct agent_output all = {.buf = room, .cap = size};

	if (job->capture == EXEC_STDERR || job->capture == EXEC_SEPARATED)
		job->err = all;
	if (job->capture != EXEC_STDERR && job->capture != EXEC_NONE)
		job->out = all;
}

/*
 * Makes a job of the request: vectors, strings and input from the front of its slot, the rest
 * for output. Returns 0, or an error, and then nothing has changed.
 */
static int job_load(struct agent *agent, struct qga_call *call, struct agent_job *job,
                    size_t input_len)
{
	const struct qga_value *argv = &call->arg[EXEC_ARGV], *env = &call->arg[EXEC_ENVIRONMENT];
	const struct qga_span *path = &call->arg[EXEC_PATH].s;
	struct job_extent a = job_measure(call, argv), e = job_measure(call, env);
	size_t vectors = a.n + e.n + 3; /* and the path, and two NULLs */
	size_t used = vectors * sizeof(char *) + path->len + 1 + a.bytes + e.bytes + input_len;
	size_t size = agent->config->jobs_size / QGA_JOBS_MAX / sizeof(char *) * sizeof(char *);
	char **v = (char **)((char *)agent->config->jobs + (size_t)(job - agent->jobs.job) * size);
	char *text = (char *)(v + vectors), *end = (char *)v + size;

	if (used > size)
		return QGA_E2BIG;
	*job = (struct agent_job){.capture = job_capture(&call->arg[EXEC_CAPTURE])};
	job->job.argv = v;
	job->job.argc = a.n + 1;
	job->job.env = v + a.n + 2;
	*v++ = job_copy(&text, path);
	job_fill(call, v, &text, argv);
	job_fill(call, v + a.n + 1, &text, env);
	job->job.input = text;
	job->job.input_len = input_len;
	job->job.output = job_output;
	if (input_len > 0)
		memcpy(text, call->arg[EXEC_INPUT].s.ptr, input_len);
	job_divide(job, text + input_len, (size_t)(end - text) - input_len);
	return 0;
}

enum qga_status qga_cmd_exec(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	const struct qga_exec *exec = call->env->exec;
	const struct qga_span *path = &call->arg[EXEC_PATH].s, *input = &call->arg[EXEC_INPUT].s;
	struct agent_job *job = job_find_free(&agent->jobs);
	int64_t input_len = 0;
	qga_program *run;
	void *context = NULL;
	int error = 0;

	if (call->arg[EXEC_INPUT].present)
		input_len = qga_base64_decode(input->ptr, input->ptr, input->len);
	if (input_len < 0)
		return qga_error(call, "Base64 data contains invalid characters");
	run = exec->find(exec->context, path->ptr, path->len, &context);
	if (!run)
		error = QGA_ENOENT;
	else if (!job)
		error = QGA_EAGAIN;
	else
		error = job_load(agent, call, job, (size_t)input_len);
	if (error < 0)
		return qga_error(call,
		                 "Guest agent command failed, error was 'Failed to execute child "
		                 "process \u201C%S\u201D (%s)'",
		                 path, qga_env_text(error));
	job->pid = ++agent->jobs.started;
	job->run = run;
	agent->jobs.running++;
	job->job.context = context;
	qga_out_object(call->out);
	qga_out_member_int(call->out, "pid", job->pid);
	qga_out_object_end(call->out);
	return QGA_DONE;
}

/* Calls a job that is due; returns how long it wants to rest then. */
static uint64_t job_run(struct agent_jobs *jobs, struct agent_job *job, uint64_t now)
{
	int status;

	if (job->due > now)
		return job->due - now;
	job->job.wait_ns = 0;
	status = job->run(&job->job);
	if (status == QGA_RUNNING) {
		job->due = now + job->job.wait_ns;
		return job->job.wait_ns;
	}
	job->status = (uint8_t)status;
	job->run = NULL;
	job_turn(job);
	jobs->running--;
	return QGA_IDLE;
}

uint64_t qga_exec_poll(struct agent *agent)
{
	const struct qga_clock *clock = agent->config->env->clock;
	uint64_t now = UINT64_MAX, wait = QGA_IDLE;

	if (agent->jobs.running == 0)
		return QGA_IDLE;
	if (clock && clock->monotonic)
		now = clock->monotonic(clock->context);
	for (size_t i = 0; i < QGA_JOBS_MAX; i++) {
		struct agent_job *job = &agent->jobs.job[i];
		uint64_t rest = job->run ? job_run(&agent->jobs, job, now) : QGA_IDLE;

		wait = rest < wait ? rest : wait;
	}
	return wait;
}

#endif
