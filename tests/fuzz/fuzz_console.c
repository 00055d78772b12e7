/* SPDX-License-Identifier: MIT */
/*
 * fuzz_console.c - libFuzzer: a virtio console that does anything at all with what it may write,
 * and a host whose clients come, go, and flood. The driver must stay within its memory (which is
 * exactly as much as it asks for), must not hang, and must come back when the device is good again.
 *
 * The first bytes say what the device is like, every pair behind them is one thing that happens.
 */
#include <stdlib.h>
#include <string.h>

#include "rig.h"

enum {
	PORTS = 6
};

/* Anything in the part of a ring that is the device's to write. */
static void scribble(struct rig *rig, unsigned queue, unsigned where, unsigned value)
{
	struct fake_queue *q = &rig->fake.mmio.queues[queue];
	uint64_t size = 6 + 8 * q->num;

	if (q->ready != 0)
		rig->memory[q->used - RIG_ADDRESS + where * 5 % size] = (uint8_t)value;
}

static void control(struct rig *rig, unsigned event, unsigned value)
{
	static const char name[] =
		RIG_PORT "\0and more than fits, and more than fits, and more than fits";

	fake_control(&rig->fake, value % 8, (uint16_t)(event % 9), (uint16_t)(value / 8), name,
	             event < 128 ? sizeof(RIG_PORT) : value % sizeof(name));
}

static void host(struct rig *rig, unsigned what, unsigned nr)
{
	static const char flood[RIG_RX_SIZE * 3];

	switch (what) {
	case 0:
		fake_host_connect(&rig->fake, nr);
		break;
	case 1:
		fake_host_disconnect(&rig->fake, nr);
		break;
	case 2:
		fake_host_read(&rig->fake, nr, false);
		break;
	case 3:
		fake_host_unplug(&rig->fake, nr);
		break;
	case 4:
		fake_host_plug(&rig->fake, nr, RIG_PORT);
		break;
	default:
		if (rig->fake.ports[nr].in_len < 4096)
			fake_host_send(&rig->fake, nr, flood, what * 37 % sizeof(flood));
	}
}

static void happen(struct rig *rig, unsigned what, unsigned value)
{
	unsigned queue = what / 32 % 8;

	switch (what % 8) {
	case 0:
		if (rig->fake.mmio.queues[queue].ready != 0)
			fake_complete(&rig->fake, queue, value % 160, value * 3);
		break;
	case 1:
		scribble(rig, queue, value, what);
		break;
	case 2:
		control(rig, what, value);
		break;
	case 3:
		rig->fake.mmio.status |= value == 0 ? 0x40 : 0;
		rig->fake.mmio.isr |= value & 3;
		break;
	case 4:
		rig_write(rig, rig->sentences, value);
		if (what & 8)
			rig_flush(rig);
		break;
	case 5:
		rig_settle(rig);
		rig->console.channel.ops->tx_busy(&rig->console.channel);
		break;
	default:
		host(rig, what / 8 % 8, value % PORTS);
	}
	rig->received_len = 0;
	for (unsigned nr = 0; nr < PORTS; nr++)
		rig->fake.ports[nr].out_len = 0;
}

/* What a device may be like: its maker, and the place of the agent's port. */
struct likeness {
	uint8_t maker, place, size, fault;
};

static void make(struct rig *rig, const struct likeness *like)
{
	struct fake_console *fake = &rig->fake;

	switch (like->maker % 5) {
	case 0:
	case 1:
		fake_console_qemu(fake, RIG_BASE, 1 + like->maker % 5);
		break;
	case 2:
		fake_console_crosvm(fake, RIG_BASE);
		break;
	default:
		rig_resize(rig, QGA_VIRTIO_CONSOLE_MEMORY_FIXED(RIG_RX_COUNT, RIG_RX_SIZE,
		                                                RIG_TX_COUNT, RIG_TX_SIZE, 128));
		fake_console_kvmtool(fake, RIG_BASE, like->maker % 5 - 2);
	}
	if (like->maker % 5 < 3) {
		fake->mmio.queue_max = 4u << like->size % 8;
		fake->deferred = (like->size & 8) != 0;
		if (like->place % 8 < PORTS)
			fake_console_port(fake, like->place % 8, RIG_PORT)->host_open = true;
		if (like->place & 8)
			fake_console_port(fake, 2, RIG_PORT);
		if (like->place & 16)
			fake_console_port(fake, 3, "console")->console = true;
	}
	fake->mmio.lies = true;
	rig->config.unnamed = (like->place & 32) != 0;
	rig->config.n_devices = 1;
	if (like->place & 64) {
		fake_console_qemu(&rig->fake_2, RIG_BASE_2, 1);
		fake_console_port(&rig->fake_2, 1, like->place & 128 ? RIG_PORT : "other");
		rig->fake_2.mmio.lies = true;
		rig->devices[1].base = RIG_BASE;
		rig->devices[0].base = RIG_BASE_2;
		rig->config.n_devices = 2;
	}
}

/* Something that a driver has to notice while it starts the device. */
static void spoil(struct fake_console *fake, unsigned fault)
{
	switch (fault % 8) {
	case 1:
		fake->mmio.version = fault / 8;
		break;
	case 2:
		fake->mmio.features = fault / 8;
		break;
	case 3:
		fake->mmio.features_high = 0;
		break;
	case 4:
		fake->mmio.queue_max = fault / 8;
		break;
	case 5:
		fake->mmio.device_id = fault / 8;
		break;
	case 6:
		fake->max_ports = 1 + fault / 8;
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct likeness like;
	struct rig *rig;
	bool started;

	if (len < sizeof(like))
		return 0;
	memcpy(&like, data, sizeof(like));
	rig = rig_new();
	make(rig, &like);
	spoil(&rig->fake, like.fault);
	started = rig_start(rig);
	if (!started && like.fault % 8 == 0 && (rig->config.unnamed || like.maker % 5 < 3))
		abort();
	for (size_t i = sizeof(like); started && i + 1 < len; i += 2)
		happen(rig, data[i], data[i + 1]);
	rig->console.channel.ops->close(&rig->console.channel);
	rig_free(rig);
	return 0;
}
