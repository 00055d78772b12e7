/* SPDX-License-Identifier: MIT */
/*
 * pl011.c - Arm's serial port: qemu-system-aarch64 -M virt.
 *
 * PrimeCell UART (PL011) technical reference manual, DDI 0183G, 3.2. Left out: DMA, modem lines,
 * line errors (the agent's own framing notices lost bytes) and the divisor.
 */
#include "pl011.h"
#include "mmio.h"

enum pl011_register {
	UARTDR = 0x000,    /* RW */
	UARTFR = 0x018,    /* R  */
	UARTLCR_H = 0x02c, /* RW */
	UARTCR = 0x030,    /* RW */
	UARTIFLS = 0x034,  /* RW */
	UARTIMSC = 0x038,  /* RW */
	UARTICR = 0x044,   /* W  */
};

enum {
	FR_RXFE = 1 << 4, /* receive FIFO empty */
	FR_TXFF = 1 << 5, /* transmit FIFO full */
	FR_TXFE = 1 << 7, /* transmit FIFO empty */
	LCR_H_FEN = 1 << 4,
	LCR_H_8BIT = 3 << 5,
	CR_UARTEN = 1 << 0,
	CR_TXE = 1 << 8,
	CR_RXE = 1 << 9,
	INT_RX = 1 << 4,
	INT_TX = 1 << 5,
	INT_RT = 1 << 6, /* bytes that are fewer than the FIFO's level */
	INT_ALL = 0x7ff,
};

/* Passes of start() before the one that counts. */
#define REHEARSALS 2

static size_t receive(struct uart *uart, uint8_t *buf, size_t n)
{
	size_t i = 0;

	while (i < n && !(mmio_read32(uart->base + UARTFR) & FR_RXFE))
		buf[i++] = (uint8_t)mmio_read32(uart->base + UARTDR);
	return i;
}

static size_t transmit(struct uart *uart, const uint8_t *buf, size_t n)
{
	size_t i = 0;

	while (i < n && !(mmio_read32(uart->base + UARTFR) & FR_TXFF))
		mmio_write32(uart->base + UARTDR, buf[i++]);
	return i;
}

static void interrupts(struct uart *uart, bool rx, bool tx)
{
	mmio_write32(uart->base + UARTIMSC, (rx ? INT_RX | INT_RT : 0) | (tx ? INT_TX : 0));
}

/*
 * Enabling the FIFOs empties them, and the register that holds the one byte without them: a byte
 * that comes between the look and that is lost, and QEMU delivers one between any two accesses
 * while it has more. So nothing stands between look and deed, no branch either: what is written
 * enables the FIFOs if the registers of both ways are empty, and changes nothing if one is not. The
 * first passes change nothing: they make the last one quick, on processors that have caches to fill
 * or, emulated, code to translate.
 */
static void quiet(struct uart *uart)
{
	uint32_t empty = 0;

	_Static_assert((int)FR_RXFE == (int)LCR_H_FEN && (int)FR_TXFE >> 3 == (int)LCR_H_FEN,
	               "the ones are written as the other");
	for (unsigned pass = 0; pass <= REHEARSALS; pass++) {
		uint32_t enable = pass < REHEARSALS ? 0 : FR_RXFE;

		empty = mmio_read32(uart->base + UARTFR);
		empty &= empty >> 3;
		mmio_write32(uart->base + UARTLCR_H, LCR_H_8BIT | (empty & enable));
	}
	uart->has_fifo = (empty & FR_RXFE) != 0;
	/* Of a byte that came in between all the same: QEMU leaves it pending. */
	if (uart->has_fifo)
		mmio_write32(uart->base + UARTICR, INT_RX | INT_RT);
}

static const struct uart_ops pl011_ops = {
	.quiet = quiet,
	.receive = receive,
	.transmit = transmit,
	.interrupts = interrupts,
};

void pl011_init(struct uart *uart, uintptr_t base, unsigned stride)
{
	uint32_t fifo;

	uart->ops = &pl011_ops;
	uart->base = base;
	uart->stride = stride;
	mmio_write32(base + UARTIMSC, 0);
	mmio_write32(base + UARTICR, INT_ALL);
	mmio_write32(base + UARTIFLS, 0); /* interrupts at the lowest levels */
	/*
	 * FIFOs that are on stay on: turned off, they would lose what they hold. QEMU's outlive a
	 * reset, up to QEMU 7.2, and a host sends meanwhile.
	 */
	fifo = mmio_read32(base + UARTLCR_H) & LCR_H_FEN;
	mmio_write32(base + UARTLCR_H, LCR_H_8BIT | fifo);
	mmio_write32(base + UARTCR, CR_UARTEN | CR_TXE | CR_RXE);
	uart->has_fifo = fifo != 0;
}
