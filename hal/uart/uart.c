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

/* Chooses what raises an interrupt; true if that is more than before. */
static bool choose_interrupts(struct uart *uart, bool rx, bool tx)
{
	bool more = (rx && !uart->rx_on) || (tx && !uart->tx_on);

	if (rx == uart->rx_on && tx == uart->tx_on)
		return false;
	uart->rx_on = rx;
	uart->tx_on = tx;
	uart->ops->interrupts(uart, rx, tx);
	return more;
}

/*
 * Sends what there is room for, and asks for an interrupt if something is left. Not every device
 * raises one for room that is there already, so it is looked once more.
 */
static void send(struct uart *uart)
{
	do
		while (drain_tx(uart))
			;
	while (choose_interrupts(uart, uart->rx_on, uart->tx.put != uart->tx.got));
	uart->flushed = uart->tx.put;
}

/* Takes what is there, and asks for an interrupt if there is room for more. Likewise. */
static void take(struct uart *uart)
{
	unsigned patience = 1;

	do
		for (unsigned looks = 0; uart->is_open && looks < patience; looks++)
			if (fill_rx(uart)) {
				looks = 0;
				patience = UART_MORE;
			}
	while (choose_interrupts(uart, uart->is_open && rx_room(uart) > 0, uart->tx_on));
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

/*
 * Room that nobody has seen in poll() is left to the next one, which the interrupt is the sign for: an
 * answer may wait for it.
 */
static void tx_flush(struct qga_channel *channel)
{
	struct uart *uart = (struct uart *)channel;

	if (uart->flushed != uart->tx.put)
		send(uart);
}

/*
 * Leaves no cause of an interrupt behind: an edge-triggered line would stay silent. Bytes that the
 * ring has no room for are one, and no interrupt tells of them; they are looked for when it has.
 */
static unsigned poll(struct qga_channel *channel)
{
	struct uart *uart = (struct uart *)channel;

	take(uart);
	send(uart);
	return uart->is_open && rx_room(uart) == 0 ? QGA_UNSEEN : 0;
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
}

static void close(struct qga_channel *channel)
{
	struct uart *uart = (struct uart *)channel;

	uart->is_open = false;
	uart->tx.got = uart->tx.put;
	choose_interrupts(uart, false, false);
}

const struct qga_channel_ops uart_channel_ops = {
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
	/* Nothing received yet: nobody is in the middle of sending. */
	if (uart_wants_quiet(uart))
		uart_quiet(uart);
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
