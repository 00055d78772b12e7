/* SPDX-License-Identifier: MIT */
/*
 * env_exec.c - the programs of guest-exec: the application's, and the few that mean something here.
 *
 *     true false echo [-n] ARG...  env  sleep SECONDS  uptime
 *     cat [FILE...]  ls  rm FILE...  dmesg
 *
 * A program is asked for as /bin/NAME, /usr/bin/NAME or NAME. Left out: a shell.
 */
#include <string.h>

#include "app.h"
#include "env.h"
#include "cmd/env_text.h"
#include "log.h"

static const struct qga_files *files;
static const struct qga_clock *clock;
static struct log *log_ring;

enum {
	STDOUT = 1,
	STDERR = 2
};

static void put(struct qga_job *job, int stream, const char *text)
{
	job->output(job, stream, text, strlen(text));
}

/* The whole part of value / 10^decimals, and what stands behind it. */
static void put_number(struct qga_job *job, uint64_t value, unsigned decimals, const char *after)
{
	char text[32];
	struct qga_out out = {.buf = text, .cap = sizeof(text)};

	qga_out_fixed(&out, (int64_t)value, decimals);
	job->output(job, STDOUT, text, out.len - (decimals ? decimals + 1 : 0));
	put(job, STDOUT, after);
}

/* "NAME: FILE: why", the complaint of every program; returns the exit status 1. */
static int complain(struct qga_job *job, const char *file, int error)
{
	const char *slash = strrchr(job->argv[0], '/');

	put(job, STDERR, slash ? slash + 1 : job->argv[0]);
	put(job, STDERR, ": ");
	put(job, STDERR, file);
	put(job, STDERR, ": ");
	put(job, STDERR, qga_env_text(error));
	put(job, STDERR, "\n");
	return 1;
}

static int run_true(struct qga_job *job)
{
	(void)job;
	return 0;
}

static int run_false(struct qga_job *job)
{
	(void)job;
	return 1;
}

static int run_echo(struct qga_job *job)
{
	bool line = job->argc < 2 || strcmp(job->argv[1], "-n") != 0;
	size_t first = line ? 1 : 2;

	for (size_t i = first; i < job->argc; i++) {
		if (i > first)
			put(job, STDOUT, " ");
		put(job, STDOUT, job->argv[i]);
	}
	if (line)
		put(job, STDOUT, "\n");
	return 0;
}

static int run_env(struct qga_job *job)
{
	for (char *const *e = job->env; *e; e++) {
		put(job, STDOUT, *e);
		put(job, STDOUT, "\n");
	}
	return 0;
}

/* state[0]: whether it has slept. Seconds may have up to nine decimals. */
static int run_sleep(struct qga_job *job)
{
	const char *p = job->argc == 2 ? job->argv[1] : "";
	uint64_t ns = 0;
	uint32_t unit = 1000000000;
	bool point = false;

	if (job->state[0])
		return 0;
	if (!*p || !clock || !clock->monotonic)
		return complain(job, *p ? p : "time", QGA_EINVAL);
	for (; *p && ns < UINT64_MAX / 20; p++) {
		if (*p == '.' && !point) {
			point = true;
			continue;
		}
		if (*p < '0' || *p > '9')
			return complain(job, job->argv[1], QGA_EINVAL);
		if (point)
			ns += (uint64_t)(*p - '0') * (unit /= 10);
		else
			ns = ns * 10 + (uint64_t)(*p - '0') * unit;
	}
	job->state[0] = 1;
	job->wait_ns = ns;
	return QGA_RUNNING;
}

static int run_uptime(struct qga_job *job)
{
	if (!clock || !clock->monotonic)
		return complain(job, "clock", QGA_ENOSYS);
	put_number(job, clock->monotonic(clock->context), 9, " s\n");
	return 0;
}

