/* SPDX-License-Identifier: MIT */
/* test_exec.c - jobs: what a program is given, what is kept of its output, whose slot is taken, who is called when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "talk.h"

#define FAILS(text)                                                                          \
	"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Guest agent command failed, " \
	"error was 'Failed to execute child process \\u201C/p\\u201D (" text ")'\"}}\n"
#define NO_PID "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Invalid parameter 'pid'\"}}\n"

#define SLOT 4096 /* bytes */

/* What the program does, and what it was given. */
static struct {
	uint64_t now;
	uint64_t wait[QGA_JOBS_MAX + 1]; /* by how many were started before it */
	int status[QGA_JOBS_MAX + 1];
	int calls[QGA_JOBS_MAX + 1];
	const char *out, *err; /* NULL: nothing */
	size_t out_len, err_len;
	char given[2 * SLOT];
	int context;
} world;

static uint64_t monotonic(void *context)
{
	(void)context;
	return world.now;
}

/* All that the program sees, as one text. */
static void note(struct qga_job *job)
{
	char *to = world.given;
	size_t i;

	for (i = 0; job->argv[i]; i++)
		to += sprintf(to, "[%s]", job->argv[i]);
	assert_int_equal(i, job->argc);
	for (i = 0; job->env[i]; i++)
		to += sprintf(to, "{%s}", job->env[i]);
	sprintf(to, "<%.*s>", (int)job->input_len, job->input);
}

static int program(struct qga_job *job)
{
	int *number = job->context;

	assert_int_equal(job->wait_ns, 0);
	world.calls[*number]++;
	note(job);
	if (world.out)
		job->output(job, 1, world.out, world.out_len);
	if (world.err)
		job->output(job, 2, world.err, world.err_len);
	job->wait_ns = world.wait[*number];
	return world.status[*number];
}

static int numbers[QGA_JOBS_MAX + 1] = {0, 1, 2, 3, 4, 5, 6, 7, 8};

static qga_program *find(void *context, const char *path, size_t len, void **program_context)
{
	(void)context;
	if (len != 2 || memcmp(path, "/p", 2) != 0)
		return NULL;
	*program_context = &numbers[world.context];
	return program;
}

static const struct qga_clock clock = {.monotonic = monotonic};
static const struct qga_exec exec = {.find = find};
static _Alignas(16) char jobs[QGA_JOBS_MAX * SLOT];
static struct talk talk;

static int setup(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	memset(&talk, 0, sizeof(talk));
	talk.env.clock = &clock;
	talk.env.exec = &exec;
	talk.config.jobs = jobs;
	talk.config.jobs_size = sizeof(jobs);
	talk_begin(&talk, 8192, 256);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talk_end(&talk);
	return 0;
}

/* Starts one; `more` is what follows the path. */
static const char *start(const char *more)
{
	char request[8192];

	snprintf(request, sizeof(request),
	         "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"/p\"%s}}", more);
	return talk_ask(&talk, request);
}

static const char *status(int pid)
{
	char request[128];

	snprintf(request, sizeof(request),
	         "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":%d}}", pid);
	return talk_ask(&talk, request);
}

static void assert_pid(const char *answer, int pid)
{
	char text[64];

	snprintf(text, sizeof(text), "{\"return\": {\"pid\": %d}}\n", pid);
	assert_string_equal(answer, text);
}

static void assert_started(const char *answer, const char *fails)
{
	if (fails)
		assert_string_equal(answer, fails);
	else
		assert_memory_equal(answer, "{\"return\": {\"pid\": ", 19);
}

