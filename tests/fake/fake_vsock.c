/* SPDX-License-Identifier: MIT */
/* fake_vsock.c - see fake_vsock.h. Written from Virtual I/O Device 1.2, not from the driver. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_vsock.h"

enum {
	RX,
	TX,
	EVENT,
	HEADER = 44,
	RW = 5,
	PACKET_MAX = 65536
};

_Static_assert(sizeof(struct fake_vsock_header) == HEADER, "5.10.6");

/* A descriptor chain of the guest: its pieces. */
struct chain {
	uint16_t id;
	unsigned n;
	struct {
		uint8_t *data;
		uint32_t len;
	} piece[4];
};

static struct fake_vsock *vsock_of(const struct fake_mmio *mmio)
{
	return (struct fake_vsock *)mmio;
}

/* The next chain, which stays the guest's until it is taken by `next`; false: there is none. */
static bool peek(struct fake_vsock *f, unsigned queue, struct chain *chain)
{
	int id = fake_mmio_peek(&f->mmio, queue);
	struct fake_desc desc = {.flags = 1, .next = (uint16_t)id};

	if (id < 0)
		return false;
	chain->id = (uint16_t)id;
	for (chain->n = 0; (desc.flags & 1) != 0; chain->n++) {
		if (chain->n == 4)
			fake_object("a long chain", desc.next);
		desc = fake_mmio_desc(&f->mmio, queue, desc.next);
		if ((desc.flags & ~1u) != (queue == TX ? 0 : 2))
			fake_object("a descriptor for the wrong direction", desc.flags);
		chain->piece[chain->n].len = desc.len;
		chain->piece[chain->n].data = desc.data;
	}
	if (queue == EVENT)
		return true;
	if (chain->piece[0].len < HEADER || (f->pairs && chain->piece[0].len != HEADER))
		fake_object("a header of a wrong size", chain->piece[0].len);
	if (f->pairs && queue == RX && chain->n != 2)
		fake_object("no descriptor for data", chain->n);
	return true;
}

/* Copies into or out of all pieces; returns how much there was room for. */
static uint32_t copy(const struct chain *chain, uint8_t *bytes, uint32_t len, bool out)
{
	uint32_t done = 0, n;

	for (unsigned i = 0; i < chain->n && done < len; i++, done += n) {
		n = chain->piece[i].len < len - done ? chain->piece[i].len : len - done;
		memcpy(out ? bytes + done : chain->piece[i].data,
		       out ? chain->piece[i].data : bytes + done, n);
	}
	return done;
}

static void deliver(struct fake_vsock *f)
{
	struct fake_vsock_header header;
	struct chain chain;
	uint8_t packet[HEADER + PACKET_MAX];
	uint32_t len, room;

	while (f->in_len > 0 && !f->holding && peek(f, RX, &chain)) {
		memcpy(&header, f->in, HEADER);
		for (unsigned i = room = 0; i < chain.n; i++)
			room += chain.piece[i].len;
		len = header.len < room - HEADER ? header.len : room - HEADER;
		/* The rest goes into another packet. */
		memcpy(packet, f->in, HEADER + len);
		memcpy(packet + 24, &len, 4);
		header.len -= len;
		memmove(f->in, f->in + HEADER + len, f->in_len - HEADER - len);
		f->in_len -= HEADER + len;
		if (header.len > 0) {
			memmove(f->in + HEADER, f->in, f->in_len);
			memcpy(f->in, &header, HEADER);
			f->in_len += HEADER;
		}
		copy(&chain, packet, HEADER + len, false);
		f->mmio.queues[RX].next++;
		fake_mmio_complete(&f->mmio, RX, chain.id, HEADER + len);
	}
}

static void collect(struct fake_vsock *f)
{
	struct fake_vsock_header header;
	struct chain chain;
	uint32_t len, total;

	while (!f->lazy && peek(f, TX, &chain)) {
		copy(&chain, (uint8_t *)&header, HEADER, true);
		len = header.len;
		if (len > PACKET_MAX)
			fake_object("a packet of more than 64 KiB", len);
		if (len > 0 && header.op != RW)
			fake_object("data in a packet that has none", header.op);
		if (len > 0 && f->pairs && chain.n != 2)
			fake_object("no descriptor for the data", chain.n);
		if (len == 0 && chain.n != 1)
			fake_object("a descriptor for no data", chain.n);
		for (unsigned i = total = 0; i < chain.n; i++)
			total += chain.piece[i].len;
		if (total != HEADER + len)
			fake_object("descriptors of another length than the packet's", total);
		if (f->out_len + HEADER + len > sizeof(f->out))
			fake_object("the host has heard enough", len);
		if (copy(&chain, f->out + f->out_len, HEADER + len, true) != HEADER + len)
			fake_object("less data than the header says", len);
		f->out_len += HEADER + len;
		f->mmio.queues[TX].next++;
		fake_mmio_complete(&f->mmio, TX, chain.id, 0);
	}
}

