/* SPDX-License-Identifier: MIT */
/*
 * gicv2.h - Arm's generic interrupt controller, version 2.
 */
#ifndef BAREQGA_IRQCHIP_GICV2_H
#define BAREQGA_IRQCHIP_GICV2_H

#include "irqchip.h"

/* Interrupt numbers below this are enabled for us; more lines than any `virt` machine has. */
#define GICV2_LINES_MAX 288

struct gicv2 {
	struct irqchip chip;
	uintptr_t dist, cpu;
	uint32_t edges[GICV2_LINES_MAX / 32]; /* enabled lines that latch edges */
};

void gicv2_init(struct gicv2 *gic, uintptr_t dist, uintptr_t cpu);

#endif
