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

static void object(const char *sentence, unsigned value)
{
	fprintf(stderr, "fake vsock: %s (0x%x)\n", sentence, value);
	abort();
}

static void *at(struct fake_vsock *f, uint64_t address, uint64_t len)
{
	if (address < f->memory_address || len > f->memory_size ||
	    address - f->memory_address > f->memory_size - len)
		object("an address outside the guest's memory", (unsigned)address);
	return f->memory + (address - f->memory_address);
}

static uint16_t get16(struct fake_vsock *f, uint64_t address)
{
	return *(volatile uint16_t *)at(f, address, 2);
}

static bool is_live(const struct fake_vsock *f)
{
	return (f->status & 4) != 0 && (f->status & 0x80) == 0;
}

/* The next chain, which stays the guest's until it is taken by `next`; false: there is none. */
static bool peek(struct fake_vsock *f, unsigned queue, struct chain *chain)
{
	struct fake_vsock_queue *q = &f->queues[queue];
	uint16_t flags = 1, id, given;

	if (!is_live(f) || q->ready == 0 || q->next == get16(f, q->avail + 2))
		return false;
	given = (uint16_t)(get16(f, q->avail + 2) - q->next);
	if (given > q->num && f->lies)
		return false;
	if (given > q->num)
		object("the guest publishes more than the ring holds", queue);
	chain->id = id = get16(f, q->avail + 4 + 2 * (q->next % q->num));
	for (chain->n = 0; (flags & 1) != 0; chain->n++) {
		uint64_t desc = q->desc + 16 * id;

		if (id >= q->num || chain->n == 4)
			object("no such descriptor, or a long chain", id);
		flags = get16(f, desc + 12);
		if ((flags & ~1u) != (queue == TX ? 0 : 2))
			object("a descriptor for the wrong direction", flags);
		chain->piece[chain->n].len = *(uint32_t *)at(f, desc + 8, 4);
		chain->piece[chain->n].data =
			at(f, *(uint64_t *)at(f, desc, 8), chain->piece[chain->n].len);
		id = get16(f, desc + 14);
	}
	if (queue == EVENT)
		return true;
	if (chain->piece[0].len < HEADER || (f->pairs && chain->piece[0].len != HEADER))
		object("a header of a wrong size", chain->piece[0].len);
	if (f->pairs && queue == RX && chain->n != 2)
		object("no descriptor for data", chain->n);
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

/* For the entry `idx` of the used ring: used_event is behind the available one, if that was agreed on (2.7.7). */
static bool interrupts(struct fake_vsock *f, const struct fake_vsock_queue *q, uint16_t idx)
{
	if ((f->accepted[0] & 1u << 29) != 0)
		return get16(f, q->avail + 4 + 2 * q->num) == idx;
	return (get16(f, q->avail) & 1) == 0;
}

void fake_vsock_complete(struct fake_vsock *f, unsigned queue, uint32_t id, uint32_t len)
{
	struct fake_vsock_queue *q = &f->queues[queue];
	uint16_t *idx = at(f, q->used + 2, 2);
	uint32_t *entry = at(f, q->used + 4 + 8 * (*idx % q->num), 8);

	entry[0] = id;
	entry[1] = len;
	++*idx;
	if (interrupts(f, q, (uint16_t)(*idx - 1))) {
		f->isr |= 1;
		f->interrupts++;
	}
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
		f->queues[RX].next++;
		fake_vsock_complete(f, RX, chain.id, HEADER + len);
	}
}

static void collect(struct fake_vsock *f)
{
	struct fake_vsock_header header;
	struct chain chain;
	uint32_t len;

	while (!f->lazy && peek(f, TX, &chain)) {
		copy(&chain, (uint8_t *)&header, HEADER, true);
		len = header.len;
		if (len > PACKET_MAX)
			object("a packet of more than 64 KiB", len);
		if (len > 0 && header.op != RW)
			object("data in a packet that has none", header.op);
		if (len > 0 && f->pairs && chain.n != 2)
			object("no descriptor for the data", chain.n);
		if (f->out_len + HEADER + len > sizeof(f->out))
			object("the host has heard enough", len);
		if (copy(&chain, f->out + f->out_len, HEADER + len, true) != HEADER + len)
			object("less data than the header says", len);
		f->out_len += HEADER + len;
		f->queues[TX].next++;
		fake_vsock_complete(f, TX, chain.id, 0);
	}
}

bool fake_vsock_run(struct fake_vsock *f)
{
	bool any = false;

	for (unsigned i = 0; i < FAKE_VSOCK_QUEUES; i++) {
		any |= f->queues[i].notified;
		if (i == EVENT && f->queues[i].notified)
			f->holding = false;
		f->queues[i].notified = false;
	}
	if (is_live(f)) {
		collect(f);
		deliver(f);
	}
	return any;
}