bool fake_vsock_run(struct fake_vsock *f)
{
	bool any = false;

	for (unsigned i = 0; i < FAKE_VSOCK_QUEUES; i++) {
		any |= f->mmio.queues[i].notified;
		if (i == EVENT && f->mmio.queues[i].notified)
			f->holding = false;
		f->mmio.queues[i].notified = false;
	}
	if (fake_mmio_is_live(&f->mmio)) {
		collect(f);
		deliver(f);
	}
	return any;
}

static void reset(struct fake_mmio *mmio)
{
	struct fake_vsock *f = vsock_of(mmio);

	f->in_len = 0;
	f->holding = false;
}

static unsigned queues(const struct fake_mmio *mmio)
{
	(void)mmio;
	return FAKE_VSOCK_QUEUES;
}

static uint32_t config(const struct fake_mmio *mmio, unsigned offset)
{
	if (offset != 0)
		fake_object("a field of the configuration that is not asked for", offset);
	return vsock_of(mmio)->cid;
}

static void set_up(struct fake_vsock *f, uintptr_t base, unsigned version)
{
	static const struct fake_mmio_ops ops = {queues, reset, NULL, config};

	memset(f, 0, sizeof(*f));
	fake_mmio_set_up(&f->mmio, &ops, base, version, 19);
	f->cid = 3;
	f->mmio.features_high = version == 1 ? 0 : 1;
	f->mmio.steps = f->mmio.all_queues = f->pairs = true;
}

void fake_vsock_qemu(struct fake_vsock *f, uintptr_t base, unsigned version)
{
	set_up(f, base, version);
	f->mmio.vendor = 0x554d4551;
	f->mmio.features = 0x39000000;
	f->mmio.queue_max = 128;
}

void fake_vsock_firecracker(struct fake_vsock *f, uintptr_t base)
{
	set_up(f, base, 2);
	f->mmio.features = 1u << 29;
	f->mmio.features_high = 1 | 1 << 3;
	f->mmio.queue_max = 256;
	f->mmio.no_reset = f->holds_rx = true;
}

void fake_vsock_send(struct fake_vsock *f, const struct fake_vsock_header *header, const void *data)
{
	uint32_t len = header->len;

	if (f->in_len + HEADER + len > sizeof(f->in) - HEADER || len > PACKET_MAX)
		fake_object("the host has sent enough", f->in_len);
	memcpy(f->in + f->in_len, header, HEADER);
	if (len > 0)
		memcpy(f->in + f->in_len + HEADER, data, len);
	f->in_len += HEADER + len;
	if (fake_mmio_is_live(&f->mmio))
		deliver(f);
}

void fake_vsock_claim(struct fake_vsock *f, const struct fake_vsock_header *header, uint32_t len)
{
	struct chain chain;

	if (!peek(f, RX, &chain))
		return;
	memcpy(chain.piece[0].data, header, HEADER);
	f->mmio.queues[RX].next++;
	fake_mmio_complete(&f->mmio, RX, chain.id, len);
}

void fake_vsock_nothing(struct fake_vsock *f, const struct fake_vsock_header *header)
{
	struct chain chain;
	uint16_t op;

	if (!peek(f, RX, &chain))
		fake_object("no buffer for nothing", 0);
	memcpy(&op, chain.piece[0].data + 30, sizeof(op));
	if (header != NULL)
		memcpy(chain.piece[0].data, header, HEADER);
	memcpy(chain.piece[0].data + 30, &op, sizeof(op));
	f->mmio.queues[RX].next++;
	fake_mmio_complete(&f->mmio, RX, chain.id, HEADER);
}

bool fake_vsock_hear(struct fake_vsock *f, struct fake_vsock_header *header, void *data,
                     size_t size)
{
	if (f->out_len == 0)
		return false;
	memcpy(header, f->out, HEADER);
	if (header->len > size)
		fake_object("more data than expected", header->len);
	if (header->len > 0)
		memcpy(data, f->out + HEADER, header->len);
	memmove(f->out, f->out + HEADER + header->len, f->out_len - HEADER - header->len);
	f->out_len -= HEADER + header->len;
	return true;
}

void fake_vsock_transport_reset(struct fake_vsock *f, uint32_t cid)
{
	struct chain chain;
	uint32_t event = 0;

	if (!peek(f, EVENT, &chain))
		fake_object("no buffer for an event", 0);
	copy(&chain, (uint8_t *)&event, sizeof(event), false);
	f->mmio.queues[EVENT].next++;
	f->cid = cid;
	f->in_len = 0;
	f->holding = f->holds_rx;
	fake_mmio_complete(&f->mmio, EVENT, chain.id, sizeof(event));
}
