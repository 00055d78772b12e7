// SPDX-License-Identifier: MIT
/*
 * pc.c - finds the devices of an x86 machine.
 *
 * virtio-mmio devices are named by one of
 *     a device tree in fw_cfg's "etc/fdt"                   QEMU -M microvm
 *     virtio_mmio.device=512@0xfeb00e00:12 on the command   Firecracker, QEMU -M microvm,acpi=off
 *     line (Linux, drivers/virtio/virtio_mmio.c)
 * serial ports by the device tree, or they are where PCs have them; power and I/O APICs by ACPI
 * tables, which microvm may lack. Left out: devices that only the AML of a DSDT names, and PCI.
 */
#include "machine.h"
#include "acpi.h"
#include "arch.h"
#include "boot.h"
#include "cmos.h"
#include "fdt.h"
#include "mmio.h"
#include "ns16550.h"
#include "virtio_mmio.h"
#include "x86.h"

#include <string.h>

enum port {
	FW_CFG_SELECTOR = 0x510,
	FW_CFG_DATA = 0x511,
	FW_CFG_DMA = 0x514,
	I8042_COMMAND = 0x64,
	PC_COM1 = 0x3f8,
	PC_COM2 = 0x2f8,
};

#define PC_COM1_IRQ       4
#define PC_COM2_IRQ       3
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
static struct rtc kvm_rtc;
static uint8_t fdt_blob[FDT_MAX] __attribute__((section(".noinit")));

static void add_virtio(struct machine *m, uintptr_t base, uint32_t gsi)
{
	if (base >= MMIO_PORTS)
		found_virtio(m, base, (struct machine_irq){.number = gsi, .edge = true});
}

static void add_uart(struct machine *m, uintptr_t base, uint32_t gsi)
{
	if (m->n_uarts == MACHINE_UARTS_MAX)
		return;
	m->uart[m->n_uarts++] = (struct machine_uart){
		.init = ns16550_init,
		.base = base,
		.stride = 1,
		.irq = {.number = gsi, .edge = true},
	};
}

/* Where PCs have them; what is not there does not remember what was written. */
static void probe_uart(struct machine *m, uintptr_t base, uint32_t gsi)
{
	mmio_write8(base + UART_SCR, 0x5a);
	if (mmio_read8(base + UART_SCR) == 0x5a)
		add_uart(m, base, gsi);
}

/* --- The device tree of microvm --- */

/* Brings the used part of etc/fdt into fdt_blob, as a tree of that size; 0 or -1. */
static int load_fdt(struct machine *m, struct fdt *fdt)
{
	uint16_t item;
	int64_t size = m->has_fw_cfg ? fw_cfg_find(&m->fw_cfg, "etc/fdt", &item) : -1;

	if (size < 0)
		return -1;
	if (size > FDT_MAX)
		size = FDT_MAX;
	fw_cfg_read(&m->fw_cfg, item, 0, fdt_blob, (size_t)size);
	if (size < FDT_MAX)
		return fdt_open(fdt, fdt_blob, (size_t)size);
	fdt_blob[FDT_TOTALSIZE] = fdt_blob[FDT_TOTALSIZE + 1] = fdt_blob[FDT_TOTALSIZE + 3] = 0;
	fdt_blob[FDT_TOTALSIZE + 2] = FDT_MAX >> 8;
	return fdt_open(fdt, fdt_blob, FDT_MAX);
}

/* The first interrupt of the I/O APIC with that phandle. One that ACPI has not told of follows. */
static uint32_t first_gsi(const struct fdt *fdt, uint32_t phandle)
{
	struct fdt_walk walk;
	struct fdt_node node;
	uint32_t value;
	uintptr_t base = 0;
	unsigned i;

	fdt_start(&walk, fdt);
	while (!base && fdt_next(&walk, fdt, &node))
		if (fdt_cell(fdt, &node, "phandle", 0, &value) && value == phandle)
			base = machine_reg(fdt, &node, 0);
	for (i = 0; i < x86_apic.n_io; i++)
		if (x86_apic.io[i].base == base)
			return x86_apic.io[i].gsi;
	if (!base || i == IOAPICS_MAX)
		return 0;
	x86_apic.io[i] = (struct ioapic){base, i * IO_APIC_PINS};
	x86_apic.n_io++;
	return i * IO_APIC_PINS;
}

static uint32_t node_gsi(const struct fdt *fdt, const struct fdt_node *node)
{
	uint32_t phandle = 0, pin = 0;

	fdt_cell(fdt, node, "interrupt-parent", 0, &phandle);
	fdt_cell(fdt, node, "interrupts", 0, &pin);
	return first_gsi(fdt, phandle) + pin;
}

static void find_in_fdt(struct machine *m, const struct fdt *fdt)
{
	struct fdt_walk walk;
	struct fdt_node node;

	fdt_start(&walk, fdt);
	while (fdt_next(&walk, fdt, &node)) {
		uintptr_t base = machine_reg(fdt, &node, 0);

		if (fdt_compatible(fdt, &node, "virtio,mmio"))
			add_virtio(m, base, node_gsi(fdt, &node));
		else if (fdt_compatible(fdt, &node, "ns16550") && base)
			add_uart(m, base, node_gsi(fdt, &node));
	}
	if (walk.damaged)
		machine_log("bareqga: the device tree is damaged; going on with what was found");
}

