/* SPDX-License-Identifier: MIT */
/*
 * plic.h - the platform-level interrupt controller of RISC-V machines.
 */
#ifndef BAREQGA_IRQCHIP_PLIC_H
#define BAREQGA_IRQCHIP_PLIC_H

#include "irqchip.h"

#define PLIC_SOURCES_MAX 1024

struct plic {
	struct irqchip chip;
	uintptr_t base;
	uint32_t context;   /* of our hart and mode: position in `interrupts-extended` */
	uint32_t n_sources; /* with the one of number 0, which nothing has */
};

/* Masks all sources below n_sources for our context. */
void plic_init(struct plic *plic, uintptr_t base, uint32_t context, uint32_t n_sources);

#endif
