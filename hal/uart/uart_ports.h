/* SPDX-License-Identifier: MIT */
/*
 * uart_ports.h - several serial ports as one channel, until it is known which one it is.
 *
 * A machine may have ports that lead nowhere, or to a person, and nothing says so. The first one on
 * which a request begins is the channel from then on, and the others are closed: with `{`, or with
 * the sentinel 0xFF. What else comes is dropped.
 */
#ifndef BAREQGA_UART_UART_PORTS_H
#define BAREQGA_UART_UART_PORTS_H

#include "uart.h"

#define UART_PORTS_MAX 4

struct uart_ports {
	struct qga_channel channel;
	struct uart *port[UART_PORTS_MAX];
	unsigned n;
	/* One port: the channel is that one's. Before that told() may be NULL. */
	void (*told)(struct uart_ports *ports);
};

/* What `channel` does; called directly by who knows that it is one. */
extern const struct qga_channel_ops uart_ports_ops;

/*
 * Makes one channel of n ports, 1 to UART_PORTS_MAX, each of which is ready (ns16550_init() and the
 * like), and returns it. The rings' memory is as for uart_channel(): one port at a time needs it.
 * told(), or NULL, is called once when the port is known; it is then port[0], and n is 1.
 */
struct qga_channel *uart_ports_channel(struct uart_ports *ports, uint8_t *rx_bytes,
                                       uint8_t *tx_bytes);

#endif
