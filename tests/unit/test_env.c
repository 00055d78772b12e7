/* SPDX-License-Identifier: MIT */
/*
 * test_env.c - the stand-alone image's environment over a fake board: settings, clock, load, files.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "env/env.h"
#include "fake_board.h"
#include "env/log.h"

static _Alignas(16) char spare[1 << 20];
static void learn(void);

/* Knows of one processor and cannot switch off, till it learns more. */
static struct board board = {
	.name = "fake",
	.machine = "fake64",
	.cmdline = "console=ttyS0 bareqga.hostname=word bareqga.block-rpcs=\"a, b\" bareqga.empty=",
	.ram = {{0x80000000, 0x18000000}},
	.n_ram = 1,
	.spare = spare,
	.spare_size = sizeof(spare),
	.n_cpus = 1,
	.has_rtc = true,
	.has_rtc_set = true,
	.powers = 1 << BOARD_REBOOT,
	.learn = learn,
	.remind = fake_board_remind,
	.disturbed = fake_board_disturbed,
};
static const struct qga_env *env;

static void learn(void)
{
	board.learn = NULL;
	board.n_cpus = 3;
	board.powers |= 1 << BOARD_POWERDOWN;
}

static void test_settings(void **state)
{
	static const struct fake_item items[] = {
		{"opt/bareqga/hostname", "item\n", 5},
		{"opt/bareqga/empty", "\n", 1},
		{"opt/bareqga/huge", "", 1 << 20},
		{NULL, NULL, 0},
	};

	(void)state;
	assert_string_equal(env_setting(ENV_SETTING("hostname"), board.cmdline), "word");
	assert_string_equal(env_setting(ENV_SETTING("block-rpcs"), board.cmdline), "a, b");
	assert_null(env_setting(ENV_SETTING("host"), board.cmdline));
	assert_null(env_setting(ENV_SETTING("empty"), board.cmdline));
	assert_null(env_setting(ENV_SETTING("hostname"), NULL));
	fake_board.items = items;
	assert_string_equal(env_setting(ENV_SETTING("hostname"), board.cmdline), "item");
	assert_null(env_setting(ENV_SETTING("empty"), board.cmdline));
	fake_board.said[0] = '\0';
	assert_null(env_setting(ENV_SETTING("huge"), board.cmdline));
	assert_string_equal(fake_board.said, "bareqga: setting huge is too long and not used\n");
	fake_board.items = NULL;
}

static int64_t now(void)
{
	int64_t ns = -1;

	assert_int_equal(env->clock->get(env->clock->context, &ns), 0);
	return ns;
}

/* Time passes in the machine: both the counter and the hardware clock move. */
static void pass(int64_t ns)
{
	fake_board.monotonic += (uint64_t)ns;
	fake_board.rtc += ns;
}

static void test_clock_fine(void **state)
{
	const struct qga_clock *clock = env->clock;

	(void)state;
	fake_board.rtc = 1000000000123456789;
	assert_int_equal(clock->reread(clock->context), 0);
	pass(5);
	assert_int_equal(now(), 1000000000123456794);
	fake_board.rtc += 30000000000; /* the guest was stopped */
	assert_int_equal(now(), 1000000030123456794);
	assert_int_equal(clock->reread(clock->context), 0);
	assert_int_equal(now(), 1000000030123456794);
	assert_int_equal(clock->set(clock->context, 42), 0);
	assert_int_equal(fake_board.rtc, 42);
	pass(8);
	assert_int_equal(now(), 50);
	/* The counter leaps by more than any clock may be wrong; then time was told that is later. */
	assert_int_equal(clock->set(clock->context, 1000000000123456789), 0);
	pass(5);
	assert_int_equal(now(), 1000000000123456794);
	fake_board.monotonic += 40000000000;
	fake_board.idle += 40000000000;
	assert_int_equal(now(), 1000000000123456794);
	pass(7);
	assert_int_equal(now(), 1000000000123456801);
	fake_board.rtc -= 2000000000;
	assert_int_equal(now(), 1000000000123456801);
	pass(3); /* nor are we led back to where time would stand still */
	assert_int_equal(now(), 1000000000123456804);
	fake_board.rtc += 2000000000;
	assert_int_equal(clock->set(clock->context, 42), 0);
	pass(8);
	fake_board.rtc_broken = true;
	assert_int_equal(clock->set(clock->context, 1), QGA_EIO);
	assert_int_equal(clock->reread(clock->context), QGA_EIO);
	assert_int_equal(now(), 50);
	fake_board.rtc_broken = false;
}

