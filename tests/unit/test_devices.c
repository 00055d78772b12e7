/* SPDX-License-Identifier: MIT */
/*
 * test_devices.c - small drivers as lists of register accesses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "rtc/goldfish_rtc.h"
#include "uart/pl011.h"
#include "rtc/pl031.h"
#include "register_memory.h"
#include "uart/uart.h"

static void test_clocks(void **state)
{
	struct rtc rtc;
	int64_t ns;

	(void)state;
	goldfish_rtc_init(&rtc, BASE);
	memory_write(NULL, 0, 4, 0x89abcdef);
	memory_write(NULL, 4, 4, 0x01234567);
	assert_int_equal(rtc.ops->get(&rtc, &ns), 0);
	assert_true(ns == 0x0123456789abcdef);
	ACCESSES({'R', 0, 0x89abcdef}, {'R', 4, 0x01234567}); /* the low half latches the other */
	assert_int_equal(rtc.ops->set(&rtc, 0x1122334455667788), 0);
	ACCESSES({'W', 4, 0x11223344}, {'W', 0, 0x55667788});

	pl031_init(&rtc, BASE);
	memory_write(NULL, 0, 4, 0xffffffff);
	assert_int_equal(rtc.ops->get(&rtc, &ns), 0);
	assert_true(ns == 4294967295 * 1000000000);
	registers_clear();
	assert_int_equal(rtc.ops->set(&rtc, 1795232666999999999), 0);
	ACCESSES({'W', 8, 1795232666});
	assert_int_equal(rtc.ops->set(&rtc, -1), -1);
	assert_int_equal(rtc.ops->set(&rtc, 4294967296 * 1000000000), -1);
	assert_int_equal(registers_count, 0);
}

static void test_pl011(void **state)
{
	struct uart uart = {0};
	uint8_t buf[8];

	(void)state;
	pl011_init(&uart, BASE, 0);
	ACCESSES({'W', 0x38, 0}, {'W', 0x44, 0x7ff}, {'W', 0x34, 0}, {'R', 0x2c, 0},
	         {'W', 0x2c, 0x60}, {'W', 0x30, 0x301});
	assert_true(uart_wants_quiet(&uart));
	memory[0x18] = 0x10 | 0x20; /* nothing received, no room */
	assert_int_equal(uart.ops->receive(&uart, buf, 8), 0);
	assert_int_equal(uart.ops->transmit(&uart, buf, 8), 0);
	registers_clear();
	uart.ops->interrupts(&uart, true, false);
	ACCESSES({'W', 0x38, 0x50});
	uart.ops->interrupts(&uart, false, true);
	ACCESSES({'W', 0x38, 0x20});
	/* After two rehearsals the FIFOs come on, right behind a look that found nothing ... */
	assert_true(uart_wants_quiet(&uart));
	memory[0x18] = 0x10 | 0x80;
	uart_quiet(&uart);
	ACCESSES({'R', 0x18, 0x90}, {'W', 0x2c, 0x60}, {'R', 0x18, 0x90}, {'W', 0x2c, 0x60},
	         {'R', 0x18, 0x90}, {'W', 0x2c, 0x70}, {'W', 0x44, 0x50});
	assert_false(uart_wants_quiet(&uart));
	/* ... and not at all if a byte waits to be read, or to leave: it stays where it is. */
	for (unsigned i = 0; i < 3; i++) {
		static const uint8_t flags[] = {0, 0x10, 0x80};
		uint8_t look = memory[0x18] = flags[i];

		uart_quiet(&uart);
		ACCESSES({'R', 0x18, look}, {'W', 0x2c, 0x60}, {'R', 0x18, look}, {'W', 0x2c, 0x60},
		         {'R', 0x18, look}, {'W', 0x2c, 0x60});
		assert_true(uart_wants_quiet(&uart));
	}
	/* FIFOs that are on before, with what they hold, stay on. */
	memory[0x2c] = 0x10;
	registers_clear();
	pl011_init(&uart, BASE, 0);
	ACCESSES({'W', 0x38, 0}, {'W', 0x44, 0x7ff}, {'W', 0x34, 0}, {'R', 0x2c, 0x10},
	         {'W', 0x2c, 0x70}, {'W', 0x30, 0x301});
	assert_false(uart_wants_quiet(&uart));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_clocks, set_up),
		cmocka_unit_test_setup(test_pl011, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
