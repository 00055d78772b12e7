/* SPDX-License-Identifier: MIT */
/* line_uart.c - a serial port between client and guest; see simulate.h. */
#include <string.h>

#include "simulate.h"

#define BASE    0x1000000
#define BACKLOG 4096 /* bytes that the host's side holds */
#define ROOM    4096 /* that it takes at once */

static void plug(struct sim *sim, enum fake_uart_kind kind)
{
	registers_detach_all();
	fake_uart_attach(&sim->fake_uart, kind, BASE);
}

static void plug_16550_qemu(struct sim *sim)
{
	plug(sim, FAKE_16550_QEMU);
}

static void plug_16550_vmm(struct sim *sim)
{
	plug(sim, FAKE_16550_VMM);
}

static void plug_pl011(struct sim *sim)
{
	plug(sim, FAKE_PL011);
}

static void plug_cmsdk(struct sim *sim)
{
	plug(sim, FAKE_CMSDK);
}

static void start(struct sim *sim)
{
	fake_uart_init(&sim->fake_uart, &sim->uart);
	uart_channel(&sim->uart, sim->rx_ring, sim->tx_ring);
	sim->config.channel = &sim->uart.channel;
}

static void unplug(struct sim *sim)
{
	(void)sim;
	registers_detach_all();
}

static bool device(struct sim *sim, unsigned most)
{
	(void)sim, (void)most; /* it moves bytes between any two accesses */
	return false;
}

static bool irq(const struct sim *sim)
{
	return sim->fake_uart.irq;
}

static void interrupt(struct sim *sim)
{
	sim->fake_uart.irq = false;
	qga_interrupt(&sim->agent);
}

static const void *arms(const struct sim *sim)
{
	return (const void *)sim->uart.ops->interrupts;
}

/* Bytes that nobody hears are gone. */
static void client_disconnect(struct sim *sim)
{
	struct fake_uart *fake = &sim->fake_uart;

	fake->sent_len = fake->sent_at; /* never left the host */
	fake->heard_len = 0;
	fake_uart_take(fake, SIZE_MAX / 2 - fake->takes);
}

static void client_connect(struct sim *sim)
{
	sim->fake_uart.heard_len = 0;
}

static void client_reads(struct sim *sim, bool reads)
{
	struct fake_uart *fake = &sim->fake_uart;

	if (reads)
		fake_uart_take(fake, SIZE_MAX / 2 - fake->takes);
	else if (fake->kind != FAKE_16550_VMM) /* which is never full */
		fake->takes = 16 * sim_below(sim, 20);
}

/* The host's arrays are used from their beginning whenever they are empty. */
static size_t client_send(struct sim *sim, const char *data, size_t len)
{
	struct fake_uart *fake = &sim->fake_uart;
	size_t held = fake->sent_len - fake->sent_at, room;

	memmove(fake->sent, fake->sent + fake->sent_at, held);
	fake->sent_at = 0;
	fake->sent_len = held;
	memmove(fake->rx, fake->rx + fake->rx_got, fake->rx_put - fake->rx_got);
	fake->rx_put -= fake->rx_got;
	fake->rx_got = 0;
	room = BACKLOG > held + fake->rx_put ? BACKLOG - held - fake->rx_put : 0;
	if (len > room)
		len = room;
	if (len > 0)
		fake_uart_send(fake, data, len);
	return len;
}

static size_t client_hear(struct sim *sim, char *data, size_t size)
{
	struct fake_uart *fake = &sim->fake_uart;
	size_t n = fake->heard_len < size ? fake->heard_len : size;

	memcpy(data, fake->heard, n);
	memmove(fake->heard, fake->heard + n, fake->heard_len -= n);
	return n;
}

static bool backlog(const struct sim *sim)
{
	return sim->fake_uart.sent_at < sim->fake_uart.sent_len ||
	       sim->fake_uart.rx_got < sim->fake_uart.rx_put;
}

static bool trouble(struct sim *sim)
{
	(void)sim;
	return false;
}

#define OPS                                                                                     \
	.start = start, .unplug = unplug, .device = device, .irq = irq, .interrupt = interrupt, \
	.arms = arms, .connect = client_connect, .disconnect = client_disconnect,               \
	.reads = client_reads, .send = client_send, .hear = client_hear, .backlog = backlog,    \
	.trouble = trouble, .torso_ns = SIM_TORSO

const struct sim_line sim_16550_qemu = {.name = "16550-qemu", .plug = plug_16550_qemu, OPS};
const struct sim_line sim_16550_vmm = {.name = "16550-vmm", .plug = plug_16550_vmm, OPS};
const struct sim_line sim_pl011 = {.name = "pl011", .plug = plug_pl011, OPS};
const struct sim_line sim_cmsdk = {.name = "cmsdk", .plug = plug_cmsdk, OPS};
