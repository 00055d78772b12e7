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

#else

#include <bareqga_virtio.h>

#define PORTS        2
#define COUNT        8
#define SIZE         512
#define CONTROL      16
#define CONTROL_SIZE 40
#define MEMORY       QGA_VIRTIO_CONSOLE_MEMORY(COUNT, SIZE, COUNT, SIZE, CONTROL, CONTROL_SIZE)

#define CONSOLE_ID 3

static const char *const names[PORTS] = {"org.qemu.guest_agent.0", "com.example.tenant.0"};

/* The first console is the first agent's, the second one the other's: a device has one driver. */
static struct qga_virtio_device devices[PORTS];
static unsigned irqs[PORTS];
static struct qga_virtio_console consoles[PORTS];
static struct qga_virtio_console_config configs[PORTS];
static uint8_t memory[PORTS][QGA_VIRTIO_ROUND(MEMORY, QGA_VIRTIO_ALIGN)]
	__attribute__((aligned(QGA_VIRTIO_ALIGN)));

/* Console number n of the machine; false: there are not so many. */
static bool find(unsigned n, struct qga_virtio_device *device, unsigned *irq)
{
	struct slot slots[MACHINE_SLOTS];
	size_t i, count = machine_slots(slots);

	for (i = 0; i < count; i++) {
		*device =
			(struct qga_virtio_device){.bus = &qga_virtio_mmio, .base = slots[i].base};
		*irq = slots[i].irq;
		if (!device->bus->probe(device) && device->id == CONSOLE_ID && n-- == 0)
			return true;
	}
	return false;
}

struct qga_channel *port_open(unsigned n)
{
	struct qga_virtio_console_config *config = &configs[n];
	int fault;

	if (!find(n, &devices[n], &irqs[n]))
		return NULL;
	config->devices = &devices[n];
	config->n_devices = 1;
	config->port = names[n];
	config->rx_count = config->tx_count = COUNT;
	config->rx_size = config->tx_size = SIZE;
	config->control_count = CONTROL;
	config->control_size = CONTROL_SIZE;
	config->memory = memory[n];
	config->memory_size = sizeof(memory[n]);
	fault = qga_virtio_console_init(&consoles[n], config);
	if (fault) {
		say(qga_virtio_strerror(fault));
		return NULL;
	}
#ifndef KERNEL_POLLING
	machine_enable(irqs[n]);
#endif
	return &consoles[n].channel;
}

bool port_is(unsigned n, unsigned irq)
{
	return irq == irqs[n];
}

#endif
