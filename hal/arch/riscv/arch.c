/* SPDX-License-Identifier: MIT */
/*
 * arch.c - waiting and time on RISC-V.
 *
 * RISC-V privileged architecture 20211203, 3.1.9 (mip, mie), 3.2.1 (mtime, mtimecmp), 3.3.3 (wfi:
 * ends when an enabled interrupt is pending, taken or not).
 */
#include <stddef.h>

#include "arch.h"
#include "csr.h"
#include "riscv.h"
#include "sbi.h"
#include "mmio.h"

struct arch_boot arch_boot;
struct riscv_timer riscv_timer;
bool riscv_has_time; /* start.S has tried */

/* mtime in halves, where the time CSR is not there: on few processors, so out of the way. */
static __attribute__((noinline, cold)) uint64_t read_mtime(void)
{
	uint32_t high, low;

	do {
		high = mmio_read32(riscv_timer.mtime + 4);
		low = mmio_read32(riscv_timer.mtime);
	} while (high != mmio_read32(riscv_timer.mtime + 4));
	return (uint64_t)high << 32 | low;
}

uint64_t arch_ticks(void)
{
#if __riscv_xlen == 64
	return riscv_timer.mtime ? read_mtime() : csr_read(time);
#else
	uint32_t high, low;

	if (riscv_timer.mtime)
		return read_mtime();
	do {
		high = csr_read(timeh);
		low = csr_read(time);
	} while (high != csr_read(timeh));
	return (uint64_t)high << 32 | low;
#endif
}

uint64_t arch_ticks_hz(void)
{
	return riscv_timer.hz;
}

bool arch_irq_pending(void)
{
	return csr_read(CSR_IP) & IP_EXTERN;
}

#if RISCV_SUPERVISOR
static void set_timer(uint64_t until)
{
	sbi_set_timer(until);
}
#else
/* mtimecmp in halves never passes through a value below both the old and the new one (3.2.1). */
static void set_timer(uint64_t until)
{
	mmio_write32(riscv_timer.mtimecmp + 4, UINT32_MAX);
	mmio_write32(riscv_timer.mtimecmp, (uint32_t)until);
	mmio_write32(riscv_timer.mtimecmp + 4, (uint32_t)(until >> 32));
}
#endif

/* All that there is, or the addresses that protect.S translates, each to itself. */
#define LAST (RISCV_SUPERVISOR ? (UINT64_C(1) << 38) - 1 : UINTPTR_MAX)

uintptr_t arch_reach(uint64_t address, uint64_t size)
{
	return size <= LAST && address <= LAST - size + 1 ? (uintptr_t)address : 0;
}

void arch_wait(uint64_t until)
{
	uintptr_t enable = IP_EXTERN;

	if (until != UINT64_MAX) {
#if !RISCV_SUPERVISOR
		if (riscv_timer.find)
			riscv_timer.find();
		riscv_timer.find = NULL;
		if (!riscv_timer.mtimecmp)
			return;
#endif
		set_timer(until);
		enable |= 1u << IRQ_TIMER;
	}
	csr_write(CSR_IE, enable);
	__asm__ volatile("wfi" ::: "memory");
	csr_clear(CSR_IE, 1u << IRQ_TIMER);
}
