/* SPDX-License-Identifier: MIT */
/*
 * arch.h - what the rest of the code asks of the processor; arch/<isa>/ answers.
 *
 * Interrupts stay masked all the time: an interrupt that is enabled at its controller ends
 * arch_wait() without being taken, and the devices are then polled. So there are no handlers, and
 * nothing runs concurrently with the main loop.
 *
 * Left out on purpose: other processors (start.S parks them for good), and floating point (its
 * registers belong to nobody).
 */
#ifndef BAREQGA_ARCH_H
#define BAREQGA_ARCH_H

#include <stdbool.h>
#include <stdint.h>

/* What the boot protocol handed over; written by start.S. */
struct arch_boot {
	uintptr_t fdt;       /* the flattened device tree, or 0 */
	uintptr_t hart;      /* the processor's own number */
	const char *cmdline; /* where it is not in the device tree, as under UEFI; or NULL */
};

extern struct arch_boot arch_boot;

/* A counter that only grows, of arch_ticks_hz(). */
uint64_t arch_ticks(void);
uint64_t arch_ticks_hz(void);

/* True while an interrupt that is enabled at the controller waits. */
bool arch_irq_pending(void);

/* Sleeps until an interrupt is pending, or the counter reaches `until` (UINT64_MAX: no limit). */
void arch_wait(uint64_t until);

/*
 * What the first argument of firmware_trap() (boards/board.h) means, in words; NULL: nothing known.
 */
const char *arch_trap_name(uintptr_t cause);

/*
 * Where the processor reaches device registers of that physical address and size in bytes; 0: nowhere.
 * What it does not reach as it is, it may reach through one window, which the last call aims.
 */
uintptr_t arch_reach(uint64_t address, uint64_t size);

/* Sleeps for ever. */
_Noreturn void arch_halt(void);

#endif
