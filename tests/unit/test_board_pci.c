/* SPDX-License-Identifier: MIT */
/*
 * test_board_pci.c - what is behind a board's PCI host bridge, and what its device tree says of that.
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
#include "shared/pci_tree.h"

/* --- Functions --- */

static unsigned n_bars;

static struct fake_pci_function *add_virtio(unsigned slot, uint32_t id,
                                            const struct registers *device)
{
	return fake_pci_virtio(-1, slot, id, BAR_AT + 0x100000 + n_bars++ * FAKE_PCI_BAR_SIZE,
	                       device, 0);
}

/* Far from where the tree has devices. */
static struct fake_console *add_console(unsigned slot, const char *port)
{
	struct fake_console *fake = arm_console(100 + slot, port);

	add_virtio(slot, 3, &fake->mmio.registers);
	return fake;
}

static struct fake_vsock *add_vsock(unsigned slot)
{
	struct fake_vsock *fake = arm_vsock(100 + slot);

	add_virtio(slot, 19, &fake->mmio.registers);
	return fake;
}

/* A serial port, and PCI with its lines. */
static void start_pci(void)
{
	arm_start_serial("");
	arm_pci(true);
}

static bool is_enabled(unsigned line)
{
	return gic[0x100 / 4 + line / 32] >> line % 32 & 1;
}

/* --- The agent's device --- */

static void test_console(void **state)
{
	struct fake_console *fake;

	(void)state;
	start_pci();
	fake_pci_add(-1, 0, 0x00081b36);
	fake = add_console(2, NAME);
	arm_boot();
	/* Asked before interrupts are set up: the bus has an agent's device, and where its lines begin. */
	assert_int_equal(machine_agent_irq(&machine).number, 35);
	assert_int_equal(machine_agent_irq(&machine).parent, 1);
	open_channel();
	assert_string_equal(rig_said(), "");
	assert_true(hears_console(fake, 1));
	assert_true(is_enabled(35 + 2));
	assert_int_equal(fake_pci.function[1].config[4] & 6, 6);
	assert_true(pci_devices_present());
	assert_false(pci_devices_found_vsock());
}

/* One on virtio-mmio is looked at first, and then nobody walks the bus. */
static void test_mmio_before_pci(void **state)
{
	struct fake_console *fake;
	unsigned reads;

	(void)state;
	arm_start("");
	arm_pci(true);
	fake = arm_plug_console(0, NAME);
	add_console(1, NAME);
	boot();
	assert_true(hears_console(fake, 1));
	reads = fake_pci.reads;
	assert_int_equal(reads, 0);
	/* Disks and cards are looked for when somebody asks, once. */
	add_virtio(3, 2, NULL);
	add_virtio(4, 1, NULL);
	machine.board.find_idle();
	assert_int_equal(machine.board.n_disks, 1);
	assert_int_equal(machine.board.n_nets, 1);
	reads = fake_pci.reads;
	machine.board.find_idle();
	assert_int_equal(fake_pci.reads, reads);
	/* Each is one of virtio-pci from the first question on. */
	assert_int_equal(machine.board.disk[0].bus->probe(&machine.board.disk[0]), 0);
	assert_int_equal(machine.board.disk[0].id, 2);
	assert_int_equal(machine.board.net[0].bus->probe(&machine.board.net[0]), 0);
	assert_int_equal(machine.board.net[0].id, 1);
}

static void test_many_consoles(void **state)
{
	(void)state;
	start_pci();
	for (unsigned slot = 1; slot <= PCI_CONSOLES_MAX + 1; slot++)
		add_console(slot, slot > PCI_CONSOLES_MAX ? NAME : "other");
	boot();
	assert_string_equal(
		rig_said(),
		"bareqga: more PCI consoles than are looked at; put the agent's port on "
		"one of the first\n");
}

/* A transitional one, and functions that only look like something. */
static void test_numbers(void **state)
{
	static const uint32_t ids[] = {0x10001af4, 0x10011af4, 0x10401af4, 0x10441af4,
	                               0x10430000, 0x00111b37, 0x00121b36};

	(void)state;
	start_pci();
	for (unsigned i = 0; i < sizeof ids / sizeof ids[0]; i++)
		fake_pci_add(-1, 1 + i, ids[i]);
	fake_pci_add(-1, 20, 0x10031af4); /* it has no registers that could be used */
	arm_boot();
	machine.board.find_idle();
	assert_int_equal(machine.board.n_nets, 1);
	assert_int_equal(machine.board.n_disks, 1);
	assert_true(pci_devices_have_agent_device());
	assert_int_equal(pci_devices_pvpanic(&machine), 0);
	open_channel();
	assert_true(machine.board.is_line);
}

