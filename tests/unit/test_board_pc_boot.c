/* SPDX-License-Identifier: MIT */
/*
 * test_board_pc_boot.c - PCs, and what boots like them: what loaders tell, and where interrupt controllers, memory and
 * devices are found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alone.h"
#include "board_rig.h"
#include "board_pc.h"
#include "shared/pci_devices.h"

/* --- Booting --- */

static void test_pc(void **state)
{
	int64_t ns;

	(void)state;
	with_fw_cfg();
	with_pci();
	n_coms = 2;
	pc("quiet");
	with_acpi(3, true);
	add_io_apic(0, 0xfec00000, 0x00170020);
	memset(cmos, 0, sizeof cmos);
	memcpy(cmos, (uint8_t[]){0x30, 0, 0x59, 0, 0x10, 0, 0, 0x28, 0x11, 0x26}, 10);
	cmos[0x32] = 0x20;
	assert_non_null(board_init());
	assert_string_equal(rig_said(), "");
	assert_string_equal(machine.board.cmdline, "quiet");
	assert_int_equal(machine.board.n_cpus, 3); /* for there is no tree, ACPI is read at once */
	assert_true(machine.board.powers >> BOARD_POWERDOWN & 1);
	assert_int_equal(machine.board.n_ram, 2);
	assert_true(machine.board.ram[1].base == 0x100000);
	assert_int_equal((uintptr_t)machine.board.spare + machine.board.spare_size, 0x10000000);
	assert_true(machine.has_fw_cfg);
	assert_true(pci_devices_present());
	assert_int_equal(machine.n_uarts, 2);
	assert_int_equal(machine.uart[1].number, 1);
	assert_int_equal(machine.uart[0].irq.number, 4);
	assert_true(machine.irqchip->ops->enable(machine.irqchip, 4, true));
	assert_int_equal(io[0].redirect[2 * 4], VECTOR_WAKE);
	assert_false(machine.irqchip->ops->enable(machine.irqchip, 24, true));
	assert_true(machine.board.has_rtc);
	assert_int_equal(board_rtc_get(&ns), 0);
	assert_int_equal(ns / 1000000000 % 86400, 10 * 3600 + 59 * 60 + 30);
	assert_int_equal(board_rtc_set(ns + 3600000000000), 0);
	assert_int_equal(cmos[4], 0x11);
}

/* No ACPI: the I/O APIC is where all have it. */
static void test_no_acpi(void **state)
{
	(void)state;
	pc("");
	add_io_apic(0, 0xfec00000, 0x00170020);
	assert_non_null(board_init());
	assert_int_equal(x86_apic.n_io, 1);
	assert_int_equal(machine.board.n_cpus, 1);
	assert_false(machine.board.powers >> BOARD_POWERDOWN & 1);
	assert_false(machine.board.has_rtc);
	assert_false(pci_devices_present());
}

/* Not even that: a PC of 8259s (-M isapc). */
static void test_8259(void **state)
{
	(void)state;
	pc("");
	add_io_apic(0, 0xfec00000, UINT32_MAX);
	assert_non_null(board_init());
	assert_int_equal(x86_apic.n_io, 0);
	assert_ptr_not_equal(machine.irqchip, &x86_apic.chip);
	assert_true(machine.irqchip->ops->enable(machine.irqchip, 4, true));
	assert_false(machine.irqchip->ops->enable(machine.irqchip, 2, true));
	assert_false(machine.irqchip->ops->enable(machine.irqchip, 16, true));
	assert_int_equal(local_apic[0x350 / 4], 7 << 8);
	x86_wakes = 1;
	machine.irqchip->ops->settle(machine.irqchip);
	assert_int_equal(x86_wakes, 0);
}

static void test_no_loader(void **state)
{
	(void)state;
	pc("");
	start_info.magic = 0;
	assert_null(board_init());
	assert_string_equal(rig_said(),
	                    "bareqga: the loader gave neither a PVH start info nor a zero page\n");
	assert_int_equal(com[0].heard_len, strlen(rig_said()) + 1);
	assert_false(null_is_reached);
}

static void test_too_little_memory(void **state)
{
	(void)state;
	pc("");
	map[1].base = (uintptr_t)&boot_read & ~(uintptr_t)4095;
	map[1].size = 4096;
	assert_null(board_init());
	assert_string_equal(rig_said(),
	                    "bareqga: the machine has too little memory for this image\n");
}

/* Of the memory map nothing is known. */
static void test_no_map(void **state)
{
	(void)state;
	pc("");
	start_info.version = 0;
	add_io_apic(0, 0xfec00000, 0);
	assert_non_null(board_init());
	assert_int_equal(machine.board.n_ram, 0);
	assert_int_equal(machine.board.spare_size, 0);
}

