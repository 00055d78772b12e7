/* SPDX-License-Identifier: MIT */
/*
 * board_arm.h - QEMU's -M virt of Arm, for tests of what boards have in common: a tree to which they add, a GICv2,
 * and a host that notes what it is asked for. Include it behind board_rig.h, in one file of a program.
 */
#ifndef BOARD_ARM_H
#define BOARD_ARM_H

#include "fake_console.h"
#include "fake_pci.h"
#include "fake_uart.h"
#include "fake_vsock.h"
#include "gicv3.h"
#include "psci.h"
#include "semihosting.h"
#include "shared/arm_virt.h"
#include "shared/pci_devices.h"
#include "uart/pl011.h"

enum {
	GICD = 0x08000000,
	GICC = 0x08010000,
	UART_AT = ARM_VIRT_UART,
	RTC_AT = 0x09010000,
	FW_CFG_AT = 0x09020000,
	VIRTIO_AT = 0x0a000000,
	ECAM_AT = 0x3f000000,
	BAR_AT = 0x10000000,
};

struct machine machine;

const struct machine_board machine_board = {
	.name = "virt-aarch64",
	.machine = "aarch64",
	.drivers = arm_virt_drivers,
	.start = arm_virt_start,
	.uart = {.init = pl011_init, .base = ARM_VIRT_UART},
};

/* What was asked of the hypervisor, a letter each: o off, r reset; in capitals by SMC. And of the emulator. */
static char asked[16];
static uintptr_t exit_status;
static int gicv3_result;
static uintptr_t gicv3_at[3];

void psci_system_off(bool smc)
{
	strcat(asked, smc ? "O" : "o");
}

void psci_system_reset(bool smc)
{
	strcat(asked, smc ? "R" : "r");
}

uintptr_t arm_semihosting(enum semihosting operation, const uintptr_t *parameter)
{
	assert_int_equal(operation, SYS_EXIT_EXTENDED);
	assert_int_equal(parameter[0], ADP_STOPPED_APPLICATION_EXIT);
	exit_status = parameter[1];
	return UINTPTR_MAX;
}

static bool gicv3_enable(struct irqchip *chip, uint32_t irq, bool edge)
{
	(void)chip;
	(void)irq;
	(void)edge;
	return true;
}

int gicv3_init(struct gicv3 *gic, uintptr_t dist, uintptr_t redist, uintptr_t size)
{
	static const struct irqchip_ops ops = {.enable = gicv3_enable};

	gic->chip.ops = &ops;
	gicv3_at[0] = dist;
	gicv3_at[1] = redist;
	gicv3_at[2] = size;
	return gicv3_result;
}

static struct fake_uart uarts[MACHINE_UARTS_MAX];

/* An interrupt of the GIC: a shared one, level. */
static inline void arm_line(uint32_t spi)
{
	RIG_CELLS("interrupts", 0, spi, 4);
}

static inline struct fake_uart *arm_uart(unsigned n)
{
	fake_uart_attach(&uarts[n], FAKE_PL011, UART_AT + n * 0x100000);
	rig_node(n == 0 ? "pl011@9000000" : "pl011@9100000", "arm,pl011", UART_AT + n * 0x100000,
	         0x1000);
	arm_line(1 + n);
	rig_end();
	return &uarts[n];
}

static inline void arm_slot(unsigned n)
{
	rig_node("virtio_mmio", "virtio,mmio", VIRTIO_AT + n * 0x200, 0x200);
	RIG_CELLS("interrupts", 0, 16 + n, 1);
	rig_end();
}

/* A console with these ports; NULL: a port without a name. A fake that reaches all of our memory. */
static inline struct fake_console *arm_console(unsigned n, const char *port)
{
	struct fake_console *fake = malloc(sizeof *fake);

	fake_console_qemu(fake, VIRTIO_AT + n * 0x200, 2);
	fake_mmio_memory(&fake->mmio, (void *)4096, SIZE_MAX - 8192, 4096);
	if (port)
		fake_console_port(fake, 1, port);
	return fake;
}

static inline struct fake_vsock *arm_vsock(unsigned n)
{
	struct fake_vsock *fake = malloc(sizeof *fake);

	fake_vsock_qemu(fake, VIRTIO_AT + n * 0x200, 2);
	fake_mmio_memory(&fake->mmio, (void *)4096, SIZE_MAX - 8192, 4096);
	fake->cid = 3;
	return fake;
}

/* The same where the tree has them. */
static inline struct fake_console *arm_plug_console(unsigned n, const char *port)
{
	arm_slot(n);
	return arm_console(n, port);
}

static inline struct fake_vsock *arm_plug_vsock(unsigned n)
{
	arm_slot(n);
	return arm_vsock(n);
}

/* Lines of these SPIs do not come: nothing is ever pending. All others do. */
static uint32_t *gic;

static inline void arm_gic(void)
{
	rig_begin("intc");
	rig_text("compatible", "arm,cortex-a15-gic");
	RIG_CELLS("reg", 0, GICD, 0, 0x10000, 0, GICC, 0, 0x10000);
	rig_end();
	gic = rig_cells(GICD, 0x20000);
	gic[0x800 / 4] = 1;
	fake_arch.pending = true;
}

/* A tree with memory, a GIC and PSCI, and this command line, to which a test adds. */
static inline void arm_start(const char *bootargs)
{
	rig_start();
	rig_begin("chosen");
	rig_text("bootargs", bootargs);
	rig_text("stdout-path", "/pl011@9000000");
	rig_end();
	rig_memory();
	arm_gic();
	rig_begin("psci");
	rig_text("compatible", "arm,psci-0.2");
	rig_text("method", "hvc");
	rig_end();
}

static inline void arm_start_serial(const char *bootargs)
{
	arm_start(bootargs);
	arm_uart(0);
}

/* Its PCI: lines as QEMU has them, SPI 3 to 6. */
static inline void arm_pci(bool with_map)
{
	uint8_t map[16 * 10 * 4] = {0};

	map[4 * 4 + 3] = 1; /* phandle */
	map[4 * 8 + 3] = 3;
	rig_node("pcie", "pci-host-ecam-generic", ECAM_AT, 0x1000000);
	RIG_CELLS("bus-range", 0, 15);
	if (with_map)
		fdt_tree_prop(&rig_tree, "interrupt-map", map, sizeof map);
	RIG_CELLS("ranges", 0x01000000, 0, 0, 0, 0x3eff0000, 0, 0x10000, /* ports */
	          0x02000000, 0, BAR_AT, 0, BAR_AT, 0, 0x2eff0000);
	rig_end();
	fake_pci_start(ECAM_AT, 0);
}

static inline void arm_boot(void)
{
	rig_seal();
	assert_non_null(board_init());
}

#endif
