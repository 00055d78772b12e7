/* SPDX-License-Identifier: MIT */
/*
 * main.c - the stand-alone image: an agent, the board's channel, and a wait.
 *
 * Each turn does all there is to do and then waits for an interrupt: an idle guest costs nothing.
 */
#include "core/check.h"
#include "env/env.h"

#ifndef FIRMWARE_REQUEST_SIZE
#define FIRMWARE_REQUEST_SIZE (96 * 1024)
#endif
#ifndef FIRMWARE_TOKENS
#define FIRMWARE_TOKENS 4096
#endif
#define FIRMWARE_VERSION "7.2.0"

#define NOINIT __attribute__((section(".noinit.large")))

/* What the image brings; env_config() has more where there is RAM. */
static NOINIT char request[FIRMWARE_REQUEST_SIZE];
static NOINIT __attribute__((aligned(8))) uint8_t tokens[FIRMWARE_TOKENS * QGA_TOKEN_SIZE];
static struct qga agent;

static void halt(void)
{
	for (;;)
		board_power(BOARD_HALT);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Without an application all is constants, but for the host's texts and more room: known to be right. */
static void begin(const struct qga_config *config)
{
#ifdef FIRMWARE_APP
	int fault = qga_init(&agent, config);

	if (fault) {
		env_say("bareqga: the agent's configuration cannot work");
		env_say(qga_strerror(fault));
		halt();
	}
#else
	qga_init_unchecked(&agent, config);
#endif
}

void firmware_main(void)
{
	const struct board *board = board_init();
	struct qga_channel *channel = board ? board_channel() : NULL;
	struct qga_config config = {
		.channel = channel,
		.version = FIRMWARE_VERSION,
		.request = request,
		.request_size = sizeof request,
		.tokens = tokens,
		.tokens_size = sizeof tokens,
	};

	if (!channel)
		halt();
	env_init(board);
	env_config(&config);
	begin(&config);
	for (;;) {
		uint64_t limit = qga_run(&agent);

		if (limit > 0)
			board_wait(least(limit, env_poll(qga_answered(&agent))));
	}
}
