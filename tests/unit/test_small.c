/* SPDX-License-Identifier: MIT */
/* test_small.c - the environment of the smallest image. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_board.h"

#include "env/small.c"

static void offered(void **state)
{
	static const struct board board = {.powers = 1 << BOARD_POWERDOWN | 1 << BOARD_REBOOT};
	const struct qga_env *all = env_init(&board);
	struct qga_config config = {.version = "1"};

	(void)state;
	env_config(&config);
	assert_ptr_equal(config.env, all);
	assert_true(env_poll(true) == UINT64_MAX);
	assert_null(all->files);
	assert_null(all->exec);
	assert_null(all->inventory);
	assert_null(all->clock->get);
	fake_board.monotonic = 42;
	assert_int_equal(all->clock->monotonic(NULL), 42);
	assert_int_equal(all->power->shutdown(NULL, QGA_POWERDOWN), 0);
	assert_int_equal(all->power->shutdown(NULL, QGA_HALT), QGA_ENOSYS);
	assert_int_equal(all->power->shutdown(NULL, QGA_REBOOT), 0);
	assert_int_equal(fake_board.powers, 0);
	all->power->off(NULL, QGA_REBOOT);
	assert_int_equal(fake_board.powers, 1 << BOARD_REBOOT);
}

static void trapped(void **state)
{
	jmp_buf halted;

	(void)state;
	fake_board.halted = &halted;
	fake_board.powers = 0;
	if (!setjmp(halted))
		firmware_trap(1, 2, 3);
	assert_string_equal(fake_board.said, "bareqga: stopped by a trap\n");
	assert_int_equal(fake_board.powers, 1 << BOARD_HALT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(offered), cmocka_unit_test(trapped)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
