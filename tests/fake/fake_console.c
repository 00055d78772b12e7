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

static struct fake_console *console_of(const struct fake_mmio *mmio)
{
	return (struct fake_console *)mmio;
}

/* A buffer of the guest: descriptor id, its memory and size; -1: none. */
static int pop(struct fake_console *f, unsigned queue, bool writable, uint8_t **data, uint32_t *len)
{
	int id = fake_mmio_peek(&f->mmio, queue);
	struct fake_desc desc;

	if (id < 0)
		return -1;
	desc = fake_mmio_desc(&f->mmio, queue, (uint16_t)id);
	if (desc.flags != (writable ? 2 : 0))
		fake_object("a descriptor for the wrong direction", desc.flags);
	*len = desc.len;
	*data = desc.data;
	f->mmio.queues[queue].next++;
	return id;
}

void fake_complete(struct fake_console *f, unsigned queue, uint32_t id, uint32_t len)
{
	uint32_t isr = f->mmio.isr;

	fake_mmio_complete(&f->mmio, queue, id, len);
	if (queue % 2 == 1 && f->silent_tx)
		f->mmio.isr = isr;
}

static unsigned rx_queue(unsigned nr)
{
	return nr == 0 ? 0 : 2 * nr + 2;
}

static bool is_multiport(const struct fake_console *f)
{
	return (f->mmio.accepted[0] & 2) != 0;
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
	f->mmio.queues[queue].notified = f->mmio.any_notified = true;
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
				fake_object("the host has read enough", len);
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
			fake_object("a control message of a wrong length", len);
		memcpy(&nr, data, 4);
		memcpy(&event, data + 4, 2);
		memcpy(&value, data + 6, 2);
		if (event == DEVICE_READY) {
			for (unsigned i = 0; value == 1 && i < f->max_ports && i < FAKE_PORTS;
			     i++) {
				if (f->ports[i].plugged)
					tell_added(f, i);
			}
		} else if (nr >= f->max_ports || nr >= FAKE_PORTS || !f->ports[nr].plugged) {
			if (f->mmio.lies)
				continue;
			if (!f->deferred) /* else it may have been sent while there was one */
				fake_object("a control message about a port that is not there", nr);
		} else if (value > 1) {
			fake_object("a control message of a value that there is not", value);
		} else if (event == PORT_READY) {
			port_ready(f, nr);
		} else if (event == PORT_OPEN) {
			f->ports[nr].guest_open = value != 0;
		} else {
			fake_object("a control message that no driver sends", event);
		}
		fake_complete(f, 3, (uint32_t)id, 0);
	}
}

static void handle_notify(struct fake_console *f, unsigned queue)
{
	f->mmio.queues[queue].notified = false;
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
	if (!f->mmio.any_notified)
		return false;
	f->mmio.any_notified = false;
	for (unsigned i = 0; i < FAKE_QUEUES; i++) {
		if (f->mmio.queues[i].notified) {
			any = true;
			handle_notify(f, i);
		}
	}
	return any;
}

static void reset(struct fake_mmio *mmio)
{
	struct fake_console *f = console_of(mmio);

	f->leaked_before = f->leaked;
	f->leaked = 0;
	for (unsigned i = 0; i < FAKE_PORTS; i++) {
		f->ports[i].ready = f->ports[i].guest_open = false;
		f->ports[i].held = -1;
	}
}

static unsigned queues(const struct fake_mmio *mmio)
{
	const struct fake_console *f = console_of(mmio);

	if ((mmio->features & 2) == 0)
		return 2;
	return f->max_ports < FAKE_PORTS ? 2 * f->max_ports + 2 : FAKE_QUEUES;
}

static void notified(struct fake_mmio *mmio)
{
	if (!console_of(mmio)->deferred)
		fake_console_run(console_of(mmio));
}

static uint32_t config(const struct fake_mmio *mmio, unsigned offset)
{
	if (offset != 4)
		fake_object("a field of the configuration that is not there", offset);
	return console_of(mmio)->max_ports;
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
	static const struct fake_mmio_ops ops = {queues, reset, notified, config};

	clear(f);
	fake_mmio_set_up(&f->mmio, &ops, base, version, 3);
	reset(&f->mmio);
}

void fake_console_qemu(struct fake_console *f, uintptr_t base, unsigned version)
{
	set_up(f, base, version);
	f->mmio.vendor = 0x554d4551;
	f->mmio.features = version == 1 ? 0x39000006 : 0x30000006;
	f->mmio.features_high = version == 1 ? 0 : 0x101;
	f->mmio.queue_max = 1024;
	f->max_ports = 31;
	f->mmio.steps = true;
	f->leaks = true;
}

void fake_console_crosvm(struct fake_console *f, uintptr_t base)
{
	set_up(f, base, 2);
	f->mmio.features = 2;
	f->mmio.features_high = 1;
	f->mmio.queue_max = 256;
	f->max_ports = 4;
	f->mmio.steps = f->names_early = f->no_close = f->deferred = true;
}

void fake_console_kvmtool(struct fake_console *f, uintptr_t base, unsigned version)
{
	set_up(f, base, version);
	f->mmio.vendor = 0x4d564b4c;
	f->mmio.features = 1u << 27;
	f->mmio.features_high = version == 1 ? 0 : 1;
	f->mmio.queue_max = 128;
	f->max_ports = 1;
	f->mmio.steps = f->mmio.fixed_num = f->silent_tx = f->deferred = true;
	f->ports[0].plugged = f->ports[0].host_open = f->ports[0].host_reads = true;
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
		fake_object("the host has sent enough", (unsigned)len);
	memcpy(p->in + p->in_len, data, len);
	p->in_len += (unsigned)len;
	f->moved = 0;
	deliver(f, nr);
}

void fake_host_read(struct fake_console *f, unsigned nr, bool reads)
{
	struct fake_port *p = &f->ports[nr];
	struct fake_desc desc;

	p->host_reads = reads;
	f->moved = 0;
	if (reads && p->held >= 0) {
		desc = fake_mmio_desc(&f->mmio, rx_queue(nr) + 1, (uint16_t)p->held);
		memcpy(p->out + p->out_len, desc.data, p->held_len);
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
