/* SPDX-License-Identifier: MIT */
/*
 * virtio_vsock_setup.c - finds, starts and restarts the device (Virtual I/O Device 1.2, 3.1.1).
 *
 * All three queues are set up before DRIVER_OK, and the event queue has its buffers then: without them
 * Firecracker does not start the device, or cannot tell of a restored snapshot.
 */
#include <string.h>

#include "virtio_vsock.h"

#define VSOCK_RESTARTS_MAX 8 /* without a client that came in between */

/* Each buffer's data gets a descriptor of its own, that of its header being first. */
static void vsetup_split(struct virtq *q)
{
	for (unsigned id = 0; id < q->memory.count; id++) {
		unsigned data = q->memory.count + id;

		q->desc[data].addr = q->desc[id].addr + VSOCK_HEADER;
		q->desc[data].len = q->memory.buffer_size - VSOCK_HEADER;
		q->desc[data].flags = q->desc[id].flags;
		q->desc[id].len = VSOCK_HEADER;
		q->desc[id].flags |= VIRTQ_DESC_F_NEXT;
		q->desc[id].next = (uint16_t)data;
	}
	if (!qga_virtq_is_coherent(q) && q->memory.dma->clean != NULL)
		q->memory.dma->clean(q->memory.dma->context, q->desc,
		                     2u * q->memory.count * sizeof(*q->desc));
}

/* A queue in what is left, with so many descriptors for each buffer; 0, or why it cannot be. */
static int vsetup_queue(struct virtio_vsock *self, struct qga_virtio_rest *rest, struct virtq *q,
                        unsigned index, unsigned count, uint32_t size)
{
	unsigned descs = index == VSOCK_QUEUE_EVENT ? 1 : 2;
	int fault;

	q->memory.count = (uint16_t)count;
	q->memory.buffer_size = size;
	q->memory.device_writes = index != VSOCK_QUEUE_TX;
	q->queue.index = (uint16_t)index;
	fault = qga_virtio_carve(self->device, rest, q, descs);
	if (fault == 0 && descs == 2)
		vsetup_split(q);
	return fault;
}

/* Step 7 of 3.1.1. */
static int vsetup_queues(struct virtio_vsock *self)
{
	const struct qga_virtio_vsock_config *c = self->config;
	struct qga_virtio_rest rest;
	int fault;

	rest.start = c->memory;
	rest.end = rest.start + c->memory_size / QGA_VIRTQ_USED_ALIGN * QGA_VIRTQ_USED_ALIGN;
	rest.end -= QGA_VIRTQ_BUFFERS(1, c->window);
	self->window = rest.end;
	fault = vsetup_queue(self, &rest, &self->rx, VSOCK_QUEUE_RX, c->rx_count, c->rx_size);
	for (unsigned id = 0; fault == 0 && id < self->rx.memory.count; id++)
		qga_vsock_unwritten(&self->rx, id);
	if (fault == 0)
		fault = vsetup_queue(self, &rest, &self->tx, VSOCK_QUEUE_TX, c->tx_count,
		                     c->tx_size);
	if (fault == 0)
		fault = vsetup_queue(self, &rest, &self->event, VSOCK_QUEUE_EVENT,
		                     VSOCK_EVENT_COUNT, VSOCK_EVENT_SIZE);
	return fault;
}

/* Steps 1 to 8 of 3.1.1. */
static int vsetup_start(struct virtio_vsock *self)
{
	const size_t kept = offsetof(struct virtio_vsock, link);
	uint64_t features = 0;
	int fault = qga_virtio_start(self->device, VIRTIO_F_EVENT_IDX, &features);

	memset((char *)self + kept, 0, sizeof(*self) - kept);
	if (fault == 0)
		fault = vsetup_queues(self);
	if (fault != 0)
		return fault;
	qga_vsock_link_init(&self->link, qga_virtio_config32(self->device, VSOCK_CONFIG_GUEST_CID),
	                    self->config->port, self->config->window);
	self->link.held = true;
	self->event_idx = (features & VIRTIO_F_EVENT_IDX) != 0;
	if (self->event_idx) {
		qga_virtq_interrupt_at(&self->rx, 0);
		qga_virtq_interrupt_at(&self->event, 0);
	}
	qga_vsock_tx_interrupts(self, false);
	qga_virtio_driver_ok(self->device);
	qga_virtio_notify(self->device, &self->rx);
	qga_virtio_notify(self->device, &self->event);
	return 0;
}

/* Starts a device; false if it is none of these, or cannot be used. */
static bool vsetup_try(struct virtio_vsock *self, struct qga_virtio_device *device)
{
	int fault = qga_virtio_probe(device);

	if (fault != 0 || device->id != VIRTIO_ID_VSOCK)
		return false;
	__atomic_store_n(&self->device, device, __ATOMIC_RELAXED); /* see interrupt() */
	fault = vsetup_start(self);
	if (fault == 0)
		return true;
	if (self->fault == 0)
		self->fault = fault;
	qga_virtio_fail(device);
	qga_vsock_say(self, qga_virtio_device_text(fault));
	return false;
}

void qga_vsock_search(struct virtio_vsock *self)
{
	for (unsigned i = 0; i < self->config->n_devices; i++) {
		if (vsetup_try(self, &self->config->devices[i])) {
			self->fault = 0;
			return;
		}
	}
	self->stopped = true;
	if (self->fault == 0)
		self->fault = QGA_VIRTIO_FAULT_NO_VSOCK;
}

/* vhost-device-vsock does not end connections when it is reset; a client that is told can come again. */
void qga_vsock_restart(struct virtio_vsock *self)
{
	int fault = QGA_VIRTIO_FAULT_BROKEN;
	bool connected = self->link.connected;
	uint64_t cid = self->link.peer_cid;
	uint32_t port = self->link.peer_port;

	qga_vsock_say(self, "virtio socket device broke the protocol and is reset");
	self->violation = false;
	qga_vsock_closed(self);
	qga_virtio_fail(self->device);
	if (++self->restarts <= VSOCK_RESTARTS_MAX)
		fault = vsetup_start(self);
	if (fault == 0 && connected)
		qga_vsock_link_refuse(&self->link, cid, port);
	if (fault == 0)
		return;
	self->stopped = true;
	self->fault = fault;
	qga_vsock_say(self, qga_virtio_device_text(fault));
}
