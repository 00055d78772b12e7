/* SPDX-License-Identifier: MIT */
/*
 * stream.c - a channel out of two callbacks: bytes are copied once each way, through the memory
 * that the caller gives.
 */
#include <string.h>

#include "bareqga.h"

static struct qga_stream *stream_of(struct qga_channel *channel)
{
	return (struct qga_stream *)channel;
}

static size_t stream_rx_get(struct qga_channel *channel, const uint8_t **data)
{
	struct qga_stream *stream = stream_of(channel);

	*data = (const uint8_t *)stream->config->rx + stream->rx_at;
	return stream->rx_len - stream->rx_at;
}

static void stream_rx_put(struct qga_channel *channel, size_t n)
{
	stream_of(channel)->rx_at += n;
}

/* Hands over what it takes of the bytes that wait. */
static void stream_flush(struct qga_channel *channel)
{
	struct qga_stream *stream = stream_of(channel);
	const struct qga_stream_config *c = stream->config;
	size_t n = 1;

	while (n > 0 && stream->tx_at < stream->tx_len) {
		n = c->write(c->context, (const char *)c->tx + stream->tx_at,
		             stream->tx_len - stream->tx_at);
		stream->tx_at += n;
	}
	if (stream->tx_at == stream->tx_len)
		stream->tx_at = stream->tx_len = 0;
}

static size_t stream_tx_get(struct qga_channel *channel, uint8_t **buf)
{
	struct qga_stream *stream = stream_of(channel);

	if (stream->tx_len == stream->config->tx_size)
		stream_flush(channel);
	*buf = (uint8_t *)stream->config->tx + stream->tx_len;
	return stream->config->tx_size - stream->tx_len;
}

static void stream_tx_put(struct qga_channel *channel, size_t n)
{
	stream_of(channel)->tx_len += n;
}

/* More bytes as soon as all are taken; what the host's end did, when there are none. */
static unsigned stream_poll(struct qga_channel *channel)
{
	struct qga_stream *stream = stream_of(channel);
	const struct qga_stream_config *c = stream->config;
	unsigned events;

	if (stream->rx_at < stream->rx_len)
		return QGA_UNSEEN;
	stream->rx_at = 0;
	stream->rx_len = c->read(c->context, c->rx, c->rx_size);
	if (stream->rx_len > 0)
		return QGA_AGAIN;
	events = c->events ? c->events(c->context) : 0;
	if (events & QGA_HOST_CLOSE)
		stream->tx_at = stream->tx_len = 0;
	return events;
}

static size_t stream_tx_busy(struct qga_channel *channel)
{
	struct qga_stream *stream = stream_of(channel);
	const struct qga_stream_config *c = stream->config;

	return stream->tx_len - stream->tx_at + (c->busy ? c->busy(c->context) : 0);
}

static void stream_open(struct qga_channel *channel)
{
	const struct qga_stream_config *c = stream_of(channel)->config;

	if (c->open)
		c->open(c->context);
}

static void stream_close(struct qga_channel *channel)
{
	const struct qga_stream_config *c = stream_of(channel)->config;

	if (c->close)
		c->close(c->context);
}

static void stream_interrupt(struct qga_channel *channel)
{
	const struct qga_stream_config *c = stream_of(channel)->config;

	if (c->interrupt)
		c->interrupt(c->context);
}

static const struct qga_channel_ops stream_ops = {
	.rx_get = stream_rx_get,
	.rx_put = stream_rx_put,
	.tx_get = stream_tx_get,
	.tx_put = stream_tx_put,
	.tx_flush = stream_flush,
	.poll = stream_poll,
	.tx_busy = stream_tx_busy,
	.open = stream_open,
	.close = stream_close,
	.interrupt = stream_interrupt,
};

int qga_stream_init(struct qga_stream *stream, const struct qga_stream_config *config)
{
	memset(stream, 0, sizeof(*stream));
	if (!config->read || !config->write || !config->rx || !config->tx || !config->rx_size ||
	    !config->tx_size)
		return QGA_FAULT_STREAM;
	stream->channel.ops = &stream_ops;
	stream->config = config;
	return 0;
}
