/* SPDX-License-Identifier: MIT */
/*
 * cmos.h - the real-time clock of a PC.
 */
#ifndef CMOS_H
#define CMOS_H

#include <stdbool.h>
#include <stdint.h>

/* Is there one? QEMU's microvm leaves it out under KVM. */
bool cmos_present(void);

/* Whole seconds since 1970-01-01 UTC, in ns; the clock is taken to run in UTC. 0, or -1: it is in
 * disorder. */
int cmos_get(int64_t *ns);

/* Sets it, rounding down to a second; -1: before 1970 or after 9999. */
int cmos_set(int64_t ns);

#endif
