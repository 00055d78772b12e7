/* SPDX-License-Identifier: MIT */
/* port.c - the agents' ports: of a virtio console each, or the serial port by struct qga_stream. */
#include "kernel.h"

#ifdef KERNEL_STREAM

/*
 * What the serial port receives goes into a ring: put there by its handler, the port's interrupt(),
 * and taken out by the agent. Each end writes its own index, so neither waits for the other.
 */
#define RING 256

static struct {
	char bytes[RING];
	unsigned put, got;
} ring;

static void serial_interrupt(void *context)
{
	unsigned got = __atomic_load_n(&ring.got, __ATOMIC_ACQUIRE), put = ring.put;
	int byte;

	(void)context;
	while (put - got < RING && (byte = machine_get()) >= 0)
		ring.bytes[put++ % RING] = (char)byte;
	__atomic_store_n(&ring.put, put, __ATOMIC_RELEASE);
	/* Without room the rest stays where it is, until serial_read() has made some. */
	if (put - got == RING)
		machine_listen(false);
}

static size_t serial_read(void *context, void *buf, size_t size)
{
	unsigned got = ring.got, put;
	size_t n;

#ifdef KERNEL_POLLING
	serial_interrupt(context);
#endif
	(void)context;
	put = __atomic_load_n(&ring.put, __ATOMIC_ACQUIRE);
	for (n = 0; n < size && got != put; n++)
		((char *)buf)[n] = ring.bytes[got++ % RING];
	__atomic_store_n(&ring.got, got, __ATOMIC_RELEASE);
#ifndef KERNEL_POLLING
	machine_listen(true);
#endif
	return n;
}

/* If it does not take all, the loop's next beat is the next try. */
static size_t serial_write(void *context, const void *data, size_t len)
{
	size_t n = 0;

	(void)context;
	while (n < len && machine_put(((const char *)data)[n]))
		n++;
	return n;
}

static char rx[64], tx[512];
static const struct qga_stream_config config = {
	.read = serial_read,
	.write = serial_write,
	.interrupt = serial_interrupt,
	.rx = rx,
	.tx = tx,
	.rx_size = sizeof(rx),
	.tx_size = sizeof(tx),
};
static struct qga_stream stream;

struct qga_channel *port_open(unsigned n)
{
	if (n > 0 || qga_stream_init(&stream, &config))
		return NULL;
#ifndef KERNEL_POLLING
	machine_enable(machine_serial_irq());
	machine_listen(true);
#endif
	return &stream.channel;
}

bool port_is(unsigned n, unsigned irq)
{
	return n == 0 && irq == machine_serial_irq();
}

#endif
