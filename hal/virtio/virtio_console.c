/* SPDX-License-Identifier: MIT */
/*
 * virtio_console.c - see virtio_console.h; this file is the channel, so the way of each byte.
 *
 *     rx_get: used ring -> the buffer itself is lent        tx_get: a free buffer itself is lent
 *     rx_put: back into the available ring; batches         tx_put: it fills, answer behind answer
 *             are published, hardly ever with a kick        tx_flush: published with one notify
 *
 * TX completions do not interrupt; buffers are taken back when the next answer needs one. Only when
 * there is none left are they asked for.
 */
#include "virtio_console_internal.h"

static struct qga_virtio_console *console_of(struct qga_channel *channel)
{
	return (struct qga_virtio_console *)channel;
}

/*
 * 2.7.10 would have a notification each time. QEMU looks at a receive queue by itself whenever
 * there is something to receive, unless it found it empty before.
 */
__attribute__((noinline)) void qga_virtio_console_publish(struct qga_virtio_console *self,
                                                          struct virtq *q, unsigned index)
{
	bool receives = index % 2 == 0, ran_empty = false; /* 5.3.2 */
	bool wanted = qga_virtq_publish(q, &ran_empty);

	if (wanted & (!receives | ran_empty | (self->mmio.vendor != VIRTIO_MMIO_VENDOR_QEMU)))
		qga_virtio_mmio_notify(&self->mmio, index);
}

/* Three quarters of the buffers are always the device's; the others go back to it in one go. */
static void give_back(struct qga_virtio_console *self)
{
	qga_virtq_offer(&self->rx, self->rx_id);
	if (qga_virtq_unpublished(&self->rx) * 4u >= self->rx.memory.count)
		qga_virtio_console_publish(self, &self->rx, self->rx_queue);
}

/* Takes the next buffer with bytes in it. */
static bool take_buffer(struct qga_virtio_console *self)
{
	unsigned id;
	int status;

	while ((status = qga_virtq_take(&self->rx, self->rx_end, &id, &self->rx_len)) ==
	       VIRTQ_TAKEN) {
		self->rx_id = (uint8_t)id;
		self->rx_pos = 0;
		if (self->rx_len > 0)
			return true;
		give_back(self);
	}
	if (status == VIRTQ_VIOLATION) {
		/* At once: who reads nothing may wait for an interrupt next. */
		qga_virtio_console_break_off(self);
		qga_virtio_console_work(self);
	}
	return false;
}

static size_t rx_get(struct qga_channel *channel, const uint8_t **data)
{
	struct qga_virtio_console *self = console_of(channel);

	if (!qga_virtio_console_is_lent(self) && !take_buffer(self))
		return 0;
	*data = qga_virtq_buffer(&self->rx, self->rx_id) + self->rx_pos;
	return self->rx_len - self->rx_pos;
}

static void rx_put(struct qga_channel *channel, size_t n)
{
	struct qga_virtio_console *self = console_of(channel);

	/* What was lent before a restart is no longer anybody's. */
	if (!qga_virtio_console_is_lent(self))
		return;
	self->rx_pos += (uint32_t)n;
	if (!qga_virtio_console_is_lent(self))
		give_back(self);
}

/* No room: from here on a completion interrupts. One that came just before did not. */
static void await_tx(struct qga_virtio_console *self)
{
	self->tx_waiting = true;
	qga_virtq_interrupts(&self->tx, true);
	qga_virtio_console_reclaim(self);
}

/* A free buffer after a look at what has left; -1: there is none. */
static __attribute__((noinline)) int make_room(struct qga_virtio_console *self)
{
	qga_virtio_console_reclaim(self);
	if (qga_virtq_free(&self->tx) < 0)
		await_tx(self);
	return self->state == VIRTIO_CONSOLE_FOUND ? qga_virtq_free(&self->tx) : -1;
}

