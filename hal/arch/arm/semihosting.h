/* SPDX-License-Identifier: MIT */
/* semihosting.h - calls to the debugger or emulator: Arm, "Semihosting for AArch32 and AArch64", 2.0. */
#ifndef BAREQGA_ARCH_ARM_SEMIHOSTING_H
#define BAREQGA_ARCH_ARM_SEMIHOSTING_H

#include <stdint.h>

enum semihosting {
	SYS_EXIT_EXTENDED = 0x20, /* parameter: reason and status */
};

#define ADP_STOPPED_APPLICATION_EXIT 0x20026

/* Returns what it is answered; -1 if nobody answers, which is an exception that start_*.S takes back. */
uintptr_t arm_semihosting(enum semihosting operation, const uintptr_t *parameter);

#endif
