/* SPDX-License-Identifier: MIT */
/*
 * pl031.h - Arm's real-time clock.
 */
#ifndef PL031_H
#define PL031_H

#include "rtc.h"

void pl031_init(struct rtc *rtc, uintptr_t base);

#endif
