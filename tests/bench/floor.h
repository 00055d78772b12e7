/* SPDX-License-Identifier: MIT */
/*
 * floor.h - what takes the place of firmware/main.c in the programs here: the same loop, no agent.
 */
#ifndef FLOOR_H
#define FLOOR_H

#include "board.h"

void firmware_trap(uintptr_t cause, uintptr_t pc, uintptr_t value)
{
	(void)cause, (void)pc, (void)value;
	board_power(BOARD_POWERDOWN);
	for (;;)
		;
}

/* Serves until there is nothing to do, and sleeps. */
static inline void floor_run(bool (*serve)(struct qga_channel *channel))
{
	struct qga_channel *channel;

	if (!board_init())
		return;
	channel = board_channel();
	if (!channel)
		return;
	channel->ops->open(channel);
	for (;;) {
		bool again = (channel->ops->poll(channel) & QGA_AGAIN) != 0;

		if (serve(channel) || again)
			continue;
		channel->ops->tx_flush(channel);
		board_wait(UINT64_MAX);
	}
}

#endif