/* A clock of seconds: half a second off at most, closer with each reading, never back. */
static void test_clock_coarse(void **state)
{
	const struct qga_clock *clock = env->clock;

	(void)state;
	fake_board.rtc_step = 1000000000;
	fake_board.rtc = 1000000000700000000;
	assert_int_equal(clock->reread(clock->context), 0);
	assert_int_equal(now(), 1000000000500000000);
	pass(250000000);
	assert_int_equal(now(), 1000000000750000000);
	pass(50000000); /* its next second begins, and so does ours */
	assert_int_equal(now(), 1000000001000000000);
	pass(7);
	assert_int_equal(now(), 1000000001000000007);
	/* We were early: time stands still until the clock's next second begins. */
	fake_board.rtc = 1000000000100000000;
	assert_int_equal(clock->reread(clock->context), 0);
	assert_int_equal(now(), 1000000000500000000);
	pass(600000000);
	assert_int_equal(now(), 1000000001000000000);
	pass(299999999);
	assert_int_equal(now(), 1000000001000000000);
	pass(2); /* the last reading was 1 ns before the second began, and so is ours now */
	assert_int_equal(now(), 1000000001000000002);
	/* Set by an hour and back again: what was told meanwhile is not taken back. */
	fake_board.rtc = 1000000000100000000;
	assert_int_equal(clock->reread(clock->context), 0);
	assert_int_equal(now(), 1000000000500000000);
	fake_board.rtc += 3600000000000;
	pass(800000000);
	assert_int_equal(now(), 1000003600500000000);
	fake_board.rtc -= 3600000000000;
	assert_int_equal(now(), 1000003600500000000);
	pass(100000000);
	assert_int_equal(now(), 1000003600600000000);
	assert_int_equal(clock->set(clock->context, 2000000000900000000), 0);
	pass(200000000);
	assert_int_equal(now(), 2000000001100000000);
	/* Stopped for ten seconds: the time that was set is as exact as the clock can tell of them. */
	fake_board.rtc += 10000000000;
	assert_in_range(now(), 2000000010600000000, 2000000011600000000);
	fake_board.rtc_step = 0;
}

/* What /run/generation shows now. */
static void assert_generation(unsigned expected)
{
	char text[ENV_GENERATION_SIZE], decimal[ENV_GENERATION_SIZE];
	size_t len = env_generation(text);

	snprintf(decimal, sizeof decimal, "%u\n", expected);
	assert_int_equal(len, strlen(decimal));
	assert_memory_equal(text, decimal, len);
}

