/* SPDX-License-Identifier: MIT */
/* fake_uart.c - see fake_uart.h. Registers are those of the drivers' documents. */
#include <assert.h>
#include <string.h>

#include "fake_uart.h"
#include "uart/cmsdk_uart.h"
#include "uart/ns16550.h"
#include "uart/pl011.h"

static size_t held(const struct fake_uart *fake)
{
	return fake->rx_put - fake->rx_got;
}

static size_t depth(const struct fake_uart *fake)
{
	if (fake->kind == FAKE_16550_VMM)
		return FAKE_UART_HOST;
	if (fake->kind == FAKE_CMSDK)
		return fake->rx_enabled;
	return fake->fifo ? 16 : 1;
}

bool fake_uart_level(const struct fake_uart *fake)
{
	switch (fake->kind) {
	case FAKE_16550_QEMU:
		return ((fake->enable & 1) && held(fake)) || ((fake->enable & 2) && fake->tx_event);
	case FAKE_PL011:
		return ((fake->enable & 0x50) && fake->rx_event) ||
		       ((fake->enable & 0x20) && fake->tx_event);
	case FAKE_CMSDK:
		return fake->rx_event || fake->tx_event;
	default:
		return false;
	}
}

/* Bytes on their way get in. */
static void arrive(struct fake_uart *fake)
{
	bool vmm = fake->kind == FAKE_16550_VMM;

	while (fake->sent_at < fake->sent_len && held(fake) < depth(fake)) {
		uint8_t byte = fake->sent[fake->sent_at++];

		if (vmm && fake->loop) {
			fake->lost++;
			continue;
		}
		fake->rx[fake->rx_put++] = byte;
		if (fake->kind != FAKE_CMSDK || (fake->enable & 8))
			fake->rx_event = true;
		fake->irq |= vmm && (fake->enable & 1);
	}
	fake->irq |= fake_uart_level(fake);
}

static uint8_t take(struct fake_uart *fake)
{
	uint8_t byte = held(fake) ? fake->rx[fake->rx_got++] : 0;

	if (!held(fake) && fake->kind == FAKE_PL011)
		fake->rx_event = false;
	return byte;
}

/* Room is an event of its own. */
static void has_room(struct fake_uart *fake)
{
	if (fake->kind == FAKE_CMSDK)
		fake->tx_event = fake->tx_event || (fake->takes > 0 && (fake->enable & 4));
	else
		fake->tx_event = fake->takes >= (fake->kind == FAKE_PL011 ? 1 : 16);
}

static void give(struct fake_uart *fake, uint32_t byte)
{
	assert(fake->takes > 0); /* the driver has looked */
	fake->heard[fake->heard_len++] = (uint8_t)byte;
	fake->takes--;
	has_room(fake);
	fake->irq |= fake->kind == FAKE_16550_VMM && (fake->enable & 2);
}

/* What was received, and what has not left yet: then there is no room. */
static void flush(struct fake_uart *fake)
{
	fake->lost += held(fake) + (fake->takes < (fake->kind == FAKE_PL011 ? 1 : 16));
	fake->rx_got = fake->rx_put;
}

static uint32_t read_16550(struct fake_uart *fake, unsigned offset)
{
	bool room = fake->kind == FAKE_16550_VMM || fake->takes >= 16;

	switch (offset) {
	case 0:
		return take(fake);
	case 2:
		fake->tx_event = false;
		return 1;
	case 5:
		return (held(fake) > 0) | (uint32_t)(room << 5) | (uint32_t)(room << 6);
	case 7:
		return fake->scratch;
	default:
		return 0;
	}
}

static void write_16550(struct fake_uart *fake, unsigned offset, uint32_t value)
{
	bool vmm = fake->kind == FAKE_16550_VMM;

	switch (offset) {
	case 0:
		give(fake, value);
		break;
	case 1:
		if (!vmm && (value & 2) && fake->takes >= 16)
			fake->tx_event = true;
		fake->enable = value;
		break;
	case 2:
		if (!vmm && ((value & 1) != fake->fifo || (value & 2)))
			flush(fake);
		fake->fifo = value & 1;
		break;
	case 4:
		fake->loop = value & 0x10;
		break;
	case 7:
		fake->scratch = value;
		break;
	default:
		break;
	}
}