/* A device that an IOMMU keeps from our memory is silent; after a while the agent goes elsewhere. */
static void test_behind_iommu(void **state)
{
	struct fake_console *fake;

	(void)state;
	start_pci();
	fake = add_console(1, NAME);
	fake->mmio.features_high |= 2;
	fake->deferred = true;
	boot();
	assert_true(machine.board.is_line);
	assert_string_equal(
		rig_said(),
		"bareqga: the virtio console does not reach our memory, as behind an IOMMU that "
		"translates; it is not used\n" ON_SERIAL_PCI);
	assert_true(fake_arch.ticks > 2000000000);
}

/* One that may be behind one, and is not. */
static void test_not_behind_iommu(void **state)
{
	struct fake_console *fake;

	(void)state;
	start_pci();
	fake = add_console(1, NAME);
	fake->mmio.features_high |= 2;
	boot();
	assert_string_equal(rig_said(), "");
	assert_true(hears_console(fake, 1));
}

/* A function whose line does not come is no device, and nobody asks it twice. */
static void test_no_line(void **state)
{
	(void)state;
	start_pci();
	add_console(1, NAME);
	fake_pci.function[0].config[0x3d] = 0;
	boot();
	assert_true(machine.board.is_line);
	assert_non_null(strstr(rig_said(), "do not reach this processor; it is not used\n"
	                                   "bareqga: no virtio console"));
}

/* Nothing in the tree says where lines come out: then none does, not even by chance line 1, 2 or 3. */
static void test_no_map(void **state)
{
	(void)state;
	arm_start_serial("");
	arm_pci(false);
	add_console(1, NAME);
	boot();
	assert_true(machine.board.is_line);
	assert_false(is_enabled(1));
	assert_int_equal(pci_devices_irq().number, 0);
}

/* The board knows. */
static void test_default_line(void **state)
{
	struct fake_console *fake;

	(void)state;
	arm_start("");
	arm_pci(false);
	fake = add_console(1, NAME);
	arm_boot();
	pci_tree_default_line(40);
	open_channel();
	assert_true(hears_console(fake, 1));
	assert_true(is_enabled(41));
}

/* A map of a PLIC, whose lines have one cell: six to an entry. */
static void test_short_map(void **state)
{
	uint8_t map[16 * 6 * 4] = {0};

	(void)state;
	map[4 * 4 + 3] = 9;
	map[4 * 5 + 3] = 32;
	arm_start("");
	rig_node("pcie", "pci-host-ecam-generic", ECAM_AT, 0x1000000);
	fdt_tree_prop(&rig_tree, "interrupt-map", map, sizeof map);
	rig_end();
	fake_pci_start(ECAM_AT, 0);
	add_console(1, NAME);
	arm_boot();
	assert_true(pci_devices_have_agent_device());
	assert_int_equal(pci_devices_irq().number, 32);
	assert_int_equal(pci_devices_irq().parent, 9);
}

static void test_socket(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	arm_start("bareqga.channel=vsock");
	arm_pci(true);
	fake = add_vsock(3);
	add_vsock(4); /* one is enough */
	boot();
	assert_non_null(channel);
	assert_true(pci_devices_found_vsock());
	assert_true(is_enabled(35 + 3));
	assert_int_equal(fake->mmio.status & 4, 4);
	assert_int_equal(machine.n_vsocks, 1);
	assert_true(pci_devices_have_agent_device());
}

static void test_broken_socket(void **state)
{
	(void)state;
	arm_start("bareqga.channel=vsock");
	arm_pci(true);
	add_vsock(3);
	fake_pci.function[0].config[0x06] = 0; /* no capabilities */
	boot();
	assert_null(channel);
	assert_int_equal(machine.n_vsocks, 0);
}

/* --- Trees that say something else --- */

static void host(uint64_t size, uint32_t first, uint32_t last)
{
	rig_node("pcie", "pci-host-ecam-generic", ECAM_AT, size);
	RIG_CELLS("bus-range", first, last);
	rig_end();
}

/* Buses are those of bus-range, as far as there is room for their registers. */
static void test_bus_range(void **state)
{
	(void)state;
	arm_start_serial("");
	host(1 << 19, 0, 255); /* not one bus */
	host(2 << 20, 0, 1000);
	host(16 << 20, 3, 4); /* there is one bridge */
	fake_pci_start(ECAM_AT, 0);
	for (unsigned slot = 1; slot < 4; slot++) {
		fake_pci_add(-1, slot, 0x000c1b36)->config[0x0e] = 1;
		fake_pci_virtio((int)fake_pci.n - 1, 0, 2, BAR_AT + slot * 0x10000, NULL, 0);
	}
	arm_boot();
	machine.board.find_idle();
	assert_int_equal(machine.board.n_disks, 1); /* of buses 0 and 1 */
	assert_int_equal(fake_arch.reached, ECAM_AT);
}

static void test_bus_range_is_empty(void **state)
{
	(void)state;
	arm_start_serial("");
	host(16 << 20, 5, 4);
	arm_boot();
	assert_true(pci_devices_present());
	machine.board.find_idle();
	assert_false(pci_devices_present());
	assert_false(pci_devices_have_agent_device());
}

