/* SPDX-License-Identifier: MIT */
/* fake_console.c - see fake_console.h. Written from Virtual I/O Device 1.2, not from the driver. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_console.h"

enum {
	DEVICE_READY,
	PORT_ADD,
	PORT_REMOVE,
	PORT_READY,
	CONSOLE_PORT,
	RESIZE,
	PORT_OPEN,
	PORT_NAME
};

static void object(const char *sentence, unsigned value)
{
	fprintf(stderr, "fake console: %s (0x%x)\n", sentence, value);
	abort();
}

static void *at(struct fake_console *f, uint64_t address, uint64_t len)
{
	if (address < f->memory_address || len > f->memory_size ||
	    address - f->memory_address > f->memory_size - len)
		object("an address outside the guest's memory", (unsigned)address);
	return f->memory + (address - f->memory_address);
}

static uint16_t get16(struct fake_console *f, uint64_t address)
{
	return *(volatile uint16_t *)at(f, address, 2);
}

static bool is_live(struct fake_console *f, unsigned queue)
{
	return (f->status & 4) != 0 && (f->status & 0x80) == 0 && f->queues[queue].ready != 0;
}

/* A buffer of the guest: descriptor id, its memory and size; -1: none. */
static int pop(struct fake_console *f, unsigned queue, bool writable, uint8_t **data, uint32_t *len)
{
	struct fake_queue *q = &f->queues[queue];
	uint16_t id, flags;
	uint64_t desc;

	if (!is_live(f, queue) || q->next == get16(f, q->avail + 2))
		return -1;
	if ((uint16_t)(get16(f, q->avail + 2) - q->next) > q->num && f->lies)
		return -1;
	if ((uint16_t)(get16(f, q->avail + 2) - q->next) > q->num)
		object("the guest publishes more than the ring holds", queue);
	id = get16(f, q->avail + 4 + 2 * (q->next % q->num));
	if (id >= q->num)
		object("no such descriptor", id);
	desc = q->desc + 16 * id;
	flags = get16(f, desc + 12);
	if (flags != (writable ? 2 : 0))
		object("a descriptor for the wrong direction", flags);
	*len = *(uint32_t *)at(f, desc + 8, 4);
	*data = at(f, *(uint64_t *)at(f, desc, 8), *len);
	q->next++;
	return id;
}

void fake_complete(struct fake_console *f, unsigned queue, uint32_t id, uint32_t len)
{
	struct fake_queue *q = &f->queues[queue];
	uint16_t *idx = at(f, q->used + 2, 2);
	uint32_t *entry = at(f, q->used + 4 + 8 * (*idx % q->num), 8);
	bool is_tx = queue % 2 == 1;

	entry[0] = id;
	entry[1] = len;
	++*idx;
	if ((get16(f, q->avail) & 1) == 0 && !(is_tx && f->silent_tx))
		f->isr |= 1;
}

static unsigned rx_queue(unsigned nr)
{
	return nr == 0 ? 0 : 2 * nr + 2;
}

static bool is_multiport(const struct fake_console *f)
{
	return (f->accepted[0] & 2) != 0;
}

bool fake_control(struct fake_console *f, uint32_t id, uint16_t event, uint16_t value,
                  const void *more, unsigned more_len)
{
	uint8_t message[256], *data;
	uint32_t len;
	int desc;

	desc = is_multiport(f) ? pop(f, 2, true, &data, &len) : -1;
	if (desc < 0) {
		f->lost_messages++;
		return false;
	}
	memcpy(message, &id, 4);
	memcpy(message + 4, &event, 2);
	memcpy(message + 6, &value, 2);
	if (more_len > 0)
		memcpy(message + 8, more, more_len);
	/* As QEMU: as much as fits is written, all of it is counted. */
	memcpy(data, message, 8 + more_len < len ? 8 + more_len : len);
	fake_complete(f, 2, (uint32_t)desc, 8 + more_len);
	return true;
}

/* So much at a time: what is left is due as if the guest had said so. */
static bool enough(struct fake_console *f, unsigned queue)
{
	if (f->most == 0 || f->moved < f->most)
		return false;
	f->queues[queue].notified = f->any_notified = true;
	return true;
}

/* Host to guest, one buffer after the other. */
static void deliver(struct fake_console *f, unsigned nr)
{
	struct fake_port *p = &f->ports[nr];
	uint8_t *data;
	uint32_t len;
	int id;

	while (p->in_len > 0 && (p->guest_open || !is_multiport(f))) {
		if (enough(f, rx_queue(nr)))
			return;
		id = pop(f, rx_queue(nr), true, &data, &len);
		if (id < 0)
			return;
		if (len > p->in_len)
			len = p->in_len;
		memcpy(data, p->in, len);
		memmove(p->in, p->in + len, p->in_len - len);
		p->in_len -= len;
		f->moved++;
		fake_complete(f, rx_queue(nr), (uint32_t)id, len);
	}
}

