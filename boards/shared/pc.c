// SPDX-License-Identifier: MIT
/*
 * pc.c - finds the devices of an x86 machine.
 *
 * virtio-mmio devices are named
 *     on the command line, and it then names them all     Firecracker, QEMU -M microvm,acpi=off
 *     or in a device tree, fw_cfg's "etc/fdt"             QEMU -M microvm
 * serial ports in the device tree, or they are where PCs have them; I/O APICs there, too, or in
 * ACPI tables, which microvm may lack. Power and the other processors are there only, and are
 * looked for when somebody asks. Left out: devices that only the AML of a DSDT names, and PCI.
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
	I8042_COMMAND = 0x64,
	DEBUG_EXIT = 0x501,
};

#define UART_SCR          7 /* RW scratch register of a 16550 */
#define I8042_PULSE_RESET 0xfe
#define FLOATING_BUS      0xff
#define IO_APIC_PINS      24
#define POWER_PATIENCE_S  2

/* A device tree of microvm with its 24 consoles is 4 KiB; the megabyte it comes in is empty. */
#define FDT_MAX       8192
#define FDT_TOTALSIZE 4 /* offset in its header */

extern char __image_end[]; /* linker/x86.ld */

static struct boot boot;
static struct acpi acpi;
static bool has_cmos;
static struct pic pic;
static uint32_t io_apic_phandle[IOAPICS_MAX]; /* in the device tree, of x86_apic.io[] */
static uint8_t fdt_blob[FDT_MAX] __attribute__((section(".noinit.large"), aligned(4096)));

static void add_virtio(struct machine *m, uintptr_t base, uint32_t gsi)
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

static void add_uart(struct machine *m, uintptr_t base, uint32_t gsi)
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
		add_uart(m, base, gsi);
}

/* Looks for them, if nothing has told of any. */
static void find_uarts(struct machine *m)
{
	bool told = m->n_uarts > 0;

	for (unsigned i = 0; !told && i < COMS; i++)
		probe_uart(m, coms[i].base, coms[i].irq);
}

/* --- The device tree of microvm --- */

/* Opens etc/fdt, of which fdt_blob gets the used part, as a tree of that size; 0 or -1. */
static int load_fdt(struct machine *m, struct fdt *fdt, uint16_t item, int64_t size)
{
	if (size > FDT_MAX)
		size = FDT_MAX;
	if (fw_cfg_read(&m->fw_cfg, item, 0, fdt_blob, (size_t)size))
		return -1;
	if (size < FDT_MAX)
		return fdt_open(fdt, fdt_blob, (size_t)size);
	fdt_blob[FDT_TOTALSIZE] = fdt_blob[FDT_TOTALSIZE + 1] = fdt_blob[FDT_TOTALSIZE + 3] = 0;
	fdt_blob[FDT_TOTALSIZE + 2] = FDT_MAX >> 8;
	return fdt_open(fdt, fdt_blob, FDT_MAX);
}

/* An I/O APIC. QEMU numbers their interrupts in the order of their addresses. */
static void found_io_apic(struct machine *m, const struct fdt_node *node,
                          const struct machine_device *device)
{
	struct apic *apic = &x86_apic;
	uint32_t gsi = 0;

	(void)m;
	if (apic->n_io == IOAPICS_MAX)
		return;
	for (unsigned i = 0; i < apic->n_io; i++) {
		if (apic->io[i].base < device->base)
			gsi += IO_APIC_PINS;
		else
			apic->io[i].gsi += IO_APIC_PINS;
	}
	io_apic_phandle[apic->n_io] = node->prop[FDT_PHANDLE].cell;
	apic->io[apic->n_io++] = (struct ioapic){device->base, gsi};
}

/* The interrupt of a node's device: a pin of the I/O APIC that is its parent. */
static uint32_t gsi_of(const struct fdt_node *node, const struct machine_device *device)
{
	uint32_t first = 0;

	for (unsigned i = 0; i < x86_apic.n_io; i++)
		first += x86_apic.io[i].gsi *
		         (io_apic_phandle[i] == node->prop[FDT_INTERRUPT_PARENT].cell);
	return first + device->irq.number;
}

static void found_pc_virtio(struct machine *m, const struct fdt_node *node,
                            const struct machine_device *device)
{
	add_virtio(m, device->base, gsi_of(node, device));
}

static void found_pc_uart(struct machine *m, const struct fdt_node *node,
                          const struct machine_device *device)
{
	if (device->base && device->base < PORTS)
		add_uart(m, device->base, gsi_of(node, device));
}

/*
 * The tree of QEMU's microvm does not say where lines come out (hw/i386/microvm.c: PCIE_IRQ_BASE,
 * microvm_pcie_irq_base): behind the lines of virtio-mmio, or where those are with a second I/O APIC.
 */
static void found_microvm_pci(struct machine *m, const struct fdt_node *node,
                              const struct machine_device *device)
{
	found_pci_host(m, node, device);
	pci_devices_default_line(x86_apic.n_io > 1 ? 16 : 12);
}

/* Devices come before or after the I/O APICs that they name. */
static const struct machine_driver io_apics[] = {
	{FDT_COMPATIBLE, "intel,ce4100-ioapic", found_io_apic, 0},
	MACHINE_DRIVERS_END,
};

