/* SPDX-License-Identifier: MIT */
/* line_vsock.c - a socket device between client and guest; see simulate.h. */
#include <string.h>

#include "simulate.h"

static void plug(struct sim *sim)
{
	sim->vrig = vsock_rig_new();
	sim->vrig->config.debug = NULL;
	sim->vsock.port = 1000;
}

static void plug_qemu(struct sim *sim)
{
	plug(sim);
	fake_vsock_qemu(&sim->vrig->fake, VRIG_BASE, 2);
}

static void plug_firecracker(struct sim *sim)
{
	plug(sim);
	fake_vsock_firecracker(&sim->vrig->fake, VRIG_BASE);
}

static void start(struct sim *sim)
{
	struct vsock_rig *rig = sim->vrig;

	fake_mmio_memory(&rig->fake.mmio, rig->memory, rig->config.memory_size, VRIG_ADDRESS);
	memset(rig->memory, 0xa5, rig->config.memory_size);
	rig->device = (struct qga_virtio_device){
		.bus = &qga_virtio_mmio, .base = VRIG_BASE, .dma = &rig->dma};
	if (qga_virtio_vsock_init(&rig->vsock, &rig->config) != 0)
		sim_fail(sim, "the socket device does not start", NULL);
	sim->config.channel = &rig->vsock.channel;
}

static void unplug(struct sim *sim)
{
	vsock_rig_free(sim->vrig);
}

/* A packet of the guest for the client that is there. */
static void take_packet(struct sim *sim, const struct fake_vsock_header *header, const char *data)
{
	if (header->dst_port != sim->vsock.port || !sim->connected)
		return;
	sim->vrig->guest_alloc = header->buf_alloc;
	sim->vrig->guest_forwarded = header->fwd_cnt;
	switch (header->op) {
	case VSOCK_RESPONSE:
		sim->vsock.open = true;
		break;
	case VSOCK_RW:
		if (!sim->vsock.open || sim->vsock.n + header->len > VRIG_CREDIT)
			sim_fail(sim, "the guest sends without leave", NULL);
		memcpy(sim->vsock.held + sim->vsock.n, data, header->len);
		sim->vsock.n += header->len;
		break;
	case VSOCK_CREDIT_REQUEST:
		vsock_rig_say(sim->vrig, sim->vsock.port, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
		break;
	case VSOCK_CREDIT_UPDATE:
		sim->vsock.asked = false;
		break;
	default:
		sim_fail(sim, "the guest ends a connection", NULL);
	}
}

static bool take_packets(struct sim *sim)
{
	struct fake_vsock_header header;
	char data[VRIG_SIZE];
	bool any = false;

	while (fake_vsock_hear(&sim->vrig->fake, &header, data, sizeof data)) {
		take_packet(sim, &header, data);
		any = true;
	}
	return any;
}

static bool device(struct sim *sim, unsigned most)
{
	struct fake_vsock *fake = &sim->vrig->fake;
	unsigned in = fake->in_len, out = fake->out_len;
	bool any;

	fake->lazy = most == 1;
	any = fake_vsock_run(fake);
	fake->lazy = false;
	any |= fake->in_len != in || fake->out_len != out;
	return take_packets(sim) || any;
}

static bool irq(const struct sim *sim)
{
	return sim->vrig->fake.mmio.isr != 0;
}

static void client_connect(struct sim *sim)
{
	take_packets(sim);
	sim->vsock.port++;
	sim->vsock.open = sim->vsock.asked = false;
	sim->vsock.n = 0;
	sim->vsock.told = 0;
	sim->vrig->guest_alloc = sim->vrig->guest_forwarded = 0;
	vsock_rig_say(sim->vrig, sim->vsock.port, VSOCK_REQUEST, 0, NULL, 0);
}

static void client_disconnect(struct sim *sim)
{
	bool rst = sim_one_in(sim, 3);

	vsock_rig_say(sim->vrig, sim->vsock.port, rst ? VSOCK_RST : VSOCK_SHUTDOWN, rst ? 0 : 3,
	              NULL, 0);
	sim->vsock.open = false;
	sim->vsock.n = 0;
}

static void client_reads(struct sim *sim, bool reads)
{
	(void)sim, (void)reads; /* see client_hear() */
}

static size_t client_send(struct sim *sim, const char *data, size_t len)
{
	const struct vsock_rig *rig = sim->vrig;
	uint32_t room = rig->guest_alloc - (rig->sent - rig->guest_forwarded);

	if (!sim->vsock.open || sim->vsock.asked)
		return 0;
	if (room == 0 && len > 0) {
		sim->vsock.asked = true; /* vhost-device-vsock: only a CREDIT_UPDATE answers it */
		vsock_rig_say(sim->vrig, sim->vsock.port, VSOCK_CREDIT_REQUEST, 0, NULL, 0);
	}
	if (len > room)
		len = room;
	if (len > 0)
		vsock_rig_say(sim->vrig, sim->vsock.port, VSOCK_RW, 0, data, (uint32_t)len);
	return len;
}

/* What the client takes is credit for the guest, which is told of it now and then. */
static size_t client_hear(struct sim *sim, char *data, size_t size)
{
	size_t n;

	take_packets(sim);
	n = !sim->reads ? 0 : sim->vsock.n < size ? sim->vsock.n : size;
	memcpy(data, sim->vsock.held, n);
	memmove(sim->vsock.held, sim->vsock.held + n, sim->vsock.n -= n);
	sim->vrig->forwarded += (uint32_t)n;
	if (sim->vrig->forwarded - sim->vsock.told > VRIG_CREDIT / 2) {
		sim->vsock.told = sim->vrig->forwarded;
		vsock_rig_say(sim->vrig, sim->vsock.port, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
	}
	return n;
}

static bool backlog(const struct sim *sim)
{
	return sim->vrig->fake.in_len > 0;
}

/* The device wants a reset, or says that all connections are gone. */
static bool trouble(struct sim *sim)
{
	struct fake_vsock *fake = &sim->vrig->fake;

	for (unsigned i = 0; i < 8; i++) {
		sim_guest_turn(sim);
		device(sim, 0);
	}
	sim->connected = sim->vsock.open = false;
	sim->vsock.n = 0;
	if (fake->mmio.no_reset || sim_one_in(sim, 2)) {
		fake_vsock_transport_reset(fake, 3 + sim_below(sim, 5));
		sim->awake = true;
		return true;
	}
	sim_device_breaks(sim, &fake->mmio);
	return true;
}

#define OPS                                                                                        \
	.start = start, .unplug = unplug, .device = device, .irq = irq,                            \
	.interrupt = sim_virtio_interrupt, .arms = sim_virtio_arms, .connect = client_connect,     \
	.disconnect = client_disconnect, .reads = client_reads, .send = client_send,               \
	.hear = client_hear, .backlog = backlog, .trouble = trouble, .apart = true, .tells = true, \
	.quiet = true

const struct sim_line sim_vsock_qemu = {.name = "vsock-qemu", .plug = plug_qemu, OPS};
const struct sim_line sim_vsock_firecracker = {
	.name = "vsock-firecracker", .plug = plug_firecracker, .once = true, OPS};
