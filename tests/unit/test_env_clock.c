/* SPDX-License-Identifier: MIT */
/*
 * test_env_clock.c - a hardware clock that cannot be set, that nobody reads, that drifts; and what a machine
 * that was restored notices. test_env.c has clocks that can be set.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "apart.h"
#include "env/env.h"
#include "fake_board.h"

static struct board board = {.name = "fake", .has_rtc = true, .remind = fake_board_remind};
static const struct qga_clock *clock;

static int start(void **state)
{
	(void)state;
	fake_board.rtc = 1000000000000000001;
	clock = env_init(&board)->clock;
	return 0;
}

static int64_t now(void)
{
	int64_t ns = -1;

	assert_int_equal(clock->get(NULL, &ns), 0);
	return ns;
}

static void pass(int64_t ns)
{
	fake_board.monotonic += (uint64_t)ns;
	fake_board.rtc += ns;
}

/* The first answer has the clock looked at, and no later one does. */
static void watch(void)
{
	assert_null(fake_board.notice);
	env_watch();
	assert_ptr_equal(fake_board.notice, env_look);
	fake_board.notice = NULL;
	env_watch();
	assert_null(fake_board.notice);
}

/* Until it has been read, nothing is known; what a client says is known then. */
static void never_read(void **state)
{
	int64_t ns;

	(void)state;
	fake_board.rtc_broken = true;
	assert_int_equal(clock->get(NULL, &ns), QGA_EIO);
	assert_int_equal(clock->set(NULL, 5000), 0);
	fake_board.monotonic += 7;
	assert_int_equal(now(), 5007);
	fake_board.rtc_broken = false;
}

/* Setting it leaves the hardware as it was, and reading anew comes back to that. */
static void set_ours_only(void **state)
{
	(void)state;
	pass(1);
	assert_int_equal(clock->set(NULL, 2000000000000000000), 0);
	pass(100);
	assert_int_equal(now(), 2000000000000000100);
	assert_int_equal(fake_board.rtc, 1000000000000000102);
	assert_int_equal(clock->reread(NULL), 0);
	assert_int_equal(now(), 1000000000000000102);
}

/* A hardware clock that is slower than the counter: time stands still, and is not told backwards. */
static void drifts(void **state)
{
	int64_t told = now();

	(void)state;
	fake_board.rtc -= 19000000;
	assert_int_equal(now(), told);
	pass(18999999);
	assert_int_equal(now(), told);
	pass(2);
	assert_int_equal(now(), told + 1);
}

/* A machine whose host tells can know, though it has no clock. */
static const struct board told = {.name = "told", .disturbed = fake_board_disturbed};

static void count(void)
{
	char text[ENV_GENERATION_SIZE];

	env_restored_init(&told);
	assert_int_equal(env_generation(text), 2);
	assert_memory_equal(text, "0\n", 2);
	for (unsigned i = 0; i < 12; i++) {
		fake_board.disturbed = true;
		env_look();
	}
	assert_int_equal(env_generation(text), 3);
	assert_memory_equal(text, "12\n", 3);
}

static void be_told(void)
{
	env_restored_init(&told);
	fake_board.disturbed = true;
	env_watch();
	assert_false(fake_board.disturbed);
}

static void watched(void **state)
{
	(void)state;
	assert_true(apart(watch));
	assert_true(apart(be_told));
}

static void counted(void **state)
{
	(void)state;
	assert_true(apart(count));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(watched),       cmocka_unit_test(never_read),
		cmocka_unit_test(set_ours_only), cmocka_unit_test(drifts),
		cmocka_unit_test(counted),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
