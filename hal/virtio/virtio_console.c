/* SPDX-License-Identifier: MIT */
/*
 * virtio_console.c - the console of bareqga_virtio.h as a channel, so the way of each byte.
 *
 *     rx_get: used ring -> the buffer itself is lent        tx_get: a free buffer itself is lent
 *     rx_put: back into the available ring; batches         tx_put: it fills, answer behind answer
 *             are published, hardly ever with a kick        tx_flush: published with one notify
 *
 * TX completions do not interrupt; buffers are used in turn, and all that have left are taken back when
 * an answer comes to one that has not been. Only when there is none left are completions asked for.
 */
#include <string.h>

#include "virtio_console_setup.h"
#include "virtio_console_work.h"

static struct virtio_console *console_of(struct qga_channel *channel)
{
	return (struct virtio_console *)channel;
}

/* Three quarters of the buffers are always the device's; the others go back to it in one go. */
static void console_give_back(struct virtio_console *self)
{
	qga_virtq_offer(&self->rx, self->rx_id);
	if (qga_virtq_unpublished(&self->rx) * 4u >= self->rx.memory.count)
		qga_console_publish(self, &self->rx);
}

/* Takes the next buffer with bytes in it. */
static __attribute__((noinline)) bool console_take_buffer(struct virtio_console *self)
{
	unsigned id;
	int status;

	while ((status = qga_virtq_take(&self->rx, self->rx_end, &id, &self->rx_len)) ==
	       VIRTQ_TAKEN) {
		self->rx_id = (uint8_t)id;
		self->rx_pos = 0;
		if (self->rx_len > 0)
			return true;
		console_give_back(self);
	}
	if (status == VIRTQ_VIOLATION) {
		/* At once: who reads nothing may wait for an interrupt next. */
		qga_console_break_off(self);
		qga_console_work(self);
	}
	return false;
}

static size_t console_rx_get(struct qga_channel *channel, const uint8_t **data)
{
	struct virtio_console *self = console_of(channel);

	if (!qga_console_is_lent(self) &&
	    (self->rx.used_idx == self->rx_end || !console_take_buffer(self)))
		return 0;
	*data = qga_virtq_buffer(&self->rx, self->rx_id) + self->rx_pos;
	return self->rx_len - self->rx_pos;
}

static void console_rx_put(struct qga_channel *channel, size_t n)
{
	struct virtio_console *self = console_of(channel);

	/* What was lent before a restart is no longer anybody's. */
	if (!qga_console_is_lent(self))
		return;
	self->rx_pos += (uint32_t)n;
	if (!qga_console_is_lent(self))
		console_give_back(self);
}

/* No room: from here on a completion interrupts. One that came just before did not. */
static void console_await_tx(struct virtio_console *self)
{
	self->tx_waiting = self->mend = true;
	qga_virtq_interrupts(&self->tx, true);
	qga_console_reclaim(self);
}

/* A free buffer after a look at which have left; -1: there is none. */
static __attribute__((noinline)) int console_make_room(struct virtio_console *self)
{
	qga_console_reclaim(self);
	if (qga_virtq_free(&self->tx) < 0)
		console_await_tx(self);
	return self->state == VIRTIO_CONSOLE_FOUND ? qga_virtq_free(&self->tx) : -1;
}

static size_t console_tx_get(struct qga_channel *channel, uint8_t **buf)
{
	struct virtio_console *self = console_of(channel);
	int id;

	if (self->state != VIRTIO_CONSOLE_FOUND)
		return 0;
	if (!self->tx_open) {
		id = self->tx.next_id;
		if (self->tx.in_flight[id])
			id = console_make_room(self);
		if (id < 0)
			return 0;
		self->tx_open = true;
		self->tx_id = (uint8_t)id;
		self->tx_len = 0;
	}
	*buf = qga_virtq_buffer(&self->tx, self->tx_id) + self->tx_len;
	return self->tx.memory.buffer_size - self->tx_len;
}

static void console_close_buffer(struct virtio_console *self)
{
	qga_virtq_send(&self->tx, self->tx_id, self->tx_len);
	self->tx_open = false;
}

static void console_tx_put(struct qga_channel *channel, size_t n)
{
	struct virtio_console *self = console_of(channel);

	self->tx_len += (uint32_t)n;
	/* Room that was lent before a restart is no longer anybody's. */
	if (self->tx_open && self->tx_len == self->tx.memory.buffer_size)
		console_close_buffer(self);
}

static void console_tx_flush(struct qga_channel *channel)
{
	struct virtio_console *self = console_of(channel);

	if (self->tx_open && self->tx_len > 0)
		console_close_buffer(self);
	if (qga_virtq_unpublished(&self->tx) > 0)
		qga_console_publish(self, &self->tx);
}

static size_t console_tx_busy(struct qga_channel *channel)
{
	struct virtio_console *self = console_of(channel);
	unsigned busy;

	if (self->state != VIRTIO_CONSOLE_FOUND)
		return 0;
	qga_console_reclaim(self);
	if (qga_virtq_in_flight(&self->tx) > self->tx_lost)
		console_await_tx(self);
	busy = qga_virtq_in_flight(&self->tx);
	busy = busy > self->tx_lost ? busy - self->tx_lost : 0;
	return self->tx_open && self->tx_len > 0 ? busy + 1 : busy;
}

