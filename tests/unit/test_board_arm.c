/* SPDX-License-Identifier: MIT */
/*
 * test_board_arm.c - Arm `virt` machines, and what all boards with a device tree make of theirs: of damaged ones,
 * too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alone.h"
#include "board_rig.h"
#include "board_arm.h"

static void timer(const char *compatible)
{
	rig_begin("timer");
	rig_text("compatible", compatible);
	RIG_CELLS("interrupts", 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4);
	rig_end();
}

/* All that QEMU's -M virt has. */
static void test_virt(void **state)
{
	int64_t ns;

	(void)state;
	arm_start_serial("quiet");
	timer("arm,armv8-timer");
	rig_node("pl031", "arm,pl031", RTC_AT, 0x1000);
	rig_end();
	rig_cells(RTC_AT, 0x1000)[0] = 77;
	rig_begin("cpus");
	RIG_CELLS("#address-cells", 1);
	RIG_CELLS("#size-cells", 0);
	for (unsigned i = 0; i < 2; i++) {
		rig_begin("cpu");
		rig_text("device_type", "cpu");
		RIG_CELLS("reg", i);
		rig_end();
	}
	rig_end();
	for (unsigned n = 0; n < 6; n++) { /* one console more than are looked at */
		rig_slot(VIRTIO_AT + n * 0x200, 3);
		arm_slot(n);
	}
	arm_boot();
	assert_string_equal(rig_said(), "");
	assert_string_equal(machine.board.name, "virt-aarch64");
	assert_string_equal(machine.board.cmdline, "quiet");
	assert_int_equal(machine.n_consoles, MACHINE_MMIO_MAX);
	assert_int_equal(machine.console_irq[1].number, 32 + 17);
	assert_true(machine.console_irq[1].edge);
	assert_int_equal(machine.uart[0].irq.number, 33);
	assert_false(machine.uart[0].irq.edge);
	assert_int_equal(machine.timer_irq.number, 27); /* the virtual one, and it ends waits */
	assert_int_equal(gic[0x100 / 4], 1 << 27);
	assert_int_equal(machine.board.n_cpus, 2);
	assert_int_equal(board_rtc_get(&ns), 0);
	assert_true(ns == INT64_C(77000000000));
	assert_true(machine.board.has_rtc_set);
	assert_int_equal(board_rtc_set(5000000000), 0);

	board_power(BOARD_POWERDOWN);
	board_power(BOARD_REBOOT);
	assert_string_equal(asked, "or");
	board_exit(3);
	assert_int_equal(exit_status, 3);
}

static void start_gicv3(void)
{
	rig_start();
	rig_memory();
	rig_begin("intc");
	rig_text("compatible", "arm,gic-v3");
	RIG_CELLS("reg", 0, GICD, 0, 0x10000, 0, 0x80a0000, 0, 0xf60000);
	rig_end();
}

/* By SMC; GICv3; a processor of 32 bits. */
static void test_others(void **state)
{
	(void)state;
	start_gicv3();
	timer("arm,armv7-timer");
	rig_begin("psci");
	rig_text("compatible", "arm,psci-0.2");
	rig_text("method", "smc");
	rig_end();
	rig_node("pl031", "arm,pl031", UINT64_C(0), 0x1000);
	rig_end();
	arm_boot();
	assert_int_equal(gicv3_at[0], GICD);
	assert_int_equal(gicv3_at[1], 0x80a0000);
	assert_int_equal(gicv3_at[2], 0xf60000);
	board_power(BOARD_POWERDOWN);
	board_power(BOARD_REBOOT);
	assert_string_equal(asked, "OR");
	assert_false(machine.board.has_rtc);
	assert_int_equal(board_rtc_get(&(int64_t){0}), -1);
	assert_int_equal(board_rtc_set(1), -1);
}

