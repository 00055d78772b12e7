// SPDX-License-Identifier: MIT
/*
 * cmsdk_uart.c - Arm DDI 0479 (Cortex-M System Design Kit), 4.3 "APB UART".
 *
 *     qemu-system-arm -M mps2-an385 -serial chardev:agent
 *
 * The device holds one byte each way, and both interrupts are edges: they tell of a byte that came
 * or went, not of one that is there. So poll() acknowledges first and looks afterwards. A byte
 * stays in the device while rx is full; QEMU then keeps the host waiting, a real line would
 * overrun. Left out: flow control lines (there are none), overrun counts (the agent's framing
 * recovers).
 */
#include "cmsdk_uart.h"
#include "mmio.h"

enum cmsdk_uart_register {
	DATA = 0x00,	 /* RW */
	STATE = 0x04,	 /* RW */
	CTRL = 0x08,	 /* RW */
	INTCLEAR = 0x0c, /* W  (R: INTSTATUS) */
	BAUDDIV = 0x10,	 /* RW */
};

#define STATE_TX_FULL (1u << 0)
#define STATE_RX_FULL (1u << 1)
#define STATE_OVERRUN (3u << 2) /* W: clears */
#define CTRL_TX	      (1u << 0)
#define CTRL_RX	      (1u << 1)
#define CTRL_TX_INT   (1u << 2)
#define CTRL_RX_INT   (1u << 3)
#define INT_ALL	      0xfu

static struct cmsdk_uart *uart_of(struct channel *channel)
{
	return (struct cmsdk_uart *)channel;
}

static void receive(struct cmsdk_uart *uart)
{
	const struct cmsdk_uart_config *config = uart->config;

	if (uart->rx_head == uart->rx_len)
		uart->rx_head = uart->rx_len = 0;
	while (uart->rx_len < config->rx_size &&
	       (mmio_read32(config->base + STATE) & STATE_RX_FULL))
		config->rx[uart->rx_len++] = (uint8_t)mmio_read32(config->base + DATA);
}

static void transmit(struct cmsdk_uart *uart)
{
	const struct cmsdk_uart_config *config = uart->config;

	while (uart->tx_head < uart->tx_len && !(mmio_read32(config->base + STATE) & STATE_TX_FULL))
		mmio_write32(config->base + DATA, config->tx[uart->tx_head++]);
	if (uart->tx_head == uart->tx_len)
		uart->tx_head = uart->tx_len = 0;
}

static size_t rx_get(struct channel *channel, const uint8_t **data)
{
	struct cmsdk_uart *uart = uart_of(channel);

	receive(uart);
	*data = uart->config->rx + uart->rx_head;
	return uart->rx_len - uart->rx_head;
}

static void rx_put(struct channel *channel, size_t n)
{
	uart_of(channel)->rx_head += n;
}

static size_t tx_get(struct channel *channel, uint8_t **buf)
{
	struct cmsdk_uart *uart = uart_of(channel);

	if (uart->tx_len == uart->config->tx_size)
		transmit(uart);
	*buf = uart->config->tx + uart->tx_len;
	return uart->config->tx_size - uart->tx_len;
}

static void tx_put(struct channel *channel, size_t n)
{
	uart_of(channel)->tx_len += n;
}

static void tx_flush(struct channel *channel)
{
	transmit(uart_of(channel));
}

static unsigned poll(struct channel *channel)
{
	struct cmsdk_uart *uart = uart_of(channel);

	mmio_write32(uart->config->base + INTCLEAR, INT_ALL);
	receive(uart);
	transmit(uart);
	return 0;
}

static size_t tx_busy(struct channel *channel)
{
	struct cmsdk_uart *uart = uart_of(channel);
	uint32_t state = mmio_read32(uart->config->base + STATE);

	return uart->tx_len - uart->tx_head + (state & STATE_TX_FULL ? 1 : 0);
}

static void open_channel(struct channel *channel)
{
	mmio_write32(uart_of(channel)->config->base + CTRL,
		     CTRL_TX | CTRL_RX | CTRL_TX_INT | CTRL_RX_INT);
}

static void close_channel(struct channel *channel)
{
	mmio_write32(uart_of(channel)->config->base + CTRL, CTRL_TX);
}

static const struct channel_ops ops = {
	.rx_get = rx_get,
	.rx_put = rx_put,
	.tx_get = tx_get,
	.tx_put = tx_put,
	.tx_flush = tx_flush,
	.poll = poll,
	.tx_busy = tx_busy,
	.open = open_channel,
	.close = close_channel,
};

void cmsdk_uart_init(struct cmsdk_uart *uart, const struct cmsdk_uart_config *config)
{
	uart->channel.ops = &ops;
	uart->config = config;
	uart->rx_head = uart->rx_len = uart->tx_head = uart->tx_len = 0;
	cmsdk_uart_start(config->base, config->divisor);
}

void cmsdk_uart_start(uintptr_t base, uint32_t divisor)
{
	mmio_write32(base + BAUDDIV, divisor);
	mmio_write32(base + STATE, STATE_OVERRUN);
	mmio_write32(base + CTRL, CTRL_TX);
}

void cmsdk_uart_write(uintptr_t base, const char *text, size_t len)
{
	for (; len; len--, text++) {
		while (mmio_read32(base + STATE) & STATE_TX_FULL)
			;
		mmio_write32(base + DATA, (uint8_t)*text);
	}
}