static void a_program_gets_what_was_asked(void **state)
{
	(void)state;
	assert_pid(start(""), 1);
	assert_int_equal(qga_poll(&talk.agent), QGA_IDLE);
	assert_string_equal(world.given, "[/p]<>");
	assert_pid(start(",\"arg\":[],\"env\":[],\"input-data\":\"\""), 2);
	qga_poll(&talk.agent);
	assert_string_equal(world.given, "[/p]<>");
	assert_pid(
		start(",\"arg\":[\"a\",\"\",\"bcd\"],\"env\":[\"A=1\",\"\",\"BC=\"],\"input-data\":\"aWpr\""),
		3);
	qga_poll(&talk.agent);
	assert_string_equal(world.given, "[/p][a][][bcd]{A=1}{}{BC=}<ijk>");
	assert_pid(start(",\"env\":[\"A=1\"]"), 4);
	qga_poll(&talk.agent);
	assert_string_equal(world.given, "[/p]{A=1}<>");
}

/* "out" and "err", as each way to capture them keeps them. */
static void each_way_to_capture(void **state)
{
	static const struct {
		const char *capture, *kept;
	} ways[] = {
		{"", ""},
		{",\"capture-output\":false", ""},
		{",\"capture-output\":\"none\"", ""},
		{",\"capture-output\":true",
	         "\"err-data\": \"ZXJyIQ==\", \"out-data\": \"b3V0\", "
	         "\"err-truncated\": false, \"out-truncated\": false, "},
		{",\"capture-output\":\"separated\"",
	         "\"err-data\": \"ZXJyIQ==\", \"out-data\": \"b3V0\", "
	         "\"err-truncated\": false, \"out-truncated\": false, "},
		{",\"capture-output\":\"stdout\"",
	         "\"out-data\": \"b3V0\", \"out-truncated\": false, "},
		{",\"capture-output\":\"stderr\"",
	         "\"err-data\": \"ZXJyIQ==\", \"err-truncated\": false, "},
		{",\"capture-output\":\"merged\"",
	         "\"out-data\": \"b3V0ZXJyIQ==\", \"out-truncated\": false, "},
	};

	(void)state;
	world.out = "out", world.out_len = 3;
	world.err = "err!", world.err_len = 4;
	world.status[0] = 256 + 17; /* a byte of it counts */
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		char answer[256];

		assert_pid(start(ways[i].capture), (int)i + 1);
		qga_poll(&talk.agent);
		snprintf(answer, sizeof(answer),
		         "{\"return\": {\"exitcode\": 17, %s\"exited\": true}}\n", ways[i].kept);
		assert_string_equal(status((int)i + 1), answer);
	}
}

/* What goes into a slot to its last byte, and what does not. */
static void a_slot_is_full(void **state)
{
	/* The path's, the argument's, the variable's and the vectors' ends. */
	const size_t fixed = 3 + (1 + 1 + 3) * sizeof(char *), room = SLOT - fixed - 2;
	char more[SLOT + 100];

	(void)state;
	for (size_t len = room - 1; len <= room + 1; len++) {
		const char *const fails = len <= room ? NULL : FAILS("Argument list too long");

		snprintf(more, sizeof(more), ",\"env\":[\"\"],\"arg\":[\"%0*d\"]", (int)len, 0);
		assert_started(start(more), fails);
		snprintf(more, sizeof(more), ",\"arg\":[\"\"],\"env\":[\"%0*d\"]", (int)len, 0);
		assert_started(start(more), fails);
		qga_poll(&talk.agent);
	}
	assert_pid(start(""), 5);
}

/* How many bytes of a stream were kept. */
static size_t kept(const char *answer, const char *key)
{
	const char *data = strstr(answer, key);
	size_t chars;

	if (!data)
		return 0;
	data += strlen(key);
	chars = strcspn(data, "\"");
	return chars / 4 * 3 - (data[chars - 1] == '=') - (data[chars - 2] == '=');
}

