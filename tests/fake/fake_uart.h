/* SPDX-License-Identifier: MIT */
/*
 * fake_uart.h - serial ports and the host behind them, as unkind as those that are in use: bytes
 * come in between any two accesses, as far as the device has room for them.
 */
#ifndef FAKE_UART_H
#define FAKE_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registers.h"
#include "uart/uart.h"

#define FAKE_UART_HOST 65536

enum fake_uart_kind {
	/* QEMU's 16550: turning the FIFOs on or off empties them; a reset leaves them on. */
	FAKE_16550_QEMU,
	/*
	 * That of Firecracker, Cloud Hypervisor, libkrun and Alioth: FIFOs that are always on and
	 * have no end; what comes in loopback is lost; interrupts are raised by what comes while
	 * they are on, and by nothing that is there already.
	 */
	FAKE_16550_VMM,
	FAKE_PL011,
	FAKE_CMSDK,
	FAKE_UARTS
};

struct fake_uart {
	enum fake_uart_kind kind;
	struct registers registers;
	bool irq; /* was raised since somebody last wrote false here */
	size_t lost;

	/* The host: has sent, and how much of that the device took; takes, and has heard. */
	uint8_t sent[FAKE_UART_HOST], heard[FAKE_UART_HOST];
	size_t sent_len, sent_at, heard_len, takes;

	/* The device. */
	uint8_t rx[FAKE_UART_HOST];
	size_t rx_got, rx_put;
	bool fifo, loop, tx_event, rx_event, rx_enabled;
	uint32_t enable, scratch;
};

/* One port on the bus at `base`. */
void fake_uart_attach(struct fake_uart *fake, enum fake_uart_kind kind, uintptr_t base);

/* Starts the driver for it. */
void fake_uart_init(const struct fake_uart *fake, struct uart *uart);

/* The host sends; or makes room for so many bytes more. */
void fake_uart_send(struct fake_uart *fake, const void *data, size_t len);
void fake_uart_take(struct fake_uart *fake, size_t n);

/* Is there a reason for an interrupt? With an edge-triggered line, none may stay. */
bool fake_uart_level(const struct fake_uart *fake);

#endif
