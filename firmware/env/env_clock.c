/* SPDX-License-Identifier: MIT */
/*
 * env_clock.c - wall time: what the hardware clock shows, and a monotonic counter from there on, so
 * that the resolution is the counter's.
 *
 * A clock that counts seconds (PL031, CMOS) only bounds the time: it lies within the second shown.
 * Each reading does so anew, and what is left between the bounds shrinks; at first we are in the
 * middle, so at most half a second off, and later as exact as the readings were close to where a
 * second began. Where we turn out to be early, time stands still until the next second begins, so
 * it never goes back. A time that was set is exact.
 * Left out: drift between clock and counter, which a guest-set-time without argument mends.
 */
#include "env.h"

#define SECOND 1000000000

/* Close enough to read the hardware clock no more. */
#define EXACT 1000000

/* Wall time minus counter: what we say, and between what it lies; low == high: it is exact. */
static int64_t offset, low, high;
static int64_t last; /* time that was said */
static bool known;
static bool fine;     /* the hardware clock counts finer than seconds ... */
static int64_t ahead; /* ... and we were ahead of it by so much when we were set */

/* It is `ns` now, exactly. */
static int set_ours(void *context, int64_t ns)
{
	(void)context;
	offset = low = high = ns - (int64_t)board_monotonic();
	last = INT64_MIN;
	known = true;
	fine = false;
	return 0;
}

/* Our time was just set: notes how far it is from the hardware clock, if that is a fine one. */
static void note_distance(void)
{
	int64_t rtc;

	fine = board_rtc_get(&rtc) == 0 && (uint64_t)rtc % SECOND != 0;
	ahead = fine ? offset + (int64_t)board_monotonic() - rtc : 0;
}

/*
 * The counter has leapt forward past the hardware clock, as it does on RISC-V when QEMU 7.2 restores
 * a guest that had been reset. A guest that was stopped falls behind, which is not our business.
 */
static void leap_back(void)
{
	int64_t rtc, now = offset + (int64_t)board_monotonic();

	if (!fine || board_rtc_get(&rtc) < 0 || now - rtc - ahead < SECOND || rtc + ahead < last)
		return;
	offset = low = high = offset - (now - rtc - ahead);
}

static int reread(void *context)
{
	int64_t now;

	if (board_rtc_get(&now) < 0)
		return QGA_EIO;
	set_ours(context, now);
	note_distance();
	if ((uint64_t)now % SECOND == 0) {
		high = low + SECOND;
		offset = low + SECOND / 2;
	}
	return 0;
}

/* Another reading of a clock that counts seconds. */
static void narrow(void)
{
	int64_t rtc, bound;

	if (high - low <= EXACT || board_rtc_get(&rtc) < 0)
		return;
	bound = rtc - (int64_t)board_monotonic();
	/*
	 * Out of all bounds: it was set by somebody else, or the guest was stopped. Not our
	 * business.
	 */
	if (bound >= high || bound + SECOND <= low)
		return;
	low = bound > low ? bound : low;
	high = bound + SECOND < high ? bound + SECOND : high;
	offset = offset < low ? low : offset > high ? high : offset;
}

static int get(void *context, int64_t *ns)
{
	if (!known && reread(context) < 0)
		return QGA_EIO;
	narrow();
	leap_back();
	*ns = offset + (int64_t)board_monotonic();
	if (*ns < last)
		*ns = last;
	last = *ns;
	return 0;
}

static int set(void *context, int64_t ns)
{
	if (board_rtc_set(ns) < 0)
		return QGA_EIO;
	set_ours(context, ns);
	note_distance();
	return 0;
}

/* Where the hardware clock cannot be set, only our own time changes. */
static int set_only_ours(void *context, int64_t ns)
{
	set_ours(context, ns);
	note_distance();
	return 0;
}

static uint64_t monotonic(void *context)
{
	(void)context;
	return board_monotonic();
}

const struct qga_clock *env_clock_init(const struct board *board)
{
	static const struct qga_clock clocks[] = {
		{.monotonic = monotonic},
		{.monotonic = monotonic, .get = get, .set = set_only_ours, .reread = reread},
		{.monotonic = monotonic, .get = get, .set = set, .reread = reread},
	};

	return &clocks[board->has_rtc + board->has_rtc_set];
}
