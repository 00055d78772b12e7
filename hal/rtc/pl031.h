/* SPDX-License-Identifier: MIT */
/*
 * pl031.h - Arm's real-time clock.
 */
#ifndef BAREQGA_RTC_PL031_H
#define BAREQGA_RTC_PL031_H

#include "rtc.h"

void pl031_init(struct rtc *rtc, uintptr_t base);

#endif