/* A flood of one stream leaves a part of the room to the other: a sixteenth of it. */
static void a_flood_hides_no_complaint(void **state)
{
	static char flood[2 * SLOT];
	const size_t room = SLOT - 3 - 3 * sizeof(char *), part = room / 16;
	const struct {
		size_t out, err, out_kept, err_kept;
	} rows[] = {
		{room, 0, room - part, 0},
		{room, room, room - part, part},
		{0, room, 0, room - part},
		{room - part, part, room - part, part},
		{room - part + 1, part, room - part, part},
		{100, room, 100, room - 100 - (part - 100)},
		{part, room, part, room - part},
		{part + 1, room, part + 1, room - part - 1},
		{part - 1, room, part - 1, room - part},
	};

	(void)state;
	memset(flood, 'f', sizeof(flood));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *answer;

		world.out = rows[i].out ? flood : NULL, world.out_len = rows[i].out;
		world.err = rows[i].err ? flood : NULL, world.err_len = rows[i].err;
		assert_pid(start(",\"capture-output\":true"), (int)i + 1);
		qga_poll(&talk.agent);
		answer = status((int)i + 1);
		assert_int_equal(kept(answer, "\"out-data\": \""), rows[i].out_kept);
		assert_int_equal(kept(answer, "\"err-data\": \""), rows[i].err_kept);
		if (rows[i].out)
			assert_non_null(strstr(answer, rows[i].out > rows[i].out_kept
			                                       ? "\"out-truncated\": true"
			                                       : "\"out-truncated\": false"));
		if (rows[i].err)
			assert_non_null(strstr(answer, rows[i].err > rows[i].err_kept
			                                       ? "\"err-truncated\": true"
			                                       : "\"err-truncated\": false"));
	}
	/* What is full stays so, to the byte. */
	world.out = flood, world.out_len = room;
	world.err = NULL;
	world.status[0] = QGA_RUNNING;
	assert_pid(start(",\"capture-output\":true"), 10);
	for (int i = 0; i < 3; i++)
		qga_poll(&talk.agent);
	world.status[0] = 0;
	qga_poll(&talk.agent);
	assert_int_equal(kept(status(10), "\"out-data\": \""), room - part);
	/* One stream alone has all of it. */
	world.out = flood, world.out_len = room + 1;
	world.err = NULL;
	assert_pid(start(",\"capture-output\":\"stdout\""), 11);
	qga_poll(&talk.agent);
	assert_int_equal(kept(status(11), "\"out-data\": \""), room);
}

/* Once truncated it stays so, and what came first is what is kept. */
static void truncated_for_good(void **state)
{
	(void)state;
	world.out = "0123456789", world.out_len = 10;
	world.err = "abcdefghij", world.err_len = 10;
	world.status[0] = QGA_RUNNING;
	assert_pid(start(",\"capture-output\":true"), 1);
	qga_poll(&talk.agent);
	world.out = "!", world.out_len = 1;
	world.err = "?!", world.err_len = 2;
	world.status[0] = 0;
	qga_poll(&talk.agent);
	assert_string_equal(status(1),
	                    "{\"return\": {\"exitcode\": 0, \"err-data\": \"YWJjZGVmZ2hpaj8h\", "
	                    "\"out-data\": \"MDEyMzQ1Njc4OSE=\", \"err-truncated\": false, "
	                    "\"out-truncated\": false, \"exited\": true}}\n");
}

