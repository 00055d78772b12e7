/* SPDX-License-Identifier: MIT */
/*
 * echo.c - the floor of answering: a firmware that returns each receive buffer and does no more.
 *
 * Same machine, same transport, same sleep as bareqga, so what bareqga costs beyond it is the
 * agent. Replaces firmware/main.c; see bench-echo.elf in the Makefile.
 */
#include <string.h>

#include "floor.h"

/* Copies what has come into what may go; true if anything was. */
static bool echo(struct qga_channel *channel)
{
	const uint8_t *rx;
	uint8_t *tx;
	size_t n = channel->ops->rx_get(channel, &rx), room;

	if (!n)
		return false;
	room = channel->ops->tx_get(channel, &tx);
	if (n > room)
		n = room;
	memcpy(tx, rx, n);
	channel->ops->tx_put(channel, n);
	channel->ops->rx_put(channel, n);
	return n > 0;
}

void firmware_main(void)
{
	floor_run(echo);
}
