/* SPDX-License-Identifier: MIT */
/*
 * base64.c - the floor of reading files: a firmware that answers every line with as many bytes of
 * memory as the line's "count" says, base64-encoded straight into transmit buffers, and a newline.
 *
 * No parsing, no files, no JSON around it. Replaces firmware/main.c; see bench-base64.elf in the
 * Makefile.
 */
#include <string.h>

#include "cmd/base64.h"
#include "floor.h"

static uint8_t memory[3 * 4096];

/* What is still owed: bytes of data, then a newline. */
static size_t owed;
static bool newline;

/* Reads "count":NUMBER out of a line that comes in one piece, as the benchmark sends it. */
static void request(const uint8_t *line, size_t len)
{
	static const char key[] = "\"count\":";
	const size_t n = sizeof(key) - 1;

	newline = true;
	for (size_t i = 0; i + n < len; i++) {
		if (memcmp(line + i, key, n) != 0)
			continue;
		for (i += n; i < len && (line[i] == ' ' || (line[i] >= '0' && line[i] <= '9')); i++)
			if (line[i] != ' ')
				owed = owed * 10 + (line[i] - '0');
		return;
	}
}

/* Fills one transmit buffer; true if there was one and something for it. */
static bool answer(struct qga_channel *channel)
{
	uint8_t *tx;
	size_t room, n;

	if (!newline)
		return false;
	room = channel->ops->tx_get(channel, &tx);
	if (!room)
		return false;
	n = room / 4 * 3;
	if (n > owed)
		n = owed;
	if (n > sizeof(memory))
		n = sizeof(memory);
	owed -= n;
	n = qga_base64_encode((char *)tx, memory, n);
	if (!owed && n < room) {
		tx[n++] = '\n';
		newline = false;
	} else if (!n) {
		memset(tx, ' ', n = room); /* less than a group: only between two answers */
	}
	channel->ops->tx_put(channel, n);
	return true;
}

static bool serve(struct qga_channel *channel)
{
	const uint8_t *rx;
	size_t n;

	if (!newline && (n = channel->ops->rx_get(channel, &rx))) {
		request(rx, n);
		channel->ops->rx_put(channel, n);
	}
	return answer(channel);
}

void firmware_main(void)
{
	floor_run(serve);
}
