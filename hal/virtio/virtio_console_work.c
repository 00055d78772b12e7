/* SPDX-License-Identifier: MIT */
/*
 * virtio_console_work.c - what there is to do between the bytes: messages of the device, clients
 * that come and go, recovery. Virtual I/O Device 1.2, section 5.3.6.
 */
#include "virtio_console_internal.h"

#define ROUNDS_MAX 64 /* of control messages at a time */

void virtio_console_restart_due(struct virtio_console *self)
{
	if (self->saw_close) /* in peace, just before */
		self->restarts = 0;
	self->saw_close |= self->host_open & (self->state == VIRTIO_CONSOLE_FOUND);
	self->state = VIRTIO_CONSOLE_RESTARTING;
	self->rx_end = self->rx_seen = self->rx.used_idx;
}

void virtio_console_break_off(struct virtio_console *self)
{
	self->violation = true;
	virtio_console_restart_due(self);
}

void virtio_console_reclaim(struct virtio_console *self)
{
	uint16_t end;
	unsigned id;
	uint32_t len;
	int status;

	if (!virtq_has_news(&self->tx))
		return;
	if (virtq_poll(&self->tx, &end) != 0) {
		virtio_console_break_off(self);
		return;
	}
	while ((status = virtq_take(&self->tx, end, &id, &len)) == VIRTQ_TAKEN)
		self->progress = true;
	if (status == VIRTQ_VIOLATION)
		virtio_console_break_off(self);
	if (self->tx_waiting && virtq_free(&self->tx) >= 0) {
		self->tx_waiting = false;
		virtq_interrupts(&self->tx, false);
	}
}

/*
 * The client's comings and goings against the stream of its bytes: they arrive in different
 * queues. A look at the used index, then at the control queue, finds every event that came before
 * the bytes up to that index. So, if nobody came since, all these bytes are from the client that
 * has gone, and the end is known exactly. If somebody did, and bytes are left, they may be theirs:
 * then nothing is reported, for 0xFF makes a fresh start anyhow and a lost request cannot be
 * mended.
 */
static void note_close(struct virtio_console *self)
{
	bool all_read = !virtio_console_is_lent(self) && self->rx.used_idx == self->rx_seen;

	if (!self->host_open || (!self->close_due && all_read)) {
		self->close_due = true;
		self->rx_end = self->rx_seen;
	}
	if (!self->host_open) {
		/* QEMU has now given back all that was in the queue, or never will. */
		virtio_console_reclaim(self);
		self->tx_lost = (uint16_t)virtq_in_flight(&self->tx);
	}
	self->saw_close = false;
	self->restarts = 0;
}

/* A lone port has no messages: our end is open at once, and the host's may be taken to be. */
static void open_lone(struct virtio_console *self)
{
	if (!self->wants_open || self->open_sent || self->state != VIRTIO_CONSOLE_FOUND)
		return;
	self->open_sent = self->host_open = self->open_due = true;
	virtio_mmio_notify(&self->mmio, self->rx_queue);
}

/*
 * One look at everything the device may have said, and a word to it. True: look again. The used
 * index of the receive queue is read before the control queue, see note_close().
 */
static bool exchange(struct virtio_console *self)
{
	uint16_t end;
	int messages;

	if (virtq_poll(&self->rx, &end) != 0) {
		virtio_console_break_off(self);
		return false;
	}
	self->progress |= end != self->rx_seen;
	self->rx_seen = end;
	if (!self->multiport) {
		open_lone(self);
		return false;
	}
	if (!(self->talk | virtq_has_news(&self->control_rx)))
		return false;
	messages = virtio_console_control_receive(self);
	if (messages < 0) {
		virtio_console_break_off(self);
		return false;
	}
	self->progress |= messages > 0;
	return virtio_console_control_send(self) | (messages > 0);
}

/*
 * Half of the TX buffers are lost and nobody is there: closes our end, so that no byte can arrive
 * any more; once those that had are read, the device is reset. True while there is something to do.
 */
static bool heal(struct virtio_console *self)
{
	if (self->quiesce) {
		if (self->open_sent || virtio_console_control_busy(self) ||
		    virtio_console_is_lent(self) || virtq_has_news(&self->rx))
			return false;
		virtio_console_restart_due(self);
		return true;
	}
	if (self->tx_lost == 0 || !self->open_sent || self->host_open || self->close_due)
		return false;
	virtio_console_reclaim(self);
	if (self->tx_lost > virtq_in_flight(&self->tx))
		self->tx_lost = (uint16_t)virtq_in_flight(&self->tx);
	if (self->tx_lost * 2u <= self->tx.memory.count)
		return false;
	self->quiesce = self->talk = true;
	return true;
}

static void go_on_searching(struct virtio_console *self)
{
	if (!virtio_console_searched(self)) {
		virtio_console_stop(self);
		virtio_console_search(self, self->turn + 1);
		return;
	}
	self->state = VIRTIO_CONSOLE_ABSENT;
	virtio_console_debug(self, "no virtio console has the agent's port; waiting for one");
}

/* What is hardly ever due. True: there is more to do at once. */
static bool mend(struct virtio_console *self)
{
	if (self->check_status && virtio_mmio_needs_reset(&self->mmio))
		virtio_console_break_off(self);
	self->check_status = false;
	if (self->state != VIRTIO_CONSOLE_RESTARTING) {
		virtio_console_reclaim(self);
		if (self->saw_close)
			note_close(self);
		if (heal(self))
			return true;
	}
	if (self->state == VIRTIO_CONSOLE_RESTARTING)
		virtio_console_restart(self);
	else if (self->state == VIRTIO_CONSOLE_SEARCHING && !virtio_console_control_busy(self))
		go_on_searching(self); /* it has told of all its ports */
	else
		return false;
	return self->state != VIRTIO_CONSOLE_STOPPED && self->state != VIRTIO_CONSOLE_ABSENT;
}

/* True: there is more to do at once. */
static bool step(struct virtio_console *self)
{
	if (exchange(self))
		return true;
	if ((self->state != VIRTIO_CONSOLE_FOUND) | self->saw_close | self->tx_waiting |
	    self->quiesce | self->check_status | (self->tx_lost != 0))
		return mend(self);
	return false;
}

/* Bounded, whatever the device says. False: there is more to do. */
bool virtio_console_work(struct virtio_console *self)
{
	unsigned rounds = ROUNDS_MAX;
	bool more;

	do
		more = step(self);
	while (more & (--rounds > 0));
	return !more;
}
