/* SPDX-License-Identifier: MIT */
/*
 * gicv3.h - Arm's generic interrupt controller, versions 3 and 4.
 */
#ifndef BAREQGA_ARCH_ARM_GICV3_H
#define BAREQGA_ARCH_ARM_GICV3_H

#include "irqchip.h"

struct gicv3 {
	struct irqchip chip;
	uintptr_t dist, redist; /* the redistributor's frame of our own processor */
	bool secure;            /* we are in the secure one of two states */
};

/* redist and size: the region of all redistributors. Returns 0, or -1: ours is not there. */
int gicv3_init(struct gicv3 *gic, uintptr_t dist, uintptr_t redist, uintptr_t size);

#endif
