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

static struct virtio_console *console_of(struct channel *channel)
{
	return (struct virtio_console *)channel;
}

/*
 * 2.7.10 would have a notification each time. QEMU looks at a receive queue by itself whenever
 * there is something to receive, unless it found it empty before.
 */
__attribute__((noinline)) void virtio_console_publish(struct virtio_console *self, struct virtq *q,
                                                      unsigned index)
{
	bool receives = index % 2 == 0, ran_empty = false; /* 5.3.2 */
	bool wanted = virtq_publish(q, &ran_empty);

	if (wanted & (!receives | ran_empty | (self->mmio.vendor != VIRTIO_MMIO_VENDOR_QEMU)))
		virtio_mmio_notify(&self->mmio, index);
}

/* Three quarters of the buffers are always the device's; the others go back to it in one go. */
static void give_back(struct virtio_console *self)
{
	virtq_offer(&self->rx, self->rx_id);
	if (virtq_unpublished(&self->rx) * 4u >= self->rx.memory.count)
		virtio_console_publish(self, &self->rx, self->rx_queue);
}

/* Takes the next buffer with bytes in it. */
static bool take_buffer(struct virtio_console *self)
{
	unsigned id;
	int status;

	while ((status = virtq_take(&self->rx, self->rx_end, &id, &self->rx_len)) == VIRTQ_TAKEN) {
		self->rx_id = (uint8_t)id;
		self->rx_pos = 0;
		if (self->rx_len > 0)
			return true;
		give_back(self);
	}
	if (status == VIRTQ_VIOLATION) {
		/* At once: who reads nothing may wait for an interrupt next. */
		virtio_console_break_off(self);
		virtio_console_work(self);
	}
	return false;
}

static size_t rx_get(struct channel *channel, const uint8_t **data)
{
	struct virtio_console *self = console_of(channel);

	if (!virtio_console_is_lent(self) && !take_buffer(self))
		return 0;
	*data = virtq_buffer(&self->rx, self->rx_id) + self->rx_pos;
	return self->rx_len - self->rx_pos;
}

static void rx_put(struct channel *channel, size_t n)
{
	struct virtio_console *self = console_of(channel);

	/* What was lent before a restart is no longer anybody's. */
	if (!virtio_console_is_lent(self))
		return;
	self->rx_pos += (uint32_t)n;
	if (!virtio_console_is_lent(self))
		give_back(self);
}

/* No room: from here on a completion interrupts. One that came just before did not. */
static void await_tx(struct virtio_console *self)
{
	self->tx_waiting = true;
	virtq_interrupts(&self->tx, true);
	virtio_console_reclaim(self);
}

/* A free buffer after a look at what has left; -1: there is none. */
static __attribute__((noinline)) int make_room(struct virtio_console *self)
{
	virtio_console_reclaim(self);
	if (virtq_free(&self->tx) < 0)
		await_tx(self);
	return self->state == VIRTIO_CONSOLE_FOUND ? virtq_free(&self->tx) : -1;
}

static size_t tx_get(struct channel *channel, uint8_t **buf)
{
	struct virtio_console *self = console_of(channel);
	int id;

	if (self->state != VIRTIO_CONSOLE_FOUND)
		return 0;
	if (!self->tx_open) {
		id = self->tx.last_id;
		if (virtq_has_news(&self->tx) | self->tx.in_flight[id])
			id = make_room(self);
		if (id < 0)
			return 0;
		self->tx_open = true;
		self->tx_id = (uint8_t)id;
		self->tx_len = 0;
	}
	*buf = virtq_buffer(&self->tx, self->tx_id) + self->tx_len;
	return self->tx.memory.buffer_size - self->tx_len;
}

static void close_buffer(struct virtio_console *self)
{
	virtq_send(&self->tx, self->tx_id, self->tx_len);
	self->tx_open = false;
}

static void tx_put(struct channel *channel, size_t n)
{
	struct virtio_console *self = console_of(channel);

	self->tx_len += (uint32_t)n;
	/* Room that was lent before a restart is no longer anybody's. */
	if (self->tx_open & (self->tx_len == self->tx.memory.buffer_size))
		close_buffer(self);
}

static void tx_flush(struct channel *channel)
{
	struct virtio_console *self = console_of(channel);

	if (self->tx_open & (self->tx_len > 0))
		close_buffer(self);
	virtio_console_publish(self, &self->tx, self->rx_queue + 1);
}

static size_t tx_busy(struct channel *channel)
{
	struct virtio_console *self = console_of(channel);
	unsigned busy;

	if (self->state != VIRTIO_CONSOLE_FOUND)
		return 0;
	virtio_console_reclaim(self);
	if (virtq_in_flight(&self->tx) > self->tx_lost)
		await_tx(self);
	busy = virtq_in_flight(&self->tx);
	return (busy > self->tx_lost ? busy - self->tx_lost : 0) +
	       (self->tx_open && self->tx_len > 0);
}

/* The end of a client, once all that it sent has been read. */
static unsigned take_close(struct virtio_console *self)
{
	if (virtio_console_is_lent(self) || self->rx.used_idx != self->rx_end)
		return CHANNEL_CLOSING;
	self->close_due = false;
	return CHANNEL_HOST_CLOSE;
}

static unsigned take_events(struct virtio_console *self)
{
	unsigned events = self->close_due ? take_close(self) : 0;
	bool opened = self->open_due & (self->state == VIRTIO_CONSOLE_FOUND);

	if (self->close_due)
		return events;
	self->rx_end = self->rx_seen;
	self->open_due &= !opened;
	return events | (opened ? CHANNEL_HOST_OPEN : 0);
}

static unsigned poll(struct channel *channel)
{
	struct virtio_console *self = console_of(channel);
	bool done = true;

	if (self->state != VIRTIO_CONSOLE_STOPPED)
		done = virtio_console_work(self);
	return take_events(self) | (done ? 0 : CHANNEL_AGAIN);
}

static void open(struct channel *channel)
{
	struct virtio_console *self = console_of(channel);

	self->wants_open = self->talk = true;
}

static void close(struct channel *channel)
{
	struct virtio_console *self = console_of(channel);

	if (self->state == VIRTIO_CONSOLE_STOPPED)
		return;
	virtio_console_stop(self);
	self->state = VIRTIO_CONSOLE_STOPPED;
	self->close_due = false;
}

const struct channel_ops virtio_console_ops = {
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
void virtio_console_irq(struct virtio_console *self)
{
	virtio_mmio_ack(&self->mmio);
	self->check_status = !self->progress;
	self->progress = false;
}
