/* SPDX-License-Identifier: MIT */
/*
 * sbi.h - the calls we make of the firmware below us, in supervisor mode.
 *
 * RISC-V Supervisor Binary Interface 1.0: 6 (TIME), 9 (HSM), 10 (SRST). Left out: everything else.
 */
#ifndef BAREQGA_ARCH_RISCV_SBI_H
#define BAREQGA_ARCH_RISCV_SBI_H

#include <stdint.h>

/* Arms the timer interrupt for this value of the time CSR. */
void sbi_set_timer(uint64_t until);

/* Lets another hart sleep in our hands: some firmware spins while it has one (OpenSBI 1.1). */
void sbi_park_hart(unsigned long hart);

/* Both return only if the firmware cannot. */
void sbi_shutdown(void);
void sbi_reboot(void);

#endif
