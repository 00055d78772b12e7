/* SPDX-License-Identifier: MIT */
/*
 * traps.c - names of what firmware_trap() is told: the exception number (Arm v7-M ARM, B1.5.2); and how calls
 * and registers look.
 */
#include "arch.h"
#include "arch/record.h"
#include "arch/thumb.h"

#include <stddef.h>

static const char *const names[] = {
	[2] = "NMI",           [3] = "HardFault",  [4] = "MemManage",
	[5] = "BusFault",      [6] = "UsageFault", [11] = "SVCall",
	[12] = "DebugMonitor", [14] = "PendSV",    [15] = "SysTick",
};

const char *arch_trap_name(uintptr_t cause)
{
	return cause < sizeof names / sizeof names[0] ? names[cause] : NULL;
}

const char arch_register_names[] = "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 sp lr xpsr ";
const unsigned char arch_stack_pointer = 13;

bool arch_follows_call(uintptr_t address)
{
	return thumb_follows_call(address);
}