/*
 * Guest to host. With nobody there bytes vanish; a reader that does not read holds one buffer up.
 */
static void collect(struct fake_console *f, unsigned nr)
{
	struct fake_port *p = &f->ports[nr];
	unsigned queue = rx_queue(nr) + 1;
	uint8_t *data;
	uint32_t len;
	int id;

	while (p->held < 0 && !enough(f, queue) && (id = pop(f, queue, false, &data, &len)) >= 0) {
		f->moved++;
		if (p->host_open && !p->host_reads) {
			p->held = id;
			p->held_len = len;
			return;
		}
		if (p->host_open) {
			if (p->out_len + len > sizeof(p->out))
				object("the host has read enough", len);
			memcpy(p->out + p->out_len, data, len);
			p->out_len += len;
		}
		fake_complete(f, queue, (uint32_t)id, 0);
	}
}

static void tell_name(struct fake_console *f, unsigned nr)
{
	struct fake_port *p = &f->ports[nr];

	if (p->name_len > 0)
		fake_control(f, nr, PORT_NAME, f->names_early ? 0 : 1, p->name, p->name_len);
}

static void tell_added(struct fake_console *f, unsigned nr)
{
	fake_control(f, nr, PORT_ADD, f->names_early ? 0 : 1, NULL, 0);
	if (f->names_early)
		tell_name(f, nr);
}

static void port_ready(struct fake_console *f, unsigned nr)
{
	struct fake_port *p = &f->ports[nr];

	p->ready = true;
	if (f->names_early)
		fake_control(f, nr, PORT_OPEN, 1, NULL, 0);
	if (p->console)
		fake_control(f, nr, CONSOLE_PORT, 1, NULL, 0);
	if (!f->names_early) {
		tell_name(f, nr);
		if (p->host_open)
			fake_control(f, nr, PORT_OPEN, 1, NULL, 0);
	}
}

static void control_sent(struct fake_console *f)
{
	uint8_t *data;
	uint32_t len, nr;
	uint16_t event, value;
	int id;

	while ((id = pop(f, 3, false, &data, &len)) >= 0) {
		if (len != 8)
			object("a control message of a wrong length", len);
		memcpy(&nr, data, 4);
		memcpy(&event, data + 4, 2);
		memcpy(&value, data + 6, 2);
		if (event == DEVICE_READY) {
			for (unsigned i = 0; value == 1 && i < f->max_ports; i++) {
				if (f->ports[i].plugged)
					tell_added(f, i);
			}
		} else if (nr >= f->max_ports || !f->ports[nr].plugged) {
			if (f->lies)
				continue;
			if (!f->deferred) /* else it may have been sent while there was one */
				object("a control message about a port that is not there", nr);
		} else if (event == PORT_READY) {
			port_ready(f, nr);
		} else if (event == PORT_OPEN) {
			f->ports[nr].guest_open = value != 0;
		} else {
			object("a control message that no driver sends", event);
		}
		fake_complete(f, 3, (uint32_t)id, 0);
	}
}

static void handle_notify(struct fake_console *f, unsigned queue)
{
	f->queues[queue].notified = false;
	if (is_multiport(f) && queue == 3)
		control_sent(f);
	else if (is_multiport(f) && queue == 2)
		return;
	else if (queue % 2 == 1)
		collect(f, queue == 1 ? 0 : (queue - 3) / 2);
	else
		deliver(f, queue == 0 ? 0 : (queue - 2) / 2);
}

bool fake_console_run(struct fake_console *f)
{
	bool any = false;

	f->moved = 0;
	if (!f->any_notified)
		return false;
	f->any_notified = false;
	for (unsigned i = 0; i < FAKE_QUEUES; i++) {
		if (f->queues[i].notified) {
			any = true;
			handle_notify(f, i);
		}
	}
	return any;
}

static void reset(struct fake_console *f)
{
	f->resets++;
	f->leaked_before = f->leaked;
	f->leaked = 0;
	f->status = f->isr = f->features_sel = f->driver_sel = f->page_size = f->queue_sel = 0;
	memset(f->accepted, 0, sizeof(f->accepted));
	memset(f->queues, 0, sizeof(f->queues));
	for (unsigned i = 0; i < FAKE_PORTS; i++) {
		f->ports[i].ready = f->ports[i].guest_open = false;
		f->ports[i].held = -1;
	}
}

