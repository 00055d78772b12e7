/* SPDX-License-Identifier: MIT */
/*
 * channel_end.h - firmware that only reads and writes: what comes over a channel is a text, and what is to be said goes
 * as far as there is room.
 */
#ifndef CHANNEL_END_H
#define CHANNEL_END_H

#include <stdlib.h>
#include <string.h>

#include "bareqga.h"

/* What came: bytes of the host, '<' and '>' where it opened and closed; a string. */
struct channel_end {
	char *received;
	size_t size, *len;
};

static inline void channel_end_note(struct channel_end end, const void *data, size_t len)
{
	if (*end.len + len >= end.size)
		abort();
	memcpy(end.received + *end.len, data, len);
	*end.len += len;
	end.received[*end.len] = '\0';
}

/* What poll() returned. */
static inline void channel_end_events(struct channel_end end, unsigned events)
{
	if (events & QGA_HOST_CLOSE)
		channel_end_note(end, ">", 1);
	if (events & QGA_HOST_OPEN)
		channel_end_note(end, "<", 1);
}

/* Takes all there is; false: there was nothing. */
static inline bool channel_end_read(struct channel_end end, struct qga_channel *channel)
{
	const uint8_t *data;
	size_t len;
	bool any = false;

	while ((len = channel->ops->rx_get(channel, &data)) > 0) {
		channel_end_note(end, data, len);
		channel->ops->rx_put(channel, len);
		any = true;
	}
	return any;
}

/* Without a flush; returns how much it was. */
static inline size_t channel_end_write(struct qga_channel *channel, const void *data, size_t len)
{
	size_t done = 0, room;
	uint8_t *buf;

	while (done < len && (room = channel->ops->tx_get(channel, &buf)) > 0) {
		if (room > len - done)
			room = len - done;
		memcpy(buf, (const char *)data + done, room);
		channel->ops->tx_put(channel, room);
		done += room;
	}
	return done;
}

#endif
