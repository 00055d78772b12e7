// SPDX-License-Identifier: MIT
/*
 * arch.c - waiting and time on x86.
 *
 * Unlike the other processors, this one wakes from `hlt` only by taking an interrupt. Its handler
 * does nothing (start.S); "pending" is what was taken and not yet ended at the local APIC.
 */
#include "arch.h"
#include "x86.h"

struct arch_boot arch_boot;
struct apic x86_apic;
struct clock x86_clock;

void x86_init(void)
{
	clock_init(&x86_clock);
	apic_init(&x86_apic);
}

uint64_t arch_ticks(void)
{
	return clock_ticks(&x86_clock);
}

uint64_t arch_ticks_hz(void)
{
	return clock_hz(&x86_clock);
}

bool arch_irq_pending(void)
{
	return x86_wakes != 0;
}

/* start.S maps the first 4 GiB. What was reached beyond stays so. */
uintptr_t arch_reach(uint64_t address, uint64_t size)
{
	return address + size - 1 <= UINT32_MAX ? (uintptr_t)address : x86_reach_far(address, size);
}

void arch_wait(uint64_t until)
{
	uint64_t now;

	if (until != UINT64_MAX) {
		now = arch_ticks();
		if (now >= until)
			return;
		until -= now;
	}
	apic_wait(&x86_apic, until, &x86_clock);
}

_Noreturn void arch_halt(void)
{
	for (;;)
		__asm__ volatile("cli\n\thlt");
}
