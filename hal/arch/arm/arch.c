/* SPDX-License-Identifier: MIT */
/*
 * arch.c - waiting and time on Arm, 32 and 64 bits.
 *
 * Arm ARM DDI 0487, D11 (generic timer: the virtual one, which every hypervisor leaves to its
 * guest) and D1.6 (WFI: a pending interrupt ends it, masked or not).
 */
#include "arch.h"
#include "arm_protect.h"
#include "arch/protect.h"
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

/*
 * start_*.S and protect.c map the first 4 GiB, a block of 1 GiB each. What lies above is seen through the
 * last one, unless we or the device tree are there.
 */
#define WINDOW             3
#define BLOCK              (UINT64_C(1) << 30)
#define BLOCK_ADDRESS      UINT64_C(0xffffc0000000) /* in its descriptor (D5.3.1) */
#define IS_INSIDE(address) ((uintptr_t)(address) / BLOCK == WINDOW)

extern char __image_end[];

uintptr_t arch_reach(uint64_t address, uint64_t size)
{
	uint64_t within = address % BLOCK;

	if (address < ARCH_NULL_SIZE)
		arm_reach_null();
	if (address + size <= 4 * BLOCK && address + size > address)
		return (uintptr_t)address;
	if (within + size > BLOCK || address + size < address || IS_INSIDE(__image_end) ||
	    IS_INSIDE(arch_boot.fdt))
		return 0;
	arch_page_table[WINDOW] = (arch_page_table[WINDOW] & ~BLOCK_ADDRESS) | (address - within);
	sysreg_forget_mappings(&arch_page_table[WINDOW]);
	return (uintptr_t)(WINDOW * BLOCK + within);
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
