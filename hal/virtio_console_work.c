/* SPDX-License-Identifier: MIT */
/*
 * virtio_console_work.c - what there is to do between the bytes: messages of the device, clients
 * that come and go, recovery. Virtual I/O Device 1.2, section 5.3.6.
 */
#include "virtio_console_internal.h"

#define ROUNDS_MAX 64 /* of control messages at a time */

void virtio_console_break_off(struct virtio_console *self)
{
	self->restart = self->violation = true;
}

bool virtio_console_rx_drained(const struct virtio_console *self)
{
	return !self->rx_lent && self->rx.used_idx == virtio_console_rx_end(self);
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
}

/*
 * The client's comings and goings against the stream of its bytes: they arrive in different
 * queues. A look at the used index, then at the control queue, finds every event that came before
 * the bytes up to that index. So, if nobody came since, all these bytes are from the client that
 * has gone, and the end is known exactly. If somebody did, and bytes are left, they may be theirs:
 * then nothing is reported, for 0xFF makes a fresh start anyhow and a lost request cannot be
 * mended.
 */
static void note_host(struct virtio_console *self)
{
	if (self->saw_close &&
	    (!self->host_open || (!self->close_due && virtio_console_rx_drained(self)))) {
		self->close_due = true;
		self->close_mark = self->rx_end;
	}
	if (self->saw_close && !self->host_open) {
		/* QEMU has now given back all that was in the queue, or never will. */
		virtio_console_reclaim(self);
		self->tx_lost = (uint16_t)virtq_in_flight(&self->tx);
		self->open_due = false;
	}
	if (self->saw_open)
		self->open_due = true;
	self->saw_close = self->saw_open = false;
}

static bool has_control(const struct virtio_console *self)
{
	return self->multiport && !self->restart &&
	       (self->talk || virtq_has_news(&self->control_rx));
}

/*
 * One look at everything the device may have said, and a word to it. True: look again. The used
 * index of the receive queue is read before the control queue, see note_host().
 */
static bool exchange(struct virtio_console *self)
{
	uint16_t before = self->rx_end;
	int messages;

	if (virtq_has_news(&self->rx) && virtq_poll(&self->rx, &self->rx_end) != 0)
		virtio_console_break_off(self);
	self->progress |= self->rx_end != before;
	if (!has_control(self))
		return false;
	messages = virtio_console_control_receive(self);
	if (messages < 0)
		virtio_console_break_off(self);
	if (self->restart)
		return false;
	self->progress |= messages > 0;
	return virtio_console_control_send(self) || messages > 0;
}

/* A lone port has no messages: our end is open at once, and the host's may be taken to be. */
static void open_lone(struct virtio_console *self)
{
	if (self->multiport || !self->wants_open || self->open_sent ||
	    self->state != VIRTIO_CONSOLE_FOUND)
		return;
	self->open_sent = self->kick_due = true;
	self->host_open = self->open_due = true;
}

/* PORT_OPEN has arrived: bytes that waited for it come with a kick, or not at all (QEMU 7.2). */
static bool kick(struct virtio_console *self)
{
	if (!self->kick_due || virtio_console_control_busy(self))
		return false;
	self->kick_due = false;
	virtio_mmio_notify(&self->mmio, virtio_console_rx_queue(self));
	return true;
}

/*
 * Half of the TX buffers are lost and nobody is there: closes our end, so that no byte can arrive
 * any more; once those that had are read, the device is reset. True while there is something to do.
 */
static bool heal(struct virtio_console *self)
{
	if (self->quiesce) {
		self->restart |= !self->open_sent && !virtio_console_control_busy(self) &&
		                 virtio_console_rx_drained(self) && !virtq_has_news(&self->rx);
		return self->restart;
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

/* Nothing is on its way and nothing due: this device has told of all its ports. */
static bool has_told_all(const struct virtio_console *self)
{
	return self->state == VIRTIO_CONSOLE_SEARCHING && !virtio_console_control_busy(self);
}

static void go_on_searching(struct virtio_console *self)
{
	if (!self->all_asked) {
		virtio_mmio_reset(&self->mmio);
		virtio_console_search(self, self->device + 1);
		return;
	}
	self->state = VIRTIO_CONSOLE_ABSENT;
	virtio_console_debug(self, "no virtio console has the agent's port; waiting for one");
}

/* True: there is more to do at once. */
static bool step(struct virtio_console *self)
{
	if (exchange(self))
		return true;
	if (self->tx_waiting && !self->restart)
		virtio_console_reclaim(self);
	if (!self->restart) {
		open_lone(self);
		note_host(self);
		if (kick(self) || heal(self))
			return true;
	}
	if (self->restart)
		virtio_console_restart(self);
	else if (has_told_all(self))
		go_on_searching(self);
	else
		return false;
	return self->state != VIRTIO_CONSOLE_STOPPED && self->state != VIRTIO_CONSOLE_ABSENT;
}

/* Bounded, whatever the device says. False: there is more to do. */
bool virtio_console_work(struct virtio_console *self)
{
	unsigned rounds = ROUNDS_MAX;

	while (rounds > 0 && step(self))
		rounds--;
	return rounds > 0;
}
