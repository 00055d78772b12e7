// SPDX-License-Identifier: MIT
/*
 * cmsdk_uart.c - Arm DDI 0479 (Cortex-M System Design Kit), 4.3 "APB UART".
 *
 *     qemu-system-arm -M mps2-an385 -serial chardev:agent
 *
 * The device holds one byte each way. Its interrupts tell that a byte came or went, not that one is
 * there: so they are acknowledged before looking. A byte stays in the device while rx is full; QEMU then keeps the host
 * waiting, a real line overruns. Left out: flow control (there is none), counting overruns (the
 * agent's framing recovers).
 */
#include "cmsdk_uart.h"
#include "mmio.h"

enum cmsdk_uart_register {
	DATA = 0x00,     /* RW */
	STATE = 0x04,    /* RW */
	CTRL = 0x08,     /* RW */
	INTCLEAR = 0x0c, /* W  (R: INTSTATUS) */
	BAUDDIV = 0x10,  /* RW */
};

#define STATE_TX_FULL (1u << 0)
#define STATE_RX_FULL (1u << 1)
#define CTRL_TX       (1u << 0)
#define CTRL_RX       (1u << 1)
#define CTRL_TX_INT   (1u << 2)
#define CTRL_RX_INT   (1u << 3)
#define INT_TX        (1u << 0)
#define INT_RX        (1u << 1)

/* Acknowledges both, for with nothing to send nobody calls transmit(). */
static size_t receive(struct uart *uart, uint8_t *buf, size_t n)
{
	size_t i = 0;

	mmio_write32(uart->base + INTCLEAR, INT_RX | INT_TX);
	while (i < n && (mmio_read32(uart->base + STATE) & STATE_RX_FULL))
		buf[i++] = (uint8_t)mmio_read32(uart->base + DATA);
	return i;
}

static size_t transmit(struct uart *uart, const uint8_t *buf, size_t n)
{
	size_t i = 0;

	mmio_write32(uart->base + INTCLEAR, INT_TX);
	while (i < n && !(mmio_read32(uart->base + STATE) & STATE_TX_FULL))
		mmio_write32(uart->base + DATA, buf[i++]);
	return i;
}

/* What is switched off would stay pending, and keep waking us. */
static void interrupts(struct uart *uart, bool rx, bool tx)
{
	uint32_t ctrl = CTRL_TX | (uart->is_open ? CTRL_RX : 0);

	mmio_write32(uart->base + CTRL, ctrl | (tx ? CTRL_TX_INT : 0) | (rx ? CTRL_RX_INT : 0));
	mmio_write32(uart->base + INTCLEAR, (tx ? 0 : INT_TX) | (rx ? 0 : INT_RX));
}

bool cmsdk_uart_ready(const struct uart *uart)
{
	uint32_t state = mmio_read32(uart->base + STATE);

	return (uart->rx_on && (state & STATE_RX_FULL)) ||
	       (uart->tx_on && !(state & STATE_TX_FULL));
}

static const struct uart_ops cmsdk_uart_ops = {
	.receive = receive,
	.transmit = transmit,
	.interrupts = interrupts,
};

void cmsdk_uart_init(struct uart *uart, uintptr_t base, uint32_t divisor)
{
	uart->ops = &cmsdk_uart_ops;
	uart->base = base;
	mmio_write32(base + BAUDDIV, divisor);
	mmio_write32(base + CTRL, CTRL_TX);
}
