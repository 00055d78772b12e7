/* SPDX-License-Identifier: MIT */
/*
 * goldfish_rtc.c - the clock of qemu-system-riscv64 -M virt.
 *
 * Android, "Goldfish Virtual Hardware", goldfish timer: nanoseconds since the epoch in two halves.
 * Reading the low half latches the high one; writing the low half takes both. Alarms are left out.
 */
#include "goldfish_rtc.h"
#include "mmio.h"

enum goldfish_rtc_register {
	TIMER_TIME_LOW = 0x00,  /* RW */
	TIMER_TIME_HIGH = 0x04, /* RW */
};

static int get(struct rtc *rtc, int64_t *ns)
{
	uint32_t low = mmio_read32(rtc->base + TIMER_TIME_LOW);
	uint32_t high = mmio_read32(rtc->base + TIMER_TIME_HIGH);

	*ns = (int64_t)((uint64_t)high << 32 | low);
	return 0;
}

static int set(struct rtc *rtc, int64_t ns)
{
	mmio_write32(rtc->base + TIMER_TIME_HIGH, (uint32_t)((uint64_t)ns >> 32));
	mmio_write32(rtc->base + TIMER_TIME_LOW, (uint32_t)ns);
	return 0;
}

static const struct rtc_ops goldfish_ops = {.get = get, .set = set};

void goldfish_rtc_init(struct rtc *rtc, uintptr_t base)
{
	rtc->ops = &goldfish_ops;
	rtc->base = base;
}
