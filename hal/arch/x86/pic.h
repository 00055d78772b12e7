/* SPDX-License-Identifier: MIT */
/*
 * pic.h - the two 8259s, for a PC that has no I/O APIC (QEMU -M isapc): they end
 * wait_for_interrupt(), no more.
 */
#ifndef BAREQGA_ARCH_X86_PIC_H
#define BAREQGA_ARCH_X86_PIC_H

#include "apic.h"
#include "irqchip.h"

struct pic {
	struct irqchip chip; /* its lines are those of the 8259s, 1 to 15 */
	struct apic *apic;   /* whose processor they interrupt */
	uint16_t masked;
};

/* Lets the 8259s interrupt through the local APIC, which is on; all lines are masked at first. */
void pic_init(struct pic *pic, struct apic *apic);

#endif
