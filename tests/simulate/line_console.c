/* SPDX-License-Identifier: MIT */
/* line_console.c - a virtio console between client and guest; see simulate.h. */
#include <string.h>

#include "simulate.h"

#define BACKLOG  4096 /* bytes that the host's side holds */
#define RESTARTS 8    /* that a driver forgives while nobody leaves */

static struct fake_port *port_of(const struct sim *sim)
{
	return &sim->rig->fake.ports[sim->port];
}

static void plug_port(struct sim *sim)
{
	static const unsigned ports[] = {1, 1, 1, 0, 3};

	sim->port = ports[sim_below(sim, 5)];
	sim->rig->fake.deferred = true;
	sim->rig->config.debug = NULL;
	fake_console_port(&sim->rig->fake, sim->port, RIG_PORT);
	fake_mmio_memory(&sim->rig->fake.mmio, sim->rig->memory, sim->rig->memory_size,
	                 RIG_ADDRESS);
}

static void plug_legacy(struct sim *sim)
{
	sim->rig = rig_new();
	fake_console_qemu(&sim->rig->fake, RIG_BASE, 1);
	plug_port(sim);
}

static void plug_modern(struct sim *sim)
{
	sim->rig = rig_new();
	fake_console_qemu(&sim->rig->fake, RIG_BASE, 2);
	plug_port(sim);
}

static void plug_crosvm(struct sim *sim)
{
	sim->rig = rig_new();
	fake_console_crosvm(&sim->rig->fake, RIG_BASE);
	plug_port(sim);
}

static void start(struct sim *sim)
{
	memset(sim->rig->memory, 0xa5, sim->rig->memory_size);
	sim->rig->devices[0] = (struct qga_virtio_device){
		.bus = &qga_virtio_mmio, .base = RIG_BASE, .dma = &sim->rig->dma};
	if (qga_virtio_console_init(&sim->rig->console, &sim->rig->config) != 0)
		sim_fail(sim, "the console does not start", NULL);
	sim->config.channel = &sim->rig->console.channel;
}

static void unplug(struct sim *sim)
{
	rig_free(sim->rig);
}

static bool device(struct sim *sim, unsigned most)
{
	if (port_of(sim)->out_len > FAKE_STREAM / 2)
		sim_client_hear(sim);
	sim->rig->fake.most = most;
	return fake_console_run(&sim->rig->fake);
}

static bool irq(const struct sim *sim)
{
	return sim->rig->fake.mmio.isr != 0;
}

static void client_connect(struct sim *sim)
{
	sim->resets = sim->rig->fake.mmio.resets;
	fake_host_connect(&sim->rig->fake, sim->port);
}

static void client_disconnect(struct sim *sim)
{
	fake_host_disconnect(&sim->rig->fake, sim->port);
	port_of(sim)->out_len = 0;
}

static void client_reads(struct sim *sim, bool reads)
{
	fake_host_read(&sim->rig->fake, sim->port, reads);
}

static size_t client_send(struct sim *sim, const char *data, size_t len)
{
	size_t room = BACKLOG - port_of(sim)->in_len;

	if (len > room)
		len = room;
	if (len > 0)
		fake_host_send(&sim->rig->fake, sim->port, data, len);
	return len;
}

static size_t client_hear(struct sim *sim, char *data, size_t size)
{
	struct fake_port *port = port_of(sim);
	size_t n = port->out_len < size ? port->out_len : size;

	memcpy(data, port->out, n);
	memmove(port->out, port->out + n, port->out_len -= (unsigned)n);
	return n;
}

static bool backlog(const struct sim *sim)
{
	return port_of(sim)->in_len > 0;
}

/* QEMU's leak, see docs/DESIGN.md. */
static bool excused(const struct sim *sim)
{
	return sim->rig->fake.leaked == RIG_TX_COUNT;
}

/*
 * Has a reset taken what was under way? One that the device wants does, and one after which it has buffers for answers
 * again, of which QEMU's leak had left none. What came before is right all the same, and in the turn of the reset
 * the guest may answer the rest of a request.
 */
static bool lost(struct sim *sim)
{
	const struct fake_console *fake = &sim->rig->fake;
	bool none_left = fake->leaked_before == RIG_TX_COUNT;

	if (fake->mmio.resets == sim->resets)
		return false;
	sim->resets = fake->mmio.resets;
	sim->excused += none_left && !sim->breaks;
	return sim->breaks || none_left;
}

static bool needs_reset(struct sim *sim)
{
	struct fake_mmio *mmio = &sim->rig->fake.mmio;

	if (sim->rig->config.n_devices != 1 || mmio->version != 2)
		return false; /* legacy devices have no such bit */
	if (rig_console(sim->rig)->restarts == RESTARTS)
		return false; /* the next one would be given up, on purpose */
	sim->breaks = true;
	sim_device_breaks(sim, mmio);
	sim_client_hear(sim);
	sim->breaks = false;
	return true;
}

/* The port is gone, and comes again, perhaps with another number. */
static bool replug(struct sim *sim)
{
	struct fake_console *fake = &sim->rig->fake;
	bool connected = sim->connected;

	if (fake->mmio.status == 0 || fake->names_early)
		return false;
	fake_host_unplug(fake, sim->port);
	for (uint32_t n = sim_below(sim, 4); n > 0; n--) {
		sim_guest_turn(sim);
		device(sim, 0);
	}
	port_of(sim)->in_len = port_of(sim)->out_len = 0;
	sim->port = 1 + sim_below(sim, 5);
	fake_host_plug(fake, sim->port, RIG_PORT);
	if (connected)
		port_of(sim)->host_open = port_of(sim)->host_reads = true;
	sim->reads = true;
	return true;
}

static bool trouble(struct sim *sim)
{
	return sim_one_in(sim, 2) ? needs_reset(sim) : replug(sim);
}

#define OPS                                                                                \
	.start = start, .unplug = unplug, .device = device, .irq = irq,                    \
	.interrupt = sim_virtio_interrupt, .arms = sim_virtio_arms, .lost = lost,          \
	.connect = client_connect, .disconnect = client_disconnect, .reads = client_reads, \
	.send = client_send, .hear = client_hear, .backlog = backlog, .trouble = trouble,  \
	.excused = excused

const struct sim_line sim_qemu_legacy = {
	.name = "qemu-legacy", .plug = plug_legacy, .tells = true, .quiet = true, OPS};
const struct sim_line sim_qemu_modern = {
	.name = "qemu-modern", .plug = plug_modern, .tells = true, .quiet = true, OPS};
const struct sim_line sim_crosvm = {.name = "crosvm", .plug = plug_crosvm, .quiet = true, OPS};