/* Counts what the clocks cannot explain, and what the host says; not what goes on as it should. */
static void test_generation(void **state)
{
	const struct qga_clock *clock = env->clock;
	char text[ENV_GENERATION_SIZE];
	unsigned start;

	(void)state;
	fake_board.rtc = 1000000000123456789;
	assert_int_equal(clock->reread(clock->context), 0);
	text[env_generation(text) - 1] = '\0';
	start = (unsigned)atoi(text);
	fake_board.said[0] = '\0';
	pass(3600000000000);
	fake_board.rtc += 1000000000; /* a clock that is one second in an hour fast */
	assert_generation(start);
	assert_int_equal(now(), 1000003601123456789);
	fake_board.rtc -= 19000000; /* or read late */
	assert_generation(start);
	assert_string_equal(fake_board.said, "");
	fake_board.rtc += 60000000;
	assert_generation(start + 1);
	assert_generation(start + 1);
	assert_string_equal(fake_board.said,
	                    "bareqga: the machine was stopped, restored or cloned\n");
	fake_board.rtc += 1000000000;
	assert_int_equal(clock->set(clock->context, 41), 0); /* before it is set, it is looked */
	assert_generation(++start + 1);
	assert_int_equal(clock->set(clock->context, 42), 0); /* that we did ourselves */
	assert_generation(start + 1);
	fake_board.rtc += 1000000000;
	assert_int_equal(clock->reread(clock->context), 0); /* told, but not first */
	assert_generation(start + 2);
	fake_board.disturbed = true;
	assert_generation(start + 3);
	assert_generation(start + 3);
	/* Reminders: each look asks for the next. */
	assert_ptr_equal(fake_board.notice, env_look);
	fake_board.disturbed = true;
	fake_board.notice();
	fake_board.notice();
	assert_generation(start + 4);
}

static void run(uint64_t seconds, bool busy)
{
	for (uint64_t i = 0; i < seconds; i++) {
		fake_board.monotonic += 1000000000;
		fake_board.idle += busy ? 0 : 1000000000;
		env_load_sample();
	}
}

/* The first answer does not wait for a clock whose speed must be measured. */
static void test_first_answer(void **state)
{
	(void)state;
	fake_board.times_asked = 0;
	assert_true(env_poll(false) == UINT64_MAX);
	assert_int_equal(fake_board.times_asked, 0);
	assert_true(env_poll(true) == UINT64_MAX);
	assert_true(fake_board.times_asked > 0);
}

static void test_load(void **state)
{
	struct qga_load load;

	(void)state;
	run(3600, false);
	env->inventory->load(NULL, &load);
	assert_int_equal(load.load1m, 0);
	run(60, true); /* 1 - 1/e after a minute of work */
	env->inventory->load(NULL, &load);
	assert_int_equal(load.load1m, 63);
	assert_int_equal(load.load5m, 18);
	assert_int_equal(load.load15m, 6);
	run(3600, true);
	env->inventory->load(NULL, &load);
	assert_int_equal(load.load1m, 100);
	/* Asleep for an hour at once, as a guest without traffic is. */
	fake_board.monotonic += 3600000000000;
	fake_board.idle += 3600000000000;
	env->inventory->load(NULL, &load);
	assert_int_equal(load.load1m, 0);
	assert_int_equal(load.load15m, 2);
}

static void test_inventory(void **state)
{
	const struct qga_inventory *inventory = env->inventory;
	struct qga_memory_block block;
	struct qga_vcpu vcpu;

	(void)state;
	assert_int_equal(inventory->memory_block_size, 128 << 20);
	assert_int_equal(inventory->memory_block(NULL, 2, &block), 1);
	assert_int_equal(block.phys_index, 18);
	assert_int_equal(inventory->memory_block(NULL, 3, &block), 0);
	/* Holes are left out; a block that two ranges share is one. */
	board.ram[1] = (struct board_ram){0xc0000000, 0x2000000};
	board.ram[2] = (struct board_ram){0xc4000000, 0x8000000};
	board.n_ram = 3;
	for (size_t i = 0; i < 5; i++) {
		static const uint64_t indices[] = {16, 17, 18, 24, 25};

		assert_int_equal(inventory->memory_block(NULL, i, &block), 1);
		assert_int_equal(block.phys_index, indices[i]);
	}
	assert_int_equal(inventory->memory_block(NULL, 5, &block), 0);
	board.n_ram = 1;
	assert_int_equal(inventory->vcpu(NULL, 0, &vcpu), 1);
	assert_true(vcpu.online);
	assert_false(vcpu.can_offline);
	assert_int_equal(inventory->vcpu(NULL, 2, &vcpu), 1);
	assert_false(vcpu.online);
	assert_true(vcpu.can_offline);
	assert_int_equal(inventory->vcpu(NULL, 3, &vcpu), 0);
	assert_string_equal(inventory->host_name(NULL), "word");
}