static void write_status(struct fake_console *f, uint32_t value)
{
	static const uint32_t modern[] = {0, 1, 3, 0xb, 0xf}, legacy[] = {0, 1, 3, 7, 7};
	const uint32_t *steps = f->version == 1 ? legacy : modern;

	if (value == 0) {
		reset(f);
		return;
	}
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
static void only_in(const struct fake_console *f, uint32_t status, unsigned offset)
{
	if (f->steps && f->status != status)
		object("a register written in the wrong state", offset);
}

static struct fake_queue *selected(struct fake_console *f, unsigned offset)
{
	only_in(f, f->version == 1 ? 3 : 0xb, offset);
	if (f->queue_sel >= 2 * f->max_ports + 2 || f->queue_sel >= FAKE_QUEUES ||
	    ((f->features & 2) == 0 && f->queue_sel > 1))
		object("a queue that the device does not have", f->queue_sel);
	return &f->queues[f->queue_sel];
}

static void only_version(const struct fake_console *f, unsigned version, unsigned offset)
{
	if (f->version != version)
		object("a register of the other version", offset);
}

/* Legacy: descriptors, available and used ring in one piece (2.7.2). */
static void set_pfn(struct fake_console *f, struct fake_queue *q, uint32_t pfn)
{
	if (pfn == 0) {
		reset(f);
		return;
	}
	if (f->fixed_num)
		q->num = f->queue_max;
	q->pfn = pfn;
	q->desc = (uint64_t)pfn * f->page_size;
	q->avail = q->desc + 16 * q->num;
	q->used = (q->avail + 6 + 2 * q->num + q->align - 1) / q->align * q->align;
	q->ready = 1;
	at(f, q->desc, q->used - q->desc + 6 + 8 * q->num);
}

static void set_ready(struct fake_console *f, struct fake_queue *q, uint32_t ready)
{
	if (f->fixed_num)
		q->num = f->queue_max;
	if (q->desc % 16 != 0 || q->avail % 2 != 0 || q->used % 4 != 0)
		object("a ring that is not aligned", f->queue_sel);
	at(f, q->desc, 16 * q->num);
	at(f, q->avail, 6 + 2 * q->num);
	at(f, q->used, 6 + 8 * q->num);
	q->ready = ready;
}

static void write_reg(void *context, unsigned offset, unsigned width, uint32_t value)
{
	struct fake_console *f = context;
	uint64_t *address;

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
		if (f->driver_sel > (f->version == 1 ? 0u : 1u))
			object("a feature word that is not there", f->driver_sel);
		if (value & ~(f->driver_sel == 0 ? f->features : f->features_high))
			object("features that were not offered", value);
		f->accepted[f->driver_sel] = value;
		return;
	case 0x28:
		only_version(f, 1, offset);
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
		only_version(f, 1, offset);
		selected(f, offset)->align = value;
		return;
	case 0x40:
		only_version(f, 1, offset);
		set_pfn(f, selected(f, offset), value);
		return;
	case 0x44:
		only_version(f, 2, offset);
		set_ready(f, selected(f, offset), value);
		return;
	case 0x50:
		if ((f->status & 4) == 0)
			object("a notification before DRIVER_OK", value);
		if (value >= FAKE_QUEUES || f->queues[value].ready == 0)
			object("a notification of a queue that is not set up", value);
		f->queues[value].notified = f->any_notified = true;
		if (!f->deferred)
			fake_console_run(f);
		return;
	case 0x64:
		if (value & ~3u)
			object("an interrupt that is not defined", value);
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
		only_version(f, 2, offset);
		address = (offset & 0xf0) == 0x80   ? &selected(f, offset)->desc
		          : (offset & 0xf0) == 0x90 ? &selected(f, offset)->avail
		                                    : &selected(f, offset)->used;
		if ((offset & 4) != 0)
			*address = (*address & UINT32_MAX) | (uint64_t)value << 32;
		else
			*address = (*address & ~(uint64_t)UINT32_MAX) | value;
		return;
	default:
		object("a write to a register that is not there", offset);
	}
}

static uint32_t read_reg(void *context, unsigned offset, unsigned width)
{
	struct fake_console *f = context;

	if (offset < 0x100 && width != 4)
		object("a register access that is not of 32 bits", offset);
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
		only_version(f, 1, offset);
		return selected(f, offset)->pfn +
		       (f->busy_queue == f->queue_sel && f->busy_queue > 0);
	case 0x44:
		only_version(f, 2, offset);
		return selected(f, offset)->ready +
		       (f->busy_queue == f->queue_sel && f->busy_queue > 0);
	case 0x60:
		return f->isr;
	case 0x70:
		return f->stuck ? 0x80 : f->refuses ? f->status & ~8u : f->status;
	case 0x104:
		return f->max_ports;
	default:
		object("a read of a register that is not there", offset);
	}
	return 0;
}

