/* SPDX-License-Identifier: MIT */
/*
 * virtio_console_work.c - what there is to do between the bytes: messages of the device, clients
 * that come and go, recovery. Virtual I/O Device 1.2, section 5.3.6.
 */
#include "virtio_console_work.h"
#include "virtio_console_control.h"
#include "virtio_console_setup.h"

#define ROUNDS_MAX 64 /* of control messages at a time */

/*
 * All TX buffers are in flight: so many the device has lost. Of a stream of bytes it takes one after the other, so what is
 * on its way was sent last, behind whatever has come back; that was sent again.
 */
static unsigned work_count_lost(const struct virtq *tx)
{
	unsigned count = tx->memory.count, n = 0, id;
	bool met[QGA_VIRTQ_MAX] = {false};

	for (uint16_t at = tx->avail_idx; n < count; n++) {
		id = tx->avail->ring[qga_virtq_slot(tx, --at)];
		if (id >= count || met[id])
			break;
		met[id] = true;
	}
	return count - n;
}

/*
 * Clients have followed each other so closely that nobody was ever seen to be away, and all buffers are lost: all but
 * one for sure, and that one was for who has gone, too. The next could never be answered. What had come back was taken
 * just before, see work_mend_now().
 */
static bool work_is_mute(struct virtio_console *self)
{
	unsigned count = self->tx.memory.count;

	return count > 1 && qga_virtq_in_flight(&self->tx) == count &&
	       work_count_lost(&self->tx) + 1 >= count;
}

/*
 * The client's comings and goings against the stream of its bytes: they arrive in different
 * queues. A look at the used index, then at the control queue, finds every event that came before
 * the bytes up to that index. So, if nobody came since, all these bytes are from the client that
 * has gone, and the end is known exactly. If somebody did, and bytes are left, they may be theirs:
 * then nothing is reported, for 0xFF makes a fresh start anyhow and a lost request cannot be
 * mended.
 */
static void work_note_close(struct virtio_console *self)
{
	bool all_read = !qga_console_is_lent(self) && self->rx.used_idx == self->rx_seen;

	if (!self->host_open || (!self->close_due && all_read)) {
		self->close_due = true;
		self->rx_end = self->rx_seen;
	}
	if (!self->host_open) {
		/* QEMU has now given back all that was in the queue, or never will. */
		qga_console_reclaim(self);
		self->tx_lost = (uint16_t)qga_virtq_in_flight(&self->tx);
	}
	self->saw_close = false;
	self->restarts = 0;
	if (self->host_open && work_is_mute(self))
		qga_console_restart_due(self);
}

/* A lone port has no messages: our end is open at once, and the host's may be taken to be. */
static void work_open_lone(struct virtio_console *self)
{
	if (!self->wants_open || self->open_sent || self->state != VIRTIO_CONSOLE_FOUND)
		return;
	self->open_sent = self->host_open = self->open_due = true;
	qga_virtio_notify(self->device, &self->rx);
}

/* With the device, about its ports. True: look again. */
static __attribute__((noinline)) bool work_converse(struct virtio_console *self)
{
	int messages = qga_console_control_receive(self);

	if (messages < 0) {
		qga_console_break_off(self);
		return false;
	}
	if (messages > 0)
		self->progress = true;
	return qga_console_control_send(self) || messages > 0;
}

/*
 * One look at everything the device may have said, and a word to it. True: look again. The used
 * index of the receive queue is read before the control queue, see work_note_close().
 */
static bool work_exchange(struct virtio_console *self)
{
	uint16_t end;

	if (qga_virtq_poll(&self->rx, &end) != 0) {
		qga_console_break_off(self);
		return false;
	}
	if (end != self->rx_seen)
		self->progress = true;
	self->rx_seen = end;
	if (!self->multiport) {
		work_open_lone(self);
		return false;
	}
	if (!self->talk && !qga_virtq_has_news(&self->control_rx))
		return false;
	return work_converse(self);
}

/* What is there to be read stays there, for its answers have nowhere to go. */
static bool work_all_lost(const struct virtio_console *self)
{
	return self->tx_lost >= self->tx.memory.count;
}