/* --- The command line of Firecracker --- */

/* A number as Linux takes it: decimal or 0x..., with a suffix K or M. Moves *text behind it. */
static uint64_t number(const char **text)
{
	const char *p = *text;
	unsigned base = p[0] == '0' && (p[1] | 0x20) == 'x' ? 16 : 10;
	uint64_t value = 0;
	unsigned digit;

	for (p += base == 16 ? 2 : 0;; p++) {
		digit = (unsigned)(*p | 0x20) - 'a' < 6 ? (*p | 0x20) - 'a' + 10u
		                                        : (unsigned)*p - '0';
		if (digit >= base)
			break;
		value = value * base + digit;
	}
	if ((*p | 0x20) == 'k' || (*p | 0x20) == 'm')
		value <<= (*p++ | 0x20) == 'k' ? 10 : 20;
	*text = p;
	return value;
}

/* virtio_mmio.device=SIZE@BASE:GSI[:ID], as often as there are devices. */
static void find_in_cmdline(struct machine *m)
{
	static const char key[] = "virtio_mmio.device=";
	const char *p = m->board.cmdline;
	uint64_t base;

	while ((p = strstr(p, key)) != NULL) {
		p += sizeof key - 1;
		number(&p);
		if (*p++ != '@')
			return machine_log("bareqga: virtio_mmio.device= on the command line lacks "
			                   "the @ before its address");
		base = number(&p);
		if (*p++ != ':' || base > UINT32_MAX)
			return machine_log("bareqga: virtio_mmio.device= on the command line lacks "
			                   "an address below 4 GiB or the : before its interrupt");
		add_virtio(m, base, (uint32_t)number(&p));
	}
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

static void power_off(struct machine *m)
{
	(void)m;
	acpi_power_off(&acpi);
	be_patient();
}

/* There is always a way: in the end an exception that nobody can handle. */
static void reboot(struct machine *m)
{
	(void)m;
	if (acpi_reset(&acpi))
		be_patient();
	if (mmio_read8(I8042_COMMAND) != FLOATING_BUS) {
		mmio_write8(I8042_COMMAND, I8042_PULSE_RESET);
		be_patient();
	}
	x86_triple_fault();
}

static int kvm_get(struct rtc *rtc, int64_t *ns)
{
	(void)rtc;
	return clock_wall(&x86_clock, ns);
}

static const struct rtc_ops kvm_rtc_ops = {.get = kvm_get};

/* --- All of it --- */

static void start_uarts(struct machine *m)
{
	for (unsigned i = 0; i < m->n_uarts; i++)
		m->uart[i].init(&m->uart_device[i], m->uart[i].base, m->uart[i].stride);
	if (m->n_uarts)
		m->log = &m->uart_device[0];
}

static void start_time_and_power(struct machine *m)
{
	kvm_rtc.ops = &kvm_rtc_ops;
	if (cmos_init(&m->rtc_device))
		m->rtc = &m->rtc_device;
	else if (x86_clock.kvm)
		m->rtc = &kvm_rtc;
	m->power_off = acpi_can_power_off(&acpi) ? power_off : NULL;
	m->reboot = reboot;
}

static void read_boot(struct machine *m)
{
	m->board.cmdline = boot.cmdline;
	m->board.ram_base = boot.ram_base;
	m->board.ram_size = boot.ram_size;
	if (boot.ram_end > (uintptr_t)__image_end) {
		m->board.spare = __image_end;
		m->board.spare_size = boot.ram_end - (uintptr_t)__image_end;
	}
	m->board.n_cpus = acpi.n_cpus ? acpi.n_cpus : 1;
	x86_apic.n_io = acpi.n_io;
	memcpy(x86_apic.io, acpi.io, sizeof acpi.io);
	if (x86_apic.n_io == 0)
		x86_apic.io[x86_apic.n_io++] = (struct ioapic){APIC_IO_DEFAULT, 0};
}

int machine_discover(struct machine *m)
{
	int booted = boot_read(&boot);
	struct fdt fdt;
	bool has_fdt;

	acpi_init(&acpi, boot.rsdp);
	read_boot(m);
	m->has_fw_cfg =
		fw_cfg_init(&m->fw_cfg, FW_CFG_SELECTOR, FW_CFG_DATA, FW_CFG_DMA, true) == 0;
	x86_init();
	m->irqchip = &x86_apic.chip;
	has_fdt = load_fdt(m, &fdt) == 0;
	if (has_fdt) {
		find_in_fdt(m, &fdt);
	} else {
		probe_uart(m, PC_COM1, PC_COM1_IRQ);
		probe_uart(m, PC_COM2, PC_COM2_IRQ);
	}
	start_uarts(m);
	if (m->n_consoles == 0)
		find_in_cmdline(m);
	start_time_and_power(m);
	if (booted < 0) {
		machine_log("bareqga: the loader gave neither a PVH start info nor a zero page");
		return -1;
	}
	if (boot.ram_end && boot.ram_end < (uintptr_t)__image_end) {
		machine_log("bareqga: the machine has too little memory for this image");
		return -1;
	}
	return 0;
}