static const struct machine_driver devices[] = {
	{FDT_COMPATIBLE, "virtio,mmio", found_pc_virtio, 0},
	{FDT_COMPATIBLE, "pci-host-ecam-generic", found_microvm_pci, 0},
	{FDT_COMPATIBLE, "ns16550", found_pc_uart, 0},
	MACHINE_DRIVERS_END,
};

/* What a device tree tells, if there is one; true: it is damaged. */
static bool find_in_fdt(struct machine *m)
{
	struct fdt fdt;
	uint16_t item;
	int64_t size = m->has_fw_cfg ? fw_cfg_find(&m->fw_cfg, "etc/fdt", &item) : -1;

	if (size < 0)
		return false;
	if (load_fdt(m, &fdt, item, size))
		return true;
	machine_walk(m, &fdt, io_apics);
	return !machine_walk(m, &fdt, devices);
}

/* --- The command line --- */

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
			m->n_consoles = m->n_vsocks = m->board.n_nets = m->board.n_disks = 0;
		first = false;
		add_virtio(m, base, irq);
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

/* --- Power and time --- */

/*
 * The processor runs on for a while after a request; the next way is for hosts that did not hear.
 */
static void be_patient(void)
{
	uint64_t end = arch_ticks() + POWER_PATIENCE_S * arch_ticks_hz();

	while (arch_ticks() < end)
		__asm__ volatile("pause");
}

/* Where to look for the table of processors, a BIOS has noted in the first page. Firecracker's and kvmtool's. */
static bool mptable_knows_no_off(void)
{
	bool yes;

	x86_reach_null(true);
	yes = mptable_by(0, "FC      ") || mptable_by(0, "KVMCPU00");
	x86_reach_null(false);
	return yes;
}

static unsigned mptable_processors(void)
{
	unsigned n;

	x86_reach_null(true);
	n = mptable_cpus(0);
	x86_reach_null(false);
	return n;
}

/* Firecracker, libkrun that comes of it, and kvmtool know no other end of a machine than its reset. */
static bool reset_is_the_end(void)
{
	return !machine.has_fw_cfg && port_read8(I8042_COMMAND) != FLOATING_BUS &&
	       (memcmp(acpi.oem, "FIRECK", sizeof acpi.oem) == 0 || mptable_knows_no_off());
}

static void power_off(struct machine *m)
{
	(void)m;
	if (acpi_can_power_off(&acpi)) {
		acpi_power_off(&acpi);
		be_patient();
	}
	if (reset_is_the_end()) {
		port_write8(I8042_COMMAND, I8042_PULSE_RESET);
		be_patient();
	}
}

/* There is always a way: in the end an exception that nobody can handle. */
static void reboot(struct machine *m)
{
	(void)m;
	if (acpi_reset(&acpi))
		be_patient();
	if (port_read8(I8042_COMMAND) != FLOATING_BUS) {
		port_write8(I8042_COMMAND, I8042_PULSE_RESET);
		be_patient();
	}
	x86_triple_fault();
}

/* A number of hexadecimal digits, with or without 0x; 0: it is none. */
static uintptr_t hexadecimal(const char *text)
{
	uintptr_t value = 0;

	for (text += strncmp(text, "0x", 2) == 0 ? 2 : 0; *text; text++) {
		if (*text >= '0' && *text <= '9')
			value = value << 4 | (unsigned)(*text - '0');
		else if (*text >= 'a' && *text <= 'f')
			value = value << 4 | (unsigned)(*text - 'a' + 10);
		else
			return 0;
	}
	return value;
}

/*
 * QEMU's isa-debug-exit, which makes its status 2 * v + 1. Nothing tells where it is: the setting `debug-exit`
 * does, or something that reads as 0 is at QEMU's own address for it (hw/misc/debugexit.c).
 */
static void debug_exit(struct machine *m, unsigned status)
{
	char text[8] = "";
	int len = board_setting("opt/bareqga/debug-exit", m->board.cmdline, text, sizeof text);
	uintptr_t port = len > 0 ? hexadecimal(text) : DEBUG_EXIT;

	if (len < 0 || port == 0 || port >= PORTS)
		machine_log(
			"bareqga: setting debug-exit is no port in hexadecimal digits and not used");
	else if (len > 0 || (m->has_fw_cfg && port_read8(port) == 0))
		port_write8(port, (uint8_t)status);
}

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
	m->reboot = reboot;
	m->exit = debug_exit;
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

/* Processors, and how to switch off: ACPI tells, or of processors the table that was before it. */
static void read_acpi(void)
{
	struct board *board = &machine.board;

	board->learn = NULL;
	acpi_init(&acpi, boot.rsdp);
	board->n_cpus = acpi.n_cpus ? acpi.n_cpus : mptable_processors();
	if (board->n_cpus == 0)
		board->n_cpus = 1;
	if (acpi_can_power_off(&acpi) || reset_is_the_end()) {
		machine.power_off = power_off;
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
	damaged = find_in_fdt(m);
	find_io_apics(m);
	find_uarts(m);
	if (damaged)
		machine_log("bareqga: the device tree is damaged; going on with what was found");
	find_in_cmdline(m);
	find_pci(m);
	start_time_and_power(m);
	return 0;
}
