/* SPDX-License-Identifier: MIT */
/*
 * env_power.c - guest-shutdown: what the machine can do, and that the application comes to rest
 * before. A request that the machine does not obey costs its client the connection, and from then on
 * that mode is refused. Left out: suspend, which none of the machines can do.
 */
#include "app.h"
#include "env.h"

/* QEMU's second between two events of a port (monitor/monitor.c), and some more. */
#define EVENT_NS 1100000000u

static const struct board *board;
static unsigned failed; /* 1 << mode: it was tried, and the machine went on */
static uint64_t began;  /* the port opens soon after, in ns */

static struct qga_power power;

/*
 * How long the host needs to notice that the port has closed. QEMU tells of a port at most once in a
 * second: what closes sooner than that after it was opened is told then.
 */
static uint64_t close_time(void)
{
	uint64_t since = board_monotonic() - began, least = board->power_delay_ns;

	return least > 0 && since + least < EVENT_NS ? EVENT_NS - since : least;
}

static int shutdown(void *context, enum qga_power_mode mode)
{
	(void)context;
	power.close_ns = close_time();
	if (board->learn)
		board->learn();
	if ((board->powers & ~failed & 1u << mode) == 0)
		return QGA_ENOSYS;
	if (board->stopping)
		board->stopping();
	return 0;
}

static bool drain(void *context, enum qga_power_mode mode)
{
	(void)context;
	return app.drain(mode);
}

static void off(void *context, enum qga_power_mode mode)
{
	(void)context;
	board_power((enum board_power)mode);
	failed |= 1u << mode; /* whoever asks again is told */
	env_say("bareqga: the machine did not obey");
}

int env_exit(unsigned status)
{
	if (board->learn)
		board->learn();
	if (board->stopping)
		board->stopping();
	board_exit(status);
	env_say("bareqga: no device here ends the machine with that status");
	return QGA_ENOSYS;
}

const struct qga_power *env_power_init(const struct board *b)
{
	_Static_assert((int)QGA_POWERDOWN == BOARD_POWERDOWN && (int)QGA_HALT == BOARD_HALT &&
	                       (int)QGA_REBOOT == BOARD_REBOOT,
	               "the modes of both sides are the same numbers");
	board = b;
	if (b->power_delay_ns > 0)
		began = board_monotonic();
	power.shutdown = shutdown;
	power.off = off;
	power.drain = app.drain ? drain : NULL;
	power.drain_ns = app.drain_deadline_ns;
	power.close_ns = b->power_delay_ns;
	return board->powers ? &power : NULL;
}