static int try_open(const char *path, unsigned flags)
{
	void *file;
	int error = env->files->open(NULL, path, strlen(path), flags, &file);

	if (error == 0)
		env->files->close(NULL, file);
	return error;
}

static void test_paths(void **state)
{
	static const struct fake_item items[] = {{"opt/a/b", "bytes", 5}, {NULL, NULL, 0}};
	const unsigned w = QGA_OPEN_WRITE | QGA_OPEN_CREATE | QGA_OPEN_TRUNCATE, r = QGA_OPEN_READ;
	const struct {
		const char *path;
		unsigned flags;
		int error;
	} cases[] = {
		{"", r, QGA_ENOENT},
		{"ram/a", w, QGA_ENOENT} /* below /tmp */,
		{"/", r, QGA_EISDIR},
		{"/ram", w, QGA_EISDIR},
		{"/ram/", w, QGA_EISDIR},
		{"/fw_cfg/", r, QGA_EISDIR},
		{"/ram/a", r, QGA_ENOENT},
		{"/ram/a", w, 0},
		{"/ram/a", r, 0},
		{"/tmp/a", r, QGA_ENOENT},
		{"/ram/a/b", w, QGA_ENOTDIR},
		{"//ram/.//a", r, 0},
		{"/ram/../fw_cfg/../ram/a", r, 0},
		{"/ram/b/../a", r, QGA_ENOENT},
		{"/ram/a/../a", r, QGA_ENOTDIR},
		{"/ram/a/", r, QGA_ENOTDIR},
		{"/ram/b/", r, QGA_ENOENT},
		{"/ram/b/", w, QGA_EISDIR},
		{"/ram/./", w, QGA_EISDIR},
		{"rel", r, QGA_ENOENT},
		{"rel", w, 0},
		{"./rel", r, 0},
		{"/tmp/rel", r, 0},
		{"../tmp/rel", r, 0},
		{"/rel", r, QGA_ENOENT},
		{"../..", r, QGA_EISDIR},
		{"/fw_cfg//opt/./a/b", r, 0},
		{"/fw_cfg/opt/../opt/a/b", r, 0},
		{"/log/", r, QGA_ENOTDIR},
		{"/log/x", r, QGA_ENOTDIR},
		{"/fw_cfg/opt/a/b", r, 0},
		{"/fw_cfg/opt/a/b", w, QGA_EROFS},
		{"/fw_cfg/opt/a/c", r, QGA_ENOENT},
		{"/fw_cfg/opt/a/c", w, QGA_EROFS},
		{"/log", r, 0},
		{"/log", w, QGA_EROFS},
		{"/crash", r, QGA_ENOENT},
		{"/new", w, QGA_EROFS},
		{"/new/file", w, QGA_ENOENT},
		{"/run/file", w, QGA_EROFS},
	};

	(void)state;
	fake_board.items = items;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(try_open(cases[i].path, cases[i].flags), cases[i].error);
	fake_board.items = NULL;
}

/* One as long as there is room for, one longer, and a component longer than Linux has any. */
static void test_long_paths(void **state)
{
	char path[600];
	const struct {
		size_t dots, name;
		int error;
	} cases[] = {
		{0, 91, 0},
		{200, 91, 0},
		{0, 92, QGA_ENAMETOOLONG},
		{0, 255, QGA_ENAMETOOLONG},
		{0, 256, QGA_ENAMETOOLONG},
		{0, 500, QGA_ENAMETOOLONG},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		strcpy(path, "/ram/");
		for (size_t n = 0; n < cases[i].dots; n++)
			strcat(path, "./");
		memset(path + strlen(path), 'x', cases[i].name + 1);
		path[5 + 2 * cases[i].dots + cases[i].name] = '\0';
		assert_int_equal(try_open(path, QGA_OPEN_WRITE | QGA_OPEN_CREATE), cases[i].error);
	}
}

