/* SPDX-License-Identifier: MIT */
/*
 * env_power.c - guest-shutdown: remembers what was asked, lets the application drain, tells the
 * main loop when it may happen. Left out: suspend, which none of the machines can do.
 */
#include "app.h"
#include "env.h"

static const struct board *board;
static bool asked;
static enum env_power_mode wanted;
static uint64_t deadline;

static int shutdown(void *context, enum env_power_mode mode)
{
	(void)context;
	if (board->learn)
		board->learn();
	if (!(board->powers & 1u << mode))
		return ENV_ENOSYS;
	if (!asked)
		deadline = board_monotonic() + app.drain_deadline_ns;
	asked = true;
	wanted = mode;
	return 0;
}

/* How often a draining application is asked. */
#define DRAIN_STEP_NS 1000000

uint64_t env_power_poll(void)
{
	return asked ? DRAIN_STEP_NS : UINT64_MAX;
}

bool env_power_due(enum board_power *mode)
{
	if (!asked)
		return false;
	if (app.drain && !app.drain(wanted) && board_monotonic() < deadline)
		return false;
	*mode = (enum board_power)wanted;
	return true;
}

const struct env_power *env_power_init(const struct board *b)
{
	static const struct env_power power = {.shutdown = shutdown};

	_Static_assert((int)ENV_POWERDOWN == BOARD_POWERDOWN && (int)ENV_HALT == BOARD_HALT &&
	                       (int)ENV_REBOOT == BOARD_REBOOT,
	               "the modes of both sides are the same numbers");
	board = b;
	return board->powers ? &power : NULL;
}
