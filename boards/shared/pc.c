// SPDX-License-Identifier: MIT
/*
 * pc.c - finds the devices of an x86 machine.
 *
 * virtio-mmio devices are named
 *     on the command line, and it then names them all     Firecracker, QEMU -M microvm,acpi=off
 *     or in a device tree, fw_cfg's "etc/fdt"             QEMU -M microvm
 * serial ports in the device tree (pc_tree.c), or they are where PCs have them; I/O APICs there, too, or in
 * ACPI tables, which microvm may lack. Power (pc_power.c) and the other processors are there only, and are
 * looked for when somebody asks. Left out: devices that only the AML of a DSDT names.
 */
#include "machine.h"
#include "acpi.h"
#include "pc.h"
#include "pci_devices.h"
#include "arch.h"
#include "boot.h"
#include "cmos.h"
#include "mptable.h"
#include "pci/msix.h"
#include "pic.h"
#include "uart/ns16550.h"
#include "port.h"
#include "discover/virtio_cmdline.h"
#include "x86.h"

#include <string.h>

enum port {
	FW_CFG_SELECTOR = 0x510,
	FW_CFG_DATA = 0x511,
	FW_CFG_DMA = 0x514,
};

#define UART_SCR 7 /* RW scratch register of a 16550 */

extern char __image_end[]; /* linker/x86.ld */

static struct boot boot;
static struct acpi acpi;
static bool has_cmos;
static struct pic pic;

void pc_add_virtio(struct machine *m, uintptr_t base, uint32_t gsi)
{
	if (base >= PORTS)
		found_virtio(m, base, (struct machine_irq){.number = gsi, .edge = true});
}

/* Where PCs have them: COM1 to COM4. */
static const struct {
	uint16_t base;
	uint8_t irq;
} coms[] = {{0x3f8, 4}, {0x2f8, 3}, {0x3e8, 4}, {0x2e8, 3}};

#define COMS (sizeof coms / sizeof coms[0])

void pc_add_uart(struct machine *m, uintptr_t base, uint32_t gsi)
{
	unsigned number = 0;

	if (m->n_uarts == MACHINE_UARTS_MAX)
		return;
	while (number < COMS && coms[number].base != base)
		number++;
	m->uart[m->n_uarts++] = (struct machine_uart){
		.init = ns16550_init,
		.base = base,
		.stride = 1,
		.irq = {.number = gsi, .edge = true},
		.number = number,
	};
}

/* What is not there does not remember what was written. */
static void probe_uart(struct machine *m, uintptr_t base, uint32_t gsi)
{
	port_write8(base + UART_SCR, 0x5a);
	if (port_read8(base + UART_SCR) == 0x5a)
		pc_add_uart(m, base, gsi);
}

/* Looks for them, if nothing has told of any. */
static void find_uarts(struct machine *m)
{
	bool told = m->n_uarts > 0;

	for (unsigned i = 0; !told && i < COMS; i++)
		probe_uart(m, coms[i].base, coms[i].irq);
}

/* --- The command line --- */

static void forget_virtio(struct machine *m)
{
	m->n_consoles = m->n_vsocks = m->board.n_nets = m->board.n_disks = 0;
	m->clock.bus = NULL;
}

/* If it names devices it names them all, and what the tree told of is forgotten. */
static void find_in_cmdline(struct machine *m)
{
	const char *text = m->board.cmdline;
	bool first = true;
	uintptr_t base;
	uint32_t irq;
	int status;

	while ((status = virtio_cmdline_next(&text, &base, &irq)) != 0) {
		if (status < 0) {
			machine_log("bareqga: virtio_mmio.device= on the command line is not "
			            "SIZE@ADDRESS:IRQ and not used");
			continue;
		}
		if (first)
			forget_virtio(m);
		first = false;
		pc_add_virtio(m, base, irq);
	}
}

/* --- PCI --- */

#define PCI_LINE_LAST \
	15 /* of the 8259s, as firmware notes them; it routes them to these GSIs, too */

static struct machine_irq line_irq(const struct pci_function *function)
{
	uint32_t line = pci_read(function, PCI_INTERRUPT_LINE, 1);

	return (struct machine_irq){.number = line <= PCI_LINE_LAST ? line : 0};
}

void pc_message(struct pci_message *message)
{
	message->address = apic_message_address(&x86_apic);
	message->data = VECTOR_WAKE;
}

/* By ports, where the tree told of no other way: there is a host bridge in every PC. */
static void find_pci(struct machine *m)
{
	static const struct pci_host ports = {.first = 0, .last = 255};
	const struct pci_function bridge = {.host = &ports};
	uint32_t id;

	id = pci_read(&bridge, PCI_VENDOR, 4);
	if (id != 0 && id != UINT32_MAX)
		pci_devices_add(m, &ports, line_irq);
}

