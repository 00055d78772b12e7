/* SPDX-License-Identifier: MIT */
/*
 * virtio_console_control.c - ports are found, opened and watched (Virtual I/O Device 1.2, 5.3.6).
 *
 * Messages to the device are not queued: which are due follows from the state, and one is on its
 * way at a time. So the device has a full ring of buffers for the answers to each, and none is
 * lost.
 */
#include <string.h>

#include "virtio_console_internal.h"

static void set_bit(uint32_t *bits, uint32_t n)
{
	bits[n / 32] |= 1u << n % 32;
}

static void clear_bit(uint32_t *bits, uint32_t n)
{
	bits[n / 32] &= ~(1u << n % 32);
}

static bool has_bit(const uint32_t *bits, uint32_t n)
{
	return (bits[n / 32] >> n % 32 & 1) != 0;
}

static int first_bit(const uint32_t *bits)
{
	for (int word = 0; word < VIRTIO_CONSOLE_PORTS / 32; word++)
		for (int bit = 0; bits[word] >> bit != 0; bit++)
			if (bits[word] >> bit & 1)
				return word * 32 + bit;
	return -1;
}

/* What is due next; false: nothing. The order keeps the way to the first answer short. */
static bool next_message(struct virtio_console *self, struct virtio_console_control *message)
{
	bool found = self->state == VIRTIO_CONSOLE_FOUND;
	int id;

	if (!self->ready_sent) {
		self->ready_sent = true;
		*message = (struct virtio_console_control){0, VIRTIO_CONSOLE_DEVICE_READY, 1};
	} else if (self->quiesce && self->open_sent) {
		self->open_sent = false;
		*message = (struct virtio_console_control){self->port, VIRTIO_CONSOLE_PORT_OPEN, 0};
	} else if (has_bit(self->ask, self->port)) {
		clear_bit(self->ask, self->port);
		*message =
			(struct virtio_console_control){self->port, VIRTIO_CONSOLE_PORT_READY, 1};
	} else if (found && self->wants_open && !self->open_sent && !self->quiesce) {
		self->open_sent = self->kick_due = true;
		*message = (struct virtio_console_control){self->port, VIRTIO_CONSOLE_PORT_OPEN, 1};
	} else if ((id = first_bit(self->answer)) >= 0) {
		clear_bit(self->answer, (uint32_t)id);
		*message =
			(struct virtio_console_control){(uint32_t)id, VIRTIO_CONSOLE_PORT_OPEN, 1};
	} else if ((id = first_bit(self->ask)) >= 0) {
		clear_bit(self->ask, (uint32_t)id);
		*message =
			(struct virtio_console_control){(uint32_t)id, VIRTIO_CONSOLE_PORT_READY, 1};
	} else {
		return false;
	}
	return true;
}

bool virtio_console_control_busy(const struct virtio_console *self)
{
	return virtq_in_flight(&self->control_tx) != 0;
}

bool virtio_console_control_send(struct virtio_console *self)
{
	struct virtio_console_control message;

	if (virtio_console_control_busy(self))
		return false;
	self->talk = next_message(self, &message);
	if (!self->talk)
		return false;
	memcpy(virtq_buffer(&self->control_tx, 0), &message, sizeof(message));
	virtq_send(&self->control_tx, 0, sizeof(message));
	if (virtq_publish(&self->control_tx, NULL))
		virtio_mmio_notify(&self->mmio, CONTROL_TX_QUEUE);
	return true;
}

/* QEMU ends the name with a NUL, the standard (5.3.6.2) does not. */
static bool is_wanted(const struct virtio_console *self, const char *name, size_t len)
{
	size_t wanted = strlen(self->config->port);

	if (len > 0 && name[len - 1] == '\0')
		len--;
	return len == wanted && memcmp(name, self->config->port, len) == 0;
}

static void port_named(struct virtio_console *self, uint32_t id, const char *name, size_t len)
{
	if (!is_wanted(self, name, len))
		return;
	if (self->state == VIRTIO_CONSOLE_FOUND) {
		if (id != self->port && !self->duplicate) {
			self->duplicate = true;
			virtio_console_debug(self,
			                     "two ports have the agent's name; the first is used");
		}
	} else if (id == self->port) {
		self->state = VIRTIO_CONSOLE_FOUND;
	} else {
		self->port = id; /* its queues are not set up */
		self->restart = true;
	}
}

static void host_opened(struct virtio_console *self, bool open)
{
	if (open == self->host_open)
		return;
	self->host_open = open;
	self->saw_open = open;
	if (!open && self->state == VIRTIO_CONSOLE_FOUND) {
		self->saw_close = true;
		self->restarts = 0;
	}
}

static void port_removed(struct virtio_console *self, uint32_t id)
{
	clear_bit(self->ask, id);
	clear_bit(self->answer, id);
	if (id != self->port || self->state != VIRTIO_CONSOLE_FOUND)
		return;
	host_opened(self, false);
	self->state = VIRTIO_CONSOLE_ABSENT;
	self->open_sent = self->kick_due = false;
	/* What the next port's client must not read: answers that wait for this one's. */
	self->restart |= self->tx_open || virtq_in_flight(&self->tx) != 0;
}

/* len bytes of *message were written by the device, at most sizeof(name) of them a name. */
static void handle(struct virtio_console *self, const struct virtio_console_control *message,
                   const char *name, size_t name_len)
{
	uint32_t id = message->id;

	if (id >= self->max_ports || self->restart)
		return;
	self->talk = true;
	switch (message->event) {
	case VIRTIO_CONSOLE_PORT_ADD:
		set_bit(self->ask, id);
		break;
	case VIRTIO_CONSOLE_PORT_REMOVE:
		port_removed(self, id);
		break;
	case VIRTIO_CONSOLE_CONSOLE_PORT:
		set_bit(self->answer, id);
		break;
	case VIRTIO_CONSOLE_PORT_OPEN:
		/* May come before the name, and before PORT_ADD when a port is plugged in. */
		if (id == self->port)
			host_opened(self, message->value != 0);
		break;
	case VIRTIO_CONSOLE_PORT_NAME:
		port_named(self, id, name, name_len);
		break;
	default:
		break;
	}
}

int virtio_console_control_receive(struct virtio_console *self)
{
	/* A copy: the device may change its buffer while we look. */
	union {
		struct virtio_console_control message;
		char bytes[VIRTIO_CONSOLE_CONTROL_SIZE];
	} copy;
	uint16_t tx_end, end;
	unsigned id;
	uint32_t len;
	int status, n = 0;

	/*
	 * First how far our own message is, then the answers: QEMU has placed them all by the time
	 * that it gives the message back. So "nothing on its way, nothing said" is the end.
	 */
	if (virtq_poll(&self->control_tx, &tx_end) != 0 || virtq_poll(&self->control_rx, &end) != 0)
		return -1;
	while ((status = virtq_take(&self->control_rx, end, &id, &len)) == VIRTQ_TAKEN) {
		memcpy(copy.bytes, virtq_buffer(&self->control_rx, id), len);
		virtq_offer(&self->control_rx, id);
		if (len >= sizeof(copy.message))
			handle(self, &copy.message, copy.bytes + sizeof(copy.message),
			       len - sizeof(copy.message));
		n++;
	}
	if (status == VIRTQ_VIOLATION)
		return -1;
	status = virtq_take(&self->control_tx, tx_end, &id, &len);
	if (status == VIRTQ_VIOLATION)
		return -1;
	self->progress |= status == VIRTQ_TAKEN;
	virtio_console_refill(self, &self->control_rx, CONTROL_RX_QUEUE);
	return n;
}
