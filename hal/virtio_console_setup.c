/* SPDX-License-Identifier: MIT */
/*
 * virtio_console_setup.c - finds, starts and restarts the device (Virtual I/O Device 1.2, 3.1.1).
 */
#include <string.h>

#include "virtio_console_internal.h"

enum {
	CONFIG_MAX_NR_PORTS = 4, /* 5.3.4 */
	CONTROL_SIZE_MIN = 4,    /* the messages about one port: added, named, console, open */
	FIRST_GUESS = 1,         /* the number that a lone port has */
	RESTARTS_MAX = 8,        /* without a client that went away in peace in between */
};

void virtio_console_debug(const struct virtio_console *self, const char *sentence)
{
	if (self->config->debug != NULL)
		self->config->debug(sentence);
}

/* What is left of the memory that we were given. */
struct rest {
	uint8_t *rings, *buffers;
};

static const char *add_queue(struct virtio_console *self, struct rest *rest, unsigned index,
                             struct virtq *q, unsigned capacity, unsigned count, uint32_t size)
{
	struct virtq_memory memory = {
		.ring = rest->rings,
		.capacity = (uint16_t)capacity,
		.count = (uint16_t)count,
		.buffer_size = size,
		.buffers = rest->buffers,
		.device_writes = index % 2 == 0, /* 5.3.2: receive queues are even */
		.dma_offset = self->config->dma_offset,
	};

	rest->rings += VIRTQ_BYTES(capacity);
	rest->buffers += (size_t)count * size;
	return virtio_mmio_queue(&self->mmio, index, q, &memory);
}

static const char *add_control_queues(struct virtio_console *self, struct rest *rest)
{
	const char *reason = add_queue(self, rest, CONTROL_RX_QUEUE, &self->control_rx,
	                               VIRTIO_CONSOLE_CONTROL_COUNT, VIRTIO_CONSOLE_CONTROL_COUNT,
	                               VIRTIO_CONSOLE_CONTROL_SIZE);

	if (reason != NULL)
		return reason;
	if (self->control_rx.size < CONTROL_SIZE_MIN)
		return "virtio queue is too small";
	return add_queue(self, rest, CONTROL_TX_QUEUE, &self->control_tx, 2, 1,
	                 VIRTIO_CONSOLE_CONTROL_SIZE);
}

/* Step 7 of 3.1.1: the queues, in memory of VIRTIO_CONSOLE_MEMORY bytes. */
static const char *set_up_queues(struct virtio_console *self)
{
	const struct virtio_console_config *c = self->config;
	struct rest rest = {c->memory, (uint8_t *)c->memory + VIRTIO_CONSOLE_RINGS};
	const char *reason = NULL;

	if (self->multiport)
		reason = add_control_queues(self, &rest);
	if (reason == NULL)
		reason = add_queue(self, &rest, virtio_console_rx_queue(self), &self->rx, VIRTQ_MAX,
		                   c->rx_count, c->rx_size);
	if (reason == NULL)
		reason = add_queue(self, &rest, virtio_console_tx_queue(self), &self->tx, VIRTQ_MAX,
		                   c->tx_count, c->tx_size);
	return reason;
}

/* What must not outlive a reset of the device; that a client was there is still to be reported. */
static void forget(struct virtio_console *self)
{
	self->close_due |= self->saw_close;
	self->close_due |= self->host_open && self->state == VIRTIO_CONSOLE_FOUND;
	self->close_mark = 0;
	self->restart = self->violation = self->check_status = false;
	self->host_open = self->saw_open = self->saw_close = false;
	self->open_due = false;
	self->rx = self->tx = self->control_rx = self->control_tx = (struct virtq){0};
	self->rx_end = 0;
	self->rx_lent = self->tx_open = self->tx_waiting = false;
	self->tx_len = self->tx_lost = 0;
	self->ready_sent = self->open_sent = self->kick_due = self->quiesce = false;
	memset(self->ask, 0, sizeof(self->ask));
	memset(self->answer, 0, sizeof(self->answer));
}

