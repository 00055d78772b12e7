/* SPDX-License-Identifier: MIT */
/* arm_protect.h - between the files here: protect.c, start_*.S and arch.c. */
#ifndef BAREQGA_ARCH_ARM_PROTECT_H
#define BAREQGA_ARCH_ARM_PROTECT_H

#include <stdint.h>

/* Of the first level, 1 GiB each; in use from arch_protect() on. */
extern uint64_t arch_page_table[4];

/* start_*.S: walks these tables from now on. */
void arm_use_tables(const uint64_t *tables);

/* The first page is mapped after all: for a device that is there. */
void arm_reach_null(void);

#endif
