/* SPDX-License-Identifier: MIT */
/*
 * riscv_virt.c - QEMU's RISC-V `virt` machines: PLIC or AIA, CLINT or SBI, goldfish clock, sifive_test.
 */
#include "riscv_virt.h"
#include "pci_tree.h"
#include "arch.h"
#include "csr.h"
#include "rtc/goldfish_rtc.h"
#include "uart/ns16550.h"
#include "riscv.h"
#include "sbi.h"
#include "soc/sifive_test.h"

/* QEMU before 8.2 leaves without a word when the power goes off; see sifive_test.h. */
#define POWER_DELAY_NS 300000000u

static void found_goldfish(struct machine *m, const struct fdt_node *node,
                           const struct machine_device *device)
{
	(void)node;
	goldfish_rtc_init(&m->rtc_device, device->base);
	m->rtc = device->base ? &m->rtc_device : NULL;
}

static void found_sifive_test(struct machine *m, const struct fdt_node *node,
                              const struct machine_device *device)
{
	(void)node;
	m->power = device->base;
}

const struct machine_driver riscv_virt_drivers[] = {
	MACHINE_DRIVERS_COMMON,
	{FDT_COMPATIBLE, "virtio,mmio", found_virtio_mmio, 0},
	{FDT_COMPATIBLE, "pci-host-ecam-generic", found_pci_host, 0},
	{FDT_COMPATIBLE, "riscv,cpu-intc", found_cpu_intc, 0},
	{FDT_COMPATIBLE, "riscv,plic0", found_intc, RISCV_PLIC},
	{FDT_COMPATIBLE, "riscv,aplic", found_intc, RISCV_APLIC},
	{FDT_COMPATIBLE, "riscv,imsics", found_intc, RISCV_IMSIC},
	{FDT_COMPATIBLE, "sifive,clint0", found_intc, RISCV_CLINT},
	{FDT_COMPATIBLE, "riscv,aclint-mtimer", found_intc, RISCV_MTIMER},
	{FDT_COMPATIBLE, "riscv,aclint-mswi", found_intc, RISCV_MSWI},
	{FDT_COMPATIBLE, "ns16550a", found_ns16550, 0},
	{FDT_COMPATIBLE, "google,goldfish-rtc", found_goldfish, 0},
	{FDT_COMPATIBLE, "qemu,fw-cfg-mmio", found_fw_cfg, 0},
	{FDT_COMPATIBLE, "sifive,test0", found_sifive_test, 0},
	MACHINE_DRIVERS_END,
};

/* SBI has no such thing, but the device is there for both modes. */
static void end(struct machine *m, unsigned status)
{
	sifive_test_exit(m->power, (uint16_t)status);
}

#if RISCV_SUPERVISOR
static void park_others(const struct machine *m)
{
	for (unsigned hart = 0; hart < 64; hart++)
		if (m->cpus >> hart & 1 && hart != arch_boot.hart)
			sbi_park_hart(hart);
}

static void power_off(struct machine *m)
{
	(void)m;
	sbi_shutdown();
}

static void reboot(struct machine *m)
{
	(void)m;
	sbi_reboot();
}
#else
static void park_others(const struct machine *m)
{
	(void)m; /* start.S has */
}

static void power_off(struct machine *m)
{
	sifive_test_write(m->power, SIFIVE_TEST_PASS);
}

static void reboot(struct machine *m)
{
	sifive_test_write(m->power, SIFIVE_TEST_RESET);
}
#endif

const char *riscv_virt_start(struct machine *m)
{
	const char *missing;

	riscv_timer.hz = m->timebase;
	if (!m->timebase)
		return "bareqga: the device tree names no timebase-frequency";
	missing = riscv_start_interrupts(m);
	if (missing)
		return missing;

	if (RISCV_SUPERVISOR || m->power) {
		m->power_off = power_off;
		m->reboot = reboot;
	}
	if (m->power)
		m->exit = end;
	park_others(m);
	m->virtio_power_delay_ns = POWER_DELAY_NS;
	return NULL;
}