/* Spare memory is no more than what start.S maps. */
static void test_much_memory(void **state)
{
	(void)state;
	pc("");
	map[1].size = UINT64_C(16) << 30;
	add_io_apic(0, 0xfec00000, 0x00170020);
	assert_non_null(board_init());
	assert_true((uintptr_t)machine.board.spare + machine.board.spare_size == BOOT_MAPPED);
}

/* Linux's zero page, its e820 table packed. */
static void test_zero_page(void **state)
{
	static uint8_t page[4096];
	struct e820_entry entry = {0, 0x10000000, 1};

	(void)state;
	pc("");
	protocol = BOOT_LINUX;
	info = address(page);
	add_io_apic(0, 0xfec00000, 0x00170020);
	put32(page + ZERO_PAGE_HDR_MAGIC, ZERO_PAGE_HDRS);
	put32(page + ZERO_PAGE_CMD_LINE_PTR, 16); /* in the first page: there is none later */
	page[ZERO_PAGE_E820_ENTRIES] = 255;
	memcpy(page + ZERO_PAGE_E820_TABLE, &entry, sizeof entry);
	assert_non_null(board_init());
	assert_string_equal(machine.board.cmdline, "");
	assert_int_equal(machine.board.n_ram, 1);
}

static void test_zero_page_of_nobody(void **state)
{
	static uint8_t page[4096];

	(void)state;
	pc("");
	protocol = BOOT_LINUX;
	info = address(page);
	assert_null(board_init());
}

/* --- PCI by ports --- */

/* Lines are as firmware notes them; what has none, or says that it has none, wakes by a message. */
static void test_pci(void **state)
{
	struct fake_pci_function *f;
	struct qga_virtio_device *device = &machine_consoles[0];

	(void)state;
	with_pci();
	boot_pc("");
	port[0x64] = 0xff;
	f = fake_pci_virtio(-1, 3, 3, 0xe0000000, NULL, 1);
	f->config[0x3c] = 11;
	f = fake_pci_virtio(-1, 4, 3, 0xe0010000, NULL, 1);
	f->config[0x3c] = 0xff;
	f = fake_pci_virtio(-1, 5, 3, 0xe0020000, NULL, 0); /* no table */
	f->config[0x3d] = 0;
	f = fake_pci_virtio(-1, 6, 3, 0xe0030000, NULL, 1);
	f->config[0x3d] = 0;
	f->config[0x24] = 0x20; /* far off: reached by a page */
	f->config[0x20] |= 4;
	f->registers.base = 0xd0030000;
	assert_non_null(board_init());
	for (unsigned i = 0; i < 4; i++)
		device[i].bus = &pci_devices_place;
	assert_int_equal(device[0].bus->probe(&device[0]), 0);
	assert_int_equal(machine.console_irq[0].number, 11);
	assert_int_equal(io[0].redirect[2 * 11] & 0xff, VECTOR_WAKE);
	assert_int_equal(device[1].bus->probe(&device[1]), 0);
	assert_int_equal(machine.console_irq[1].number, 0);
	assert_int_not_equal(device[2].bus->probe(&device[2]), 0);
	assert_non_null(strstr(rig_said(), "do not reach this processor"));
	assert_int_equal(device[3].bus->probe(&device[3]), 0); /* registers and table above 4 GiB */
	assert_int_equal(((struct qga_virtio_pci *)device[3].context)->common.mapped, 0xd0030000);
	/* The message: to the local APIC, that vector. */
	local_apic[0x20 / 4] = 5u << 24;
	f = &fake_pci.function[2];
	assert_int_equal(
		((struct qga_virtio_pci *)device[1].context)
			->access->vector(((struct qga_virtio_pci *)device[1].context)->context),
		0);
	assert_int_equal(*(uint32_t *)(void *)(f->memory + FAKE_PCI_TABLE), 0xfee05000);
	assert_int_equal(*(uint32_t *)(void *)(f->memory + FAKE_PCI_TABLE + 8), VECTOR_WAKE);
	/* With a line there is none. */
	assert_int_equal(
		((struct qga_virtio_pci *)device[0].context)
			->access->vector(((struct qga_virtio_pci *)device[0].context)->context),
		-1);
}

/* Zeroes are read where there is no host bridge on some machines. */
static void test_no_bridge(void **state)
{
	(void)state;
	boot_pc("");
	memset(port + 0xcfc, 0, 4);
	assert_non_null(board_init());
	assert_false(pci_devices_present());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_pc),
		ALONE(test_no_acpi),
		ALONE(test_8259),
		ALONE(test_no_loader),
		ALONE(test_too_little_memory),
		ALONE(test_no_map),
		ALONE(test_much_memory),
		ALONE(test_zero_page),
		ALONE(test_zero_page_of_nobody),
		ALONE(test_pci),
		ALONE(test_no_bridge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
