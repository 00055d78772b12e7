/* SPDX-License-Identifier: MIT */
/*
 * riscv.h - what a RISC-V board tells the processor's part: the device tree knows it.
 */
#ifndef BAREQGA_ARCH_RISCV_RISCV_H
#define BAREQGA_ARCH_RISCV_RISCV_H

#include "csr.h"

#include <stdbool.h>
#include <stdint.h>

struct riscv_timer {
	uint64_t hz; /* of the time CSR: /cpus/timebase-frequency */
	/* This hart's, machine mode only; 0: not known. */
	uintptr_t mtimecmp;
	/* Finds it, or leaves it 0: there is none, and nothing waits for long. NULL: it was looked for. */
	void (*find)(void);
	/* The counter in memory, for a hart without the time CSR; 0: it has the CSR. */
	uintptr_t mtime;
};

/*
 * Has another hart begin as we did, at the image's entry, and sleeps for ever; both harts have the
 * same stack. Supervisor mode: returns if it cannot.
 */
#if RISCV_SUPERVISOR
void riscv_hand_over(uintptr_t hart, uintptr_t fdt);
#else
_Noreturn void riscv_hand_over(uintptr_t msip); /* that of a hart which start.S has parked */
#endif

/* False: reading the time CSR is an illegal instruction here (Zicntr). */
extern bool riscv_has_time;

extern struct riscv_timer riscv_timer;

#endif
