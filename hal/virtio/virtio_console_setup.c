/* SPDX-License-Identifier: MIT */
/*
 * virtio_console_setup.c - finds, starts and restarts the device (Virtual I/O Device 1.2, 3.1.1).
 */
#include <string.h>

#include "virtio_console_setup.h"

enum {
	CONTROL_RX_QUEUE = 2, /* 5.3.2 */
	CONTROL_TX_QUEUE = 3,
	CONFIG_MAX_NR_PORTS = 4, /* 5.3.4 */
	CONTROL_TX_COUNT = 1,
	FIRST_GUESS = 1,  /* the number that a lone port has */
	RESTARTS_MAX = 8, /* without a client that went away in peace in between */
};

/* Step 7 of 3.1.1: which queues there are, and they themselves. 0, or why they cannot be. */
static int setup_queues(struct virtio_console *self)
{
	const struct qga_virtio_console_config *c = self->config;
	struct {
		struct virtq *q;
		unsigned index, count;
		uint32_t size;
	} queue[] = {
		/* each receives or sends, in turn */
		{&self->control_rx, CONTROL_RX_QUEUE, c->control_count, c->control_size},
		{&self->control_tx, CONTROL_TX_QUEUE, CONTROL_TX_COUNT,
	         sizeof(struct virtio_console_control)},
		{&self->rx, 0, c->rx_count, c->rx_size},
		{&self->tx, 1, c->tx_count, c->tx_size},
	};
	struct qga_virtio_rest rest;
	int fault = 0;

	rest.start = c->memory;
	rest.end = rest.start + c->memory_size / QGA_VIRTQ_USED_ALIGN * QGA_VIRTQ_USED_ALIGN;
	if (c->control_count == 0)
		queue[0].count = QGA_VIRTIO_CONTROL_COUNT;
	if (c->control_size == 0)
		queue[0].size = QGA_VIRTIO_CONTROL_SIZE;
	self->max_ports =
		self->multiport ? qga_virtio_config32(self->device, CONFIG_MAX_NR_PORTS) : 1;
	if (self->max_ports > VIRTIO_CONSOLE_PORTS)
		self->max_ports = VIRTIO_CONSOLE_PORTS;
	if (self->port >= self->max_ports)
		self->port = 0;
	if (self->port != 0) {
		queue[2].index = 2 * self->port + 2; /* 5.3.2 */
		queue[3].index = 2 * self->port + 3;
	}
	for (unsigned i = self->multiport ? 0 : 2; fault == 0 && i < 4; i++) {
		struct virtq *q = queue[i].q;

		q->memory.count = (uint16_t)queue[i].count;
		q->memory.buffer_size = queue[i].size;
		q->memory.device_writes = i % 2 == 0;
		q->queue.index = (uint16_t)queue[i].index;
		fault = qga_virtio_carve(self->device, &rest, q, 1);
	}
	return fault;
}

/* What must not outlive a reset of the device; that a client was there is still to be reported. */
static void setup_forget(struct virtio_console *self)
{
	const size_t kept = offsetof(struct virtio_console, rx);

	if (self->saw_close)
		self->close_due = true;
	memset((char *)self + kept, 0, sizeof(*self) - kept);
}

void qga_console_stop(struct virtio_console *self)
{
	qga_virtio_reset(self->device);
	setup_forget(self);
}

/* Consoles without names have their turn. */
static bool setup_wants_unnamed(const struct virtio_console *self)
{
	unsigned n = self->config->n_devices;

	return self->turn >= n && self->turn < 2 * n;
}

/*
 * Steps 1 to 8 of 3.1.1. Returns 0, or why the device at hand cannot be used: QGA_VIRTIO_FAULT_UNNAMED if
 * it is not of the kind, with names or without, that is looked for now.
 */