/* --- Time --- */

/* Some bus without the chip reads as zeroes, which is no date: then KVM is asked. */
static int wall_get(struct rtc *rtc, int64_t *ns)
{
	(void)rtc;
	if (has_cmos && cmos_get(ns) == 0)
		return 0;
	return clock_wall(&x86_clock, ns);
}

/* KVM's cannot be set: then only our own time changes. */
static int wall_set(struct rtc *rtc, int64_t ns)
{
	int64_t now;

	(void)rtc;
	return has_cmos && cmos_get(&now) == 0 ? cmos_set(ns) : 0;
}

static const struct rtc_ops wall_ops = {.get = wall_get, .set = wall_set};

/* --- All of it --- */

static void start_time_and_power(struct machine *m)
{
	m->rtc_device.ops = &wall_ops;
	has_cmos = cmos_is_there();
	if (has_cmos || x86_clock.kvm)
		m->rtc = &m->rtc_device;
	m->reboot = pc_reboot;
	m->exit = pc_exit;
	m->board.disturbed = machine_disturbed;
}

/* What the loader gave, which may be in the first page, as QEMU's option ROM has it. 0 or -1. */
static int read_ram(struct machine *m)
{
	uint64_t base, size;
	int failed;

	x86_reach_null(true);
	failed = boot_read(&boot);
	for (uint32_t i = 0; !failed && boot_ram(&boot, i, &base, &size); i++)
		board_add_ram(&m->board, base, size);
	x86_reach_null(false);
	return failed;
}

/* NULL, or why the image cannot run with what the loader gave. */
static const char *read_boot(struct machine *m)
{
	uintptr_t end = (uintptr_t)__image_end;

	if (read_ram(m))
		return "bareqga: the loader gave neither a PVH start info nor a zero page";
	m->board.cmdline = boot.cmdline;
	if (boot.ram_end && boot.ram_end < end)
		return "bareqga: the machine has too little memory for this image";
	if (boot.ram_end) {
		m->board.spare = __image_end;
		m->board.spare_size =
			(boot.ram_end < BOOT_MAPPED ? boot.ram_end : BOOT_MAPPED) - end;
	}
	return NULL;
}

/* Where to look for it, a BIOS has noted in the first page. */
static unsigned mptable_processors(void)
{
	unsigned n;

	x86_reach_null(true);
	n = mptable_cpus(x86_low);
	x86_reach_null(false);
	return n;
}

/* Processors, and how to switch off: ACPI tells, or of processors the table that was before it. */
static void read_acpi(void)
{
	struct board *board = &machine.board;

	board->learn = NULL;
	acpi_init(&acpi, boot.rsdp);
	board->n_cpus = acpi.n_cpus ? acpi.n_cpus : mptable_processors();
	if (board->n_cpus == 0)
		board->n_cpus = 1;
	if (pc_can_power_off(&acpi)) {
		machine.power_off = pc_power_off;
		board->powers |= 1u << BOARD_POWERDOWN;
	}
}

const struct acpi *pc_acpi(void)
{
	if (machine.board.learn)
		machine.board.learn();
	return &acpi;
}

/* Those of the tree; or of ACPI, which is then read at once. A PC of before them has only 8259s. */
static void find_io_apics(struct machine *m)
{
	if (x86_apic.n_io)
		return;
	read_acpi();
	x86_apic.n_io = acpi.n_io;
	memcpy(x86_apic.io, acpi.io, sizeof acpi.io);
	if (x86_apic.n_io)
		return;
	if (apic_has_io(APIC_IO_DEFAULT)) {
		x86_apic.io[x86_apic.n_io++] = (struct ioapic){APIC_IO_DEFAULT, 0};
	} else {
		pic_init(&pic, &x86_apic);
		m->irqchip = &pic.chip;
	}
}

int machine_discover(struct machine *m)
{
	const char *wrong = read_boot(m);
	bool damaged;

	if (wrong) {
		find_uarts(m);
		machine_log(wrong);
		return -1;
	}
	m->board.n_cpus = 1;
	m->board.learn = read_acpi;
	m->has_fw_cfg = fw_cfg_init(&m->fw_cfg, FW_CFG_SELECTOR, FW_CFG_DATA, FW_CFG_DMA) == 0;
	x86_init();
	m->irqchip = &x86_apic.chip;
	damaged = pc_find_in_tree(m);
	find_io_apics(m);
	find_uarts(m);
	if (damaged)
		machine_log("bareqga: the device tree is damaged; going on with what was found");
	find_in_cmdline(m);
	find_pci(m);
	start_time_and_power(m);
	return 0;
}