static void reset(struct fake_vsock *f)
{
	f->resets++;
	if (f->no_reset && (f->status & 4) != 0) {
		f->status |= 0x80;
		return;
	}
	f->status = f->isr = f->features_sel = f->driver_sel = f->page_size = f->queue_sel = 0;
	memset(f->accepted, 0, sizeof(f->accepted));
	memset(f->queues, 0, sizeof(f->queues));
	f->in_len = 0;
	f->holding = false;
}

static void write_status(struct fake_vsock *f, uint32_t value)
{
	static const uint32_t modern[] = {0, 1, 3, 0xb, 0xf}, legacy[] = {0, 1, 3, 7, 7};
	const uint32_t *steps = f->version == 1 ? legacy : modern;

	if (value == 0) {
		reset(f);
		return;
	}
	if ((value & 4) != 0 && (value & 0x80) == 0)
		for (unsigned i = 0; i < FAKE_VSOCK_QUEUES; i++)
			if (f->queues[i].ready == 0)
				object("DRIVER_OK without a queue", i);
	if (f->steps && (value & 0x80) == 0) {
		for (unsigned i = 0; i < 4; i++) {
			if (f->status == steps[i] && value == steps[i + 1]) {
				f->status = value;
				return;
			}
		}
		object("Status not written step by step", value);
	}
	f->status = value;
}

/* The state in which features, or queues, may be set up. */
static void only_in(const struct fake_vsock *f, uint32_t status, unsigned offset)
{
	if (f->steps && f->status != status)
		object("a register written in the wrong state", offset);
}

static struct fake_vsock_queue *selected(struct fake_vsock *f, unsigned offset)
{
	only_in(f, f->version == 1 ? 3 : 0xb, offset);
	if (f->queue_sel >= FAKE_VSOCK_QUEUES)
		object("a queue that the device does not have", f->queue_sel);
	return &f->queues[f->queue_sel];
}

/* Legacy: descriptors, available and used ring in one piece (2.7.2). */
static void set_pfn(struct fake_vsock *f, struct fake_vsock_queue *q, uint32_t pfn)
{
	q->pfn = pfn;
	q->desc = (uint64_t)pfn * f->page_size;
	q->avail = q->desc + 16 * q->num;
	q->used = (q->avail + 6 + 2 * q->num + q->align - 1) / q->align * q->align;
	q->ready = 1;
	at(f, q->desc, q->used - q->desc + 6 + 8 * q->num);
}

static void set_ready(struct fake_vsock *f, struct fake_vsock_queue *q, uint32_t ready)
{
	if (q->desc % 16 != 0 || q->avail % 2 != 0 || q->used % 4 != 0)
		object("a ring that is not aligned", f->queue_sel);
	at(f, q->desc, 16 * q->num);
	at(f, q->avail, 6 + 2 * q->num);
	at(f, q->used, 6 + 8 * q->num);
	q->ready = ready;
}

static void set_address(struct fake_vsock *f, unsigned offset, uint32_t value)
{
	struct fake_vsock_queue *q = selected(f, offset);
	uint64_t *address = (offset & 0xf0) == 0x80   ? &q->desc
	                    : (offset & 0xf0) == 0x90 ? &q->avail
	                                              : &q->used;

	if ((offset & 4) != 0)
		*address = (*address & UINT32_MAX) | (uint64_t)value << 32;
	else
		*address = (*address & ~(uint64_t)UINT32_MAX) | value;
}

static void write_reg(void *context, unsigned offset, unsigned width, uint32_t value)
{
	struct fake_vsock *f = context;

	if (width != 4)
		object("a register access that is not of 32 bits", offset);
	switch (offset) {
	case 0x14:
		f->features_sel = value;
		return;
	case 0x24:
		f->driver_sel = value;
		return;
	case 0x20:
		only_in(f, 3, offset);
		if (value & ~(f->driver_sel == 0 ? f->features : f->features_high))
			object("features that were not offered", value);
		f->accepted[f->driver_sel & 1] = value;
		return;
	case 0x28:
		f->page_size = value;
		return;
	case 0x30:
		f->queue_sel = value;
		return;
	case 0x38:
		if (value == 0 || value > f->queue_max || (value & (value - 1)) != 0)
			object("a queue size that cannot be", value);
		selected(f, offset)->num = value;
		return;
	case 0x3c:
		selected(f, offset)->align = value;
		return;
	case 0x40:
		set_pfn(f, selected(f, offset), value);
		return;
	case 0x44:
		set_ready(f, selected(f, offset), value);
		return;
	case 0x50:
		if ((f->status & 4) == 0 || value >= FAKE_VSOCK_QUEUES)
			object("a notification that cannot be", value);
		f->queues[value].notified = true;
		f->notifications++;
		return;
	case 0x64:
		f->isr &= ~value;
		return;
	case 0x70:
		write_status(f, value);
		return;
	case 0x80:
	case 0x84:
	case 0x90:
	case 0x94:
	case 0xa0:
	case 0xa4:
		set_address(f, offset, value);
		return;
	default:
		object("a write to a register that is not there", offset);
	}
}

