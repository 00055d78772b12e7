/* SPDX-License-Identifier: MIT */
/*
 * goldfish_rtc.h - the clock of qemu-system-riscv64 -M virt.
 */
#ifndef BAREQGA_RTC_GOLDFISH_RTC_H
#define BAREQGA_RTC_GOLDFISH_RTC_H

#include "rtc.h"

void goldfish_rtc_init(struct rtc *rtc, uintptr_t base);

#endif
