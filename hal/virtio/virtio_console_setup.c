/* SPDX-License-Identifier: MIT */
/*
 * virtio_console_setup.c - finds, starts and restarts the device (Virtual I/O Device 1.2, 3.1.1).
 */
#include <string.h>

#include "virtio_console_internal.h"

enum {
	CONFIG_MAX_NR_PORTS = 4, /* 5.3.4 */
	CONTROL_TX_COUNT = 1,
	FIRST_GUESS = 1,  /* the number that a lone port has */
	RESTARTS_MAX = 8, /* without a client that went away in peace in between */
};

void qga_virtio_console_debug(const struct qga_virtio_console *self, const char *sentence)
{
	if (self->config->debug != NULL)
		self->config->debug(sentence);
}

/* What is left of the memory that we were given. */
struct rest {
	uint8_t *rings, *buffers;
};

static void add_queue(struct qga_virtio_console *self, struct rest *rest, unsigned index,
                      struct virtq *q, unsigned capacity, unsigned count, uint32_t size)
{
	q->memory.ring = rest->rings;
	q->memory.capacity = (uint16_t)capacity;
	q->memory.count = (uint16_t)count;
	q->memory.buffer_size = size;
	q->memory.buffers = rest->buffers;
	q->memory.device_writes = index % 2 == 0; /* 5.3.2: receive queues are even */
	q->memory.dma_offset = self->config->dma_offset;
	rest->rings += VIRTQ_BYTES(capacity);
	rest->buffers += (size_t)count * size;
	qga_virtio_mmio_queue(&self->mmio, index, q);
}

/*
 * Step 7 of 3.1.1: which queues there are, and they themselves, in memory of VIRTIO_CONSOLE_MEMORY
 * bytes.
 */
static void set_up_queues(struct qga_virtio_console *self)
{
	const struct qga_virtio_console_config *c = self->config;
	struct rest rest = {c->memory, (uint8_t *)c->memory + VIRTIO_CONSOLE_RINGS};

	self->max_ports = 1;
	if (self->multiport) {
		self->max_ports = qga_virtio_mmio_config32(&self->mmio, CONFIG_MAX_NR_PORTS);
		add_queue(self, &rest, CONTROL_RX_QUEUE, &self->control_rx,
		          VIRTIO_CONSOLE_CONTROL_COUNT, VIRTIO_CONSOLE_CONTROL_COUNT,
		          VIRTIO_CONSOLE_CONTROL_SIZE);
		add_queue(self, &rest, CONTROL_TX_QUEUE, &self->control_tx, VIRTQ_MIN,
		          CONTROL_TX_COUNT, sizeof(struct virtio_console_control));
	}
	if ((self->max_ports > VIRTIO_CONSOLE_PORTS) | (self->port >= self->max_ports)) {
		if (self->max_ports > VIRTIO_CONSOLE_PORTS)
			self->max_ports = VIRTIO_CONSOLE_PORTS;
		if (self->port >= self->max_ports)
			self->port = 0;
	}
	self->rx_queue = (2 * self->port + 2) * (self->port != 0); /* 5.3.2 */
	add_queue(self, &rest, self->rx_queue, &self->rx, VIRTQ_MAX, c->rx_count, c->rx_size);
	add_queue(self, &rest, self->rx_queue + 1, &self->tx, VIRTQ_MAX, c->tx_count, c->tx_size);
}

/* What must not outlive a reset of the device; that a client was there is still to be reported. */
static void forget(struct qga_virtio_console *self)
{
	const size_t kept = offsetof(struct qga_virtio_console, rx);

	self->close_due |= self->saw_close;
	memset((char *)self + kept, 0, sizeof(*self) - kept);
}

void qga_virtio_console_stop(struct qga_virtio_console *self)
{
	qga_virtio_mmio_reset(&self->mmio);
	forget(self);
}

/* With names, or without: it is not looked for now. */
static const char other_kind[] = "virtio console is no longer what it was";

/* Consoles without names have their turn. */
static bool wants_unnamed(const struct qga_virtio_console *self)
{
	return self->turn - self->config->n_devices < self->config->n_devices;
}

