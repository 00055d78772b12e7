/* SPDX-License-Identifier: MIT */
/*
 * plic.c - the platform-level interrupt controller: qemu-system-riscv64 -M virt.
 *
 * RISC-V PLIC specification 1.0.0, memory map. A source is forwarded again after claim and
 * completion; The claim comes before the device is acknowledged, the completion after it: what the
 * device has to say in between finds its line low and is forwarded. Claimed later, it would be
 * lost for ever: a PCI line that was high all the time tells QEMU's PLIC nothing more.
 */
#include "plic.h"
#include "mmio.h"

enum plic_register {
	PLIC_PRIORITY = 0x000000,  /* RW, 4 bytes a source */
	PLIC_ENABLE = 0x002000,    /* RW, 1 bit a source, 0x80 bytes a context */
	PLIC_THRESHOLD = 0x200000, /* RW, 0x1000 bytes a context */
	PLIC_CLAIM = 0x200004,     /* RW, read claims, write completes */
};

static uintptr_t enable_word(const struct plic *plic, uint32_t irq)
{
	return plic->base + PLIC_ENABLE + plic->context * 0x80 + irq / 32 * 4;
}

static bool plic_enable(struct irqchip *chip, uint32_t irq, bool edge)
{
	struct plic *plic = (struct plic *)chip;
	uintptr_t word = enable_word(plic, irq);

	(void)edge; /* the gateway's business, not ours */
	if (irq == 0 || irq >= plic->n_sources)
		return false;
	mmio_write32(plic->base + PLIC_PRIORITY + irq * 4, 1);
	mmio_write32(word, mmio_read32(word) | 1u << irq % 32);
	return true;
}

static uintptr_t claim_word(const struct plic *plic)
{
	return plic->base + PLIC_CLAIM + plic->context * 0x1000;
}

static void plic_settle(struct irqchip *chip)
{
	uintptr_t word = claim_word((struct plic *)chip);
	uint32_t claimed = mmio_read32(word);

	chip->acknowledge();
	if (claimed)
		mmio_write32(word, claimed);
}

static const struct irqchip_ops plic_ops = {
	.enable = plic_enable,
	.settle = plic_settle,
};

void plic_init(struct plic *plic, uintptr_t base, uint32_t context, uint32_t n_sources)
{
	uint32_t irq = 0;

	plic->chip.ops = &plic_ops;
	plic->base = base;
	plic->context = context;
	plic->n_sources = n_sources < PLIC_SOURCES_MAX ? n_sources : PLIC_SOURCES_MAX;
	do {
		mmio_write32(enable_word(plic, irq), 0);
		irq += 32;
	} while (irq < plic->n_sources);
	mmio_write32(base + PLIC_THRESHOLD + context * 0x1000, 0);
}
