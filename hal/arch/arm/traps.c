/* SPDX-License-Identifier: MIT */
/*
 * traps.c - names of what firmware_trap() is told: ESR_ELx.EC (Arm ARM DDI 0487, D17.2.37) and, of
 * a 32-bit Arm, the number of the vector above the fault status.
 */
#include "arch.h"

#include <stddef.h>

#if defined(__aarch64__)

#define CAUSE_SHIFT 26
#define CAUSE_MASK  63

static const char *const names[] = {
	[0] = "unknown reason",
	[7] = "FP or SIMD access",
	[14] = "illegal execution state",
	[21] = "SVC",
	[22] = "HVC",
	[23] = "SMC",
	[24] = "system register access",
	[33] = "instruction abort",
	[34] = "pc alignment fault",
	[37] = "data abort",
	[38] = "sp alignment fault",
	[47] = "SError",
	[48] = "breakpoint",
	[60] = "BRK instruction",
};

#else

#define CAUSE_SHIFT 16
#define CAUSE_MASK  7

static const char *const names[] = {
	[1] = "undefined instruction",
	[2] = "SVC",
	[3] = "prefetch abort",
	[4] = "data abort",
};

#endif

const char *arch_trap_name(uintptr_t cause)
{
	cause = cause >> CAUSE_SHIFT & CAUSE_MASK;
	return cause < sizeof names / sizeof names[0] ? names[cause] : NULL;
}