static uint32_t read_reg(void *context, unsigned offset, unsigned width)
{
	struct fake_vsock *f = context;

	if (width != 4)
		object("an access that is not of 32 bits", offset);
	switch (offset) {
	case 0x00:
		return 0x74726976;
	case 0x04:
		return f->version;
	case 0x08:
		return f->device_id;
	case 0x0c:
		return f->vendor;
	case 0x10:
		return f->features_sel == 0   ? f->features
		       : f->features_sel == 1 ? f->features_high
		                              : 0;
	case 0x34:
		return f->queue_max;
	case 0x40:
		return selected(f, offset)->pfn;
	case 0x44:
		return selected(f, offset)->ready;
	case 0x60:
		return f->isr;
	case 0x70:
		return f->status;
	case 0x100:
		return f->cid;
	case 0x104:
	case 0xfc:
		return 0;
	default:
		object("a read of a register that is not there", offset);
	}
	return 0;
}

static void set_up(struct fake_vsock *f, uintptr_t base, unsigned version)
{
	memset(f, 0, sizeof(*f));
	f->registers = (struct registers){base, 0x200, read_reg, write_reg, f};
	f->version = version;
	f->device_id = 19;
	f->cid = 3;
	f->features_high = version == 1 ? 0 : 1;
	f->steps = f->pairs = true;
	registers_attach(&f->registers);
}

void fake_vsock_qemu(struct fake_vsock *f, uintptr_t base, unsigned version)
{
	set_up(f, base, version);
	f->vendor = 0x554d4551;
	f->features = 0x39000000;
	f->queue_max = 128;
}

void fake_vsock_firecracker(struct fake_vsock *f, uintptr_t base)
{
	set_up(f, base, 2);
	f->features = 1u << 29;
	f->features_high = 1 | 1 << 3;
	f->queue_max = 256;
	f->no_reset = f->holds_rx = true;
}

void fake_vsock_memory(struct fake_vsock *f, void *memory, size_t size, uint64_t address)
{
	f->memory = memory;
	f->memory_size = size;
	f->memory_address = address;
}

void fake_vsock_send(struct fake_vsock *f, const struct fake_vsock_header *header, const void *data)
{
	uint32_t len = header->len;

	if (f->in_len + HEADER + len > sizeof(f->in) - HEADER || len > PACKET_MAX)
		object("the host has sent enough", f->in_len);
	memcpy(f->in + f->in_len, header, HEADER);
	if (len > 0)
		memcpy(f->in + f->in_len + HEADER, data, len);
	f->in_len += HEADER + len;
	if (is_live(f))
		deliver(f);
}

void fake_vsock_claim(struct fake_vsock *f, const struct fake_vsock_header *header, uint32_t len)
{
	struct chain chain;

	if (!peek(f, RX, &chain))
		return;
	memcpy(chain.piece[0].data, header, HEADER);
	f->queues[RX].next++;
	fake_vsock_complete(f, RX, chain.id, len);
}

void fake_vsock_nothing(struct fake_vsock *f, const struct fake_vsock_header *header)
{
	struct chain chain;
	uint16_t op;

	if (!peek(f, RX, &chain))
		object("no buffer for nothing", 0);
	memcpy(&op, chain.piece[0].data + 30, sizeof(op));
	if (header != NULL)
		memcpy(chain.piece[0].data, header, HEADER);
	memcpy(chain.piece[0].data + 30, &op, sizeof(op));
	f->queues[RX].next++;
	fake_vsock_complete(f, RX, chain.id, HEADER);
}

bool fake_vsock_hear(struct fake_vsock *f, struct fake_vsock_header *header, void *data,
                     size_t size)
{
	if (f->out_len == 0)
		return false;
	memcpy(header, f->out, HEADER);
	if (header->len > size)
		object("more data than expected", header->len);
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
		object("no buffer for an event", 0);
	copy(&chain, (uint8_t *)&event, sizeof(event), false);
	f->queues[EVENT].next++;
	f->cid = cid;
	f->in_len = 0;
	f->holding = f->holds_rx;
	fake_vsock_complete(f, EVENT, chain.id, sizeof(event));
}
