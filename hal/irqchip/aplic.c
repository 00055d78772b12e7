/* SPDX-License-Identifier: MIT */
/*
 * aplic.c - the advanced platform-level interrupt controller: -M virt,aia=aplic, aia=aplic-imsic.
 *
 * RISC-V Advanced Interrupt Architecture 1.0, chapter 4. It drives our hart's line itself, through
 * the hart's IDC; or it sends messages to the hart's own IMSIC (chapter 3), where all lines share
 * one identity: who it was is found by polling. In the first way QEMU keeps a level pending till it is
 * claimed, others as long as it is high. In the second a message is sent when a line rises, so once
 * a device has been dealt with, a line that is still high must be sent again (4.9.2); QEMU before 9.0
 * does that for lines that are low, too, so it is not asked to.
 */
#include "aplic.h"
#include "mmio.h"

enum aplic_register {
	APLIC_DOMAINCFG = 0x0000,
	APLIC_SOURCECFG = 0x0000, /* RW, 4 bytes a source, from 1 on */
	APLIC_MMSIADDRCFG = 0x1bc0,
	APLIC_MMSIADDRCFGH = 0x1bc4,
	APLIC_SETIPNUM = 0x1cdc, /* W */
	APLIC_IN_CLRIP = 0x1d00, /* R the lines themselves, 1 bit a source */
	APLIC_SETIENUM = 0x1edc, /* W */
	APLIC_CLRIE = 0x1f00,    /* W, 1 bit a source */
	APLIC_TARGET = 0x3000,   /* RW, 4 bytes a source, from 1 on */
	APLIC_IDC = 0x4000,      /* 32 bytes a hart */
};

enum aplic_idc {
	IDC_IDELIVERY = 0x00,
	IDC_ITHRESHOLD = 0x08,
	IDC_CLAIMI = 0x1c,
	IDC_SIZE = 0x20,
};

enum {
	DOMAINCFG_IE = 1 << 8,
	DOMAINCFG_DM = 1 << 2, /* by messages */
	SOURCE_EDGE = 4,
	SOURCE_LEVEL = 6,
	TARGET_HART = 18, /* the bit that its number begins at */
	TARGET_PRIORITY = 1,
};

static bool enable(struct irqchip *chip, uint32_t irq, bool edge)
{
	struct aplic *aplic = (struct aplic *)chip;
	uint32_t target = aplic->hart << TARGET_HART;

	if (irq == 0 || irq > aplic->n_sources || aplic->n_lines == APLIC_LINES_MAX)
		return false;
	aplic->lines[aplic->n_lines++] = irq;
	mmio_write32(aplic->base + APLIC_SOURCECFG + irq * 4, edge ? SOURCE_EDGE : SOURCE_LEVEL);
	mmio_write32(aplic->base + APLIC_TARGET + irq * 4,
	             target | (aplic->imsic ? APLIC_IDENTITY : TARGET_PRIORITY));
	mmio_write32(aplic->base + APLIC_SETIENUM, irq);
	/* A source that something else has been given, or that is not there, stays inactive. */
	return mmio_read32(aplic->base + APLIC_SOURCECFG + irq * 4) != 0;
}

/* The claim comes before the device is acknowledged, see plic.c. */
static void settle(struct irqchip *chip)
{
	struct aplic *aplic = (struct aplic *)chip;

	(void)mmio_read32(aplic->base + APLIC_IDC + aplic->hart * IDC_SIZE + IDC_CLAIMI);
	chip->acknowledge();
}

static void settle_message(struct irqchip *chip)
{
	struct aplic *aplic = (struct aplic *)chip;

	aplic->imsic->claim();
	chip->acknowledge();
	for (unsigned i = 0; i < aplic->n_lines; i++) {
		uint32_t line = aplic->lines[i];

		if (mmio_read32(aplic->base + APLIC_IN_CLRIP + line / 32 * 4) >> line % 32 & 1)
			mmio_write32(aplic->base + APLIC_SETIPNUM, line);
	}
}

static const struct irqchip_ops direct_ops = {
	.enable = enable,
	.settle = settle,
};
static const struct irqchip_ops message_ops = {
	.enable = enable,
	.settle = settle_message,
};

void aplic_init(struct aplic *aplic, uintptr_t base, uint32_t n_sources, uint32_t hart)
{
	uintptr_t idc = base + APLIC_IDC + hart * IDC_SIZE;

	*aplic = (struct aplic){
		.chip.ops = &direct_ops,
		.base = base,
		.n_sources = n_sources < APLIC_SOURCES_MAX ? n_sources : APLIC_SOURCES_MAX,
		.hart = hart,
	};
	mmio_write32(base + APLIC_DOMAINCFG, DOMAINCFG_IE);
	for (uint32_t i = 0; i <= aplic->n_sources / 32; i++)
		mmio_write32(base + APLIC_CLRIE + i * 4, UINT32_MAX);
	mmio_write32(idc + IDC_ITHRESHOLD, 0);
	mmio_write32(idc + IDC_IDELIVERY, 1);
}

void aplic_by_message(struct aplic *aplic, const struct aplic_imsic *imsic)
{
	aplic->chip.ops = &message_ops;
	aplic->imsic = imsic;
	mmio_write32(aplic->base + APLIC_DOMAINCFG, DOMAINCFG_IE | DOMAINCFG_DM);
}

/* 4.5.3: the number of a page, and no bits of a hart's number in it: they all go there. */
void aplic_send_to(struct aplic *aplic, uint64_t address)
{
	aplic->hart = 0;
	mmio_write32(aplic->base + APLIC_MMSIADDRCFG, (uint32_t)(address >> 12));
	mmio_write32(aplic->base + APLIC_MMSIADDRCFGH, (uint32_t)(address >> 44));
}
