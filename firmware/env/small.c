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

static struct agent_env env;
static unsigned powers; /* 1 << enum board_power */
static bool asked;
static enum env_power_mode wanted;

static int shutdown(void *context, enum env_power_mode mode)
{
	(void)context;
	if (!(powers & 1u << mode))
		return ENV_ENOSYS;
	asked = true;
	wanted = mode;
	return 0;
}

static const struct env_power power = {.shutdown = shutdown};

const struct agent_env *env_init(const struct board *board)
{
	powers = board->powers;
	env.power = &power;
	return &env;
}

void env_config(struct agent_config *config)
{
	config->env = &env;
}

uint64_t env_poll(bool answered)
{
	(void)answered;
	return UINT64_MAX;
}

bool env_power_due(enum board_power *mode)
{
	*mode = (enum board_power)wanted;
	return asked;
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
