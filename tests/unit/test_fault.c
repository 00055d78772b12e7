/* SPDX-License-Identifier: MIT */
/* test_fault.c - the application that misbehaves: what the host asks of it, and the world with faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fake_board.h"

#include "fault/fault.c"

#define MISBEHAVES "bareqga: misbehaves, as the host asks: "
#define WRONG      "bareqga: setting fault is not understood and not used, from here: "
#define W          (QGA_OPEN_WRITE | QGA_OPEN_CREATE)

static _Alignas(16) char spare[1 << 20];
static struct board machine = {.name = "fake",
                               .spare = spare,
                               .spare_size = sizeof spare,
                               .has_rtc = true,
                               .has_rtc_set = true};
static struct qga_config config;

static void begin(const char *cmdline)
{
	machine.cmdline = cmdline;
	config = (struct qga_config){.version = "1"};
	env_init(&machine);
	fake_board.said[0] = '\0';
	env_config(&config);
}

static int set_up(void **state)
{
	(void)state;
	clock_off = 0;
	begin("");
	assert_string_equal(fake_board.said, "");
	return 0;
}

static void assert_said(const char *expected)
{
	assert_string_equal(fake_board.said, expected);
	fake_board.said[0] = '\0';
}

/* --- The setting --- */

static void set_by_the_host(void **state)
{
	static char much[sizeof text + 32] = "bareqga.fault=";
	struct qga_channel channel = {.ops = NULL};

	(void)state;
	begin("bareqga.fault=late=5@guest-ping");
	assert_said(MISBEHAVES "late=5@guest-ping\n");
	assert_int_equal(fault_rule_take(FAULT_LATE, "guest-ping")->value, 5);
	assert_null(config.channel);
	begin("bareqga.fault=late=5,early=6");
	assert_said(WRONG "early=6\n");
	assert_null(fault_rule_take(FAULT_LATE, "guest-ping"));
	begin("bareqga.fault=0123456789012345678901234567890123456789much");
	assert_said(WRONG "0123456789012345678901234567890123456789\n");
	memset(much + 14, ',', sizeof text + 1);
	begin(much);
	assert_said("bareqga: setting fault is too long and not used\n");
	config.channel = &channel;
	app.configure(&config);
	assert_ptr_not_equal(config.channel, &channel);
}

/* --- The file --- */

static int write_file(const char *rules, uint64_t offset)
{
	size_t len = strlen(rules);
	void *file;
	int64_t n;

	assert_int_equal(config.env->files->open(NULL, "/run/fault", 10, W, &file), 0);
	n = config.env->files->write(NULL, file, offset, rules, len);
	config.env->files->close(NULL, file);
	return (int)n;
}

static void assert_file(const char *expected)
{
	size_t len = strlen(expected);
	char got[sizeof text + 1];
	uint64_t size;
	void *file;

	assert_int_equal(config.env->files->open(NULL, "/run/fault", 10, QGA_OPEN_READ, &file), 0);
	assert_int_equal(config.env->files->size(NULL, file, &size), 0);
	assert_int_equal(size, len);
	assert_int_equal(config.env->files->read(NULL, file, 0, got, sizeof got), len);
	assert_memory_equal(got, expected, len);
	assert_int_equal(config.env->files->read(NULL, file, len, got, 1), 0);
	if (len > 2)
		assert_int_equal(config.env->files->read(NULL, file, 1, got, 1), 1);
	config.env->files->close(NULL, file);
}

static void empty_file(void)
{
	void *file;

	assert_int_equal(
		config.env->files->open(NULL, "/run/fault", 10, W | QGA_OPEN_TRUNCATE, &file), 0);
	config.env->files->close(NULL, file);
}

