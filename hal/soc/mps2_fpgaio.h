/* SPDX-License-Identifier: MIT */
/*
 * mps2_fpgaio.h - the counters of Arm's MPS2 boards, as a clock.
 */
#ifndef BAREQGA_SOC_MPS2_FPGAIO_H
#define BAREQGA_SOC_MPS2_FPGAIO_H

#include <stdint.h>

/* Starts the microsecond counter; clock_hz is the board's clock, whole MHz. */
void mps2_fpgaio_init(uintptr_t base, uint32_t clock_hz);

/* Nanoseconds since then; wraps after 497 days. */
uint64_t mps2_fpgaio_ns(uintptr_t base);

#endif
