/* SPDX-License-Identifier: MIT */
/*
 * channel.h - a byte stream to the host, as every transport offers it.
 *
 * Both directions lend out the transport's own memory, so that nothing is copied: rx_get() lends
 * received bytes until rx_put(), tx_get() lends room until tx_put(). 0 always means "nothing now",
 * never "broken": a transport repairs itself, or asks for a reset through its events.
 * Nothing blocks. A channel is the first member of its driver's struct.
 *
 * The caller polls, reads, writes, flushes, and may wait only after a round in which none of these
 * gave or took anything and no event was reported.
 */
#ifndef CHANNEL_H
#define CHANNEL_H

#include <stddef.h>
#include <stdint.h>

struct channel;

enum channel_event {
	CHANNEL_HOST_OPEN = 1 << 0,  /* a client of the host is there */
	CHANNEL_HOST_CLOSE = 1 << 1, /* it has gone, and all it sent has been lent out */
	CHANNEL_AGAIN = 1 << 2,      /* there is more to do: poll again before waiting */
	CHANNEL_CLOSING = 1 << 3,    /* CHANNEL_HOST_CLOSE is due when what was sent is taken */
};

struct channel_ops {
	/* Lends received bytes: returns how many, *data says where. 0: nothing now, or nothing that
	 * the last poll() has seen. */
	size_t (*rx_get)(struct channel *channel, const uint8_t **data);
	/* Gives the first n of them back as done with; the rest is lent again. */
	void (*rx_put)(struct channel *channel, size_t n);
	/* Lends room for an answer: returns its size, *buf says where. 0: no room now. */
	size_t (*tx_get)(struct channel *channel, uint8_t **buf);
	/* Commits the first n bytes written there. They may wait for tx_flush(). */
	void (*tx_put)(struct channel *channel, size_t n);
	/* Makes the device look at all that was committed. Call once, before waiting. */
	void (*tx_flush)(struct channel *channel);
	/* Does what the device asks for; returns the events (enum channel_event) since last time,
	 * and never reports one before the bytes that came before it have been lent out. */
	unsigned (*poll)(struct channel *channel);
	/* Nonzero while committed bytes have not left yet; for draining before power-off. */
	size_t (*tx_busy)(struct channel *channel);
	/* The host may send now: called when the agent can answer, so that "open" means ready. The
	 * next poll() tells it. */
	void (*open)(struct channel *channel);
	/* Closes our end and stops the device; before power-off, and when a board gives up. */
	void (*close)(struct channel *channel);
};

struct channel {
	const struct channel_ops *ops;
};

#endif
