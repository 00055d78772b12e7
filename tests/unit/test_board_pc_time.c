/* SPDX-License-Identifier: MIT */
/*
 * test_board_pc_time.c - a PC's time of day, whom it asks for that, the signs that it was copied or restored, and how
 * it waits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alone.h"
#include "board_rig.h"
#include "board_pc.h"

/* --- Time --- */

static void test_kvm_time(void **state)
{
	int64_t ns;

	(void)state;
	kvm = true;
	kvm_seconds = 1700000000;
	boot_pc("");
	assert_non_null(board_init());
	assert_true(machine.board.has_rtc);
	assert_int_equal(board_rtc_get(&ns), 0);
	assert_int_equal(ns / 1000000000, 1700000000);
	assert_int_equal(board_rtc_set(5), 0); /* only our own changes */
}

/* A CMOS that is there and has no date (Firecracker): KVM is asked, and cannot be set. */
static void test_empty_cmos(void **state)
{
	int64_t ns;

	(void)state;
	kvm = true;
	kvm_seconds = 1700000000;
	boot_pc("");
	memset(cmos, 0, sizeof cmos);
	assert_non_null(board_init());
	assert_int_equal(board_rtc_get(&ns), 0);
	assert_int_equal(ns / 1000000000, 1700000000);
	assert_int_equal(board_rtc_set(ns), 0);
	assert_int_equal(cmos[9], 0);
}

/* --- Signs --- */

static void test_signs_of_kvm(void **state)
{
	(void)state;
	kvm = true;
	boot_pc("");
	assert_non_null(board_init());
	x86_clock.kvm_time.flags = 2;
	assert_false(machine_sign()); /* nobody asked yet: nobody is to be told */
	assert_false(machine.board.disturbed());
	assert_false(machine.board.disturbed());
	x86_clock.kvm_time.flags = 2;
	assert_true(machine_sign());
	assert_true(machine.board.disturbed());
	assert_false(machine_sign());
}

/* QEMU's vmgenid, where firmware has written it. */
static void test_vmgenid(void **state)
{
	static uint64_t identity[2] __attribute__((aligned(16)));
	static uint64_t where;

	(void)state;
	with_fw_cfg();
	boot_pc("");
	where = address(identity);
	fake_fw_cfg_add("etc/vmgenid_addr", &where, 8);
	assert_non_null(board_init());
	assert_false(machine.board.disturbed());
	for (unsigned i = 0; i < 2; i++) {
		identity[i]++;
		assert_true(machine_sign());
		assert_true(machine.board.disturbed());
		assert_false(machine_sign());
	}
}

/* It lies, or firmware has not written it: such memory is not looked at. */
static void vmgenid_is_not_at(uint64_t at)
{
	static uint64_t where;

	with_fw_cfg();
	boot_pc("");
	where = at;
	fake_fw_cfg_add("etc/vmgenid_addr", &where, 8);
	assert_non_null(board_init());
	assert_false(machine.board.disturbed());
	assert_false(machine.board.disturbed());
}

static void test_vmgenid_in_first_page(void **state)
{
	(void)state;
	vmgenid_is_not_at(0x10);
}

static void test_vmgenid_above(void **state)
{
	(void)state;
	vmgenid_is_not_at(UINT64_C(0x100000000));
}

static void test_vmgenid_unaligned(void **state)
{
	(void)state;
	vmgenid_is_not_at(0xfffffee1);
}

/* vmclock, as Firecracker's AML has it. */
static void vmclock(const void *at)
{
	static const uint8_t aml[] =
		"\x08_CID\rVMCLOCK\0\x08_CRS\x11\x33\x0a\x30\x8a\x2b\0\0\x0c\x02";
	uint64_t where = address(at);
	uint8_t *to = low + DSDT + 60;

	boot_pc("");
	put32(low + DSDT + 4, 256);
	memcpy(to, aml, sizeof aml);
	memcpy(to + sizeof aml - 1 - 6 + 14, &where, 8);
	assert_non_null(board_init());
	assert_false(machine.board.disturbed());
}

static struct {
	uint32_t magic, size;
	uint16_t version;
	uint8_t counter, type;
	uint32_t sequence;
	uint64_t marker;
} clock_page __attribute__((aligned(4096)));

static void test_vmclock(void **state)
{
	(void)state;
	clock_page.magic = 0x4b4c4356;
	clock_page.marker = 5;
	vmclock(&clock_page);
	clock_page.marker++;
	assert_true(machine.board.disturbed());
	assert_false(machine.board.disturbed());
}

static void test_no_vmclock(void **state)
{
	(void)state;
	vmclock(&clock_page); /* without its magic number */
	clock_page.marker++;
	assert_false(machine.board.disturbed());
}

static void test_unaligned_vmclock(void **state)
{
	(void)state;
	clock_page.magic = 0x4b4c4356;
	vmclock((uint8_t *)&clock_page + 4);
	assert_false(machine.board.disturbed());
}

/* --- Waits --- */

static void test_wait(void **state)
{
	(void)state;
	boot_pc("");
	assert_non_null(board_init());
	tsc_step = 1000;
	board_wait(1000000); /* the first measures the timer */
	assert_int_equal(waits, 0);
	board_wait(1000000);
	assert_int_equal(waits, 1);
	board_wait(UINT64_MAX);
	assert_int_equal(waits, 2);
	x86_wakes = 1;
	board_wait(UINT64_MAX);
	assert_int_equal(waits, 2);
	assert_int_equal(x86_wakes, 0);
	board_wait(1); /* is over before it begins */
	assert_int_equal(waits, 2);
}

/* A sign ends a wait, and has who is to be reminded look at once; also where an interrupt waits already. */
static unsigned noticed;

static void notice(void)
{
	noticed++;
}

static void test_wait_for_sign(void **state)
{
	(void)state;
	kvm = true;
	boot_pc("");
	assert_non_null(board_init());
	x86_clock.kvm_time.tsc_to_system_mul = 0x80000000;
	x86_clock.kvm_time.tsc_shift = 1;
	assert_false(machine.board.disturbed());
	machine.board.remind(UINT64_C(3600000000000), notice);
	board_wait(1000000);
	assert_int_equal(noticed, 0);
	x86_clock.kvm_time.flags = 2;
	board_wait(1000000);
	assert_int_equal(noticed, 1);
	x86_wakes = 1;
	board_wait(1000000);
	assert_int_equal(noticed, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_kvm_time),
		ALONE(test_empty_cmos),
		ALONE(test_signs_of_kvm),
		ALONE(test_vmgenid),
		ALONE(test_vmgenid_in_first_page),
		ALONE(test_vmgenid_above),
		ALONE(test_vmgenid_unaligned),
		ALONE(test_vmclock),
		ALONE(test_no_vmclock),
		ALONE(test_unaligned_vmclock),
		ALONE(test_wait),
		ALONE(test_wait_for_sign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
