/* SPDX-License-Identifier: MIT */
/* test_board_serial.c - an agent on a serial port: which one, and where the log goes beside it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alone.h"
#include "board_rig.h"
#include "board_arm.h"
#include "board_agent.h"

static void test_nothing(void **state)
{
	(void)state;
	arm_start("");
	assert_string_equal(boot(), NO_PORT);
	assert_null(channel);
}

static void test_serial_beside_pci(void **state)
{
	(void)state;
	arm_start_serial("");
	arm_pci(true);
	assert_string_equal(boot(), ON_SERIAL_PCI);
	assert_true(hears_uart(&uarts[0]));
}

/* Of several it is the one that the first request comes from; the log goes where console= says, or elsewhere. */
static void test_first_request(void **state)
{
	(void)state;
	arm_start("xconsole=ttyAMA2 console=tty0 console=ttyAMA1");
	for (unsigned n = 0; n < 3; n++)
		arm_uart(n);
	boot();
	assert_true(hears_uart(&uarts[2]));
	board_debug("a line", 6);
	assert_memory_equal(uarts[1].heard, "a line\r\n", 8);
}

static void test_request_where_the_log_is(void **state)
{
	(void)state;
	arm_start_serial("console=ttyAMA1,115200");
	arm_uart(1);
	boot();
	assert_true(hears_uart(&uarts[1]));
	uarts[0].heard_len = 0;
	board_debug("a line", 6);
	assert_memory_equal(uarts[0].heard, "a line\r\n", 8);
}

/* With one port there is nowhere for the log to go. */
static void test_log_is_mute(void **state)
{
	(void)state;
	arm_start_serial("bareqga.channel=uart");
	boot();
	board_debug("a line", 6);
	assert_int_equal(uarts[0].heard_len, 0);
	assert_true(board_debug_ready());
	board_power(BOARD_POWERDOWN);
	assert_int_equal(uarts[0].heard_len, 0);
}

#define LOGGED(text) "{\"event\": \"LOG\", \"data\": {\"line\": \"" text "\"}}\n"

/* ... unless they share it. */
static void test_shared(void **state)
{
	uint8_t *buf;

	(void)state;
	arm_start_serial("bareqga.channel=uart bareqga.console=shared");
	assert_string_equal(boot(), "");
	assert_true(hears_uart(&uarts[0]));
	board_debug("one", 3);
	channel->ops->tx_flush(channel);
	assert_int_equal(uarts[0].heard_len, strlen(LOGGED("one")));
	assert_memory_equal(uarts[0].heard, LOGGED("one"), uarts[0].heard_len);

	/* Behind an answer to guest-sync-delimited it waits for the next one, but not for ever. */
	fake_arch.step = 0;
	assert_true(channel->ops->tx_get(channel, &buf) > 9);
	memcpy(buf, "\xff{}\n", 4);
	channel->ops->tx_put(channel, 4);
	channel->ops->tx_flush(channel);
	assert_true(machine.board.poll() == UINT64_MAX);
	uarts[0].heard_len = 0;
	board_debug("two", 3);
	assert_int_equal(uarts[0].heard_len, 0);
	assert_true(machine.board.poll() == 1000000000);
	fake_arch.ticks += 400000000;
	assert_true(machine.board.poll() == 600000000);
	fake_arch.ticks += 600000000;
	assert_true(machine.board.poll() == UINT64_MAX);
	assert_memory_equal(uarts[0].heard, LOGGED("two"), uarts[0].heard_len);
	assert_true(machine.board.poll() == UINT64_MAX);
}

/* The agent stops in the middle of an answer: that ends, and lines go out at once. */
static void test_last_words(void **state)
{
	uint8_t *buf;

	(void)state;
	arm_start_serial("bareqga.channel=uart bareqga.console=shared");
	boot();
	assert_true(hears_uart(&uarts[0]));
	assert_true(channel->ops->tx_get(channel, &buf) > 9);
	memcpy(buf, "{\"ret", 5);
	channel->ops->tx_put(channel, 5);
	board_debug("one", 3);
	channel->ops->tx_flush(channel);
	assert_int_equal(uarts[0].heard_len, 5);
	assert_true(board_debug_ready());
	board_last_words();
	board_debug("two", 3);
	assert_memory_equal(uarts[0].heard, "{\"ret\n" LOGGED("one") LOGGED("two"),
	                    uarts[0].heard_len);
	assert_int_equal(uarts[0].heard_len, strlen("{\"ret\n" LOGGED("one") LOGGED("two")));
}

/* They go out before the power goes off, too; a port that takes nothing is not waited for for ever. */
static void test_last_words_of_a_deaf_port(void **state)
{
	uint8_t *buf;

	(void)state;
	arm_start_serial("bareqga.channel=uart bareqga.console=shared");
	boot();
	uarts[0].takes = 3;
	assert_true(channel->ops->tx_get(channel, &buf) > 9);
	memset(buf, 'x', 100);
	channel->ops->tx_put(channel, 100);
	board_debug("one", 3);
	board_power(BOARD_POWERDOWN);
	assert_string_equal(asked, "o");
	assert_int_equal(uarts[0].heard_len, 3);
}

/* Nobody has the port yet, for there is none. */
static void test_last_words_of_nobody(void **state)
{
	(void)state;
	arm_start("bareqga.console=shared");
	assert_string_equal(boot(), NO_PORT);
	board_debug("one", 3);
	board_power(BOARD_POWERDOWN);
	assert_string_equal(asked, "o");
}

static void test_console_is_nonsense(void **state)
{
	(void)state;
	arm_start_serial("bareqga.channel=uart bareqga.console=mine");
	assert_string_equal(boot(), "bareqga: bareqga.console is not shared and not used\n");
	assert_false(machine.shares_console);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_nothing),
		ALONE(test_serial_beside_pci),
		ALONE(test_first_request),
		ALONE(test_request_where_the_log_is),
		ALONE(test_log_is_mute),
		ALONE(test_shared),
		ALONE(test_last_words),
		ALONE(test_last_words_of_a_deaf_port),
		ALONE(test_last_words_of_nobody),
		ALONE(test_console_is_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