static size_t tx_get(struct qga_channel *channel, uint8_t **buf)
{
	struct qga_virtio_console *self = console_of(channel);
	int id;

	if (self->state != VIRTIO_CONSOLE_FOUND)
		return 0;
	if (!self->tx_open) {
		id = self->tx.last_id;
		if (qga_virtq_has_news(&self->tx) | self->tx.in_flight[id])
			id = make_room(self);
		if (id < 0)
			return 0;
		self->tx_open = true;
		self->tx_id = (uint8_t)id;
		self->tx_len = 0;
	}
	*buf = qga_virtq_buffer(&self->tx, self->tx_id) + self->tx_len;
	return self->tx.memory.buffer_size - self->tx_len;
}

static void close_buffer(struct qga_virtio_console *self)
{
	qga_virtq_send(&self->tx, self->tx_id, self->tx_len);
	self->tx_open = false;
}

static void tx_put(struct qga_channel *channel, size_t n)
{
	struct qga_virtio_console *self = console_of(channel);

	self->tx_len += (uint32_t)n;
	/* Room that was lent before a restart is no longer anybody's. */
	if (self->tx_open & (self->tx_len == self->tx.memory.buffer_size))
		close_buffer(self);
}

static void tx_flush(struct qga_channel *channel)
{
	struct qga_virtio_console *self = console_of(channel);

	if (self->tx_open & (self->tx_len > 0))
		close_buffer(self);
	qga_virtio_console_publish(self, &self->tx, self->rx_queue + 1);
}

static size_t tx_busy(struct qga_channel *channel)
{
	struct qga_virtio_console *self = console_of(channel);
	unsigned busy;

	if (self->state != VIRTIO_CONSOLE_FOUND)
		return 0;
	qga_virtio_console_reclaim(self);
	if (qga_virtq_in_flight(&self->tx) > self->tx_lost)
		await_tx(self);
	busy = qga_virtq_in_flight(&self->tx);
	return (busy > self->tx_lost ? busy - self->tx_lost : 0) +
	       (self->tx_open && self->tx_len > 0);
}

/* The end of a client, once all that it sent has been read. */
static unsigned take_close(struct qga_virtio_console *self)
{
	if (qga_virtio_console_is_lent(self) || self->rx.used_idx != self->rx_end)
		return QGA_CLOSING;
	self->close_due = false;
	return QGA_HOST_CLOSE;
}

static unsigned take_events(struct qga_virtio_console *self)
{
	unsigned events = self->close_due ? take_close(self) : 0;
	bool opened = self->open_due & (self->state == VIRTIO_CONSOLE_FOUND);

	if (self->close_due)
		return events;
	self->rx_end = self->rx_seen;
	self->open_due &= !opened;
	return events | (opened ? QGA_HOST_OPEN : 0);
}

static unsigned poll(struct qga_channel *channel)
{
	struct qga_virtio_console *self = console_of(channel);
	bool done = true;

	if (self->state != VIRTIO_CONSOLE_STOPPED)
		done = qga_virtio_console_work(self);
	return take_events(self) | (done ? 0 : QGA_AGAIN);
}

static void open(struct qga_channel *channel)
{
	struct qga_virtio_console *self = console_of(channel);

	self->wants_open = self->talk = true;
}

static void close(struct qga_channel *channel)
{
	struct qga_virtio_console *self = console_of(channel);

	if (self->state == VIRTIO_CONSOLE_STOPPED)
		return;
	qga_virtio_console_stop(self);
	self->state = VIRTIO_CONSOLE_STOPPED;
	self->close_due = false;
}

const struct qga_channel_ops qga_virtio_console_ops = {
	.rx_get = rx_get,
	.rx_put = rx_put,
	.tx_get = tx_get,
	.tx_put = tx_put,
	.tx_flush = tx_flush,
	.poll = poll,
	.tx_busy = tx_busy,
	.open = open,
	.close = close,
};

/*
 * The device's interrupt line falls. If it had risen without any news in the rings, the device may
 * want a reset: the next poll looks.
 */
void qga_virtio_console_irq(struct qga_virtio_console *self)
{
	qga_virtio_mmio_ack(&self->mmio);
	self->check_status = !self->progress;
	self->progress = false;
}
