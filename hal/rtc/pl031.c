/* SPDX-License-Identifier: MIT */
/*
 * pl031.c - Arm's real-time clock: seconds since the epoch, in 32 bits.
 *
 * PrimeCell RTC (PL031) technical reference manual, DDI 0224B, 3.3. The interrupt is left out.
 */
#include "pl031.h"
#include "mmio.h"

enum pl031_register {
	RTCDR = 0x000, /* R  */
	RTCLR = 0x008, /* RW */
};

#define NS_PER_S 1000000000

static int get(struct rtc *rtc, int64_t *ns)
{
	*ns = (int64_t)mmio_read32(rtc->base + RTCDR) * NS_PER_S;
	return 0;
}

static int set(struct rtc *rtc, int64_t ns)
{
	if (ns < 0 || ns / NS_PER_S > UINT32_MAX)
		return -1;
	mmio_write32(rtc->base + RTCLR, (uint32_t)(ns / NS_PER_S));
	return 0;
}

static const struct rtc_ops pl031_ops = {.get = get, .set = set};

void pl031_init(struct rtc *rtc, uintptr_t base)
{
	rtc->ops = &pl031_ops;
	rtc->base = base;
}
