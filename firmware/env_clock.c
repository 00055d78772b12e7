/* SPDX-License-Identifier: MIT */
/*
 * env_clock.c - wall time: the hardware clock read once, and a monotonic counter from there on, so
 * that the resolution is the counter's.
 *
 * A clock that counts seconds (PL031, CMOS) says only that the time lies within its second, so
 * our time may be late by up to one. Each reading corrects that: when the clock shows a second that
 * we have not reached, we are there. A time that was set is exact and needs no correction.
 * Left out: drift between clock and counter, which one guest-set-time without argument mends.
 */
#include "env.h"

#define SECOND 1000000000

static int64_t offset; /* wall time - counter */
static bool known;     /* offset is */
static bool late;      /* ... within the clock's last second */

static int reread(void *context)
{
	int64_t now;

	(void)context;
	if (board_rtc_get(&now) < 0)
		return ENV_EIO;
	offset = now - (int64_t)board_monotonic();
	late = now % SECOND == 0;
	known = true;
	return 0;
}

static int get(void *context, int64_t *ns)
{
	int64_t rtc;

	if (!known && reread(context) < 0)
		return ENV_EIO;
	*ns = offset + (int64_t)board_monotonic();
	if (late && board_rtc_get(&rtc) == 0 && rtc > *ns && rtc - *ns < SECOND) {
		offset += rtc - *ns;
		*ns = rtc;
	}
	return 0;
}

static int set(void *context, int64_t ns)
{
	(void)context;
	if (board_rtc_set(ns) < 0)
		return ENV_EIO;
	offset = ns - (int64_t)board_monotonic();
	known = true;
	late = false;
	return 0;
}

/* Of a machine whose hardware clock cannot be set: only our own time changes. */
static int set_ours(void *context, int64_t ns)
{
	(void)context;
	offset = ns - (int64_t)board_monotonic();
	known = true;
	late = false;
	return 0;
}

static uint64_t monotonic(void *context)
{
	(void)context;
	return board_monotonic();
}

const struct env_clock *env_clock_init(const struct board *board)
{
	static struct env_clock clock;

	clock.monotonic = monotonic;
	if (board->has_rtc) {
		clock.get = get;
		clock.set = board->has_rtc_set ? set : set_ours;
		clock.reread = reread;
	}
	return &clock;
}
