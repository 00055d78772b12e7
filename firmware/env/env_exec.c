/* SPDX-License-Identifier: MIT */
/*
 * env_exec.c - the programs of guest-exec: the application's, and the few that mean something here.
 *
 *     true false echo env sleep cat ls rm (programs.h), uptime dmesg
 *
 * A program is asked for as /bin/NAME, /usr/bin/NAME or NAME. Left out: a shell.
 */
#include <string.h>

#include "app.h"
#include "env.h"
#include "log.h"
#include "programs.h"

static const struct qga_clock *clock;
static struct log *log_ring;

/* True, after a complaint, if there is any word at all. */
static bool refuses_words(struct qga_job *job)
{
	const char *word = program_operand(job, 0);

	if (program_refuses(job, ""))
		return true;
	if (word)
		program_complain(job, "extra operand '", word, "'", 0);
	return word;
}

static int run_uptime(struct qga_job *job)
{
	if (refuses_words(job))
		return 1;
	if (!clock || !clock->monotonic)
		return program_complain(job, "no clock", "", "", 0);
	program_put_number(job, clock->monotonic(clock->context), 9, " s\n");
	return 0;
}

/* A piece each call; state[0]: position in the log + 1, 0 at first. */
static int run_dmesg(struct qga_job *job)
{
	char buf[256];
	size_t n;

	if (job->state[0] == 0 && refuses_words(job))
		return 1;
	if (!log_ring)
		return 0;
	if (job->state[0] == 0) {
		env_hear();
		job->state[0] = log_oldest(log_ring) + 1;
	}
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
	{.name = "true", .run = program_true},   {.name = "false", .run = program_false},
	{.name = "echo", .run = program_echo},   {.name = "env", .run = program_env},
	{.name = "sleep", .run = program_sleep}, {.name = "cat", .run = program_cat},
	{.name = "ls", .run = program_ls},       {.name = "rm", .run = program_rm},
	{.name = "dmesg", .run = run_dmesg},     {.name = "uptime", .run = run_uptime},
};

static bool is(const char *path, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(name, path, len) == 0;
}

/* The directories that lead to programs. */
static int step(const char *path, size_t len)
{
	bool known = is(path, len, "/bin") || is(path, len, "/usr") || is(path, len, "/usr/bin");

	return known ? 0 : QGA_ENOENT;
}

/* The length of the directory of PATH that `path` begins with. */
static size_t directory(const char *path, size_t len)
{
	if (len > 9 && memcmp(path, "/usr/bin/", 9) == 0)
		return 9;
	return len > 5 && memcmp(path, "/bin/", 5) == 0 ? 5 : 0;
}

/* Finds an absolute path, or a name that is in PATH. */
static qga_program *find_in(const char *path, size_t len, void **program_context)
{
	size_t skip = directory(path, len);

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

static qga_program *find(void *context, const char *path, size_t len, void **program_context)
{
	qga_program *found = find_in(path, len, program_context);
	const char *resolved;
	int n;

	(void)context;
	if (found || !memchr(path, '/', len) || path[len - 1] == '/')
		return found;
	n = env_path(path, len, step, &resolved);
	return n > 0 ? find_in(resolved, (size_t)n, program_context) : NULL;
}

const struct qga_exec *env_exec_init(const struct qga_files *files, const struct qga_clock *c,
                                     struct log *log)
{
	static const struct qga_exec group = {.find = find};

	program_files_init(files);
	program_clock_init(c);
	clock = c;
	log_ring = log;
	return &group;
}
