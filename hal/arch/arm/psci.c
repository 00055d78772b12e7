/* SPDX-License-Identifier: MIT */
/*
 * psci.c - power off and reset; see psci.h.
 */
#include "psci.h"

#include <stdint.h>

enum psci_function {
	PSCI_SYSTEM_OFF = 0x84000008u,
	PSCI_SYSTEM_RESET = 0x84000009u,
};

#if defined(__aarch64__)
#define R0      "x0"
#define CLOBBER "x1", "x2", "x3", "memory"
#define ARCH    ""
#else
#define R0      "r0"
#define CLOBBER "r1", "r2", "r3", "memory"
#define ARCH    ".arch_extension virt\n\t.arch_extension sec\n\t"
#endif

static void call(enum psci_function function, bool smc)
{
	register uintptr_t r0 __asm__(R0) = function;

	if (smc)
		__asm__ volatile(ARCH "smc #0" : "+r"(r0)::CLOBBER);
	else
		__asm__ volatile(ARCH "hvc #0" : "+r"(r0)::CLOBBER);
}

void psci_system_off(bool smc)
{
	call(PSCI_SYSTEM_OFF, smc);
}

void psci_system_reset(bool smc)
{
	call(PSCI_SYSTEM_RESET, smc);
}
