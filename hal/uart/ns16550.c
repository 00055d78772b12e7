/* SPDX-License-Identifier: MIT */
/*
 * ns16550.c - the 16550 serial port.
 *
 * PC16550D data sheet (National Semiconductor, June 1995), chapter 8. Left out: modem lines, line
 * errors (the agent's own framing notices lost bytes) and the divisor.
 */
#include "ns16550.h"
#include "port.h"

/* 8.0, in the order of the table. */
enum ns16550_register {
	NS16550_RBR = 0, /* R  */
	NS16550_THR = 0, /* W  */
	NS16550_IER = 1, /* RW */
	NS16550_IIR = 2, /* R  */
	NS16550_FCR = 2, /* W  */
	NS16550_LCR = 3, /* RW */
	NS16550_MCR = 4, /* RW */
	NS16550_LSR = 5, /* R  */
	NS16550_SCR = 7, /* RW, for the programmer's own use */
};

enum {
	IER_ERBFI = 1 << 0, /* received data */
	IER_ETBEI = 1 << 1, /* transmitter empty */
	FCR_ENABLE = 1 << 0,
	FCR_TRIGGER_14 = 3 << 6, /* fewer bytes interrupt after the time of four */
	LCR_8N1 = 3,
	MCR_DTR = 1 << 0,
	MCR_RTS = 1 << 1,
	MCR_OUT2 = 1 << 3, /* on PCs, connects the interrupt line */
	MCR_LINES = MCR_DTR | MCR_RTS | MCR_OUT2,
	LSR_DR = 1 << 0,
	LSR_THRE = 1 << 5,
	LSR_TEMT = 1 << 6, /* and all has left */
};

#define NS16550_FIFO 16

/* Passes of quiet() before the one that counts. */
#define REHEARSALS 2

static uint8_t in(const struct uart *uart, enum ns16550_register reg)
{
	return port_read8(uart->base + reg * uart->stride);
}

static void out(const struct uart *uart, enum ns16550_register reg, uint8_t value)
{
	port_write8(uart->base + reg * uart->stride, value);
}

static size_t receive(struct uart *uart, uint8_t *buf, size_t n)
{
	size_t i = 0;

	while (i < n && (in(uart, NS16550_LSR) & LSR_DR))
		buf[i++] = in(uart, NS16550_RBR);
	return i;
}

/* An empty transmitter takes a FIFO full, or one byte as long as there is no FIFO. */
static size_t transmit(struct uart *uart, const uint8_t *buf, size_t n)
{
	size_t room = uart->has_fifo ? NS16550_FIFO : 1;

	if (!(in(uart, NS16550_LSR) & LSR_THRE))
		return 0;
	if (n > room)
		n = room;
	for (size_t i = 0; i < n; i++)
		out(uart, NS16550_THR, buf[i]);
	return n;
}

static void interrupts(struct uart *uart, bool rx, bool tx)
{
	out(uart, NS16550_IER, (rx ? IER_ERBFI : 0) | (tx ? IER_ETBEI : 0));
}

/*
 * Turning the FIFOs on empties them, and the register that holds the one byte without them: a byte
 * that comes between the look and that is lost, and QEMU delivers one between any two accesses
 * while it has more. So nothing stands between look and deed, no branch either: what is written
 * goes to the FIFOs' register if nothing was received, and to the scratch register if something
 * was, or if something has not left yet, which would be lost as well. The first passes only write
 * there: they make the last one quick, on processors that have caches to fill or, emulated, code to
 * translate.
 *
 * Nothing else is ever written to FCR. FIFOs that are on lose nothing by being turned on again; and
 * QEMU's outlive a reset, in spite of what IIR then says: a 0 would empty them of what a host sent
 * meanwhile. Loopback would keep bytes from coming, but many lose those that come all the same.
 */
static void quiet(struct uart *uart)
{
	uint8_t busy = 0;

	for (unsigned pass = 0; pass <= REHEARSALS; pass++) {
		uint8_t always = pass < REHEARSALS ? LSR_DR : 0;

		busy = ((in(uart, NS16550_LSR) ^ LSR_TEMT) & (LSR_DR | LSR_TEMT)) | always;
		busy = (busy | busy >> 6) & 1;
		out(uart, NS16550_FCR + (NS16550_SCR - NS16550_FCR) * busy,
		    FCR_ENABLE | FCR_TRIGGER_14);
	}
	uart->has_fifo = !busy;
}

static const struct uart_ops ns16550_ops = {
	.quiet = quiet,
	.receive = receive,
	.transmit = transmit,
	.interrupts = interrupts,
};

void ns16550_init(struct uart *uart, uintptr_t base, unsigned stride)
{
	uart->ops = &ns16550_ops;
	uart->base = base;
	uart->stride = stride;
	out(uart, NS16550_IER, 0);
	out(uart, NS16550_LCR, LCR_8N1);
	out(uart, NS16550_MCR, MCR_LINES);
}
