/* SPDX-License-Identifier: MIT */
/*
 * cmos.h - the real-time clock of a PC.
 */
#ifndef BAREQGA_ARCH_X86_CMOS_H
#define BAREQGA_ARCH_X86_CMOS_H

#include <stdbool.h>

#include <stdint.h>

/* Is there one? QEMU's microvm leaves it out under KVM. */
bool cmos_is_there(void);

/*
 * Nanoseconds since 1970-01-01 UTC, in which the clock is taken to run, of whole seconds. 0, or -1:
 * it has no date.
 */
int cmos_get(int64_t *ns);
int cmos_set(int64_t ns);

#endif