static void test_too_many_open(void **state)
{
	void *file[QGA_FILES_MAX + 2 * QGA_JOBS_MAX], *one_more;
	size_t n = sizeof(file) / sizeof(file[0]);

	(void)state;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(env->files->open(NULL, "/log", 4, QGA_OPEN_READ, &file[i]), 0);
	assert_int_equal(env->files->open(NULL, "/log", 4, QGA_OPEN_READ, &one_more), QGA_EMFILE);
	for (size_t i = 0; i < n; i++)
		env->files->close(NULL, file[i]);
	assert_int_equal(try_open("/log", QGA_OPEN_READ), 0);
}

/* The log wraps, a reader that was overtaken sees blanks, and all of it survives a restart. */
static void test_log(void **state)
{
	static _Alignas(16) char memory[sizeof(struct log) + 256];
	struct log *log = log_open(memory, sizeof(memory));
	char buf[300];

	(void)state;
	log_write(log, "0123456789", 10);
	assert_int_equal(log_read(log, 0, buf, sizeof(buf)), 10);
	for (int i = 0; i < 25; i++)
		log_write(log, "abcdefghij", 10);
	assert_int_equal(log_oldest(log), 4);
	assert_int_equal(log_read(log, 0, buf, 8), 8);
	assert_memory_equal(buf, "    4567", 8);
	assert_ptr_equal(log_open(memory, sizeof(memory)), log);
	assert_int_equal(log->written, 260);
	memory[0] ^= 1;
	log_open(memory, sizeof(memory));
	assert_int_equal(log->written, 0);
	assert_null(log_open(memory, LOG_MIN - 1));
}

/* A record is there as long as it is whole. */
static void test_kept_record(void **state)
{
	static _Alignas(16) char memory[sizeof(struct log) + 256];
	struct log *log = log_open(memory, sizeof(memory));
	char much[LOG_CRASH_MAX];

	(void)state;
	memset(much, 'x', sizeof(much));
	log_crash_begin(log);
	log_crash_add(log, "one", 3);
	log_crash_add(log, much, LOG_CRASH_MAX - 4); /* one too many, with its LF */
	log_crash_add(log, "two", 3);
	assert_ptr_equal(log_open(memory, sizeof(memory)), log);
	assert_int_equal(log->crash_len, 8);
	assert_memory_equal(log->crash, "one\ntwo\n", 8);
	log->crash[5] ^= 1;
	log_write(log, "line\n", 5);
	log_open(memory, sizeof(memory));
	assert_int_equal(log->crash_len, 0);
	assert_int_equal(log->written, 5);
	log_crash_add(log, much, LOG_CRASH_MAX - 1);
	log_open(memory, sizeof(memory));
	assert_int_equal(log->crash_len, LOG_CRASH_MAX);
	/* It cannot be so long; nor is it the same log where there is room for another one. */
	log->crash_len++;
	log_open(memory, sizeof(memory));
	assert_int_equal(log->crash_len, 0);
	assert_int_equal(log->written, 0);
	log_write(log, "line\n", 5);
	log->size *= 2;
	log_open(memory, sizeof(memory));
	assert_int_equal(log->written, 0);
}