/* All but the bytes of streams, of which there are many, and none counts. */
static void clear(struct fake_console *f)
{
	memset(f, 0, offsetof(struct fake_console, ports));
	for (unsigned i = 0; i < FAKE_PORTS; i++)
		memset(&f->ports[i], 0, offsetof(struct fake_port, in));
}

static void set_up(struct fake_console *f, uintptr_t base, unsigned version)
{
	clear(f);
	f->registers = (struct registers){base, 0x200, read_reg, write_reg, f};
	f->version = version;
	f->device_id = 3;
	reset(f);
	f->resets = 0;
	registers_attach(&f->registers);
}

void fake_console_qemu(struct fake_console *f, uintptr_t base, unsigned version)
{
	set_up(f, base, version);
	f->vendor = 0x554d4551;
	f->features = version == 1 ? 0x39000006 : 0x30000006;
	f->features_high = version == 1 ? 0 : 0x101;
	f->queue_max = 1024;
	f->max_ports = 31;
	f->steps = true;
	f->leaks = true;
}

void fake_console_crosvm(struct fake_console *f, uintptr_t base)
{
	set_up(f, base, 2);
	f->features = 2;
	f->features_high = 1;
	f->queue_max = 256;
	f->max_ports = 4;
	f->steps = f->names_early = f->no_close = f->deferred = true;
}

void fake_console_kvmtool(struct fake_console *f, uintptr_t base, unsigned version)
{
	set_up(f, base, version);
	f->vendor = 0x4d564b4c;
	f->features = 1u << 27;
	f->features_high = version == 1 ? 0 : 1;
	f->queue_max = 128;
	f->max_ports = 1;
	f->steps = f->fixed_num = f->silent_tx = f->deferred = true;
	f->ports[0].plugged = f->ports[0].host_open = f->ports[0].host_reads = true;
}

void fake_console_memory(struct fake_console *f, void *memory, size_t size, uint64_t address)
{
	f->memory = memory;
	f->memory_size = size;
	f->memory_address = address;
}

struct fake_port *fake_console_port(struct fake_console *f, unsigned nr, const char *name)
{
	struct fake_port *p = &f->ports[nr];

	p->plugged = p->host_reads = true;
	p->name_len = (unsigned)strlen(name) + (f->names_early ? 0 : 1);
	memcpy(p->name, name, strlen(name) + 1);
	return p;
}

void fake_host_connect(struct fake_console *f, unsigned nr)
{
	f->ports[nr].host_open = f->ports[nr].host_reads = true;
	fake_control(f, nr, PORT_OPEN, 1, NULL, 0);
}

void fake_host_disconnect(struct fake_console *f, unsigned nr)
{
	struct fake_port *p = &f->ports[nr];
	unsigned most = f->most;

	p->host_open = false;
	p->in_len = 0;
	if (p->held >= 0 && !f->leaks)
		fake_complete(f, rx_queue(nr) + 1, (uint32_t)p->held, 0);
	f->leaked += p->held >= 0 && f->leaks;
	p->held = -1;
	f->most = 0;
	collect(f, nr);
	f->most = most;
	if (!f->no_close)
		fake_control(f, nr, PORT_OPEN, 0, NULL, 0);
}

void fake_host_send(struct fake_console *f, unsigned nr, const void *data, size_t len)
{
	struct fake_port *p = &f->ports[nr];

	if (p->in_len + len > sizeof(p->in))
		object("the host has sent enough", (unsigned)len);
	memcpy(p->in + p->in_len, data, len);
	p->in_len += (unsigned)len;
	f->moved = 0;
	deliver(f, nr);
}

void fake_host_read(struct fake_console *f, unsigned nr, bool reads)
{
	struct fake_port *p = &f->ports[nr];
	struct fake_queue *q = &f->queues[rx_queue(nr) + 1];
	uint8_t *data;
	uint64_t desc;

	p->host_reads = reads;
	f->moved = 0;
	if (reads && p->held >= 0) {
		desc = q->desc + 16 * (unsigned)p->held;
		data = at(f, *(uint64_t *)at(f, desc, 8), p->held_len);
		memcpy(p->out + p->out_len, data, p->held_len);
		p->out_len += p->held_len;
		fake_complete(f, rx_queue(nr) + 1, (uint32_t)p->held, 0);
		p->held = -1;
	}
	if (reads)
		collect(f, nr);
}

void fake_host_unplug(struct fake_console *f, unsigned nr)
{
	f->ports[nr].plugged = f->ports[nr].ready = f->ports[nr].guest_open = false;
	f->ports[nr].host_open = false;
	f->ports[nr].held = -1;
	fake_control(f, nr, PORT_REMOVE, 1, NULL, 0);
}

void fake_host_plug(struct fake_console *f, unsigned nr, const char *name)
{
	fake_console_port(f, nr, name);
	tell_added(f, nr);
}
