/* SPDX-License-Identifier: MIT */
/* guest-exec and guest-exec-status: jobs that never end, that say much, and no clock to wait by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cmd/base64.h"
#include "talk.h"

#define START       "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"/p\",\"capture-output\":true}}"
#define ROOM        20000 /* of one job */
#define OUTPUT_KEPT 1024  /* what stdout leaves to stderr of much room */

static struct {
	size_t out, err; /* bytes that the program says */
	bool forever;
	unsigned runs;
} world;

static char said[ROOM];

static int program(struct qga_job *job)
{
	world.runs++;
	job->wait_ns = 1000;
	if (world.forever)
		return QGA_RUNNING;
	job->output(job, 1, said, world.out);
	job->output(job, 2, said, world.err);
	return 0;
}

static qga_program *find(void *context, const char *path, size_t len, void **program_context)
{
	(void)context, (void)path, (void)len, (void)program_context;
	return program;
}

static uint64_t monotonic(void *context)
{
	(void)context;
	return 5;
}

static const struct qga_exec exec = {.find = find};
static const struct qga_clock clock = {.monotonic = monotonic}, no_clock;
static _Alignas(16) char jobs[QGA_JOBS_MAX * ROOM];

static void begin(struct talk *talk, const struct qga_clock *with)
{
	memset(&world, 0, sizeof(world));
	for (size_t i = 0; i < sizeof(said); i++)
		said[i] = (char)(i * 7 + i / 251);
	talk->env.exec = &exec;
	talk->env.clock = with;
	talk->config.jobs = jobs;
	talk->config.jobs_size = sizeof(jobs);
	talk_begin(talk, 512, 32);
}

/* Who cannot tell the time is not made to wait: a job has its turn whenever there is one. */
static void without_a_clock(void **state)
{
	const struct qga_clock *clocks[] = {NULL, &no_clock};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct talk talk = {0};

		begin(&talk, clocks[i]);
		world.forever = true;
		assert_string_equal(talk_ask(&talk, START), "{\"return\": {\"pid\": 1}}\n");
		for (unsigned n = 1; n < 5; n++) {
			assert_true(qga_poll(&talk.agent) != QGA_IDLE);
			assert_int_equal(world.runs, n);
		}
		talk_end(&talk);
	}
}

/* As many run as there are slots; the next one is told to come again, and can. */
static void all_slots_taken(void **state)
{
	struct talk talk = {0};
	char answer[64];

	(void)state;
	begin(&talk, &no_clock);
	world.forever = true;
	for (int i = 1; i <= QGA_JOBS_MAX; i++) {
		sprintf(answer, "{\"return\": {\"pid\": %d}}\n", i);
		assert_string_equal(talk_ask(&talk, START), answer);
	}
	assert_string_equal(talk_ask(&talk, START),
	                    "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Guest agent "
	                    "command failed, error was 'Failed to execute child process "
	                    "\\u201C/p\\u201D (Resource temporarily unavailable)'\"}}\n");
	world.forever = false;
	assert_int_equal(qga_poll(&talk.agent), QGA_IDLE);
	sprintf(answer, "{\"return\": {\"pid\": %d}}\n", QGA_JOBS_MAX + 1);
	assert_string_equal(talk_ask(&talk, START), answer);
	talk_end(&talk);
}

/* Runs a job and asks for it; its answer is what it should be. */
static void tell(struct talk *talk, int pid, bool err_cut, bool out_cut)
{
	static char expected[4 * ROOM], asked[80];
	char *to = expected;

	talk_ask(talk, START);
	assert_int_equal(qga_poll(&talk->agent), QGA_IDLE);
	sprintf(asked, "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":%d}}", pid);
	to += sprintf(to, "{\"return\": {\"exitcode\": 0");
	if (world.err > 0) {
		to += sprintf(to, ", \"err-data\": \"");
		to += qga_base64_encode(to, said, world.err);
		*to++ = '"';
	}
	if (world.out > 0) {
		to += sprintf(to, ", \"out-data\": \"");
		to += qga_base64_encode(to, said, world.out);
		*to++ = '"';
	}
	if (world.err > 0)
		to += sprintf(to, ", \"err-truncated\": %s", err_cut ? "true" : "false");
	if (world.out > 0)
		to += sprintf(to, ", \"out-truncated\": %s", out_cut ? "true" : "false");
	sprintf(to, ", \"exited\": true}}\n");
	assert_string_equal(talk_ask(talk, asked), expected);
}

/* Output of any length, of either stream, through room of any size. */
static void any_length(void **state)
{
	const size_t pulls[] = {1, 700, 4096};
	size_t p, n;

	(void)state;
	for (p = 0; p < sizeof(pulls) / sizeof(pulls[0]); p++) {
		struct talk talk = {.pull = pulls[p]};
		int pid = 0;

		begin(&talk, &clock);
		for (n = 0; n < 3000; n += n < 600 ? 1 : 479) {
			world.out = n;
			world.err = 0;
			tell(&talk, ++pid, false, false);
			world.err = n;
			world.out = n % 5;
			tell(&talk, ++pid, false, false);
		}
		talk_end(&talk);
	}
}

/* A flood of one stream leaves the other one 1024 bytes, where there is much room. */
static void much_room(void **state)
{
	struct talk talk = {0};
	static char asked[] = "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":1}}";
	const char *heard;

	(void)state;
	begin(&talk, &clock);
	world.out = ROOM;
	world.err = OUTPUT_KEPT;
	talk_ask(&talk, START);
	assert_int_equal(qga_poll(&talk.agent), QGA_IDLE);
	heard = talk_ask(&talk, asked);
	assert_non_null(strstr(heard, "\"err-truncated\": false, \"out-truncated\": true"));
	world.err++;
	talk_ask(&talk, START);
	assert_int_equal(qga_poll(&talk.agent), QGA_IDLE);
	asked[strlen(asked) - 3] = '2';
	heard = talk_ask(&talk, asked);
	assert_non_null(strstr(heard, "\"err-truncated\": true, \"out-truncated\": true"));
	talk_end(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_clock),
		cmocka_unit_test(all_slots_taken),
		cmocka_unit_test(any_length),
		cmocka_unit_test(much_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
