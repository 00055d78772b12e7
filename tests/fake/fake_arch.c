/* SPDX-License-Identifier: MIT */
/* fake_arch.c - see fake_arch.h. */
#include <stdlib.h>

#include "fake_arch.h"

struct fake_arch fake_arch = {.hz = 1000000000};
struct arch_boot arch_boot;

uint64_t arch_ticks(void)
{
	return fake_arch.ticks += fake_arch.step;
}

uint64_t arch_ticks_hz(void)
{
	return fake_arch.hz;
}

bool arch_irq_pending(void)
{
	return fake_arch.pending;
}

void arch_wait(uint64_t until)
{
	fake_arch.waits++;
	fake_arch.until = until;
	if (fake_arch.waiting)
		fake_arch.waiting();
	else if (until != UINT64_MAX)
		fake_arch.ticks = until;
}

uintptr_t arch_reach(uint64_t address, uint64_t size)
{
	fake_arch.reached = address;
	return fake_arch.unreachable && address + size > fake_arch.unreachable ? 0
	                                                                       : (uintptr_t)address;
}

_Noreturn void arch_halt(void)
{
	if (fake_arch.halted)
		longjmp(*fake_arch.halted, 1);
	abort();
}
