/* SPDX-License-Identifier: MIT */
/*
 * virtio_vsock.c - the socket device of bareqga_virtio.h as a channel.
 *
 *     rx_get: bytes of the window are lent                  tx_get: room in a tx buffer is lent, as
 *     rx_put: room in it, which the client hears of                 far as the client has room
 *             when half of it is gone                       tx_flush: sent, and published with one notify;
 *                                                                 what is long, each VSOCK_SHOW bytes
 *
 * TX completions do not interrupt; only when there is no buffer left are they asked for.
 */
#include <string.h>

#include "virtio_vsock.h"

/* Bytes that the device may begin with while we go on; a notification costs as much as to make some 2 KiB. */
#define VSOCK_SHOW (16 * 1024)

static struct virtio_vsock *vsock_of(struct qga_channel *channel)
{
	return (struct virtio_vsock *)channel;
}

static size_t vsock_rx_get(struct qga_channel *channel, const uint8_t **data)
{
	struct virtio_vsock *self = vsock_of(channel);
	uint32_t behind = self->config->window - self->window_at;

	*data = self->window + self->window_at;
	return self->window_n < behind ? self->window_n : behind;
}

static void vsock_rx_put(struct qga_channel *channel, size_t n)
{
	struct virtio_vsock *self = vsock_of(channel);

	self->window_n -= (uint32_t)n;
	self->window_at += (uint32_t)n;
	if (self->window_at == self->config->window || self->window_n == 0)
		self->window_at = 0;
	/* The bytes of one that has gone are no credit for the next. */
	if (!self->close_due)
		qga_vsock_link_taken(&self->link, (uint32_t)n);
}

static uint32_t vsock_data_size(const struct virtio_vsock *self)
{
	return self->tx.memory.buffer_size - VSOCK_HEADER;
}

/* So many bytes could be sent now in all. */
static uint32_t vsock_room(struct virtio_vsock *self)
{
	uint32_t room;

	if (qga_vsock_sinks(self))
		return UINT32_MAX;
	room = qga_vsock_link_room(&self->link);
	if (room <= self->tx_len && !self->starved) {
		self->starved = true;
		qga_vsock_link_ask(&self->link);
	}
	return room;
}

static size_t vsock_tx_get(struct qga_channel *channel, uint8_t **buf)
{
	struct virtio_vsock *self = vsock_of(channel);
	uint32_t room;
	int id;

	if (self->stopped)
		return 0;
	self->refused = true;
	room = vsock_room(self);
	if (room <= self->tx_len)
		return 0;
	if (!self->tx_open) {
		id = qga_vsock_tx_buffer(self);
		if (id < 0)
			return 0;
		self->tx_open = true;
		self->tx_id = (uint8_t)id;
		self->tx_len = 0;
	}
	self->refused = false;
	if (room > vsock_data_size(self))
		room = vsock_data_size(self);
	*buf = qga_virtq_buffer(&self->tx, self->tx_id) + VSOCK_HEADER + self->tx_len;
	return room - self->tx_len;
}

static void vsock_close_buffer(struct virtio_vsock *self)
{
	struct vsock_header header;

	qga_vsock_link_send(&self->link, &header, self->tx_len);
	qga_vsock_send(self, self->tx_id, &header);
	self->tx_open = false;
	self->tx_len = 0;
}

static void vsock_tx_put(struct qga_channel *channel, size_t n)
{
	struct virtio_vsock *self = vsock_of(channel);

	/* Room that was lent before a restart is no longer anybody's. */
	if (!self->tx_open || qga_vsock_sinks(self))
		return;
	self->tx_len += (uint32_t)n;
	if (self->tx_len < vsock_data_size(self))
		return;
	vsock_close_buffer(self);
	if (qga_virtq_unpublished(&self->tx) * self->tx.memory.buffer_size >= VSOCK_SHOW)
		qga_vsock_show(self);
}

static void vsock_tx_flush(struct qga_channel *channel)
{
	struct virtio_vsock *self = vsock_of(channel);

	if (self->stopped)
		return;
	if (self->tx_len > 0)
		vsock_close_buffer(self);
	qga_vsock_publish(self);
}

static size_t vsock_tx_busy(struct qga_channel *channel)
{
	struct virtio_vsock *self = vsock_of(channel);

	if (self->stopped)
		return 0;
	qga_vsock_reclaim(self);
	return qga_virtq_in_flight(&self->tx) + (self->tx_len > 0) +
	       (self->call.state == QGA_VIRTIO_CALL_GOING);
}

static unsigned vsock_take_events(struct virtio_vsock *self)
{
	unsigned events = 0;

	if (self->close_due) {
		if (self->window_n > 0)
			return QGA_CLOSING;
		self->close_due = self->present = false;
		events |= QGA_HOST_CLOSE;
	}
	if (self->link.connected && !self->present && self->listening) {
		self->present = true;
		self->link.held = self->refused = false;
		self->restarts = 0;
		return events | QGA_HOST_OPEN;
	}
	/* Look again when all is taken: then it ends. */
	if (self->present && (self->link.peer_flags & VSOCK_NO_SEND) != 0)
		events |= QGA_CLOSING;
	return events;
}

