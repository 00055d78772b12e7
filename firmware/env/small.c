/* SPDX-License-Identifier: MIT */
/*
 * small.c - the environment of the smallest image, in the place of env.c and its parts: power, and
 * nothing else.
 *
 * Left out on purpose: settings of the host, a log, an application, and a restart after a crash; a
 * trap stops the machine.
 */
#include <string.h>

#include "env.h"

static unsigned powers; /* 1 << enum board_power */

static int shutdown(void *context, enum qga_power_mode mode)
{
	(void)context;
	return powers & 1u << mode ? 0 : QGA_ENOSYS;
}

static void off(void *context, enum qga_power_mode mode)
{
	(void)context;
	board_power((enum board_power)mode);
}

static uint64_t monotonic(void *context)
{
	(void)context;
	return board_monotonic();
}

static const struct qga_power power = {.shutdown = shutdown, .off = off};
static const struct qga_clock clock = {.monotonic = monotonic};
static const struct qga_env env = {.power = &power, .clock = &clock};

const struct qga_env *env_init(const struct board *board)
{
	powers = board->powers;
	return &env;
}

void env_config(struct qga_config *config)
{
	config->env = &env;
}

uint64_t env_poll(bool answered)
{
	(void)answered;
	return UINT64_MAX;
}

void env_say(const char *text)
{
	board_debug(text, strlen(text));
}

void firmware_trap(uintptr_t cause, uintptr_t pc, uintptr_t value)
{
	(void)cause;
	(void)pc;
	(void)value;
	env_say("bareqga: stopped by a trap");
	for (;;)
		board_power(BOARD_HALT);
}