/* Steps 1 to 8 of 3.1.1. Returns NULL, or why the device at hand cannot be used. */
static const char *start(struct virtio_console *self)
{
	uint64_t features;
	const char *reason;

	forget(self);
	reason = virtio_mmio_start(&self->mmio, VIRTIO_CONSOLE_F_MULTIPORT, &features);
	if (reason != NULL)
		return reason;
	self->multiport = (features & VIRTIO_CONSOLE_F_MULTIPORT) != 0;
	self->max_ports =
		self->multiport ? virtio_mmio_config32(&self->mmio, CONFIG_MAX_NR_PORTS) : 1;
	if (self->max_ports > VIRTIO_CONSOLE_PORTS)
		self->max_ports = VIRTIO_CONSOLE_PORTS;
	if (self->port >= self->max_ports)
		self->port = 0;
	reason = set_up_queues(self);
	if (reason != NULL)
		return reason;
	for (unsigned id = 0; id < self->rx.memory.count; id++)
		virtq_offer(&self->rx, id);
	virtq_publish(&self->rx, NULL);
	virtq_interrupts(&self->tx, false);
	if (self->multiport) {
		for (unsigned id = 0; id < self->control_rx.memory.count; id++)
			virtq_offer(&self->control_rx, id);
	}
	self->talk = self->multiport;
	virtio_mmio_driver_ok(&self->mmio);
	if (self->multiport)
		virtio_console_refill(self, &self->control_rx, CONTROL_RX_QUEUE);
	return NULL;
}

/* The device at hand cannot be used: it is told of once, and not tried again. */
static void reject(struct virtio_console *self, const char *reason)
{
	self->rejected |= 1u << self->device;
	virtio_console_debug(self, reason);
}

/* Starts the device number `index`; false if it is no console, or not of the kind looked for. */
static bool try_device(struct virtio_console *self, unsigned index)
{
	const char *reason;
	int status;

	if (self->rejected >> index & 1)
		return false;
	self->device = index;
	self->port = FIRST_GUESS;
	status = virtio_mmio_probe(&self->mmio, self->config->devices[index]);
	if (status == -2)
		reject(self, "virtio device is of a version that is not known");
	if (status != 1 || self->mmio.device_id != VIRTIO_ID_CONSOLE)
		return false;
	reason = start(self);
	if (reason != NULL) {
		virtio_mmio_fail(&self->mmio);
		reject(self, reason);
	} else if (self->multiport != self->unnamed) {
		self->state = VIRTIO_CONSOLE_FOUND;
		if (self->multiport) {
			self->state = VIRTIO_CONSOLE_SEARCHING;
			self->has_names = true;
			self->named_device = index;
		}
		return true;
	}
	virtio_mmio_reset(&self->mmio);
	return false;
}

/*
 * In the order of what is wanted: a device that has names; one without, if it will do; and in the
 * end the last one that had names again, where the port may be plugged in later.
 */
bool virtio_console_search(struct virtio_console *self, unsigned index)
{
	unsigned n = self->config->n_devices;

	for (; index < n; index++) {
		if (try_device(self, index))
			return true;
	}
	self->unnamed = true;
	for (index = 0; self->config->unnamed && index < n; index++) {
		if (try_device(self, index))
			return true;
	}
	self->unnamed = false;
	self->all_asked = true;
	if (self->has_names && try_device(self, self->named_device))
		return true;
	self->state = VIRTIO_CONSOLE_STOPPED;
	return false;
}

static void give_up(struct virtio_console *self, const char *sentence)
{
	virtio_mmio_reset(&self->mmio);
	self->state = VIRTIO_CONSOLE_STOPPED;
	virtio_console_debug(self, sentence);
}

void virtio_console_restart(struct virtio_console *self)
{
	const char *reason;

	if (self->violation) {
		virtio_console_debug(self, "virtio console broke the protocol and is reset");
		virtio_mmio_fail(&self->mmio);
	}
	forget(self);
	if (++self->restarts > RESTARTS_MAX) {
		give_up(self, "virtio console does not recover and is left alone");
		return;
	}
	reason = start(self);
	if (reason != NULL)
		give_up(self, reason);
	else
		self->state = self->multiport ? VIRTIO_CONSOLE_SEARCHING : VIRTIO_CONSOLE_FOUND;
}

bool virtio_console_init(struct virtio_console *self, const struct virtio_console_config *config)
{
	self->channel.ops = &virtio_console_ops;
	self->config = config;
	if (!virtio_console_search(self, 0))
		return false;
	virtio_console_work(self);
	return self->state != VIRTIO_CONSOLE_STOPPED;
}
