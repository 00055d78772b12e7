/* SPDX-License-Identifier: MIT */
/* traps.c - names of what firmware_trap() is told: the exception number (Arm v7-M ARM, B1.5.2). */
#include "arch.h"

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
