/* SPDX-License-Identifier: MIT */
/* traps.c - names of what firmware_trap() is told: the vector (Intel SDM volume 3, 6.15). */
#include "arch.h"

#include <stddef.h>

static const char *const names[] = {
	[0] = "divide error",
	[1] = "debug",
	[2] = "NMI",
	[3] = "breakpoint",
	[4] = "overflow",
	[5] = "bound range exceeded",
	[6] = "invalid opcode",
	[7] = "device not available",
	[8] = "double fault",
	[10] = "invalid TSS",
	[11] = "segment not present",
	[12] = "stack fault",
	[13] = "general protection",
	[14] = "page fault",
	[16] = "floating-point error",
	[17] = "alignment check",
	[18] = "machine check",
	[19] = "SIMD floating-point error",
};

const char *arch_trap_name(uintptr_t cause)
{
	return cause < sizeof names / sizeof names[0] ? names[cause] : NULL;
}
