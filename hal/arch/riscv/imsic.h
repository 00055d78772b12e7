/* SPDX-License-Identifier: MIT */
/*
 * imsic.h - a hart's own controller for interrupts that come as messages.
 *
 * RISC-V Advanced Interrupt Architecture 1.0, chapters 2 and 3; by CSRs, as a hart sees its own.
 */
#ifndef BAREQGA_ARCH_RISCV_IMSIC_H
#define BAREQGA_ARCH_RISCV_IMSIC_H

#include <stdint.h>

/* Lets messages of this identity, below 32, end waits, and no others. */
void imsic_init(uint32_t identity);

/* Forgets a message that has come. */
void imsic_claim(void);

#endif
