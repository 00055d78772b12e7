/* SPDX-License-Identifier: MIT */
/*
 * apic.h - local APIC and I/O APICs: they end wait_for_interrupt(), no more.
 */
#ifndef APIC_H
#define APIC_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

#define IOAPICS_MAX 4

struct ioapic {
	uintptr_t base;
	uint32_t gsi; /* of its first pin */
};

struct apic {
	uintptr_t local;
	struct ioapic io[IOAPICS_MAX];
	unsigned n_io;
	uint32_t timer_hz; /* 0: not measured yet */
};

/*
 * Masks the 8259s and switches the local APIC on. io[] and n_io are the caller's to set (ACPI MADT,
 * or APIC_IO_DEFAULT).
 */
void apic_init(struct apic *apic);

#define APIC_IO_DEFAULT 0xfec00000u

/* Lets the interrupt (global system interrupt number) wake us; -1: no I/O APIC has it. */
int apic_enable(struct apic *apic, uint32_t gsi);

/*
 * Waits for an interrupt, `ns` at most (UINT64_MAX: no limit).
 * The first finite wait measures the timer by the clock and is a short one.
 */
void apic_wait(struct apic *apic, uint64_t ns, struct clock *clock);

#endif
