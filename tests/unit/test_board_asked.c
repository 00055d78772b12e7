/* SPDX-License-Identifier: MIT */
/* test_board_asked.c - where the agent answers if bareqga.channel says so, and what is said of nonsense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alone.h"
#include "board_rig.h"
#include "board_arm.h"
#include "board_agent.h"

#define NO_PORT_PCI "bareqga: there is no port for the agent; add -device virtio-serial-pci\n"

static void test_asks_for_virtio(void **state)
{
	(void)state;
	arm_start_serial("bareqga.channel=virtio");
	assert_string_equal(boot(), NO_PORT);
	assert_null(channel);
	assert_int_equal(machine_agent_irq(&machine).number, 33); /* at most that */
}

static void test_asks_for_virtio_pci(void **state)
{
	(void)state;
	arm_start("bareqga.channel=virtio");
	arm_pci(true);
	assert_string_equal(boot(), NO_PORT_PCI);
	assert_null(channel);
}

static void test_asks_for_vsock(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	arm_start("bareqga.channel=vsock bareqga.vsock-port=5000");
	arm_plug_console(0, NAME);
	fake = arm_plug_vsock(1);
	assert_string_equal(boot(), "");
	assert_true(hears_vsock(fake, 5000));
}

static void test_asks_for_vsock_in_vain(void **state)
{
	(void)state;
	arm_start_serial("bareqga.channel=vsock");
	assert_string_equal(boot(), "bareqga: there is no socket device, or bareqga.vsock-port is "
	                            "none\n");
	assert_null(channel);
}

static void vsock_port_is_wrong(const char *bootargs)
{
	arm_start(bootargs);
	arm_plug_vsock(0);
	assert_string_equal(boot(), "bareqga: bareqga.vsock-port is neither a number nor none and "
	                            "not used\n");
	assert_non_null(channel);
}

#define VSOCK_PORT_IS_WRONG(name, text)                                                \
	static void test_vsock_port_##name(void **state)                               \
	{                                                                              \
		(void)state;                                                           \
		vsock_port_is_wrong("bareqga.channel=vsock bareqga.vsock-port=" text); \
	}

VSOCK_PORT_IS_WRONG(word, "x")
VSOCK_PORT_IS_WRONG(ends_in_a_letter, "12x")
VSOCK_PORT_IS_WRONG(any, "4294967295")
VSOCK_PORT_IS_WRONG(too_large, "99999999999")
VSOCK_PORT_IS_WRONG(too_long, "123456789012")

static void test_asks_for_uart(void **state)
{
	(void)state;
	arm_start_serial("bareqga.channel=uart");
	arm_plug_console(0, NAME);
	assert_string_equal(boot(), "");
	assert_true(hears_uart(&uarts[0]));
	assert_true(machine.board.is_line);
	assert_int_equal(machine_agent_irq(&machine).number, 33);
}

static void test_asks_for_second_uart(void **state)
{
	(void)state;
	arm_start_serial("bareqga.channel=ttyAMA1");
	arm_uart(1);
	assert_string_equal(boot(), "");
	fake_uart_send(&uarts[0], "{}", 2);
	assert_string_equal(heard(), "");
	assert_true(hears_uart(&uarts[1]));
	assert_int_equal(machine_agent_irq(&machine).number, 34);
	/* The log has the other one. */
	board_debug("a line", 6);
	assert_memory_equal(uarts[0].heard, "a line\r\n", 8);
}

static void test_asks_for_uart_in_vain(void **state)
{
	(void)state;
	arm_start_serial("bareqga.channel=ttyS7");
	assert_string_equal(boot(), "bareqga: there is no serial port of the number that "
	                            "bareqga.channel names\n");
	assert_null(channel);
}

#define NONSENSE                                                                        \
	"bareqga: bareqga.channel is none of virtio, vsock, uart or a port like ttyS0 " \
	"and not used\n"

static void test_asks_for_nonsense(void **state)
{
	(void)state;
	arm_start_serial("bareqga.channel=ttyS12");
	assert_string_equal(boot(), NONSENSE ON_SERIAL);
	assert_true(hears_uart(&uarts[0]));
}

static void test_asks_for_too_much(void **state)
{
	(void)state;
	arm_start_serial("bareqga.channel=virtio-and-something-more");
	assert_string_equal(boot(), NONSENSE ON_SERIAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_asks_for_virtio),      ALONE(test_asks_for_virtio_pci),
		ALONE(test_asks_for_vsock),       ALONE(test_asks_for_vsock_in_vain),
		ALONE(test_vsock_port_word),      ALONE(test_vsock_port_ends_in_a_letter),
		ALONE(test_vsock_port_any),       ALONE(test_vsock_port_too_large),
		ALONE(test_vsock_port_too_long),  ALONE(test_asks_for_uart),
		ALONE(test_asks_for_second_uart), ALONE(test_asks_for_uart_in_vain),
		ALONE(test_asks_for_nonsense),    ALONE(test_asks_for_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