static void test_no_redistributor(void **state)
{
	(void)state;
	gicv3_result = -1;
	start_gicv3();
	arm_uart(0);
	rig_seal();
	assert_null(board_init());
	assert_string_equal(rig_said(),
	                    "bareqga: the GICv3 has no redistributor of this processor\n");
}

/* None, or one without its second region; and PSCI that does not say how. */
static void test_no_controller(void **state)
{
	(void)state;
	rig_start();
	rig_memory();
	arm_uart(0);
	rig_node("intc", "arm,gic-400", GICD, 0x10000);
	rig_end();
	rig_begin("psci");
	rig_text("compatible", "arm,psci-0.2");
	rig_end();
	rig_seal();
	assert_null(board_init());
	assert_string_equal(rig_said(), "bareqga: the device tree names no interrupt controller "
	                                "(GICv2 or GICv3)\n");
	assert_null(machine.power_off);
}

/* --- Of any board with a tree --- */

static void test_no_tree(void **state)
{
	(void)state;
	fake_uart_attach(&uarts[0], FAKE_PL011, UART_AT);
	assert_null(board_init());
	assert_string_equal(rig_said(),
	                    "bareqga: there is no device tree where the machine said\n");
	/* It is said where the board's port most likely is. */
	assert_int_equal(uarts[0].heard_len, strlen(rig_said()) + 1);
}

static void test_no_magic(void **state)
{
	(void)state;
	fake_uart_attach(&uarts[0], FAKE_PL011, UART_AT);
	rig_start();
	rig_seal();
	*(uint8_t *)arch_boot.fdt = 0;
	assert_null(board_init());
	assert_string_equal(rig_said(),
	                    "bareqga: there is no device tree where the machine said\n");
}

/* Cut off behind what is needed, it goes on; the cell that ends it is none. */
static void damage(void)
{
	rig_seal_with(77);
}

static void test_damaged(void **state)
{
	(void)state;
	arm_start_serial("");
	arch_boot.cmdline = "of the loader";
	damage();
	assert_non_null(board_init());
	assert_string_equal(rig_said(),
	                    "bareqga: the device tree is damaged; going on with what was found\n");
	assert_string_equal(machine.board.cmdline, "of the loader");
	assert_int_equal(machine.n_uarts, 1);
}

/* The same, and no serial port was found: what is said goes where the board's most likely is. */
static void test_damaged_and_mute(void **state)
{
	(void)state;
	arm_start("");
	fake_uart_attach(&uarts[0], FAKE_PL011, UART_AT);
	damage();
	assert_non_null(board_init());
	assert_int_equal(uarts[0].heard_len, strlen(rig_said()) + 1);
}

static void memory(uint64_t base, uint64_t size, const char *status)
{
	rig_begin("memory");
	rig_text("device_type", "memory");
	rig_reg(base, size);
	if (status)
		rig_text("status", status);
	rig_end();
}

/* The image lies in none of the memory that there is, or in what is the secure world's. */
static void test_too_little_memory(void **state)
{
	uint64_t here = (uintptr_t)__image_end & ~UINT64_C(0xffffff);

	(void)state;
	rig_start();
	memory(here - (1 << 24), 3 << 24, "disabled");
	memory(0x1000, 0x1000, NULL);
	arm_uart(0);
	rig_seal();
	assert_null(board_init());
	assert_string_equal(rig_said(),
	                    "bareqga: the machine has too little memory for this image\n");
	assert_int_equal(machine.board.n_ram, 1);
	assert_int_equal(machine.board.spare_size, 0);
}

/* Nothing is known of memory: then the image may run, with none to spare. */
static void test_memory_is_not_told(void **state)
{
	(void)state;
	rig_start();
	arm_gic();
	arm_boot();
	assert_int_equal(machine.board.n_ram, 0);
	assert_int_equal(machine.board.spare_size, 0);
}

/* Where memory begins that the image lies in, wherever the program was loaded. */
static uint64_t ram_start(void)
{
	return ((uintptr_t)__image_end & ~UINT64_C(0xffffff)) - (1 << 24);
}

