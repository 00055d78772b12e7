/* SPDX-License-Identifier: MIT */
/*
 * test_board_pc_microvm.c - microvm and what boots like it: devices that a device tree or the command line tells
 * of, and ACPI that is read when it is wanted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alone.h"
#include "board_rig.h"
#include "board_pc.h"
#include "acpi.h"
#include "shared/pci_devices.h"

/* --- Devices --- */

enum {
	IO_APIC = 0xfec00000,
	IO_APIC_2 = 0xfec10000,
	VIRTIO = 0xfeb00000,
};

static void tree_io_apic(uint32_t base, uint32_t phandle)
{
	rig_node("ioapic", "intel,ce4100-ioapic", base, 0x1000);
	RIG_CELLS("phandle", phandle);
	rig_end();
}

static void tree_device(const char *compatible, uint64_t base, uint32_t parent, uint32_t pin)
{
	rig_node("device", compatible, base, 0x200);
	RIG_CELLS("interrupt-parent", parent);
	RIG_CELLS("interrupts", pin, 0);
	rig_end();
}

static uint32_t seal(uint32_t cell)
{
	rig_end();
	fdt_tree_cell(&rig_tree, cell);
	return fdt_tree_seal(&rig_tree);
}

/* Lines of the second I/O APIC come behind those of the first, in whatever order the tree has them. */
static void test_microvm(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("");
	with_acpi(2, true);
	add_io_apic(0, IO_APIC, 0x00170020);
	add_io_apic(1, IO_APIC_2, 0x00170020);
	rig_slot(VIRTIO, 3);
	rig_slot(VIRTIO + 0x200, 2);
	rig_start();
	tree_device("virtio,mmio", VIRTIO, 2, 5);
	tree_io_apic(IO_APIC_2, 2);
	tree_io_apic(IO_APIC, 1);
	tree_io_apic(0xfec20000, 3);
	tree_io_apic(0xfec30000, 4);
	tree_io_apic(0xfec40000, 5); /* one more than is kept */
	tree_device("virtio,mmio", VIRTIO + 0x200, 1, 6);
	tree_device("virtio,mmio", 0x1000, 1, 7); /* among the ports */
	tree_device("ns16550", 0x2f8, 1, 3);
	tree_device("ns16550", 0x700, 1, 9);
	tree_device("ns16550", UINT64_C(0xd0000000), 1, 4); /* in memory */
	for (unsigned i = 0; i < 3; i++)
		tree_device("ns16550", 0x3e8, 1, 4);
	rig_node("pcie", "pci-host-ecam-generic", 0xc0000000, 0x10000000);
	rig_end();
	fake_fw_cfg_add("etc/fdt", rig_tree.blob, seal(9));
	fake_pci_start(0xc0000000, 0);
	fake_pci_add(-1, 1, 0x10431af4);
	assert_non_null(board_init());
	assert_string_equal(rig_said(), "");
	assert_int_equal(x86_apic.n_io, IOAPICS_MAX);
	assert_int_equal(machine.n_consoles, 1);
	assert_int_equal(machine.console_irq[0].number, 24 + 5);
	assert_int_equal(machine.board.n_disks, 1);
	assert_int_equal(machine.n_uarts, MACHINE_UARTS_MAX);
	assert_int_equal(machine.uart[0].number, 1);
	assert_int_equal(machine.uart[0].irq.number, 3);
	assert_int_equal(machine.uart[1].number, 4); /* none of the four */
	assert_true(pci_devices_have_agent_device());
	assert_int_equal(pci_devices_irq().number, 16);
	/* Processors and power are looked for when somebody asks. */
	assert_int_equal(machine.board.n_cpus, 1);
	machine.board.learn();
	assert_int_equal(machine.board.n_cpus, 2);
	assert_null(machine.board.learn);
	assert_true(machine.board.powers >> BOARD_POWERDOWN & 1);
	assert_ptr_equal(pc_acpi()->fadt.at, low + FADT);
}

static void test_microvm_with_one_io_apic(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("");
	rig_start();
	tree_io_apic(IO_APIC, 1);
	rig_node("pcie", "pci-host-ecam-generic", 0xc0000000, 0x10000000);
	rig_end();
	fake_fw_cfg_add("etc/fdt", rig_tree.blob, seal(9));
	fake_pci_start(0xc0000000, 0);
	assert_non_null(board_init());
	assert_false(pci_devices_have_agent_device());
	assert_int_equal(pci_devices_irq().number, 12);
	assert_int_equal(machine.n_uarts, 1); /* looked for, as the tree told of none */
}

