/* SPDX-License-Identifier: MIT */
/*
 * test_board_pc_ends.c - in what order the ways of ending a PC are tried, and how a host hears of its exit status and
 * of a panic.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alone.h"
#include "board_rig.h"
#include "board_pc.h"

/* --- Power --- */

/* ACPI; where that is not heard nothing else is. */
static void test_power_off(void **state)
{
	uint64_t before;

	(void)state;
	boot_pc("");
	with_reset();
	port[0x64] = 0;
	assert_non_null(board_init());
	before = tsc;
	assert_string_equal(end_by(BOARD_POWERDOWN), "acpi:3401 ");
	assert_true(tsc - before >= 2000000000); /* two seconds of patience */
	assert_string_equal(end_by(BOARD_REBOOT), "reset:6 8042:fe fault ");
	port[0x64] = 0xff;
	assert_string_equal(end_by(BOARD_REBOOT), "reset:6 fault ");
}

/* Firecracker's ACPI knows of no sleep; a reset ends the machine, for who asks to switch off, too. */
static void test_firecracker(void **state)
{
	(void)state;
	boot_pc("");
	memcpy(low + RSDT + 10, "FIRECK", 6);
	low[DSDT + 40] = 'x';
	port[0x64] = 0;
	assert_non_null(board_init());
	assert_true(machine.board.powers >> BOARD_POWERDOWN & 1);
	assert_string_equal(end_by(BOARD_POWERDOWN), "8042:fe ");
	assert_string_equal(end_by(BOARD_REBOOT), "8042:fe fault ");
}

/* The same, by the table of before ACPI; not with fw_cfg, for then it is QEMU, and a reset is a reset. */
static void boot_by_mptable(const char *oem)
{
	static const uint8_t enabled[] = {1, 1};

	pc("");
	add_io_apic(0, 0xfec00000, 0x00170020);
	mp_tables(low, oem, enabled, 2, false);
	port[0x64] = 0;
	assert_non_null(board_init());
}

static void test_kvmtool(void **state)
{
	(void)state;
	boot_by_mptable("KVMCPU00");
	assert_int_equal(machine.board.n_cpus, 2);
	assert_string_equal(end_by(BOARD_POWERDOWN), "8042:fe ");
}

static void test_old_firecracker(void **state)
{
	(void)state;
	boot_by_mptable("FC      ");
	assert_string_equal(end_by(BOARD_POWERDOWN), "8042:fe ");
}

static void test_qemu_without_acpi(void **state)
{
	(void)state;
	with_fw_cfg();
	boot_by_mptable("FC      ");
	assert_false(machine.board.powers >> BOARD_POWERDOWN & 1);
	assert_string_equal(end_by(BOARD_POWERDOWN), "");
}

static void test_somebody_elses_table(void **state)
{
	(void)state;
	boot_by_mptable("QBOOT   ");
	assert_string_equal(end_by(BOARD_POWERDOWN), "");
	port[0x64] = 0xff;
	assert_string_equal(end_by(BOARD_REBOOT), "fault ");
}

/* --- Exit --- */

/* isa-debug-exit: where the setting says, or at QEMU's own address for it, if something reads 0 there. */
static const char *exit_with(const char *cmdline, unsigned status)
{
	ends[0] = '\0';
	machine.board.cmdline = cmdline;
	board_exit(status);
	return ends;
}

#define NO_EXIT "bareqga: setting debug-exit is no port in hexadecimal digits and not used\n"

static void test_exit(void **state)
{
	static const char *const wrong[] = {"0", "0x", "10000", "xyz", "f4h", "123456789", "-1"};
	char text[64];

	(void)state;
	with_fw_cfg();
	boot_pc("");
	assert_non_null(board_init());
	/* Ports 510h to 51bh are the fake's, so the device is not at QEMU's own place but beside it. */
	port[0x501] = 0;
	assert_string_equal(exit_with("", 3), "501:3 ");
	port[0x501] = 0xff;
	assert_string_equal(exit_with("", 3), "");
	assert_string_equal(exit_with("bareqga.debug-exit=0xf4", 5), "f4:5 ");
	assert_string_equal(exit_with("bareqga.debug-exit=F4", 5), "f4:5 ");
	assert_string_equal(rig_said(), "");
	for (unsigned i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		snprintf(text, sizeof text, "bareqga.debug-exit=%s", wrong[i]);
		machine.board.said = NULL;
		com[0].heard_len = 0;
		assert_string_equal(exit_with(text, 5), "");
		assert_int_equal(com[0].heard_len, strlen(NO_EXIT) + 1);
	}
}

/* Nobody looks for it where there is no QEMU. */
static void test_exit_elsewhere(void **state)
{
	(void)state;
	boot_pc("");
	assert_non_null(board_init());
	port[0x501] = 0;
	assert_string_equal(exit_with("", 3), "");
}

/* --- Panic --- */

static void test_pvpanic(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("");
	add_io_apic(0, 0xfec00000, 0x00170020);
	fake_fw_cfg_add("etc/pvpanic-port", "\x05\x05", 2);
	assert_non_null(board_init());
	port[0x505] = 3;
	board_panicked();
	assert_int_equal(port[0x505], MACHINE_PANICKED);
	port[0x505] = 2; /* takes something else */
	board_panicked();
	assert_int_equal(port[0x505], 2);
}

static void test_pvpanic_nowhere(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("");
	add_io_apic(0, 0xfec00000, 0x00170020);
	fake_fw_cfg_add("etc/pvpanic-port", "\x05", 1);
	assert_non_null(board_init());
	port[0x505] = 3;
	board_panicked();
	assert_int_equal(port[0x505], 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_power_off),
		ALONE(test_firecracker),
		ALONE(test_kvmtool),
		ALONE(test_old_firecracker),
		ALONE(test_qemu_without_acpi),
		ALONE(test_somebody_elses_table),
		ALONE(test_exit),
		ALONE(test_exit_elsewhere),
		ALONE(test_pvpanic),
		ALONE(test_pvpanic_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
