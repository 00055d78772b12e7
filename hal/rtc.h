/* SPDX-License-Identifier: MIT */
/*
 * rtc.h - a clock that runs while the machine is off.
 */
#ifndef BAREQGA_RTC_H
#define BAREQGA_RTC_H

#include <stdint.h>

struct rtc;

struct rtc_ops {
	/* Nanoseconds since 1970-01-01 UTC; 0 or -1. */
	int (*get)(struct rtc *rtc, int64_t *ns);
	/* NULL: cannot be set. */
	int (*set)(struct rtc *rtc, int64_t ns);
};

struct rtc {
	const struct rtc_ops *ops;
	uintptr_t base;
};

#endif
