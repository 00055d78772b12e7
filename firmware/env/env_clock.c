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
 *
 * The counter stands still while the machine does: while it is stopped, saved, or somewhere on its way.
 * The hardware clock does not, so where it has gone on by more than the two can drift apart, we do as
 * well. The other way round, the counter leaps on RISC-V when QEMU 7.2 restores a guest that had been
 * reset.
 */
#include "env.h"

#define SECOND 1000000000

/* What clock and counter may differ by: so much, and this part of the time since the last look. */
#define SLACK_NS 20000000
#define DRIFT    2048

/* Hardware clock minus counter: between what it lies, and what we take it for. */
static int64_t low, high, guess;
static int64_t ahead; /* we are ahead of the hardware clock by so much ... */
static bool set_by_client;
static bool seen; /* the hardware clock was read since we were set */
static bool fine; /* it counts finer than seconds */
static uint64_t looked;
static int64_t last; /* time that was said */

static int64_t limit(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

/* Another guess; of a time that was set nothing changes. */
static void take(int64_t to)
{
	if (set_by_client)
		ahead -= to - guess;
	guess = to;
}

/* The clock has leapt, by more than we can be wrong: the time that was set goes along. */
static bool leap(int64_t from, int64_t to)
{
	low = from;
	high = to;
	guess = from + (to - from) / 2;
	return true;
}

bool env_clock_look(void)
{
	uint64_t before = board_monotonic(), after;
	int64_t rtc, from, to, slack;

	if (board_rtc_get(&rtc) < 0)
		return false;
	after = board_monotonic();
	slack = SLACK_NS + (int64_t)((after - looked) / DRIFT);
	looked = after;
	fine = (seen && fine) || (uint64_t)rtc % SECOND != 0;
	from = rtc - (int64_t)after;
	to = rtc - (int64_t)before + (fine ? 0 : SECOND);
	/* We are not led back to where time would stand still. */
	if (seen && to < low - SECOND && rtc + ahead < last)
		return false;
	if (seen && (from > high + slack || to < low - SECOND))
		return leap(from, to);
	if (!seen) {
		take(from + (to - from) / 2);
		low = from;
		high = to;
	} else if (from > high || to < low) {
		low = from;
		high = to;
	} else {
		low = from > low ? from : low;
		high = to < high ? to : high;
	}
	take(limit(guess, low, high));
	seen = true;
	return false;
}

/* It is `ns` now, exactly. */
static int set_ours(void *context, int64_t ns)
{
	(void)context;
	ahead = ns - (int64_t)board_monotonic() - guess;
	last = INT64_MIN;
	set_by_client = true;
	seen = false;
	(void)env_clock_look();
	return 0;
}

static int reread(void *context)
{
	int64_t now;

	(void)context;
	env_look();
	if (board_rtc_get(&now) < 0)
		return QGA_EIO;
	ahead = 0;
	last = INT64_MIN;
	set_by_client = seen = false;
	(void)env_clock_look();
	return 0;
}

static int get(void *context, int64_t *ns)
{
	(void)context;
	env_look();
	if (!seen && !set_by_client)
		return QGA_EIO;
	*ns = guess + ahead + (int64_t)board_monotonic();
	if (*ns < last)
		*ns = last;
	last = *ns;
	return 0;
}

static int set(void *context, int64_t ns)
{
	env_look();
	if (board_rtc_set(ns) < 0)
		return QGA_EIO;
	return set_ours(context, ns);
}

/* Where the hardware clock cannot be set, only our own time changes. */
static int set_only_ours(void *context, int64_t ns)
{
	env_look();
	return set_ours(context, ns);
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
