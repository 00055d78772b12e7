// SPDX-License-Identifier: MIT
/*
 * mps2_fpgaio.c - Arm DAI 0385 (AN385), 4.3 "FPGA system control and I/O".
 *
 * COUNTER is fine but wraps within the hour and a half, CLK100HZ is coarse but lasts: together they
 * need no interrupt and no state. Left out: LEDs, buttons.
 */
#include "mmio.h"
#include "mps2_fpgaio.h"

enum mps2_fpgaio_register {
	CLK100HZ = 0x14, /* RW counts up at 100 Hz */
	COUNTER = 0x18,  /* RW counts up at clock / (PRESCALE + 1) */
	PRESCALE = 0x1c, /* RW */
};

#define US_PER_TICK 10000

void mps2_fpgaio_init(uintptr_t base, uint32_t clock_hz)
{
	mmio_write32(base + PRESCALE, clock_hz / 1000000 - 1);
	mmio_write32(base + COUNTER, 0);
	mmio_write32(base + CLK100HZ, 0);
}

uint64_t mps2_fpgaio_ns(uintptr_t base)
{
	uint64_t coarse = (uint64_t)mmio_read32(base + CLK100HZ) * US_PER_TICK;
	uint32_t fine = mmio_read32(base + COUNTER);
	int64_t us = (int64_t)coarse + (int32_t)(fine - (uint32_t)coarse);

	return us > 0 ? (uint64_t)us * 1000 : 0;
}