static void boot_with_memory(uint64_t size)
{
	rig_start();
	memory(ram_start(), (1 << 24) + size, NULL);
	memory(ram_start() - (1 << 24), 1 << 24, NULL);
	arm_gic();
	arm_boot();
	assert_int_equal(machine.board.n_ram, 1); /* what touches is one */
	assert_ptr_equal(machine.board.spare, __image_end);
}

/* What is spare up to a multiple of `to`; the tree lies where the heap does, which may be in it. */
static uint64_t spare_up_to(uint64_t to)
{
	uint64_t start = (uintptr_t)__image_end, end = (start | (to - 1)) + 1, tree = arch_boot.fdt;

	return (tree >= start && tree < end ? tree & ~UINT64_C(4095) : end) - start;
}

/* What is spare ends where the memory does, or where the tree lies, or where 1 GiB of addresses does. */
static void test_spare(void **state)
{
	(void)state;
	boot_with_memory(UINT64_C(4) << 30);
	assert_int_equal(machine.board.spare_size, spare_up_to(1u << 30));
}

static void test_spare_till_memory_ends(void **state)
{
	(void)state;
	boot_with_memory(1 << 24);
	assert_int_equal(machine.board.spare_size, spare_up_to(1u << 24));
}

/* What there is to spare if the tree is so far behind the image. */
static size_t spare_before_tree(size_t at)
{
	rig_start();
	memory(ram_start(), 2 << 24, NULL);
	arm_gic();
	rig_seal();
	memcpy(__image_end + at, rig_tree.blob, sizeof rig_tree.blob);
	arch_boot.fdt = (uintptr_t)__image_end + at;
	assert_non_null(board_init());
	return machine.board.spare_size;
}

static void test_spare_till_tree(void **state)
{
	(void)state;
	assert_int_equal(spare_before_tree(0x5010), 0x5000);
}

/* The tree is right behind the image. */
static void test_nothing_to_spare(void **state)
{
	(void)state;
	assert_int_equal(spare_before_tree(0x10), 0);
}

/* Devices that are disabled, that are out of reach, that have registers in the first page; names further down. */
static void test_odd_nodes(void **state)
{
	static const char *const disabled[] = {"disabled", "fail"};

	(void)state;
	arm_start("");
	for (unsigned i = 0; i < 2; i++) {
		rig_node("pl011", "arm,pl011", UART_AT, 0x1000);
		rig_text("status", disabled[i]);
		rig_end();
	}
	rig_node("serial", "ns16550a", 0, 8); /* at 0 there is nothing */
	rig_end();
	rig_node("serial", "ns16550a", 0x3f8, 8);
	RIG_CELLS("reg-shift", 2);
	RIG_CELLS("interrupts", 9);
	rig_end();
	rig_begin("soc");
	rig_begin("chosen");
	rig_text("bootargs", "not the one");
	rig_end();
	rig_end();
	for (unsigned n = 0; n < 4; n++)
		arm_uart(n);
	rig_node("fw-cfg", "qemu,fw-cfg-mmio", FW_CFG_AT, 24);
	rig_end();
	rig_cells(FW_CFG_AT, 24); /* zeroes: nobody's signature */
	arm_boot();
	assert_int_equal(machine.n_uarts, MACHINE_UARTS_MAX);
	assert_int_equal(machine.uart[0].base, 0x3f8);
	assert_int_equal(machine.uart[0].stride, 4);
	assert_int_equal(machine.uart[0].irq.number, 9);
	assert_true(fake_arch.reached == 0x3f8); /* which has it mapped */
	assert_string_equal(machine.board.cmdline, "");
	assert_false(machine.has_fw_cfg);
	assert_int_equal(board_item_size("opt/a"), -1);
	assert_int_equal(board_item_read("opt/a", 0, &(char){0}, 1), -1);
}

