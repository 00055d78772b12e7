/* SPDX-License-Identifier: MIT */
/*
 * uart.h - a serial port: a place for log lines, or the agent's channel.
 *
 * What serial devices have in common: two rings in memory, between a FIFO of a few bytes and the
 * lender's interface of channel.h. Received bytes stay in the FIFO while the ring is full, so that
 * a device with flow control behind it (QEMU's character devices) loses nothing; transmitted bytes
 * stay in the ring while the host does not read. A serial line has no open and close events, see
 * qga_config.torso_ns. Nothing must be acknowledged in an interrupt handler (no op `interrupt`):
 * poll() leaves no cause of one behind.
 */
#ifndef BAREQGA_UART_UART_H
#define BAREQGA_UART_UART_H

#include "bareqga.h"

#include <stdbool.h>

/* Bytes of each ring; powers of two. */
#ifndef UART_RX_SIZE
#define UART_RX_SIZE 1024
#endif
#ifndef UART_TX_SIZE
#define UART_TX_SIZE 2048
#endif

struct uart;

struct uart_ops {
	/* NULL, or turns the FIFOs on while the host is silent, unless it finds that it is not. */
	void (*quiet)(struct uart *uart);
	/* Takes up to n received bytes out of the FIFO; returns how many there were. */
	size_t (*receive)(struct uart *uart, uint8_t *buf, size_t n);
	/* Puts up to n bytes into the FIFO; returns how many there was room for. */
	size_t (*transmit)(struct uart *uart, const uint8_t *buf, size_t n);
	/*
	 * Chooses what raises the interrupt: bytes have come; there is room to transmit. Some devices
	 * raise it only for what comes later, others for what is there, too.
	 */
	void (*interrupts)(struct uart *uart, bool rx, bool tx);
};

struct uart_ring {
	uint32_t put, got; /* running counts of bytes */
};

struct uart {
	struct qga_channel channel;
	const struct uart_ops *ops;
	uintptr_t base;
	unsigned stride; /* bytes from one register to the next */

	bool has_fifo;     /* the driver's: the FIFOs are on */
	bool rx_on, tx_on; /* the interrupts that are enabled */
	bool is_open;
	struct uart_ring rx, tx;
	uint32_t flushed;             /* tx.put when the device was last looked at */
	uint8_t *rx_bytes, *tx_bytes; /* UART_RX_SIZE, UART_TX_SIZE; NULL: log lines only */
};

/* What every serial port does as a channel; called directly by who knows that it is one. */
extern const struct qga_channel_ops uart_channel_ops;

/*
 * Makes a channel of a serial port, with its caller's memory for the rings. What the host sent
 * before is not lost. Over close() and open(), what has come stays, and what has not left is dropped.
 */
void uart_channel(struct uart *uart, uint8_t *rx_bytes, uint8_t *tx_bytes);

/*
 * True if the channel wants to be told of silence: once the host has sent nothing for some
 * milliseconds, uart_quiet().
 */
static inline bool uart_wants_quiet(const struct uart *uart)
{
	return uart->ops->quiet && !uart->has_fifo;
}

static inline void uart_quiet(struct uart *uart)
{
	uart->ops->quiet(uart);
}

/* Writes text at once, waiting for the device but not for ever; for log lines. */
void uart_write(struct uart *uart, const char *text, size_t len);

#endif
