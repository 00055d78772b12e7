/* SPDX-License-Identifier: MIT */
/*
 * uart.c - a serial port as a channel; see uart.h.
 */
#include "uart.h"

/*
 * Looks at a device that gave bytes just now, before the next interrupt is waited for: a sender
 * that was held back by a full FIFO goes on within microseconds.
 */
#define UART_MORE 64

/* Looks at a device that takes nothing before a log line gives up. */
#define UART_PATIENCE 100000

/* Bytes of a ring of that size from `at` to its end, n at most. */
static uint32_t straight(uint32_t at, uint32_t n, uint32_t size)
{
	at = size - at % size;
	return n < at ? n : at;
}

static uint32_t rx_room(const struct uart *uart)
{
	return UART_RX_SIZE - (uart->rx.put - uart->rx.got);
}

/* Moves what the FIFO holds into the ring, up to its end; true if something came. */
static bool fill_rx(struct uart *uart)
{
	uint32_t at = uart->rx.put % UART_RX_SIZE;
	uint32_t room = straight(at, rx_room(uart), UART_RX_SIZE);
	size_t n = room ? uart->ops->receive(uart, uart->rx_bytes + at, room) : 0;

	uart->rx.put += (uint32_t)n;
	return n > 0;
}

/* Moves what the ring holds into the FIFO; true if something went. */
static bool drain_tx(struct uart *uart)
{
	uint32_t at = uart->tx.got % UART_TX_SIZE;
	uint32_t n = straight(at, uart->tx.put - uart->tx.got, UART_TX_SIZE);
	size_t sent = n ? uart->ops->transmit(uart, uart->tx_bytes + at, n) : 0;

	uart->tx.got += (uint32_t)sent;
	return sent > 0;
}

/* Interrupts for what can be dealt with: bytes while the ring has room, room while it has bytes. */
static void choose_interrupts(struct uart *uart)
{
	bool rx = uart->is_open && rx_room(uart) > 0;
	bool tx = uart->tx.put != uart->tx.got;

	if (rx == uart->rx_on && tx == uart->tx_on)
		return;
	uart->rx_on = rx;
	uart->tx_on = tx;
	uart->ops->interrupts(uart, rx, tx);
}

static size_t rx_get(struct qga_channel *channel, const uint8_t **data)
{
	struct uart *uart = (struct uart *)channel;
	uint32_t at = uart->rx.got % UART_RX_SIZE;

	*data = uart->rx_bytes + at;
	return straight(at, uart->rx.put - uart->rx.got, UART_RX_SIZE);
}

static void rx_put(struct qga_channel *channel, size_t n)
{
	struct uart *uart = (struct uart *)channel;

	uart->rx.got += (uint32_t)n;
}

static size_t tx_get(struct qga_channel *channel, uint8_t **buf)
{
	struct uart *uart = (struct uart *)channel;
	uint32_t at = uart->tx.put % UART_TX_SIZE;

	*buf = uart->tx_bytes + at;
	return straight(at, UART_TX_SIZE - (uart->tx.put - uart->tx.got), UART_TX_SIZE);
}

static void tx_put(struct qga_channel *channel, size_t n)
{
	struct uart *uart = (struct uart *)channel;

	uart->tx.put += (uint32_t)n;
}

static void tx_flush(struct qga_channel *channel)
{
	struct uart *uart = (struct uart *)channel;

	while (drain_tx(uart))
		;
	choose_interrupts(uart);
}

/* Leaves no cause of an interrupt behind: an edge-triggered line would stay silent. */
static unsigned poll(struct qga_channel *channel)
{
	struct uart *uart = (struct uart *)channel;
	unsigned patience = 1;

	for (unsigned looks = 0; uart->is_open && looks < patience; looks++)
		if (fill_rx(uart)) {
			looks = 0;
			patience = UART_MORE;
		}
	while (drain_tx(uart))
		;
	choose_interrupts(uart);
	return 0;
}

static size_t tx_busy(struct qga_channel *channel)
{
	struct uart *uart = (struct uart *)channel;

	return uart->tx.put - uart->tx.got;
}

static void open(struct qga_channel *channel)
{
	struct uart *uart = (struct uart *)channel;

	uart->is_open = true;
	choose_interrupts(uart);
}

static void close(struct qga_channel *channel)
{
	struct uart *uart = (struct uart *)channel;

	uart->is_open = false;
	uart->tx.got = uart->tx.put;
	choose_interrupts(uart);
}

static const struct qga_channel_ops uart_channel_ops = {
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

void uart_channel(struct uart *uart, uint8_t *rx_bytes, uint8_t *tx_bytes)
{
	uart->channel.ops = &uart_channel_ops;
	uart->rx_bytes = rx_bytes;
	uart->tx_bytes = tx_bytes;
	if (uart->ops->start)
		uart->rx.put = (uint32_t)uart->ops->start(uart, rx_bytes, UART_RX_SIZE);
}

void uart_write(struct uart *uart, const char *text, size_t len)
{
	const uint8_t *from = (const uint8_t *)text;
	unsigned patience = UART_PATIENCE;

	while (len && patience) {
		size_t n = uart->ops->transmit(uart, from, len);

		from += n;
		len -= n;
		patience = n ? UART_PATIENCE : patience - 1;
	}
}
