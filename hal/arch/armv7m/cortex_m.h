/* SPDX-License-Identifier: MIT */
/*
 * cortex_m.h - the parts that every Armv7-M processor has: NVIC, SysTick, system control,
 * semihosting.
 */
#ifndef BAREQGA_ARCH_ARMV7M_CORTEX_M_H
#define BAREQGA_ARCH_ARMV7M_CORTEX_M_H

#include <stdint.h>

/* Lets external interrupt `irq` end a wait. */
void nvic_enable(unsigned irq);

/* Waits for an interrupt, `ns` at most (UINT64_MAX: no limit); clock_hz is SysTick's. */
void cortex_m_wait(uint64_t ns, uint32_t clock_hz);

/* Resets the machine. Does not return. */
void cortex_m_reset(void);

/* Stops for good. */
_Noreturn void arch_halt(void);

enum semihosting {
	SYS_TIME = 0x11, /* seconds since 1970 */
	SYS_EXIT = 0x18,
	SYS_EXIT_EXTENDED = 0x20, /* parameter: the address of reason and status */
};

#define ADP_STOPPED_APPLICATION_EXIT 0x20026

/* A call to the debugger or emulator; -1 if there is none. */
int semihosting(enum semihosting operation, uintptr_t parameter);

#endif