/* The tree is the beginning of a megabyte of nothing, and says so. */
static void test_large_tree(void **state)
{
	static uint8_t blob[1 << 20];
	uint32_t size, strings;

	(void)state;
	with_fw_cfg();
	pc("");
	rig_start();
	tree_io_apic(IO_APIC, 1);
	rig_slot(VIRTIO, 3);
	tree_device("virtio,mmio", VIRTIO, 1, 5);
	size = seal(9);
	memcpy(blob, rig_tree.blob, size);
	put32(blob + 4, __builtin_bswap32(sizeof blob));
	memcpy(&strings, blob + 12, 4);
	fake_fw_cfg_add("etc/fdt", blob, sizeof blob);
	assert_non_null(board_init());
	assert_int_equal(machine.n_consoles, 1);
}

static void test_damaged_tree(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("");
	rig_start();
	tree_io_apic(IO_APIC, 1);
	fake_fw_cfg_add("etc/fdt", rig_tree.blob, seal(77));
	assert_non_null(board_init());
	assert_int_equal(x86_apic.n_io, 1);
	assert_string_equal(rig_said(),
	                    "bareqga: the device tree is damaged; going on with what was found\n");
}

static void test_no_tree(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("");
	add_io_apic(0, 0xfec00000, 0x00170020);
	fake_fw_cfg_add("etc/fdt", "", 0);
	assert_non_null(board_init());
	assert_string_equal(rig_said(),
	                    "bareqga: the device tree is damaged; going on with what was found\n");
}

/* The command line names all devices, or none; what is written wrong is told of. */
static void test_command_line(void **state)
{
	(void)state;
	with_fw_cfg();
	pc("virtio_mmio.device=nonsense virtio_mmio.device=512@0xfeb00600:7 "
	   "virtio_mmio.device=512@0xfeb00800:8 virtio_mmio.device=512@0x100:9");
	rig_slot(VIRTIO, 3);
	rig_slot(VIRTIO + 0x200, 17);
	rig_slot(VIRTIO + 0x600, 3);
	rig_slot(VIRTIO + 0x800, 19);
	rig_start();
	tree_io_apic(IO_APIC, 1);
	tree_device("virtio,mmio", VIRTIO, 1, 5);
	tree_device("virtio,mmio", VIRTIO + 0x200, 1, 6);
	fake_fw_cfg_add("etc/fdt", rig_tree.blob, seal(9));
	assert_non_null(board_init());
	assert_string_equal(rig_said(), "bareqga: virtio_mmio.device= on the command line is not "
	                                "SIZE@ADDRESS:IRQ and not used\n");
	assert_int_equal(machine.n_consoles, 1);
	assert_int_equal(machine.console_irq[0].number, 7);
	assert_int_equal(machine.n_vsocks, 1);
	assert_null(machine.clock.bus); /* forgotten, as all that the tree told of */
}

/* --- ACPI, later --- */

/* Microvm reads ACPI no earlier than somebody wants to switch it off, or asks where its signs are. */
static void boot_microvm(void)
{
	with_fw_cfg();
	pc("");
	with_acpi(2, true);
	rig_start();
	tree_io_apic(IO_APIC, 1);
	fake_fw_cfg_add("etc/fdt", rig_tree.blob, seal(9));
	assert_non_null(board_init());
	assert_non_null(machine.board.learn);
}

static void test_learns_for_power(void **state)
{
	(void)state;
	boot_microvm();
	assert_string_equal(end_by(BOARD_POWERDOWN), "acpi:3401 ");
	assert_null(machine.board.learn);
}

static void test_learns_for_signs(void **state)
{
	(void)state;
	boot_microvm();
	assert_false(machine.board.disturbed());
	assert_null(machine.board.learn);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_microvm),          ALONE(test_microvm_with_one_io_apic),
		ALONE(test_large_tree),       ALONE(test_damaged_tree),
		ALONE(test_no_tree),          ALONE(test_command_line),
		ALONE(test_learns_for_power), ALONE(test_learns_for_signs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