/* Steps 1 to 8 of 3.1.1. Returns NULL, or why the device at hand cannot be used. */
static const char *start(struct qga_virtio_console *self)
{
	uint64_t features;

	features = qga_virtio_mmio_start(&self->mmio, VIRTIO_CONSOLE_F_MULTIPORT);
	if (self->mmio.failure != NULL)
		return self->mmio.failure;
	self->multiport = (features & VIRTIO_CONSOLE_F_MULTIPORT) != 0;
	if (self->multiport == wants_unnamed(self))
		return other_kind;
	set_up_queues(self);
	if (self->mmio.failure != NULL)
		return self->mmio.failure;
	qga_virtq_interrupts(&self->tx, false);
	self->talk = self->multiport;
	self->state = self->multiport ? VIRTIO_CONSOLE_SEARCHING : VIRTIO_CONSOLE_FOUND;
	qga_virtio_mmio_driver_ok(&self->mmio);
	/* It has buffers to talk into. A lone port has the first queue. */
	qga_virtio_mmio_notify(&self->mmio, self->multiport ? CONTROL_RX_QUEUE : 0);
	return NULL;
}

/* The device at hand cannot be used: it is told of once, and not tried again. */
static void reject(struct qga_virtio_console *self, const char *reason)
{
	self->rejected |= 1u << self->device;
	qga_virtio_console_debug(self, reason);
}

/* Starts the device at hand; false if it is no console, or not of the kind looked for. */
static bool try_device(struct qga_virtio_console *self)
{
	const char *reason;
	int status;

	self->port = FIRST_GUESS;
	status = qga_virtio_mmio_probe(&self->mmio, self->config->devices[self->device]);
	if (status == -2)
		reject(self, "virtio device is of a version that is not known");
	if (status != 1 || self->mmio.device_id != VIRTIO_ID_CONSOLE)
		return false;
	reason = start(self);
	if (reason == NULL) {
		self->has_names = self->multiport;
		self->named_device = self->device;
		return true;
	}
	if (reason != other_kind) {
		qga_virtio_mmio_fail(&self->mmio);
		reject(self, reason);
	}
	qga_virtio_console_stop(self);
	return false;
}

bool qga_virtio_console_searched(const struct qga_virtio_console *self)
{
	return self->turn == 2 * self->config->n_devices;
}

/* Makes the device whose turn it is the one at hand; false: it has none. */
static bool take_turn(struct qga_virtio_console *self)
{
	unsigned n = self->config->n_devices, turn = self->turn;

	if (turn < n) {
		self->device = turn;
		return true;
	}
	if (turn < 2 * n) {
		self->device = turn - n;
		return self->config->unnamed && !(self->rejected >> self->device & 1);
	}
	self->device = self->named_device;
	return self->has_names;
}

/*
 * In the order of what is wanted: a device that has names; one without, if it will do; and in the
 * end the last one that had names again, where the port may be plugged in later.
 */
bool qga_virtio_console_search(struct qga_virtio_console *self, unsigned turn)
{
	for (self->turn = turn; self->turn <= 2 * self->config->n_devices; self->turn++) {
		if (take_turn(self) && try_device(self))
			return true;
	}
	self->state = VIRTIO_CONSOLE_STOPPED;
	return false;
}

static void give_up(struct qga_virtio_console *self, const char *sentence)
{
	qga_virtio_console_stop(self);
	self->state = VIRTIO_CONSOLE_STOPPED;
	qga_virtio_console_debug(self, sentence);
}

void qga_virtio_console_restart(struct qga_virtio_console *self)
{
	const char *reason;

	if (self->violation) {
		qga_virtio_console_debug(self, "virtio console broke the protocol and is reset");
		qga_virtio_mmio_fail(&self->mmio);
	}
	self->violation = false;
	forget(self);
	if (++self->restarts > RESTARTS_MAX) {
		give_up(self, "virtio console does not recover and is left alone");
		return;
	}
	reason = start(self);
	if (reason != NULL)
		give_up(self, reason);
}

bool qga_virtio_console_init(struct qga_virtio_console *self,
                             const struct qga_virtio_console_config *config)
{
	self->channel.ops = &qga_virtio_console_ops;
	self->config = config;
	return qga_virtio_console_search(self, 0);
}