/* Copies a piece of a file to stdout; returns the bytes, 0 at the end, or an error. */
static int64_t cat_piece(struct qga_job *job, const char *path, uint64_t offset)
{
	char buf[256];
	void *file;
	int64_t n;

	if (!files)
		return QGA_ENOENT;
	n = files->open(files->context, path, strlen(path), QGA_OPEN_READ, &file);
	if (n < 0)
		return n;
	n = files->read(files->context, file, offset, buf, sizeof(buf));
	files->close(files->context, file);
	if (n > 0)
		job->output(job, STDOUT, buf, (size_t)n);
	return n;
}

/* A piece each call. state[0]: index of the file, state[1]: offset in it, state[2]: exit status. */
static int run_cat(struct qga_job *job)
{
	size_t index = (size_t)job->state[0] + 1;
	int64_t n;

	if (job->argc < 2) {
		job->output(job, STDOUT, job->input, job->input_len);
		return 0;
	}
	if (index >= job->argc)
		return (int)job->state[2];
	n = cat_piece(job, job->argv[index], job->state[1]);
	if (n < 0)
		job->state[2] = (uint64_t)complain(job, job->argv[index], (int)n);
	if (n <= 0)
		job->state[0]++;
	job->state[1] = n > 0 ? job->state[1] + (uint64_t)n : 0;
	return QGA_RUNNING;
}

/* The files in RAM, with their sizes. */
static int run_ls(struct qga_job *job)
{
	const char *path;
	size_t size, len;

	for (size_t i = 0; (len = env_files_list(i, &path, &size)) > 0; i++) {
		job->output(job, STDOUT, path, len);
		put(job, STDOUT, " ");
		put_number(job, size, 0, "\n");
	}
	return 0;
}

static int run_rm(struct qga_job *job)
{
	int status = 0;

	for (size_t i = 1; i < job->argc; i++) {
		int error = env_files_remove(job->argv[i], strlen(job->argv[i]));

		if (error < 0)
			status = complain(job, job->argv[i], error);
	}
	return status;
}

/* A piece each call; state[0]: position in the log + 1, 0 at first. */
static int run_dmesg(struct qga_job *job)
{
	char buf[256];
	size_t n;

	if (!log_ring)
		return 0;
	if (job->state[0] == 0)
		job->state[0] = log_oldest(log_ring) + 1;
	n = log_read(log_ring, (size_t)job->state[0] - 1, buf, sizeof(buf));
	job->output(job, STDOUT, buf, n);
	job->state[0] += n;
	return n > 0 ? QGA_RUNNING : 0;
}

/* In the directories of PATH, which are /bin and /usr/bin. */
struct program {
	const char *name;
	qga_program *run;
};

static const struct program programs[] = {
	{.name = "true", .run = run_true},   {.name = "false", .run = run_false},
	{.name = "echo", .run = run_echo},   {.name = "env", .run = run_env},
	{.name = "sleep", .run = run_sleep}, {.name = "cat", .run = run_cat},
	{.name = "ls", .run = run_ls},       {.name = "rm", .run = run_rm},
	{.name = "dmesg", .run = run_dmesg}, {.name = "uptime", .run = run_uptime},
};

static bool is(const char *path, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(name, path, len) == 0;
}

/* The length of the directory of PATH that `path` begins with. */
static size_t directory(const char *path, size_t len)
{
	if (len > 9 && memcmp(path, "/usr/bin/", 9) == 0)
		return 9;
	return len > 5 && memcmp(path, "/bin/", 5) == 0 ? 5 : 0;
}

static qga_program *find(void *context, const char *path, size_t len, void **program_context)
{
	size_t skip = directory(path, len);

	(void)context;
	for (size_t i = 0; i < app.n_programs; i++) {
		const struct app_program *own = &app.programs[i];

		if (is(path, len, own->path) ||
		    is(path + skip, len - skip, strrchr(own->path, '/') + 1)) {
			*program_context = own->context;
			return own->run;
		}
	}
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (is(path + skip, len - skip, programs[i].name))
			return programs[i].run;
	return NULL;
}

const struct qga_exec *env_exec_init(const struct qga_files *f, const struct qga_clock *c,
                                     struct log *log)
{
	static const struct qga_exec group = {.find = find};

	files = f;
	clock = c;
	log_ring = log;
	return &group;
}
