/* SPDX-License-Identifier: MIT */
/*
 * apic.h - local APIC and I/O APICs: they end wait_for_interrupt(), no more.
 */
#ifndef BAREQGA_ARCH_X86_APIC_H
#define BAREQGA_ARCH_X86_APIC_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"
#include "irqchip.h"

#define IOAPICS_MAX 4

struct ioapic {
	uintptr_t base;
	uint32_t gsi; /* of its first pin */
};

struct apic {
	struct irqchip chip;
	uintptr_t local;
	struct ioapic io[IOAPICS_MAX];
	unsigned n_io;
	uint64_t
		timer_rate; /* counts of the timer for each tick, times 2^32; 0: not measured yet */
};

/*
 * Masks the 8259s and switches the local APIC on, as an xAPIC. io[] and n_io are the caller's to set (ACPI MADT,
 * or APIC_IO_DEFAULT). Interrupts are known to chip.ops by their global system interrupt number.
 */
void apic_init(struct apic *apic);

/* Where a store of an interrupt vector is that interrupt, for this processor (SDM volume 3, 11.11.1). */
uint64_t apic_message_address(const struct apic *apic);

#define APIC_IO_DEFAULT 0xfec00000u

/* Is an I/O APIC there? */
bool apic_has_io(uintptr_t base);

/*
 * Waits for an interrupt, and for so many ticks of the clock at most (UINT64_MAX: no limit). The
 * first wait with a limit measures the timer and is a short one. Until chip.ops->settle() the
 * interrupt is in service and no other one comes.
 */
void apic_wait(struct apic *apic, uint64_t ticks, struct clock *clock);

#endif
