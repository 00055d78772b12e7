/* SPDX-License-Identifier: MIT */
/*
 * sbi.c - calls of the supervisor binary interface; see sbi.h.
 */
#include "sbi.h"

enum sbi_extension {
	SBI_TIME = 0x54494d45,
	SBI_HSM = 0x48534d,
	SBI_SRST = 0x53525354,
};

enum sbi_reset_type {
	SBI_SHUTDOWN = 0,
	SBI_COLD_REBOOT = 1,
};

static long call(long extension, long function, unsigned long arg0, unsigned long arg1,
                 unsigned long arg2)
{
	register unsigned long a0 __asm__("a0") = arg0;
	register unsigned long a1 __asm__("a1") = arg1;
	register unsigned long a2 __asm__("a2") = arg2;
	register long a6 __asm__("a6") = function;
	register long a7 __asm__("a7") = extension;

	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a6), "r"(a7) : "memory");
	return (long)a0;
}

void sbi_set_timer(uint64_t until)
{
#if __riscv_xlen == 64
	call(SBI_TIME, 0, until, 0, 0);
#else
	call(SBI_TIME, 0, (uint32_t)until, (uint32_t)(until >> 32), 0);
#endif
}

extern char riscv_park[]; /* start.S */

void sbi_park_hart(unsigned long hart)
{
	call(SBI_HSM, 0, hart, (uintptr_t)riscv_park, 0);
}

void sbi_shutdown(void)
{
	call(SBI_SRST, 0, SBI_SHUTDOWN, 0, 0);
}

void sbi_reboot(void)
{
	call(SBI_SRST, 0, SBI_COLD_REBOOT, 0, 0);
}
