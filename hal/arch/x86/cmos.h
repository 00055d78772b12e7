/* SPDX-License-Identifier: MIT */
/*
 * cmos.h - the real-time clock of a PC.
 */
#ifndef BAREQGA_ARCH_X86_CMOS_H
#define BAREQGA_ARCH_X86_CMOS_H

#include <stdbool.h>

#include "rtc.h"

/*
 * Is there one? QEMU's microvm leaves it out under KVM. The clock is taken to run in UTC, tells
 * whole seconds, and can be set.
 */
bool cmos_init(struct rtc *rtc);

#endif
