/* SPDX-License-Identifier: MIT */
/*
 * test_board_port.c - where the agent answers if nothing else is asked for: which device is taken, in what order they
 * are tried, and what is said of those that are not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alone.h"
#include "board_rig.h"
#include "board_arm.h"
#include "board_agent.h"

#define NO_WAKE                                                                             \
	"bareqga: interrupts of the agent's device do not reach this processor; it is not " \
	"used\n"

static void test_named_port(void **state)
{
	struct fake_console *other, *fake;

	(void)state;
	arm_start_serial("");
	other = arm_plug_console(0, "some.other.port");
	fake = arm_plug_console(1, NAME);
	assert_string_equal(boot(), "");
	assert_true(hears_console(fake, 1));
	assert_int_equal(other->ports[1].guest_open, false);
	assert_false(machine.board.is_line);
	assert_int_equal(machine_agent_irq(&machine).number, 32 + 16);
	/* Its interrupt is let go of. */
	fake->mmio.isr = 1;
	machine.irqchip->acknowledge();
	assert_int_equal(fake->mmio.isr, 0);
}

/* Where there is a socket device, too, the named port is still the first. */
static void test_named_port_before_socket(void **state)
{
	struct fake_console *fake;

	(void)state;
	arm_start_serial("");
	fake = arm_plug_console(0, NAME);
	arm_plug_vsock(1);
	assert_string_equal(boot(), "");
	assert_true(hears_console(fake, 1));
}

/* A console without the port, which may be plugged in later, is behind the socket device ... */
static void test_socket_before_other_console(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	arm_start_serial("");
	arm_plug_console(0, "some.other.port");
	fake = arm_plug_vsock(1);
	assert_string_equal(boot(), "no virtio console has the agent's port; waiting for one\n");
	assert_true(hears_vsock(fake, 1234));
	fake->mmio.isr = 1;
	machine.irqchip->acknowledge();
	assert_int_equal(fake->mmio.isr, 0);
}

/* ... but not behind one that cannot be used, or that is switched off. */
static void test_other_console_before_broken_socket(void **state)
{
	struct fake_console *fake;

	(void)state;
	arm_start_serial("");
	fake = arm_plug_console(0, "some.other.port");
	arm_plug_vsock(1)->mmio.version = 77;
	boot();
	fake_host_plug(fake, 2, NAME);
	assert_true(hears_console(fake, 2));
}

static void test_socket_is_switched_off(void **state)
{
	struct fake_console *fake;

	(void)state;
	arm_start_serial("bareqga.vsock-port=none");
	fake = arm_plug_console(0, "some.other.port");
	arm_plug_vsock(1);
	assert_string_equal(boot(), "");
	fake_host_plug(fake, 2, NAME);
	assert_true(hears_console(fake, 2));
	assert_null(machine.board.poll);
}

/* A console without ports (kvmtool's) is what there is without a socket device, and nothing beside one. */
static void test_console_without_ports(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	arm_start_serial("");
	arm_plug_console(0, NULL)->mmio.features &= ~2u;
	fake = arm_plug_vsock(1);
	arm_plug_vsock(2); /* a second one */
	boot();
	assert_int_equal(machine.n_vsocks, 1);
	assert_true(hears_vsock(fake, 1234));
}

/* The socket device breaks in the middle of it, and so does the console: there is no port then. */
static void test_nothing_works(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	arm_start_serial("");
	arm_plug_console(0, "some.other.port");
	fake = arm_plug_vsock(1);
	fake->mmio.device_id = 19;
	arm_boot();
	fake->mmio.version = 77;
	fake_arch.step = 1000000;
	/* Only a socket device: its interrupt is the agent's. */
	machine.n_consoles = 0;
	assert_int_equal(machine_agent_irq(&machine).number, 32 + 17);
	channel = board_channel();
	assert_true(machine.board.is_line);
}

/* What the driver has to say of its device is said. */
static void test_socket_of_another_version(void **state)
{
	(void)state;
	arm_start_serial("bareqga.channel=vsock");
	arm_plug_vsock(0)->mmio.queue_max = 0;
	boot();
	assert_true(strlen(rig_said()) > 0);
}

/* Nobody is told of interrupts: such a device is none. */
static void test_deaf(void **state)
{
	(void)state;
	arm_start("");
	arm_plug_console(0, NAME);
	arm_boot();
	fake_arch.pending = false;
	assert_null(board_channel());
	assert_string_equal(rig_said(), NO_WAKE NO_PORT);
}

static void test_deaf_socket(void **state)
{
	(void)state;
	arm_start("bareqga.channel=vsock");
	arm_plug_vsock(0);
	arm_boot();
	fake_arch.pending = false;
	assert_null(board_channel());
	assert_string_equal(rig_said(), NO_WAKE "bareqga: there is no socket device, or "
	                                        "bareqga.vsock-port is none\n");
}

/* The machine was moved, or restored: who is to be reminded is, at once. */
static unsigned noticed;

static void notice(void)
{
	noticed++;
}

static void test_socket_says_moved(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	arm_start("bareqga.channel=vsock");
	fake = arm_plug_vsock(0);
	boot();
	assert_false(machine.board.disturbed());
	machine.board.remind(UINT64_C(3600000000000), notice);
	machine.irqchip->acknowledge();
	assert_int_equal(noticed, 0);
	fake_vsock_transport_reset(fake, 4);
	machine.irqchip->acknowledge();
	assert_int_equal(noticed, 1);
	assert_true(machine.board.disturbed());
	assert_false(machine.board.disturbed());
	/* Told again within a second it is the same. */
	fake_arch.step = 0;
	machine_say_disturbed();
	assert_false(machine.board.disturbed());
	fake_arch.ticks += 2000000000;
	machine_say_disturbed();
	assert_true(machine.board.disturbed());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_named_port),
		ALONE(test_named_port_before_socket),
		ALONE(test_socket_before_other_console),
		ALONE(test_other_console_before_broken_socket),
		ALONE(test_socket_is_switched_off),
		ALONE(test_console_without_ports),
		ALONE(test_nothing_works),
		ALONE(test_socket_of_another_version),
		ALONE(test_deaf),
		ALONE(test_deaf_socket),
		ALONE(test_socket_says_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