/* A free slot is anyone's; then those of jobs that have exited, of the first one first; never of one that runs. */
static void whose_slot_is_taken(void **state)
{
	(void)state;
	for (int i = 0; i < QGA_JOBS_MAX; i++) {
		world.context = i;
		world.status[i] = QGA_RUNNING;
		assert_pid(start(""), i + 1);
	}
	assert_string_equal(start(""), FAILS("Resource temporarily unavailable"));
	for (int i = 1; i <= QGA_JOBS_MAX; i++)
		assert_string_equal(status(i), "{\"return\": {\"exited\": false}}\n");
	/* The last one exits, then the first, then one between. */
	world.status[QGA_JOBS_MAX - 1] = world.status[0] = world.status[3] = 5;
	qga_poll(&talk.agent);
	world.context = QGA_JOBS_MAX;
	world.status[QGA_JOBS_MAX] = QGA_RUNNING;
	assert_pid(start(""), QGA_JOBS_MAX + 1);
	assert_string_equal(status(1), NO_PID);
	assert_pid(start(""), QGA_JOBS_MAX + 2);
	assert_string_equal(status(4), NO_PID);
	assert_string_equal(status(QGA_JOBS_MAX),
	                    "{\"return\": {\"exitcode\": 5, \"exited\": true}}\n");
	assert_string_equal(status(QGA_JOBS_MAX), NO_PID);
	assert_pid(start(""), QGA_JOBS_MAX + 3);
	assert_string_equal(start(""), FAILS("Resource temporarily unavailable"));
	assert_string_equal(status(0), NO_PID);
	assert_string_equal(status(2), "{\"return\": {\"exited\": false}}\n");
}

/* Each is called when it wanted to be, and not before; the wait is that of the first one due. */
static void each_when_it_is_due(void **state)
{
	(void)state;
	assert_int_equal(qga_poll(&talk.agent), QGA_IDLE);
	for (int i = 0; i < QGA_JOBS_MAX; i++) {
		world.context = i;
		world.status[i] = QGA_RUNNING;
		world.wait[i] = 1000 + 100 * (uint64_t)((i + 3) % QGA_JOBS_MAX);
		start("");
	}
	world.now = 50;
	assert_int_equal(qga_poll(&talk.agent), 1000);
	world.now = 1049;
	assert_int_equal(qga_poll(&talk.agent), 1);
	for (int i = 0; i < QGA_JOBS_MAX; i++)
		assert_int_equal(world.calls[i], 1);
	for (int due = 0; due < QGA_JOBS_MAX; due++) {
		int who = (due + QGA_JOBS_MAX - 3) % QGA_JOBS_MAX;

		world.now = 1050 + 100 * (uint64_t)due;
		world.status[who] = 0;
		assert_int_equal(qga_poll(&talk.agent), due == QGA_JOBS_MAX - 1 ? QGA_IDLE : 100);
		for (int i = 0; i < QGA_JOBS_MAX; i++)
			assert_int_equal(world.calls[i], 1 + (world.status[i] == 0));
	}
}

/* The answer to a job that wrote so much, through buffers of that size. */
static void through(size_t pull, size_t len, int pid)
{
	static char text[900], expected[2 * SLOT];
	size_t n = (size_t)sprintf(expected, "{\"return\": {\"exitcode\": 0, \"out-data\": \"");

	memset(text, 'f', sizeof(text));
	world.out = text, world.out_len = len;
	talk.pull = pull;
	assert_pid(start(",\"capture-output\":\"stdout\""), pid);
	qga_poll(&talk.agent);
	for (size_t i = 0; i < len / 3; i++, n += 4)
		memcpy(expected + n, "ZmZm", 4);
	sprintf(expected + n, "%s\", \"out-truncated\": false, \"exited\": true}}\n",
	        len % 3 == 1   ? "Zg=="
	        : len % 3 == 2 ? "ZmY="
	                       : "");
	assert_string_equal(status(pid), expected);
}

/* The same through any room, also where a stream fills it to its last byte. */
static void through_any_room(void **state)
{
	int pid = 0;

	(void)state;
	for (size_t pull = 1200; pull < 1204; pull++)
		for (size_t len = 300; len < 900; len++)
			through(pull, len, ++pid);
	for (size_t pull = 1; pull < 40; pull++)
		through(pull, 500 + pull, ++pid);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_program_gets_what_was_asked),
		TEST(each_way_to_capture),
		TEST(a_slot_is_full),
		TEST(a_flood_hides_no_complaint),
		TEST(truncated_for_good),
		TEST(whose_slot_is_taken),
		TEST(each_when_it_is_due),
		TEST(through_any_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
