/* SPDX-License-Identifier: MIT */
/*
 * arm_virt.c - QEMU's Arm `virt` machines and those that look alike (Cloud Hypervisor, Firecracker,
 * kvmtool, crosvm): GICv2 or v3, the generic timer, PL031, PSCI, a PL011 or a 16550.
 */
#include "arm_virt.h"
#include "pci_tree.h"
#include "irqchip/gicv2.h"
#include "gicv3.h"
#include "uart/pl011.h"
#include "rtc/pl031.h"
#include "psci.h"
#include "semihosting.h"

/* Of the timer's interrupts (secure, non-secure, virtual, hypervisor), the one we use. */
#define TIMER_VIRTUAL 2

static union {
	struct irqchip chip;
	struct gicv2 v2;
	struct gicv3 v3;
} gic;

static bool is_v3;

static void found_gicv2(struct machine *m, const struct fdt_node *node,
                        const struct machine_device *device)
{
	uint64_t base = 0, size = 0;

	fdt_reg(node, 1, &base, &size);
	m->intc_base[0] = device->base;
	m->intc_base[1] = base == (uintptr_t)base ? (uintptr_t)base : 0;
	m->intc_size = (uintptr_t)size;
}

static void found_gicv3(struct machine *m, const struct fdt_node *node,
                        const struct machine_device *device)
{
	found_gicv2(m, node, device);
	is_v3 = true;
}

static void found_timer(struct machine *m, const struct fdt_node *node,
                        const struct machine_device *device)
{
	(void)node;
	m->timer_irq = device->irq;
}

static void found_pl031(struct machine *m, const struct fdt_node *node,
                        const struct machine_device *device)
{
	(void)node;
	pl031_init(&m->rtc_device, device->base);
	m->rtc = device->base ? &m->rtc_device : NULL;
}

static void power_off(struct machine *m)
{
	psci_system_off(fdt_lists(&m->power_method, "smc"));
}

static void reboot(struct machine *m)
{
	psci_system_reset(fdt_lists(&m->power_method, "smc"));
}

/* Where QEMU has -semihosting. */
static void end(struct machine *m, unsigned status)
{
	const uintptr_t parameter[] = {ADP_STOPPED_APPLICATION_EXIT, status};

	(void)m;
	arm_semihosting(SYS_EXIT_EXTENDED, parameter);
}

static void found_psci(struct machine *m, const struct fdt_node *node,
                       const struct machine_device *device)
{
	const struct fdt_prop *method = &node->prop[FDT_METHOD];

	(void)device;
	if (method->len == 0)
		return;
	m->power_method = *method;
	m->power_off = power_off;
	m->reboot = reboot;
}

const struct machine_driver arm_virt_drivers[] = {
	MACHINE_DRIVERS_COMMON,
	{FDT_COMPATIBLE, "virtio,mmio", found_virtio_mmio, 0},
	{FDT_COMPATIBLE, "pci-host-ecam-generic", found_pci_host, 0},
	{FDT_COMPATIBLE, "arm,cortex-a15-gic", found_gicv2, 0},
	{FDT_COMPATIBLE, "arm,gic-400", found_gicv2, 0},
	{FDT_COMPATIBLE, "arm,gic-v3", found_gicv3, 0},
	{FDT_COMPATIBLE, "arm,armv8-timer", found_timer, TIMER_VIRTUAL},
	{FDT_COMPATIBLE, "arm,armv7-timer", found_timer, TIMER_VIRTUAL},
	{FDT_COMPATIBLE, "arm,pl011", found_pl011, 0},
	{FDT_COMPATIBLE, "ns16550a", found_ns16550, 0},
	{FDT_COMPATIBLE, "arm,pl031", found_pl031, 0},
	{FDT_COMPATIBLE, "qemu,fw-cfg-mmio", found_fw_cfg, 0},
	{FDT_COMPATIBLE, "arm,psci-0.2", found_psci, 0},
	MACHINE_DRIVERS_END,
};

const char *arm_virt_start(struct machine *m)
{
	if (!m->intc_base[0] || !m->intc_base[1])
		return "bareqga: the device tree names no interrupt controller (GICv2 or GICv3)";
	if (!is_v3)
		gicv2_init(&gic.v2, m->intc_base[0], m->intc_base[1]);
	else if (gicv3_init(&gic.v3, m->intc_base[0], m->intc_base[1], m->intc_size))
		return "bareqga: the GICv3 has no redistributor of this processor";
	m->irqchip = &gic.chip;
	m->exit = end;
	if (m->timer_irq.number)
		gic.chip.ops->enable(&gic.chip, m->timer_irq.number, false);
	return NULL;
}
