/* SPDX-License-Identifier: MIT */
/*
 * arch.c - waiting and time on Arm, 32 and 64 bits.
 *
 * Arm ARM DDI 0487, D11 (generic timer: the virtual one, which every hypervisor leaves to its
 * guest) and D1.6 (WFI: a pending interrupt ends it, masked or not).
 */
#include "arch.h"
#include "sysreg.h"

struct arch_boot arch_boot;

#define ISR_I           (1u << 7)
#define CNTV_CTL_ENABLE 1

uint64_t arch_ticks(void)
{
	sysreg_barrier(); /* or the counter may be read early */
	return sysreg_read64(CNTVCT_EL0);
}

uint64_t arch_ticks_hz(void)
{
	return sysreg_read(CNTFRQ_EL0);
}

bool arch_irq_pending(void)
{
	return sysreg_read(ISR_EL1) & ISR_I;
}

void arch_wait(uint64_t until)
{
	if (until != UINT64_MAX) {
		sysreg_write64(CNTV_CVAL_EL0, until);
		sysreg_write(CNTV_CTL_EL0, CNTV_CTL_ENABLE);
		sysreg_barrier();
	}
	__asm__ volatile("dsb sy\n\twfi" ::: "memory");
	if (until != UINT64_MAX) {
		sysreg_write(CNTV_CTL_EL0, 0);
		sysreg_barrier();
	}
}
