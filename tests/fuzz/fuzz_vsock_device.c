/* SPDX-License-Identifier: MIT */
/*
 * fuzz_vsock_device.c - libFuzzer: a virtio socket device that does anything at all with what it may
 * write, and programs of the host that come, go, flood and lie. The driver must stay within its memory
 * (which is exactly as much as it asks for), must not hang, and what it sends must be well-formed: the
 * fake device objects to all else.
 *
 * The first two bytes say what the device is like, every pair behind them is one thing that happens.
 */
#include <stdlib.h>
#include <string.h>

#include "vsock_rig.h"

/* Anything in the part of a ring that is the device's to write. */
static void scribble(struct vsock_rig *rig, unsigned queue, unsigned where, unsigned value)
{
	struct fake_queue *q = &rig->fake.mmio.queues[queue];
	uint64_t size = 6 + 8 * q->num;

	if (q->ready != 0)
		rig->memory[q->used - VRIG_ADDRESS + where * 5 % size] = (uint8_t)value;
}

/* A program does something, mostly within the rules. */
static void host(struct vsock_rig *rig, unsigned what, unsigned value)
{
	static const char data[256] = "{\"execute\":\"guest-ping\"}";
	uint32_t len = what % 8 == VSOCK_RW ? value : 0;

	if (rig->fake.in_len > 8192)
		return;
	rig->credit = 64 + value;
	vsock_rig_say(rig, 50 + (what & 8) / 8, what % 8, value, data, len);
}

/* A header of any content, and a length that is not true. */
static void claim(struct vsock_rig *rig, unsigned what, unsigned value)
{
	struct fake_vsock_header header = {.src_cid = VRIG_HOST,
	                                   .dst_cid = rig->fake.cid,
	                                   .src_port = 50,
	                                   .dst_port = VRIG_PORT,
	                                   .len = value * 3,
	                                   .type = 1,
	                                   .op = VSOCK_RW};

	switch (what % 8) {
	case 0:
		header.len = UINT32_MAX - value;
		break;
	case 1:
		header.type = (uint16_t)value;
		break;
	case 2:
		header.dst_port = value;
		break;
	case 3:
		header.op = (uint16_t)value;
		break;
	case 4:
		header.fwd_cnt = value << 24;
		header.op = VSOCK_CREDIT_UPDATE;
		break;
	case 5:
		header.src_cid = header.dst_cid = value;
		break;
	}
	fake_vsock_claim(&rig->fake, &header, value * 5);
}

static void happen(struct vsock_rig *rig, unsigned what, unsigned value)
{
	struct fake_vsock *fake = &rig->fake;
	unsigned queue = what / 8 % FAKE_VSOCK_QUEUES;
	struct fake_vsock_header header;
	static char heard[65536];

	switch (what % 8) {
	case 0:
		if (fake->mmio.queues[queue].ready != 0)
			fake_mmio_complete(&fake->mmio, queue, value % 40, value * 3);
		break;
	case 1:
		scribble(rig, queue, value, what);
		break;
	case 2:
		claim(rig, what / 8, value);
		break;
	case 3:
		fake->mmio.status |= value == 0 ? 0x40 : 0;
		fake->mmio.isr |= value & 3;
		fake->lazy = (value & 4) != 0;
		rig->deaf = (value & 8) != 0;
		if (value == 255 && fake->mmio.queues[2].ready != 0 && !fake->lazy)
			fake->cid++;
		break;
	case 4:
		vsock_rig_write(rig, heard, value * 2);
		break;
	case 5:
		vsock_rig_settle(rig);
		rig->vsock.channel.ops->tx_busy(&rig->vsock.channel);
		break;
	default:
		host(rig, what / 8, value);
	}
	rig->received_len = 0;
	rig->sentences[0] = '\0';
	while (fake_vsock_hear(fake, &header, heard, sizeof(heard)))
		rig->forwarded += header.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct vsock_rig *rig;
	bool started;

	if (len < 2)
		return 0;
	rig = vsock_rig_new();
	if (data[0] % 3 == 0)
		fake_vsock_firecracker(&rig->fake, VRIG_BASE);
	else
		fake_vsock_qemu(&rig->fake, VRIG_BASE, data[0] % 3);
	rig->fake.mmio.lies = true;
	rig->fake.mmio.queue_max = 1u << data[1] % 10;
	if (data[1] >= 128)
		rig->fake.mmio.device_id = data[1] % 32;
	started = vsock_rig_start(rig);
	if (!started && data[1] < 128 && rig->fake.mmio.queue_max >= 4)
		abort();
	for (size_t i = 2; started && i + 1 < len; i += 2)
		happen(rig, data[i], data[i + 1]);
	rig->vsock.channel.ops->close(&rig->vsock.channel);
	vsock_rig_free(rig);
	return 0;
}
