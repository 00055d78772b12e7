/* SPDX-License-Identifier: MIT */
/*
 * riscv_virt.c - QEMU's RISC-V `virt` machines: PLIC, CLINT or SBI, goldfish clock, sifive_test.
 */
#include "riscv_virt.h"
#include "arch.h"
#include "csr.h"
#include "fdt.h"
#include "goldfish_rtc.h"
#include "ns16550.h"
#include "plic.h"
#include "riscv.h"
#include "sbi.h"
#include "sifive_test.h"

/* mtimecmp of hart 0 in a CLINT; 8 bytes for each hart (SiFive U54 manual, 9.1). */
#define CLINT_MTIMECMP 0x4000

/* QEMU before 8.2 leaves without a word when the power goes off; see sifive_test.h. */
#define POWER_DELAY_NS 300000000u

static struct plic plic;

static void found_cpu_intc(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	if (m->in_boot_cpu)
		fdt_cell(fdt, node, "phandle", 0, &m->cpu_intc);
}

static void found_plic(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	m->intc_base[0] = machine_reg(fdt, node, 0);
	m->intc_parents = fdt_prop(fdt, node, "interrupts-extended", &m->intc_parents_len);
	fdt_cell(fdt, node, "riscv,ndev", 0, &m->intc_sources);
}

static void found_clint(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	m->timer = machine_reg(fdt, node, 0);
}

static void found_goldfish(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	uintptr_t base = machine_reg(fdt, node, 0);

	if (!base)
		return;
	goldfish_rtc_init(&m->rtc_device, base);
	m->rtc = &m->rtc_device;
}

static void found_sifive_test(struct machine *m, const struct fdt *fdt, const struct fdt_node *node)
{
	m->power = machine_reg(fdt, node, 0);
}

const struct machine_driver riscv_virt_drivers[] = {
	{"virtio,mmio", found_virtio_mmio},
	{"riscv,cpu-intc", found_cpu_intc},
	{"riscv,plic0", found_plic},
	{"sifive,clint0", found_clint},
	{"ns16550a", found_ns16550},
	{"google,goldfish-rtc", found_goldfish},
	{"qemu,fw-cfg-mmio", found_fw_cfg},
	{"sifive,test0", found_sifive_test},
	{NULL, NULL},
};

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

/* A PLIC context is a position in interrupts-extended: pairs of hart's controller and cause. */
static bool find_context(const struct machine *m, uint32_t *context)
{
	for (uint32_t i = 0; i < m->intc_parents_len / 8; i++) {
		const uint8_t *pair = m->intc_parents + i * 8;

		if (fdt_be32(pair) == m->cpu_intc && fdt_be32(pair + 4) == IRQ_EXTERN) {
			*context = i;
			return true;
		}
	}
	return false;
}

const char *riscv_virt_start(struct machine *m)
{
	uint32_t context;

	riscv_timer.hz = m->timebase;
	if (m->timer)
		riscv_timer.mtimecmp = m->timer + CLINT_MTIMECMP + 8 * arch_boot.hart;
	if (!m->timebase)
		return "bareqga: the device tree names no timebase-frequency";

	if (!m->intc_base[0] || !find_context(m, &context))
		return "bareqga: the device tree names no interrupt controller (PLIC) of this hart";
	plic_init(&plic, m->intc_base[0], context, m->intc_sources + 1);
	m->irqchip = &plic.chip;

	if (RISCV_SUPERVISOR || m->power) {
		m->power_off = power_off;
		m->reboot = reboot;
	}
	park_others(m);
	m->virtio_power_delay_ns = POWER_DELAY_NS;
	return NULL;
}
