/* SPDX-License-Identifier: MIT */
/*
 * sbi.h - the calls we make of the firmware below us, in supervisor mode.
 *
 * RISC-V Supervisor Binary Interface 1.0: 6 (TIME), 10 (SRST). Left out: everything else.
 */
#ifndef SBI_H
#define SBI_H

#include <stdint.h>

/* Arms the timer interrupt for this value of the time CSR. */
void sbi_set_timer(uint64_t until);

/* Both return only if the firmware cannot. */
void sbi_shutdown(void);
void sbi_reboot(void);

#endif