static unsigned vsock_poll(struct qga_channel *channel)
{
	struct virtio_vsock *self = vsock_of(channel);
	unsigned events;
	bool done = true;

	if (!self->stopped)
		done = qga_vsock_work(self);
	events = vsock_take_events(self) | (done ? 0 : QGA_AGAIN);
	if (!self->stopped && done)
		qga_vsock_publish(self);
	return events;
}

static void vsock_open(struct qga_channel *channel)
{
	vsock_of(channel)->listening = true;
}

static void vsock_close(struct qga_channel *channel)
{
	struct virtio_vsock *self = vsock_of(channel);

	self->listening = false;
	if (self->stopped)
		return;
	qga_vsock_link_end(&self->link);
	qga_vsock_publish(self);
}

/* Of all that the driver has only these two may be touched here. */
static void vsock_interrupt(struct qga_channel *channel)
{
	struct virtio_vsock *self = vsock_of(channel);
	struct qga_virtio_device *device = __atomic_load_n(&self->device, __ATOMIC_RELAXED);

	if (device == NULL)
		return;
	device->bus->acknowledge(device);
	__atomic_store_n(&self->interrupted, 1, __ATOMIC_RELEASE);
}

static const struct qga_channel_ops vsock_ops = {
	.rx_get = vsock_rx_get,
	.rx_put = vsock_rx_put,
	.tx_get = vsock_tx_get,
	.tx_put = vsock_tx_put,
	.tx_flush = vsock_tx_flush,
	.poll = vsock_poll,
	.tx_busy = vsock_tx_busy,
	.open = vsock_open,
	.close = vsock_close,
	.interrupt = vsock_interrupt,
};

/* What can be told of a configuration before a device is asked. */
static int vsock_check(const struct qga_virtio_vsock_config *c)
{
	int fault = qga_virtio_check(c->devices, c->n_devices, c->memory);

	if (fault != 0)
		return fault;
	if (!qga_virtio_in_range(c->rx_count, 1, QGA_VIRTIO_VSOCK_COUNT_MAX) ||
	    !qga_virtio_in_range(c->tx_count, 1, QGA_VIRTIO_VSOCK_COUNT_MAX))
		return QGA_VIRTIO_FAULT_COUNT;
	if (!qga_virtio_in_range(c->rx_size, VSOCK_HEADER + 1, QGA_VIRTIO_VSOCK_SIZE_MAX) ||
	    !qga_virtio_in_range(c->tx_size, VSOCK_HEADER + 1, QGA_VIRTIO_VSOCK_SIZE_MAX) ||
	    !qga_virtio_in_range(c->window, 1, QGA_VIRTIO_SIZE_MAX))
		return QGA_VIRTIO_FAULT_SIZE;
	if (c->memory_size <
	    QGA_VIRTIO_VSOCK_MEMORY(c->rx_count, c->rx_size, c->tx_count, c->tx_size, c->window))
		return QGA_VIRTIO_FAULT_MEMORY;
	return 0;
}

int qga_virtio_vsock_init_build(struct qga_virtio_vsock *vsock,
                                const struct qga_virtio_vsock_config *config, uint32_t build)
{
	struct virtio_vsock *self = (struct virtio_vsock *)vsock;
	int fault;

	if (build != QGA_VIRTIO_BUILD)
		return QGA_VIRTIO_FAULT_BUILD;
	if (vsock == NULL || config == NULL)
		return QGA_VIRTIO_FAULT_NULL;
	fault = vsock_check(config);
	memset(vsock, 0, sizeof(*vsock));
	self->channel.ops = &vsock_ops;
	self->config = config;
	self->fault = fault;
	if (fault == 0)
		qga_vsock_search(self);
	else
		self->stopped = true;
	return self->fault;
}

void qga_virtio_vsock_call(struct qga_virtio_vsock *vsock, uint32_t cid, uint32_t port,
                           const char *text)
{
	struct virtio_vsock *self = (struct virtio_vsock *)vsock;

	if (self->stopped)
		return;
	qga_vsock_call_start(&self->call, self->link.cid, cid, port, text);
	if (strlen(text) > vsock_data_size(self))
		qga_vsock_call_end(&self->call);
	vsock_tx_flush(&self->channel);
}

void qga_virtio_vsock_hang_up(struct qga_virtio_vsock *vsock)
{
	struct virtio_vsock *self = (struct virtio_vsock *)vsock;

	if (self->stopped)
		return;
	qga_vsock_call_end(&self->call);
	vsock_tx_flush(&self->channel);
}

enum qga_virtio_call qga_virtio_vsock_called(const struct qga_virtio_vsock *vsock)
{
	return (enum qga_virtio_call)((const struct virtio_vsock *)vsock)->call.state;
}

int qga_virtio_vsock_fault(const struct qga_virtio_vsock *vsock)
{
	return ((const struct virtio_vsock *)vsock)->fault;
}