/*
 * Half of the TX buffers are lost and nobody is there: closes our end, so that no byte can arrive
 * any more; once those that had are read, the device is reset. Whoever comes meanwhile is not lost: our
 * end opens again, and it is done when they have gone. True while there is something to do.
 */
static bool work_heal(struct virtio_console *self)
{
	if (self->quiesce && self->host_open && !work_all_lost(self)) {
		self->quiesce = false; /* what they sent before our end was closed has been taken */
		self->talk = true;
		return true;
	}
	if (self->quiesce) {
		if (self->open_sent || qga_console_control_busy(self))
			return false;
		if (!work_all_lost(self) &&
		    (qga_console_is_lent(self) || qga_virtq_has_news(&self->rx)))
			return false;
		qga_console_restart_due(self);
		return true;
	}
	if (self->tx_lost == 0 || !self->open_sent || self->host_open ||
	    (self->close_due && !work_all_lost(self)))
		return false;
	qga_console_reclaim(self);
	if (self->tx_lost > qga_virtq_in_flight(&self->tx))
		self->tx_lost = (uint16_t)qga_virtq_in_flight(&self->tx);
	if (self->tx_lost * 2u <= self->tx.memory.count)
		return false;
	self->quiesce = self->talk = true;
	return true;
}

static void work_go_on_searching(struct virtio_console *self)
{
	if (!qga_console_searched(self)) {
		qga_console_stop(self);
		qga_console_search(self, self->turn + 1);
		return;
	}
	self->state = VIRTIO_CONSOLE_ABSENT;
	qga_console_say(self, "no virtio console has the agent's port; waiting for one");
}

static bool work_mend_now(struct virtio_console *self)
{
	if (self->check_status && qga_virtio_needs_reset(self->device))
		qga_console_break_off(self);
	self->check_status = false;
	if (self->state != VIRTIO_CONSOLE_RESTARTING) {
		bool waiting = self->tx_waiting;

		qga_console_reclaim(self);
		if (waiting && !self->tx_waiting)
			self->progress = true;
		if (self->saw_close)
			work_note_close(self);
		if (work_heal(self))
			return true;
	}
	if (self->state == VIRTIO_CONSOLE_RESTARTING)
		qga_console_restart(self);
	else if (self->state == VIRTIO_CONSOLE_SEARCHING && !qga_console_control_busy(self))
		work_go_on_searching(self); /* it has told of all its ports */
	else
		return false;
	return self->state != VIRTIO_CONSOLE_STOPPED && self->state != VIRTIO_CONSOLE_ABSENT;
}

/* What is hardly ever due. True: there is more to do at once. */
static __attribute__((noinline)) bool work_mend(struct virtio_console *self)
{
	bool more = work_mend_now(self);

	self->mend = self->tx_waiting || self->quiesce || self->tx_lost != 0;
	return more;
}

/*
 * An interrupt that came without any news in the rings, since the one before or in them now: the
 * device may want a reset. Only what interrupts is news here, so not what is reclaimed unasked. If
 * both come as one, only the next interrupt tells: asking each time costs an access per request.
 */
static void work_note_interrupt(struct virtio_console *self)
{
	if (!self->progress)
		self->check_status = self->mend = true;
	self->progress = false;
}

/* True: there is more to do at once. */
static bool work_step(struct virtio_console *self)
{
	if (work_exchange(self))
		return true;
	return (self->state != VIRTIO_CONSOLE_FOUND || self->mend) && work_mend(self);
}

/* Another one after this is seen the next time, and what it is about is seen from here on. */
static bool work_take_interrupt(struct virtio_console *self)
{
	if (__atomic_load_n(&self->interrupted, __ATOMIC_RELAXED) == 0)
		return false;
	__atomic_store_n(&self->interrupted, 0, __ATOMIC_RELAXED);
	barrier_after_publish(); /* of the flag; the partner is in interrupt(), which saw the news */
	return true;
}

/* Bounded, whatever the device says. False: there is more to do. */
bool qga_console_work(struct virtio_console *self)
{
	bool interrupted = work_take_interrupt(self), more;
	unsigned rounds = ROUNDS_MAX;

	do
		more = work_step(self);
	while (more && --rounds > 0);
	if (interrupted)
		work_note_interrupt(self);
	return !more && !self->check_status;
}