static uint32_t read_pl011(struct fake_uart *fake, unsigned offset)
{
	switch (offset) {
	case 0x00:
		return take(fake);
	case 0x18:
		return (held(fake) ? 0 : 0x10) | (fake->takes ? 0x80 : 0x20);
	case 0x2c:
		return fake->fifo ? 0x70 : 0x60;
	default:
		return 0;
	}
}

static void write_pl011(struct fake_uart *fake, unsigned offset, uint32_t value)
{
	switch (offset) {
	case 0x00:
		give(fake, value);
		break;
	case 0x2c:
		if (((value & 0x10) != 0) != fake->fifo)
			flush(fake);
		fake->fifo = value & 0x10;
		break;
	case 0x38:
		fake->enable = value;
		break;
	case 0x44:
		fake->rx_event = fake->rx_event && !(value & 0x10);
		fake->tx_event = fake->tx_event && !(value & 0x20);
		break;
	default:
		break;
	}
}

static uint32_t read_cmsdk(struct fake_uart *fake, unsigned offset)
{
	if (offset == 0)
		return take(fake);
	return offset == 4 ? (fake->takes == 0) | (uint32_t)(held(fake) > 0) << 1 : 0;
}

static void write_cmsdk(struct fake_uart *fake, unsigned offset, uint32_t value)
{
	if (offset == 0)
		give(fake, value);
	if (offset == 8) {
		fake->enable = value;
		fake->rx_enabled = value & 2;
	}
	if (offset == 12) {
		fake->rx_event = fake->rx_event && !(value & 2);
		fake->tx_event = fake->tx_event && !(value & 1);
	}
}

static uint32_t device_read(void *context, unsigned offset, unsigned width)
{
	struct fake_uart *fake = context;
	uint32_t value;

	assert(width == (fake->kind <= FAKE_16550_VMM ? 1 : 4));
	if (fake->kind == FAKE_PL011)
		value = read_pl011(fake, offset);
	else if (fake->kind == FAKE_CMSDK)
		value = read_cmsdk(fake, offset);
	else
		value = read_16550(fake, offset);
	arrive(fake);
	return value;
}

static void device_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	struct fake_uart *fake = context;

	assert(width == (fake->kind <= FAKE_16550_VMM ? 1 : 4));
	if (fake->kind == FAKE_PL011)
		write_pl011(fake, offset, value);
	else if (fake->kind == FAKE_CMSDK)
		write_cmsdk(fake, offset, value);
	else
		write_16550(fake, offset, value);
	arrive(fake);
}

void fake_uart_attach(struct fake_uart *fake, enum fake_uart_kind kind, uintptr_t base)
{
	memset(fake, 0, sizeof *fake);
	fake->kind = kind;
	fake->takes = SIZE_MAX;
	fake->registers = (struct registers){.base = base,
	                                     .size = 0x1000,
	                                     .read = device_read,
	                                     .write = device_write,
	                                     .context = fake};
	registers_attach(&fake->registers);
}

void fake_uart_init(const struct fake_uart *fake, struct uart *uart)
{
	memset(uart, 0, sizeof *uart);
	if (fake->kind == FAKE_PL011)
		pl011_init(uart, fake->registers.base, 0);
	else if (fake->kind == FAKE_CMSDK)
		cmsdk_uart_init(uart, fake->registers.base, 16);
	else
		ns16550_init(uart, fake->registers.base, 1);
}

void fake_uart_send(struct fake_uart *fake, const void *data, size_t len)
{
	assert(fake->sent_len + len <= FAKE_UART_HOST);
	memcpy(fake->sent + fake->sent_len, data, len);
	fake->sent_len += len;
	arrive(fake);
}

void fake_uart_take(struct fake_uart *fake, size_t n)
{
	fake->takes += n;
	has_room(fake);
	fake->irq |= fake_uart_level(fake);
}
