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

void virtio_console_refill(struct virtio_console *self, struct virtq *q, unsigned index)
{
	bool ran_empty = false;

	/*
	 * 2.7.10 would have a notification each time. QEMU looks at a receive queue by itself
	 * whenever there is something to receive, unless it found it empty before.
	 */
	if (virtq_publish(q, &ran_empty) &&
	    (ran_empty || self->mmio.vendor != VIRTIO_MMIO_VENDOR_QEMU))
		virtio_mmio_notify(&self->mmio, index);
}

/* Takes the next buffer with bytes in it. Apart from rx_get(), whose common answer is "nothing". */
static __attribute__((noinline)) bool take_buffer(struct virtio_console *self)
{
	unsigned id;
	int status;

	if (self->state == VIRTIO_CONSOLE_STOPPED || self->restart)
		return false;
	do {
		status = virtq_take(&self->rx, virtio_console_rx_end(self), &id, &self->rx_len);
		if (status == VIRTQ_VIOLATION) {
			/* At once: who reads nothing may wait for an interrupt next. */
			virtio_console_break_off(self);
			virtio_console_work(self);
		}
		if (status != VIRTQ_TAKEN)
			return false;
		if (self->rx_len == 0)
			virtq_offer(&self->rx, id);
	} while (self->rx_len == 0);
	self->rx_lent = true;
	self->rx_id = (uint8_t)id;
	self->rx_pos = 0;
	return true;
}

static size_t rx_get(struct channel *channel, const uint8_t **data)
{
	struct virtio_console *self = console_of(channel);

	if (!self->rx_lent && self->rx.used_idx == virtio_console_rx_end(self)) {
		if (virtq_has_unpublished(&self->rx))
			virtio_console_refill(self, &self->rx, virtio_console_rx_queue(self));
		return 0;
	}
	if (!self->rx_lent && !take_buffer(self))
		return 0;
	*data = virtq_buffer(&self->rx, self->rx_id) + self->rx_pos;
	return self->rx_len - self->rx_pos;
}

static void rx_put(struct channel *channel, size_t n)
{
	struct virtio_console *self = console_of(channel);

	if (!self->rx_lent)
		return;
	self->rx_pos += (uint32_t)n;
	if (self->rx_pos < self->rx_len)
		return;
	self->rx_lent = false;
	virtq_offer(&self->rx, self->rx_id);
	if ((uint16_t)(self->rx.avail_idx - self->rx.published) * 4u >= self->rx.memory.count)
		virtio_console_refill(self, &self->rx, virtio_console_rx_queue(self));
}

/* No room: from here on a completion interrupts. One that came just before did not. */
static void await_tx(struct virtio_console *self)
{
	self->tx_waiting = true;
	virtq_interrupts(&self->tx, true);
	virtio_console_reclaim(self);
}

static size_t tx_get(struct channel *channel, uint8_t **buf)
{
	struct virtio_console *self = console_of(channel);
	int id;

	if (self->state != VIRTIO_CONSOLE_FOUND || self->restart)
		return 0;
	if (!self->tx_open) {
		virtio_console_reclaim(self);
		if (virtq_free(&self->tx) < 0)
			await_tx(self);
		id = virtq_free(&self->tx);
		if (id < 0 || self->restart)
			return 0;
		if (self->tx_waiting) {
			self->tx_waiting = false;
			virtq_interrupts(&self->tx, false);
		}
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

	/* Room that was lent before a restart is no longer anybody's. */
	if (!self->tx_open)
		return;
	self->tx_len += (uint32_t)n;
	if (self->tx_len == self->tx.memory.buffer_size)
		close_buffer(self);
}

static void tx_flush(struct channel *channel)
{
	struct virtio_console *self = console_of(channel);

	if (self->state != VIRTIO_CONSOLE_FOUND || self->restart)
		return;
	if (self->tx_open && self->tx_len > 0)
		close_buffer(self);
	if (virtq_publish(&self->tx, NULL))
		virtio_mmio_notify(&self->mmio, virtio_console_tx_queue(self));
}

static size_t tx_busy(struct channel *channel)
{
	struct virtio_console *self = console_of(channel);
	unsigned busy;

	if (self->state != VIRTIO_CONSOLE_FOUND || self->restart)
		return 0;
	virtio_console_reclaim(self);
	if (virtq_in_flight(&self->tx) > self->tx_lost)
		await_tx(self);
	busy = virtq_in_flight(&self->tx);
	return (busy > self->tx_lost ? busy - self->tx_lost : 0) +
	       (self->tx_open && self->tx_len > 0);
}

static unsigned take_events(struct virtio_console *self)
{
	unsigned events = 0;

	if (self->close_due && virtio_console_rx_drained(self)) {
		self->close_due = false;
		events |= CHANNEL_HOST_CLOSE;
	}
	if (self->close_due)
		events |= CHANNEL_CLOSING;
	if (self->open_due && !self->close_due && self->state == VIRTIO_CONSOLE_FOUND) {
		self->open_due = false;
		events |= CHANNEL_HOST_OPEN;
	}
	return events;
}

static unsigned poll(struct channel *channel)
{
	struct virtio_console *self = console_of(channel);

	if (self->state == VIRTIO_CONSOLE_STOPPED)
		return take_events(self);
	if (self->check_status && virtio_mmio_needs_reset(&self->mmio))
		virtio_console_break_off(self);
	self->check_status = false;
	if (!virtio_console_work(self))
		return take_events(self) | CHANNEL_AGAIN;
	return take_events(self);
}

static void open(struct channel *channel)
{
	struct virtio_console *self = console_of(channel);

	self->wants_open = self->talk = true;
	if (self->state != VIRTIO_CONSOLE_STOPPED)
		virtio_console_work(self);
}

static void close(struct channel *channel)
{
	struct virtio_console *self = console_of(channel);

	if (self->state != VIRTIO_CONSOLE_STOPPED)
		virtio_mmio_reset(&self->mmio);
	self->state = VIRTIO_CONSOLE_STOPPED;
	self->rx_lent = self->tx_open = false;
	self->open_due = self->close_due = false;
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