/* The end of a client, once all that it sent has been read. */
static unsigned console_take_close(struct virtio_console *self)
{
	if (qga_console_is_lent(self) || self->rx.used_idx != self->rx_end)
		return QGA_CLOSING;
	self->close_due = false;
	return QGA_HOST_CLOSE;
}

static unsigned console_take_events(struct virtio_console *self)
{
	unsigned events = self->close_due ? console_take_close(self) : 0;

	if (self->close_due)
		return events;
	self->rx_end = self->rx_seen;
	if (self->open_due && self->state == VIRTIO_CONSOLE_FOUND) {
		self->open_due = false;
		events |= QGA_HOST_OPEN;
	}
	return events;
}

static unsigned console_poll(struct qga_channel *channel)
{
	struct virtio_console *self = console_of(channel);
	bool done = true;

	if (self->state != VIRTIO_CONSOLE_STOPPED)
		done = qga_console_work(self);
	return console_take_events(self) | (done ? 0 : QGA_AGAIN);
}

static void console_open(struct qga_channel *channel)
{
	struct virtio_console *self = console_of(channel);

	self->wants_open = self->talk = true;
	if (!self->closed)
		return;
	self->closed = false;
	self->restarts = 0;
	qga_console_search(self, 0);
}

static void console_close(struct qga_channel *channel)
{
	struct virtio_console *self = console_of(channel);

	if (self->state == VIRTIO_CONSOLE_STOPPED)
		return;
	qga_console_stop(self);
	self->state = VIRTIO_CONSOLE_STOPPED;
	self->closed = true;
	self->wants_open = self->close_due = false;
}

/* Of all that the driver has only these two may be touched here. */
void qga_console_interrupt(struct qga_channel *channel)
{
	struct virtio_console *self = console_of(channel);
	struct qga_virtio_device *device = __atomic_load_n(&self->device, __ATOMIC_RELAXED);

	if (device == NULL)
		return;
	device->bus->acknowledge(device);
	__atomic_store_n(&self->interrupted, 1, __ATOMIC_RELEASE);
}

static const struct qga_channel_ops console_ops = {
	.rx_get = console_rx_get,
	.rx_put = console_rx_put,
	.tx_get = console_tx_get,
	.tx_put = console_tx_put,
	.tx_flush = console_tx_flush,
	.poll = console_poll,
	.tx_busy = console_tx_busy,
	.open = console_open,
	.close = console_close,
	.interrupt = qga_console_interrupt,
};

/* What can be told of a configuration before a device is asked. */
static int console_check(const struct qga_virtio_console_config *c)
{
	unsigned control_count = c->control_count > 0 ? c->control_count : QGA_VIRTIO_CONTROL_COUNT;
	unsigned control_size = c->control_size > 0 ? c->control_size : QGA_VIRTIO_CONTROL_SIZE;

	int fault = qga_virtio_check(c->devices, c->n_devices, c->memory);

	if (fault != 0)
		return fault;
	if (c->port == NULL)
		return QGA_VIRTIO_FAULT_NULL;
	if (!qga_virtio_in_range(c->rx_count, 1, QGA_VIRTQ_MAX) ||
	    !qga_virtio_in_range(c->tx_count, 1, QGA_VIRTQ_MAX) || control_count > QGA_VIRTQ_MAX)
		return QGA_VIRTIO_FAULT_COUNT;
	if (!qga_virtio_in_range(c->rx_size, 1, QGA_VIRTIO_SIZE_MAX) ||
	    !qga_virtio_in_range(c->tx_size, 1, QGA_VIRTIO_SIZE_MAX))
		return QGA_VIRTIO_FAULT_SIZE;
	if (c->port[0] == '\0' || strlen(c->port) + 10 > control_size)
		return QGA_VIRTIO_FAULT_NAME;
	if (c->memory_size < QGA_VIRTIO_CONSOLE_MEMORY(c->rx_count, c->rx_size, c->tx_count,
	                                               c->tx_size, control_count, control_size))
		return QGA_VIRTIO_FAULT_MEMORY;
	return 0;
}

void qga_console_begin(struct virtio_console *self, const struct qga_virtio_console_config *config,
                       int fault)
{
	memset(self, 0, sizeof(*self));
	self->channel.ops = &console_ops;
	self->config = config;
	self->fault = fault;
	if (fault == 0)
		qga_console_search(self, 0);
}

int qga_virtio_console_init_build(struct qga_virtio_console *console,
                                  const struct qga_virtio_console_config *config, uint32_t build)
{
	struct virtio_console *self = (struct virtio_console *)console;

	if (build != QGA_VIRTIO_BUILD)
		return QGA_VIRTIO_FAULT_BUILD;
	if (console == NULL || config == NULL)
		return QGA_VIRTIO_FAULT_NULL;
	qga_console_begin(self, config, console_check(config));
	return self->fault;
}

int qga_virtio_console_fault(const struct qga_virtio_console *console)
{
	return ((const struct virtio_console *)console)->fault;
}
