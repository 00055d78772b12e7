/* SPDX-License-Identifier: MIT */
/*
 * virtio_console_work.c - what there is to do between the bytes: messages of the device, clients
 * that come and go, recovery. Virtual I/O Device 1.2, section 5.3.6.
 */
#include "virtio_console_internal.h"

#define ROUNDS_MAX 64 /* of control messages at a time */

void qga_virtio_console_restart_due(struct qga_virtio_console *self)
{
	if (self->saw_close) /* in peace, just before */
		self->restarts = 0;
	self->saw_close |= self->host_open & (self->state == VIRTIO_CONSOLE_FOUND);
	self->state = VIRTIO_CONSOLE_RESTARTING;
	self->rx_end = self->rx_seen = self->rx.used_idx;
}

void qga_virtio_console_break_off(struct qga_virtio_console *self)
{
	self->violation = true;
	qga_virtio_console_restart_due(self);
}

void qga_virtio_console_reclaim(struct qga_virtio_console *self)
{
	uint16_t end;
	unsigned id;
	uint32_t len;
	int status;

	if (!qga_virtq_has_news(&self->tx))
		return;
	if (qga_virtq_poll(&self->tx, &end) != 0) {
		qga_virtio_console_break_off(self);
		return;
	}
	while ((status = qga_virtq_take(&self->tx, end, &id, &len)) == VIRTQ_TAKEN)
		self->progress = true;
	if (status == VIRTQ_VIOLATION)
		qga_virtio_console_break_off(self);
	if (self->tx_waiting && qga_virtq_free(&self->tx) >= 0) {
		self->tx_waiting = false;
		qga_virtq_interrupts(&self->tx, false);
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
static void note_close(struct qga_virtio_console *self)
{
	bool all_read = !qga_virtio_console_is_lent(self) && self->rx.used_idx == self->rx_seen;

	if (!self->host_open || (!self->close_due && all_read)) {
		self->close_due = true;
		self->rx_end = self->rx_seen;
	}
	if (!self->host_open) {
		/* QEMU has now given back all that was in the queue, or never will. */
		qga_virtio_console_reclaim(self);
		self->tx_lost = (uint16_t)qga_virtq_in_flight(&self->tx);
	}
	self->saw_close = false;
	self->restarts = 0;
}

/* A lone port has no messages: our end is open at once, and the host's may be taken to be. */
static void open_lone(struct qga_virtio_console *self)
{
	if (!self->wants_open || self->open_sent || self->state != VIRTIO_CONSOLE_FOUND)
		return;
	self->open_sent = self->host_open = self->open_due = true;
	qga_virtio_mmio_notify(&self->mmio, self->rx_queue);
}

/*
 * One look at everything the device may have said, and a word to it. True: look again. The used
 * index of the receive queue is read before the control queue, see note_close().
 */
static bool exchange(struct qga_virtio_console *self)
{
	uint16_t end;
	int messages;

	if (qga_virtq_poll(&self->rx, &end) != 0) {
		qga_virtio_console_break_off(self);
		return false;
	}
	self->progress |= end != self->rx_seen;
	self->rx_seen = end;
	if (!self->multiport) {
		open_lone(self);
		return false;
	}
	if (!(self->talk | qga_virtq_has_news(&self->control_rx)))
		return false;
	messages = qga_virtio_console_control_receive(self);
	if (messages < 0) {
		qga_virtio_console_break_off(self);
		return false;
	}
	self->progress |= messages > 0;
	return qga_virtio_console_control_send(self) | (messages > 0);
}

/*
 * Half of the TX buffers are lost and nobody is there: closes our end, so that no byte can arrive
 * any more; once those that had are read, the device is reset. True while there is something to do.
 */
static bool heal(struct qga_virtio_console *self)
{
	if (self->quiesce) {
		if (self->open_sent || qga_virtio_console_control_busy(self) ||
		    qga_virtio_console_is_lent(self) || qga_virtq_has_news(&self->rx))
			return false;
		qga_virtio_console_restart_due(self);
		return true;
	}
	if (self->tx_lost == 0 || !self->open_sent || self->host_open || self->close_due)
		return false;
	qga_virtio_console_reclaim(self);
	if (self->tx_lost > qga_virtq_in_flight(&self->tx))
		self->tx_lost = (uint16_t)qga_virtq_in_flight(&self->tx);
	if (self->tx_lost * 2u <= self->tx.memory.count)
		return false;
	self->quiesce = self->talk = true;
	return true;
}

static void go_on_searching(struct qga_virtio_console *self)
{
	if (!qga_virtio_console_searched(self)) {
		qga_virtio_console_stop(self);
		qga_virtio_console_search(self, self->turn + 1);
		return;
	}
	self->state = VIRTIO_CONSOLE_ABSENT;
	qga_virtio_console_debug(self, "no virtio console has the agent's port; waiting for one");
}

/* What is hardly ever due. True: there is more to do at once. */
static bool mend(struct qga_virtio_console *self)
{
	if (self->check_status && qga_virtio_mmio_needs_reset(&self->mmio))
		qga_virtio_console_break_off(self);
	self->check_status = false;
	if (self->state != VIRTIO_CONSOLE_RESTARTING) {
		qga_virtio_console_reclaim(self);
		if (self->saw_close)
			note_close(self);
		if (heal(self))
			return true;
	}
	if (self->state == VIRTIO_CONSOLE_RESTARTING)
		qga_virtio_console_restart(self);
	else if (self->state == VIRTIO_CONSOLE_SEARCHING && !qga_virtio_console_control_busy(self))
		go_on_searching(self); /* it has told of all its ports */
	else
		return false;
	return self->state != VIRTIO_CONSOLE_STOPPED && self->state != VIRTIO_CONSOLE_ABSENT;
}

/* True: there is more to do at once. */
static bool step(struct qga_virtio_console *self)
{
	if (exchange(self))
		return true;
	if ((self->state != VIRTIO_CONSOLE_FOUND) | self->saw_close | self->tx_waiting |
	    self->quiesce | self->check_status | (self->tx_lost != 0))
		return mend(self);
	return false;
}

/* Bounded, whatever the device says. False: there is more to do. */
bool qga_virtio_console_work(struct qga_virtio_console *self)
{
	unsigned rounds = ROUNDS_MAX;
	bool more;

	do
		more = step(self);
	while (more & (--rounds > 0));
	return !more;
}
