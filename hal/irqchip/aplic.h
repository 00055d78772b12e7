/* SPDX-License-Identifier: MIT */
/*
 * aplic.h - the advanced platform-level interrupt controller of RISC-V machines.
 */
#ifndef BAREQGA_IRQCHIP_APLIC_H
#define BAREQGA_IRQCHIP_APLIC_H

#include "irqchip.h"

#define APLIC_SOURCES_MAX 1023

/* Lines that may be enabled. */
#define APLIC_LINES_MAX 8

/* What messages say; see hal/arch/riscv/imsic.h. */
#define APLIC_IDENTITY 1

/* The part of the hart that messages come to. */
struct aplic_imsic {
	void (*claim)(void); /* forgets the message */
};

struct aplic {
	struct irqchip chip;
	uintptr_t base;
	uint32_t n_sources;              /* not counting number 0, which nothing has */
	uint32_t hart;                   /* what the controller calls our hart */
	const struct aplic_imsic *imsic; /* ours; NULL: there are no messages */
	uint32_t lines[APLIC_LINES_MAX];
	unsigned n_lines;
};

/* Takes the controller into use, as one that drives our hart's line. Masks all sources. */
void aplic_init(struct aplic *aplic, uintptr_t base, uint32_t n_sources, uint32_t hart);

/* Makes it one that sends messages ... */
void aplic_by_message(struct aplic *aplic, const struct aplic_imsic *imsic);

/* ... to this page, of our IMSIC; in machine mode, where nobody has said before. */
void aplic_send_to(struct aplic *aplic, uint64_t address);

#endif