static void written(void **state)
{
	static char much[sizeof text + 2];

	(void)state;
	assert_int_equal(write_file("\n\n", 0), 2); /* of which nothing is left to be said */
	assert_said(MISBEHAVES "\n");
	assert_int_equal(write_file("cut=20\n", 0), 7);
	assert_said(MISBEHAVES "cut=20\n");
	assert_file("cut=20\n");
	assert_int_equal(write_file("hang*1", 7), 6);
	assert_said(MISBEHAVES "cut=20\nhang*1\n");
	assert_int_equal(write_file("c", 0), 1); /* in its midst */
	assert_file("cut=20\nhang*1");
	assert_int_equal(write_file("x", 14), QGA_ENOSPC); /* not behind a hole */
	memset(much, ',', sizeof much - 1);
	assert_int_equal(write_file(much, 0), QGA_ENOSPC);
	much[sizeof much - 2] = '\0';
	assert_int_equal(write_file(much, 0), sizeof text);
	assert_file(much);
	fake_board.said[0] = '\0';
	assert_int_equal(write_file("no", 0), QGA_EINVAL);
	assert_file("");
	fake_board.said[0] = '\0';
	empty_file();
	assert_said("");
	write_file("hang", 0);
	fake_board.said[0] = '\0';
	empty_file();
	assert_said(IS_OFF "\n");
	assert_null(fault_rule_take(FAULT_HANG, ""));
}

/* --- The world --- */

static int64_t now(void)
{
	int64_t ns = 0;

	assert_int_equal(config.env->clock->get(NULL, &ns), 0);
	return ns;
}

/* The clock jumps, and stays wrong until somebody sets it. */
static void clock_jumps(void **state)
{
	const struct qga_clock *told = config.env->clock;

	(void)state;
	fake_board.rtc = 1000000000000000001;
	assert_int_equal(told->reread(NULL), 0);
	assert_true(now() == 1000000000000000001);
	write_file("clock=-60", 0);
	assert_true(now() == 999999940000000001);
	write_file("clock=-60", 0);
	assert_true(now() == 999999880000000001);
	assert_int_equal(told->set(NULL, 5), 0);
	assert_true(now() == 5);
	empty_file();
	write_file("clock=1", 0);
	assert_true(now() == 1000000005);
	assert_int_equal(told->reread(NULL), 0);
	assert_true(now() == 5);
	assert_true(told->monotonic(NULL) == fake_board.monotonic);
}

static void freezing_fails(void **state)
{
	const struct qga_freeze *all = config.env->freeze;
	const char *path = NULL;

	(void)state;
	write_file("freeze*1", 0);
	assert_int_equal(all->freeze(NULL, NULL, 0, &path), QGA_EIO);
	assert_string_equal(path, "/ram");
	assert_int_equal(all->freeze(NULL, NULL, 0, &path), 1);
	assert_int_equal(all->thaw(NULL), 1);
}

static void program_hangs(void **state)
{
	const struct qga_exec *all = config.env->exec;
	struct qga_job job = {.argc = 1};
	void *context;

	(void)state;
	write_file("hang*1", 0);
	assert_null(all->find(NULL, "none", 4, &context));
	for (unsigned i = 0; i < 3; i++) {
		qga_program *program = i ? never_end : all->find(NULL, "true", 4, &context);

		assert_int_equal(program(&job), QGA_RUNNING);
		assert_int_equal(job.wait_ns, SECOND);
	}
	assert_int_equal(all->find(NULL, "true", 4, &context)(&job), 0);
}

/* What the machine does not have has no faults. */
static void little_world(void **state)
{
	static struct qga_clock plain;
	static struct qga_env little;
	struct qga_config own = {.env = &little};

	(void)state;
	app.configure(&own);
	assert_null(own.env->clock);
	assert_null(own.env->freeze);
	assert_null(own.env->exec);
	little.clock = &plain;
	own.env = &little;
	app.configure(&own);
	assert_ptr_equal(own.env->clock, &plain);
	plain.get = clock_get;
	own.env = &little;
	app.configure(&own);
	assert_null(own.env->clock->set);
	assert_null(own.env->clock->reread);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(set_by_the_host, set_up),
		cmocka_unit_test_setup(written, set_up),
		cmocka_unit_test_setup(clock_jumps, set_up),
		cmocka_unit_test_setup(freezing_fails, set_up),
		cmocka_unit_test_setup(program_hangs, set_up),
		cmocka_unit_test_setup(little_world, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
