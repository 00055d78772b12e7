/* SPDX-License-Identifier: MIT */
/* test_env_crash.c - traps: what is told of them, and what happens then; each once in a life. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "apart.h"
#include "env/env.h"
#include "env/log.h"
#include "fake_board.h"

#define HALTED   (1u << BOARD_HALT)
#define REBOOTED (1u << BOARD_REBOOT | HALTED) /* it did not obey */

#define REST                                                  \
	"image 0x1000\nregs ra=0x10 sp=0x20 gp=0x0 s0=0x40\n" \
	"regs s1=0xffffffff\ncalls 0x100 0x101 0x102 0x103\ncalls 0x104\n"

static _Alignas(16) char memory[sizeof(struct log) + 4096];
static char said[64] = "";
static struct board board = {.name = "fake", .said = said};
static struct log *text_log;

/* Until the machine stands still. */
static void trap(void)
{
	jmp_buf halted;

	fake_board.halted = &halted;
	if (!setjmp(halted))
		firmware_trap(7, 0x1004, UINTPTR_MAX);
	fake_board.halted = NULL;
}

static void again(void)
{
	firmware_trap(3, 0x2000, 0);
}

static void begin(void)
{
	text_log = log_open(memory, sizeof memory);
	env_crash_init(&board, text_log);
	fake_board.monotonic = 16;
}

static void assert_record(const char *expected)
{
	assert_int_equal(text_log->crash_len, strlen(expected));
	assert_memory_equal(text_log->crash, expected, strlen(expected));
}

#define HEAD(where, uptime)                                                          \
	"bareqga crashed" where "\ncause 0x7\npc 0x1004\nvalue 0xffffffffffffffff\n" \
	"uptime_ns " uptime "\n"

/* Before anything is known of the machine. */
static void early(void)
{
	fake_board.no_build_id = true;
	fake_board.monotonic = 16;
	trap();
	assert_string_equal(fake_board.said, HEAD("", "0x0") REST);
	assert_int_equal(fake_board.powers, HALTED);
	assert_int_equal(fake_board.panics, 1);
}

/* On a machine whose memory is too small for a log. */
static void no_log(void)
{
	strcpy(said, "kept\n");
	env_crash_init(&board, NULL);
	trap();
	assert_string_equal(fake_board.said, HEAD(" on fake", "0x0") "build_id 0abcff\n" REST);
	assert_int_equal(fake_board.powers, HALTED);
	assert_string_equal(said, "kept\n");
}

static void restarts(void)
{
	begin();
	log_write(text_log, "one\ntor", 7);
	strcpy(said, "so\n");
	trap();
	assert_record(HEAD(" on fake", "0x10") "build_id 0abcff\n" REST "| one\n| torso\n");
	assert_string_equal(said, "");
	assert_int_equal(text_log->crashes, 1);
	assert_int_equal(fake_board.powers, REBOOTED);
	/* After the restart there is one sentence about it. */
	fake_board.said[0] = '\0';
	env_crash_init(&board, log_open(memory, sizeof memory));
	assert_string_equal(fake_board.said,
	                    "bareqga: restarted after a crash; its record is in /crash\n");
}

/* A log that has no whole line within what a record has of it, and one that ends amid a line. */
static void no_line(void)
{
	begin();
	for (unsigned i = 0; i < 2000; i++)
		log_write(text_log, "x", 1);
	trap();
	assert_record(HEAD(" on fake", "0x10") "build_id 0abcff\n" REST);
}

static void torso(void)
{
	begin();
	log_write(text_log, "torso", 5);
	trap();
	assert_record(HEAD(" on fake", "0x10") "build_id 0abcff\n" REST "| torso\n");
}

/* Lines of a record have an end. */
static void long_name(void)
{
	char name[121] = "", expected[97] = "bareqga crashed on ";

	memset(name, 'n', 120);
	memset(expected + 19, 'n', 96 - 19);
	board.name = name;
	begin();
	trap();
	assert_memory_equal(text_log->crash, expected, 96);
	assert_int_equal(text_log->crash[96], '\n');
}

/* Soon after the start for the fourth time, and much later for however many times. */
static void series(void)
{
	begin();
	text_log->crashes = 3;
	trap();
	assert_int_equal(text_log->crashes, 4);
	assert_int_equal(fake_board.powers, HALTED);
}

static void late(void)
{
	begin();
	text_log->crashes = 3;
	fake_board.monotonic = 10000000000;
	trap();
	assert_int_equal(text_log->crashes, 1);
	assert_int_equal(fake_board.powers, REBOOTED);
}

/* What is told traps itself: it is not told again, and the machine does not start once more. */
static void traps_in_telling(void)
{
	begin();
	fake_board.in_last_words = again;
	trap();
	assert_string_equal(fake_board.said, HEAD(" on fake", "0x10"));
	assert_record(HEAD(" on fake", "0x10") "build_id 0abcff\n" REST);
	assert_int_equal(fake_board.panics, 1);
	assert_int_equal(fake_board.powers, HALTED);
}

static void traps_in_panic(void)
{
	begin();
	fake_board.in_panicked = again;
	trap();
	assert_int_equal(fake_board.panics, 1);
	assert_int_equal(fake_board.powers, REBOOTED);
}

/* So that does not go on for ever. */
static void traps_in_restart(void)
{
	begin();
	fake_board.in_reboot = again;
	trap();
	assert_int_equal(fake_board.panics, 1);
	assert_int_equal(fake_board.powers, REBOOTED);
}

static jmp_buf slept;

static void sleep_over(void)
{
	longjmp(slept, 1);
}

/* A machine that cannot even stop sleeps. */
static void sleeps(void)
{
	begin();
	fake_board.wait = sleep_over;
	if (!setjmp(slept))
		firmware_trap(7, 0x1004, UINTPTR_MAX);
	assert_true(fake_board.waited == UINT64_MAX);
	assert_int_equal(fake_board.powers, REBOOTED);
}

#define APART(what)                           \
	static void test_##what(void **state) \
	{                                     \
		(void)state;                  \
		assert_true(apart(what));     \
	}

APART(early)
APART(no_log)
APART(restarts)
APART(no_line)
APART(torso)
APART(long_name)
APART(series)
APART(late)
APART(traps_in_telling)
APART(traps_in_panic)
APART(traps_in_restart)
APART(sleeps)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_early),
		cmocka_unit_test(test_no_log),
		cmocka_unit_test(test_restarts),
		cmocka_unit_test(test_no_line),
		cmocka_unit_test(test_torso),
		cmocka_unit_test(test_long_name),
		cmocka_unit_test(test_series),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_traps_in_telling),
		cmocka_unit_test(test_traps_in_panic),
		cmocka_unit_test(test_traps_in_restart),
		cmocka_unit_test(test_sleeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
