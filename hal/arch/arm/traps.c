/* SPDX-License-Identifier: MIT */
/*
 * traps.c - names of what firmware_trap() is told: ESR_ELx.EC (Arm ARM DDI 0487, D17.2.37) and, of
 * a 32-bit Arm, the number of the vector above the fault status; and how calls and registers look.
 */
#include "arch.h"
#include "arch/record.h"
#ifdef __thumb__
#include "arch/thumb.h"
#endif

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

const char arch_register_names[] =
	"x0 x1 x2 x3 x4 x5 x6 x7 x8 x9 x10 x11 x12 x13 x14 x15 x16 x17 x18 x19 x20 x21 x22 x23 x24 "
	"x25 x26 x27 x28 x29 x30 sp pstate ";
const unsigned char arch_stack_pointer = 31;

bool arch_follows_call(uintptr_t address)
{
	uint32_t call;

	if (address & 3)
		return false;
	call = ((const uint32_t *)address)[-1];
	return call >> 26 == 0x25 || (call & 0xfffffc1f) == 0xd63f0000; /* BL, BLR: C6.2 */
}

#else

#define CAUSE_SHIFT 16
#define CAUSE_MASK  7

static const char *const names[] = {
	[1] = "undefined instruction",
	[2] = "SVC",
	[3] = "prefetch abort",
	[4] = "data abort",
};

const char arch_register_names[] = "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 sp lr cpsr ";
const unsigned char arch_stack_pointer = 13;

/* From Thumb code; what is written in Arm instructions calls firmware_main(), and no more. */
bool arch_follows_call(uintptr_t address)
{
	return thumb_follows_call(address);
}

#endif

const char *arch_trap_name(uintptr_t cause)
{
	cause = cause >> CAUSE_SHIFT & CAUSE_MASK;
	return cause < sizeof names / sizeof names[0] ? names[cause] : NULL;
}
