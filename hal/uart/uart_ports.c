/* SPDX-License-Identifier: MIT */
/*
 * uart_ports.c - one channel of several serial ports; see uart_ports.h.
 *
 * Until it is known which one it is, there is nothing to send, and nothing is kept of what came.
 */
#include "uart_ports.h"

static struct uart_ports *ports_of(struct qga_channel *channel)
{
	return (struct uart_ports *)channel;
}

static bool is_known(const struct uart_ports *ports)
{
	return ports->n == 1;
}

/* The channel that it is, if that is known. */
static struct qga_channel *known(struct qga_channel *channel)
{
	return &ports_of(channel)->port[0]->channel;
}

/* Drops what is before the beginning of a request; true if there is one. */
static bool begins(struct qga_channel *port)
{
	const uint8_t *data;
	size_t n, i;

	while ((n = uart_channel_ops.rx_get(port, &data)) > 0) {
		for (i = 0; i < n && data[i] != '{' && data[i] != 0xff; i++)
			;
		uart_channel_ops.rx_put(port, i);
		if (i < n)
			return true;
	}
	return false;
}

static void choose(struct uart_ports *ports, unsigned chosen)
{
	for (unsigned i = 0; i < ports->n; i++)
		if (i != chosen)
			uart_channel_ops.close(&ports->port[i]->channel);
	ports->port[0] = ports->port[chosen];
	ports->n = 1;
	if (ports->told)
		ports->told(ports);
}

/* What came in one port is dropped or lent before the next is looked at: the memory is the same. */
static unsigned poll(struct qga_channel *channel)
{
	struct uart_ports *ports = ports_of(channel);
	unsigned events, all = 0;

	if (is_known(ports))
		return uart_channel_ops.poll(known(channel));
	for (unsigned i = 0; i < ports->n; i++) {
		struct qga_channel *port = &ports->port[i]->channel;

		events = uart_channel_ops.poll(port);
		if (begins(port)) {
			choose(ports, i);
			return events;
		}
		/* What it held was taken just now. */
		all |= events & QGA_UNSEEN ? QGA_AGAIN : events;
	}
	return all;
}

static size_t rx_get(struct qga_channel *channel, const uint8_t **data)
{
	if (!is_known(ports_of(channel)))
		return 0;
	return uart_channel_ops.rx_get(known(channel), data);
}

static void rx_put(struct qga_channel *channel, size_t n)
{
	uart_channel_ops.rx_put(known(channel), n);
}

static size_t tx_get(struct qga_channel *channel, uint8_t **buf)
{
	if (!is_known(ports_of(channel)))
		return 0;
	return uart_channel_ops.tx_get(known(channel), buf);
}

static void tx_put(struct qga_channel *channel, size_t n)
{
	uart_channel_ops.tx_put(known(channel), n);
}

static void tx_flush(struct qga_channel *channel)
{
	if (is_known(ports_of(channel)))
		uart_channel_ops.tx_flush(known(channel));
}

static size_t tx_busy(struct qga_channel *channel)
{
	return is_known(ports_of(channel)) ? uart_channel_ops.tx_busy(known(channel)) : 0;
}

static void open(struct qga_channel *channel)
{
	struct uart_ports *ports = ports_of(channel);

	for (unsigned i = 0; i < ports->n; i++)
		uart_channel_ops.open(&ports->port[i]->channel);
}

static void close(struct qga_channel *channel)
{
	struct uart_ports *ports = ports_of(channel);

	for (unsigned i = 0; i < ports->n; i++)
		uart_channel_ops.close(&ports->port[i]->channel);
}

const struct qga_channel_ops uart_ports_ops = {
	.rx_get = rx_get,
	.rx_put = rx_put,
	.tx_get = tx_get,
	.tx_put = tx_put,
	.tx_flush = tx_flush,
	.poll = poll,
	.tx_busy = tx_busy,
	.open = open,
	.close = close,
};

struct qga_channel *uart_ports_channel(struct uart_ports *ports, uint8_t *rx_bytes,
                                       uint8_t *tx_bytes)
{
	ports->channel.ops = &uart_ports_ops;
	for (unsigned i = 0; i < ports->n; i++)
		uart_channel(ports->port[i], rx_bytes, tx_bytes);
	if (!is_known(ports))
		return &ports->channel;
	if (ports->told)
		ports->told(ports);
	return known(&ports->channel);
}