static int setup_start(struct virtio_console *self)
{
	uint64_t features = 0;
	int fault = qga_virtio_start(self->device, VIRTIO_CONSOLE_F_MULTIPORT, &features);

	if (fault != 0)
		return fault;
	self->multiport = (features & VIRTIO_CONSOLE_F_MULTIPORT) != 0;
	if (self->multiport == setup_wants_unnamed(self))
		return QGA_VIRTIO_FAULT_UNNAMED;
	fault = setup_queues(self);
	if (fault != 0)
		return fault;
	qga_virtq_interrupts(&self->tx, false);
	self->talk = self->multiport;
	self->state = self->multiport ? VIRTIO_CONSOLE_SEARCHING : VIRTIO_CONSOLE_FOUND;
	qga_virtio_driver_ok(self->device);
	/* It has buffers to talk into. A lone port has the first queue. */
	qga_virtio_notify(self->device, self->multiport ? &self->control_rx : &self->rx);
	return 0;
}

/* Why a device that was tried cannot be used; the first reason is the one that is told in the end. */
static void setup_note(struct virtio_console *self, int fault)
{
	if (self->fault == 0 || self->fault == QGA_VIRTIO_FAULT_UNNAMED)
		self->fault = fault;
}

/* The device with that index cannot be used: it is told of once, and not tried again. */
static void setup_reject(struct virtio_console *self, unsigned index, int fault)
{
	setup_note(self, fault);
	self->rejected |= UINT32_C(1) << index;
	qga_console_say(self, qga_virtio_device_text(fault));
}

/* Starts a device; false if it is no console, or not of the kind looked for. */
static bool setup_try(struct virtio_console *self, unsigned index)
{
	struct qga_virtio_device *device = &self->config->devices[index];
	int fault = qga_virtio_probe(device);

	if (fault != 0 || device->id != VIRTIO_ID_CONSOLE) {
		if (fault == QGA_VIRTIO_FAULT_VERSION)
			setup_reject(self, index, fault);
		return false;
	}
	self->port = FIRST_GUESS;
	__atomic_store_n(&self->device, device, __ATOMIC_RELAXED); /* see interrupt() */
	fault = setup_start(self);
	if (fault == 0) {
		if (self->multiport)
			self->named_device = device;
		return true;
	}
	if (fault == QGA_VIRTIO_FAULT_UNNAMED) {
		setup_note(self, fault);
	} else {
		qga_virtio_fail(device);
		setup_reject(self, index, fault);
	}
	qga_console_stop(self);
	return false;
}

bool qga_console_searched(const struct virtio_console *self)
{
	return self->turn == 2 * self->config->n_devices;
}

/* The index of the device whose turn it is; -1: none's. */
static int setup_turn(const struct virtio_console *self)
{
	unsigned n = self->config->n_devices, turn = self->turn;

	if (turn == 2 * n)
		return self->named_device != NULL
		               ? (int)(self->named_device - self->config->devices)
		               : -1;
	if (turn >= n && !self->config->unnamed)
		return -1;
	turn %= n;
	return self->rejected >> turn & 1 ? -1 : (int)turn;
}

/*
 * In the order of what is wanted: a device that has names; one without, if it will do; and in the
 * end the last one that had names again, where the port may be plugged in later.
 */
bool qga_console_search(struct virtio_console *self, unsigned turn)
{
	int index;

	for (self->turn = turn; self->turn <= 2 * self->config->n_devices; self->turn++) {
		index = setup_turn(self);
		if (index >= 0 && setup_try(self, (unsigned)index)) {
			self->fault = 0;
			return true;
		}
	}
	self->state = VIRTIO_CONSOLE_STOPPED;
	if (self->fault == 0)
		self->fault = QGA_VIRTIO_FAULT_NO_CONSOLE;
	return false;
}

static void setup_give_up(struct virtio_console *self, int fault)
{
	qga_console_stop(self);
	self->state = VIRTIO_CONSOLE_STOPPED;
	self->fault = fault;
	qga_console_say(self, qga_virtio_device_text(fault));
}

void qga_console_restart(struct virtio_console *self)
{
	int fault;

	if (self->violation) {
		qga_console_say(self, "virtio console broke the protocol and is reset");
		qga_virtio_fail(self->device);
	}
	self->violation = false;
	setup_forget(self);
	if (++self->restarts > RESTARTS_MAX) {
		setup_give_up(self, QGA_VIRTIO_FAULT_BROKEN);
		return;
	}
	fault = setup_start(self);
	if (fault != 0)
		setup_give_up(self, fault);
}