/* What a trap leaves, on the console and in memory; the last lines of the log, one of them too long for a line. */
static void test_record(void **state)
{
	static _Alignas(16) char memory[sizeof(struct log) + 2048];
	static const char head[] = "bareqga crashed on fake\ncause 0x3 (breakpoint)\npc 0x1004\n"
				   "value 0x0\nuptime_ns 0x5\n";
	static const char rest[] = "build_id 0abcff\nimage 0x1000\n"
				   "regs ra=0x10 sp=0x20 gp=0x0 s0=0x40\nregs s1=0xffffffff\n"
				   "calls 0x100 0x101 0x102 0x103\ncalls 0x104\n";
	struct log *log = log_open(memory, sizeof(memory));
	char expected[1024], lines[1200];
	jmp_buf halted;

	(void)state;
	memset(lines, 'a', 1000); /* of which too much is in front of the last 1024 bytes */
	strcpy(lines + 1000, "\nsecond\a\n");
	memset(lines + strlen(lines), 'b', 100);
	log_write(log, lines, 1109);
	log_write(log, "\n", 1);
	snprintf(expected, sizeof(expected), "%s%s| second?\n| %.94s\n| bbbbbb\n", head, rest,
	         lines + 1009);
	env_crash_init(&board, log);
	fake_board.monotonic = 5;
	fake_board.said[0] = '\0';
	fake_board.halted = &halted;
	log->crashes = 3; /* so that it is the last one */
	if (!setjmp(halted))
		firmware_trap(3, 0x1004, 0);
	fake_board.halted = NULL;
	assert_string_equal(fake_board.said, expected);
	assert_int_equal(log->crash_len, strlen(expected));
	assert_memory_equal(log->crash, expected, strlen(expected));
	assert_int_equal(log_read(log, 1110, lines, sizeof(lines)), strlen(head));
	assert_memory_equal(lines, head, strlen(head));
	assert_int_equal(fake_board.panics, 1);
	env_crash_init(&board, NULL);
}

static void test_exit(void **state)
{
	(void)state;
	fake_board.said[0] = '\0';
	assert_int_equal(env_exit(7), QGA_ENOSYS);
	assert_int_equal(fake_board.status, 7);
	assert_string_equal(fake_board.said,
	                    "bareqga: no device here ends the machine with that status\n");
}

static void test_power(void **state)
{
	const struct qga_power *power = env->power;

	(void)state;
	board.powers = 1 << BOARD_REBOOT;
	board.learn = learn;
	assert_int_equal(power->shutdown(NULL, QGA_HALT), QGA_ENOSYS);
	assert_int_equal(power->shutdown(NULL, QGA_POWERDOWN), 0);
	assert_int_equal(power->shutdown(NULL, QGA_REBOOT), 0);
	/* A mode that the machine did not obey is refused from then on, the others are not. */
	power->off(NULL, QGA_REBOOT);
	assert_int_equal(power->shutdown(NULL, QGA_REBOOT), QGA_ENOSYS);
	assert_int_equal(power->shutdown(NULL, QGA_POWERDOWN), 0);
	/* The host is told of a port that closes a second after it opened, or later, however long it took to come here. */
	assert_int_equal(power->close_ns, 0);
	board.power_delay_ns = 300000000;
	fake_board.monotonic = 5000000000;
	env_power_init(&board);
	fake_board.monotonic += 100000000;
	assert_int_equal(power->shutdown(NULL, QGA_POWERDOWN), 0);
	assert_int_equal(power->close_ns, 1000000000);
	fake_board.monotonic += 800000000;
	assert_int_equal(power->shutdown(NULL, QGA_POWERDOWN), 0);
	assert_int_equal(power->close_ns, 300000000);
	board.power_delay_ns = 0;
}

static int start(void **state)
{
	(void)state;
	env = env_init(&board);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_settings),      cmocka_unit_test(test_clock_fine),
		cmocka_unit_test(test_clock_coarse),  cmocka_unit_test(test_first_answer),
		cmocka_unit_test(test_load),          cmocka_unit_test(test_inventory),
		cmocka_unit_test(test_paths),         cmocka_unit_test(test_long_paths),
		cmocka_unit_test(test_too_many_open), cmocka_unit_test(test_log),
		cmocka_unit_test(test_power),         cmocka_unit_test(test_generation),
		cmocka_unit_test(test_kept_record),   cmocka_unit_test(test_record),
		cmocka_unit_test(test_exit),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
