/* SPDX-License-Identifier: MIT */
/*
 * irqchip.h - an interrupt controller, as boards use it: to end a wait.
 *
 * Lines are enabled once and never handled; the devices are polled instead. What a controller has
 * latched must be cleared, or the next wait would end at once:
 *
 *     a wait has ended, the devices have been polled, and an interrupt is still pending
 *     settle()  takes what is latched - before the device lets its line go, so that what comes
 *               next counts whenever it comes
 *               has the device acknowledged: its line falls
 *               lets what was taken, or a line that is high even so, count once more; ends what the
 *               processor has in service, if anything is pending even so
 *     the devices are polled once more, then comes the next wait
 *
 * On the controllers that follow a level all the way, that needs no register.
 */
#ifndef BAREQGA_IRQCHIP_H
#define BAREQGA_IRQCHIP_H

#include <stdbool.h>
#include <stdint.h>

struct irqchip;

struct irqchip_ops {
	/* Lets this line end waits; false: there is no such line, or it cannot. */
	bool (*enable)(struct irqchip *chip, uint32_t irq, bool edge);
	/* Lets go of an interrupt; calls chip->acknowledge() once. */
	void (*settle)(struct irqchip *chip);
	/* Nothing ends a wait any more; NULL: the processor's own mask is enough. */
	void (*disable)(struct irqchip *chip);
};

struct irqchip {
	const struct irqchip_ops *ops;
	void (*acknowledge)(void); /* the board's: the device's line is to fall */
};

#endif
