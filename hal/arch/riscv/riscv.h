/* SPDX-License-Identifier: MIT */
/*
 * riscv.h - what a RISC-V board tells the processor's part: the device tree knows it.
 */
#ifndef BAREQGA_ARCH_RISCV_RISCV_H
#define BAREQGA_ARCH_RISCV_RISCV_H

#include <stdint.h>

struct riscv_timer {
	uint64_t hz; /* of the time CSR: /cpus/timebase-frequency */
	uintptr_t
		mtimecmp; /* this hart's, machine mode only; 0: no timer, waits are without limit */
};

extern struct riscv_timer riscv_timer;

#endif
