/* SPDX-License-Identifier: MIT */
/*
 * fuzz_console.c - libFuzzer: a virtio console that does anything at all with what it may write,
 * and a host whose clients come, go, and flood. The driver must stay within its memory (which is
 * exactly as much as it asks for), must not hang, and must come back when the device is good again.
 *
 * Every input byte pair is one thing that happens.
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
	struct fake_queue *q = &rig->fake.queues[queue];
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
		if (rig->fake.queues[queue].ready != 0)
			fake_complete(&rig->fake, queue, value % 160, value * 3);
		break;
	case 1:
		scribble(rig, queue, value, what);
		break;
	case 2:
		control(rig, what, value);
		break;
	case 3:
		rig->fake.status |= value == 0 ? 0x40 : 0;
		rig->fake.isr |= value & 3;
		break;
	case 4:
		rig_write(rig, rig->sentences, value);
		if (what & 8)
			rig_flush(rig);
		break;
	case 5:
		rig_settle(rig);
		break;
	default:
		host(rig, what / 8 % 8, value % PORTS);
	}
	rig->received_len = 0;
	for (unsigned nr = 0; nr < PORTS; nr++)
		rig->fake.ports[nr].out_len = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct rig *rig;
	static struct fake_console fresh;

	if (rig == NULL) {
		rig = rig_new();
		fake_console_qemu(&rig->fake, RIG_BASE, 2);
		fake_console_port(&rig->fake, 1, RIG_PORT)->host_open = true;
		rig->fake.lies = true;
		fresh = rig->fake;
	}
	if (len < 2)
		return 0;
	rig->fake = fresh;
	rig->fake.version = 1 + data[0] % 2;
	rig->fake.features_high = rig->fake.version == 1 ? 0 : 1;
	rig->fake.deferred = (data[0] & 2) != 0;
	rig->fake.queue_max = 4u << (data[0] / 4 % 8);
	memset(&rig->console, 0, sizeof(rig->console));
	rig->sentences[0] = '\0';
	rig_forget(rig);
	if (!rig_start(rig))
		abort();
	for (size_t i = 1; i + 1 < len; i += 2)
		happen(rig, data[i], data[i + 1]);
	return 0;
}