static void test_out_of_reach(void **state)
{
	(void)state;
	fake_arch.unreachable = ECAM_AT;
	start_pci();
	arm_boot();
	machine.board.find_idle();
	assert_false(pci_devices_present());
	assert_string_equal(rig_said(),
	                    "bareqga: PCI configuration space is out of reach; PCI is not used\n");
}

/* A second bridge, which a board adds by other means, is left alone. */
static void test_second_bridge(void **state)
{
	const struct pci_host other = {.first = 9, .last = 9};

	(void)state;
	start_pci();
	add_virtio(1, 2, NULL);
	arm_boot();
	pci_devices_add(&machine, &other, NULL);
	machine.board.find_idle();
	assert_int_equal(machine.board.n_disks, 1);
}

static void test_many_disks(void **state)
{
	(void)state;
	start_pci();
	for (unsigned i = 0; i < BOARD_IDLE_MAX + 1; i++)
		fake_pci_add(-1, 1 + i, 0x10421af4);
	arm_boot();
	machine.board.find_idle();
	assert_int_equal(machine.board.n_disks, BOARD_IDLE_MAX);
}

/* --- pvpanic --- */

enum {
	PVPANIC_SLOT = 5
};

static struct fake_pci_function *add_pvpanic(void)
{
	struct fake_pci_function *f = fake_pci_add(-1, PVPANIC_SLOT, 0x00111b36);

	f->size[0] = 2;
	return f;
}

/* It is given an address, the first of the window for memory; and told what it takes, no more. */
static void test_pvpanic(void **state)
{
	struct fake_pci_function *f;
	uint8_t *events = (uint8_t *)rig_cells(BAR_AT, 4);

	(void)state;
	start_pci();
	f = add_pvpanic();
	events[0] = 1;
	arm_boot();
	board_power(BOARD_POWERDOWN);
	assert_int_equal(events[0], 1);
	assert_memory_equal(f->config + 0x10, "\0\0\0\x10", 4);
	events[0] = 5;
	board_power(BOARD_POWERDOWN);
	assert_int_equal(events[0], MACHINE_SHUTDOWN);
	events[0] = 5;
	board_panicked();
	assert_int_equal(events[0], MACHINE_PANICKED);
	events[0] = 0xff; /* nobody */
	board_panicked();
	assert_int_equal(events[0], 0xff);
}

/* Nothing is looked for by who crashed before devices were. */
static void test_early_panic(void **state)
{
	(void)state;
	board_panicked();
	assert_int_equal(fake_pci.reads, 0);
}

/* Firmware has given it one, which decodes no more. */
static void test_pvpanic_has_address(void **state)
{
	uint8_t *events = (uint8_t *)rig_cells(0x7000000, 4);
	struct fake_pci_function *f;

	(void)state;
	start_pci();
	f = add_pvpanic();
	f->config[0x13] = 7;
	events[0] = 3;
	arm_boot();
	board_panicked();
	assert_int_equal(events[0], MACHINE_PANICKED);
}

/* No window is the same on both sides. */
static void test_pvpanic_no_window(void **state)
{
	(void)state;
	arm_start_serial("");
	rig_node("pcie", "pci-host-ecam-generic", ECAM_AT, 0x1000000);
	RIG_CELLS("ranges", 0x02000000, 0, 0x4000, 0, BAR_AT, 0, 0x2eff0000);
	rig_end();
	fake_pci_start(ECAM_AT, 0);
	add_pvpanic();
	arm_boot();
	assert_int_equal(pci_devices_pvpanic(&machine), 0);
	board_panicked();
	assert_true(pci_devices_present());
}

/* --- A clock --- */

static void test_broken_clock(void **state)
{
	int64_t ns;

	(void)state;
	start_pci();
	fake_pci_add(-1, 3, 0x10511af4);
	fake_pci_add(-1, 4, 0x10511af4); /* one is enough */
	arm_boot();
	machine.board.find_idle();
	assert_false(machine_has_virtio_clock());
	assert_string_equal(rig_said(),
	                    "bareqga: the virtio clock does not show the time and is not used\n");
	assert_int_equal(board_rtc_get(&ns), -1);
	assert_false(machine_has_virtio_clock()); /* said once */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_console),
		ALONE(test_mmio_before_pci),
		ALONE(test_many_consoles),
		ALONE(test_numbers),
		ALONE(test_behind_iommu),
		ALONE(test_not_behind_iommu),
		ALONE(test_no_line),
		ALONE(test_no_map),
		ALONE(test_default_line),
		ALONE(test_short_map),
		ALONE(test_socket),
		ALONE(test_broken_socket),
		ALONE(test_bus_range),
		ALONE(test_bus_range_is_empty),
		ALONE(test_out_of_reach),
		ALONE(test_second_bridge),
		ALONE(test_many_disks),
		ALONE(test_pvpanic),
		ALONE(test_early_panic),
		ALONE(test_pvpanic_has_address),
		ALONE(test_pvpanic_no_window),
		ALONE(test_broken_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