/* Interrupts that are written otherwise: of two cells, as on x86's I/O APIC; and fewer than a driver asks for. */
static void test_interrupts(void **state)
{
	(void)state;
	arm_start("");
	rig_begin("timer");
	rig_text("compatible", "arm,armv7-timer");
	RIG_CELLS("interrupts", 1, 13, 4);
	rig_end();
	for (unsigned n = 0; n < 3; n++) {
		rig_slot(VIRTIO_AT + n * 0x200, 3);
		rig_node("virtio_mmio", "virtio,mmio", VIRTIO_AT + n * 0x200, 0x200);
		if (n > 0)
			RIG_CELLS("interrupts", 40 + n, n == 1 ? 4 : 1);
		RIG_CELLS("interrupt-parent", 9);
		rig_end();
	}
	arm_boot();
	assert_int_equal(machine.timer_irq.number, 0);
	assert_int_equal(machine.console_irq[0].number, 0);
	assert_int_equal(machine.console_irq[1].number, 41);
	assert_false(machine.console_irq[1].edge);
	assert_true(machine.console_irq[2].edge);
	assert_int_equal(machine.console_irq[2].parent, 9);
}

/* A device tree of addresses that none of us reaches, and processors that have no number. */
static void test_far_off(void **state)
{
	(void)state;
	arm_start("");
	rig_begin("cpu");
	rig_text("device_type", "cpu");
	rig_end();
	rig_node("fw-cfg", "qemu,fw-cfg-mmio", 0, 24);
	rig_end();
	arm_uart(0);
	memory(UINT64_C(1) << 60, 1 << 20, NULL);
	arm_boot();
	assert_int_equal(machine.board.n_cpus, 1);
	assert_int_equal(machine.board.cpu, 0);
	assert_false(machine.has_fw_cfg);
	assert_int_equal(machine.board.n_ram, 2);
}

static void test_half_a_controller(void **state)
{
	(void)state;
	rig_start();
	rig_memory();
	arm_uart(0);
	rig_node("intc", "arm,gic-400", 0, 0x10000);
	rig_end();
	rig_seal();
	assert_null(board_init());
}

/* Idle devices beyond those that are told of. */
static void test_many_disks(void **state)
{
	(void)state;
	arm_start("");
	for (unsigned n = 0; n < BOARD_IDLE_MAX + 1; n++) {
		rig_slot(VIRTIO_AT + n * 0x200, 2);
		arm_slot(n);
	}
	rig_slot(VIRTIO_AT + 20 * 0x200, 17); /* a clock */
	arm_slot(20);
	rig_slot(VIRTIO_AT + 21 * 0x200, 4); /* entropy, which nobody wants */
	arm_slot(21);
	rig_node("virtio_mmio", "virtio,mmio", 0, 0x200);
	rig_end();
	arm_boot();
	assert_int_equal(machine.board.n_disks, BOARD_IDLE_MAX);
	assert_int_equal(machine.board.disk[BOARD_IDLE_MAX - 1].base,
	                 VIRTIO_AT + (BOARD_IDLE_MAX - 1) * 0x200);
	assert_int_equal(machine.clock.base, VIRTIO_AT + 20 * 0x200);
	assert_true(machine.board.has_rtc);
	assert_false(machine.board.has_rtc_set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_virt),
		ALONE(test_others),
		ALONE(test_no_redistributor),
		ALONE(test_no_controller),
		ALONE(test_no_tree),
		ALONE(test_no_magic),
		ALONE(test_damaged),
		ALONE(test_damaged_and_mute),
		ALONE(test_too_little_memory),
		ALONE(test_memory_is_not_told),
		ALONE(test_spare),
		ALONE(test_spare_till_memory_ends),
		ALONE(test_spare_till_tree),
		ALONE(test_nothing_to_spare),
		ALONE(test_odd_nodes),
		ALONE(test_many_disks),
		ALONE(test_interrupts),
		ALONE(test_far_off),
		ALONE(test_half_a_controller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
