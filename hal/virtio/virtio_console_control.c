/* SPDX-License-Identifier: MIT */
/*
 * virtio_console_control.c - ports are found, opened and watched (Virtual I/O Device 1.2, 5.3.6).
 *
 * Messages to the device are not queued: which are due follows from the state, and one is on its
 * way at a time. So the device has a full ring of buffers for the answers to each, and none is
 * lost.
 */
#include "virtio_console_control.h"

static void port_set_bit(uint32_t *bits, uint32_t n)
{
	bits[n / 32] |= 1u << n % 32;
}

static void port_clear_bit(uint32_t *bits, uint32_t n)
{
	bits[n / 32] &= ~(1u << n % 32);
}

static bool port_has_bit(const uint32_t *bits, uint32_t n)
{
	return (bits[n / 32] >> n % 32 & 1) != 0;
}

/* Writes a message into the one buffer that there is for it. */
static __attribute__((noinline)) void control_put(struct virtio_console *self, uint32_t id,
                                                  uint16_t event, uint16_t value)
{
	volatile struct virtio_console_control *message =
		(void *)qga_virtq_buffer(&self->control_tx, 0);

	message->id = id;
	message->event = event;
	message->value = value;
	qga_virtq_send(&self->control_tx, 0, sizeof(*message));
	qga_console_publish(self, &self->control_tx);
}

/* What is due to ports other than ours, or because they are consoles: to the first of them. */
static bool control_send_others(struct virtio_console *self)
{
	uint32_t any = 0, id = 0;

	for (unsigned i = 0; i < VIRTIO_CONSOLE_PORTS / 32; i++)
		any |= self->ask[i] | self->answer[i];
	self->talk = any != 0;
	if (any == 0)
		return false;
	while (!port_has_bit(self->ask, id) && !port_has_bit(self->answer, id))
		id++;
	if (port_has_bit(self->answer, id)) {
		port_clear_bit(self->answer, id);
		control_put(self, id, VIRTIO_CONSOLE_PORT_OPEN, 1);
	} else {
		port_clear_bit(self->ask, id);
		control_put(self, id, VIRTIO_CONSOLE_PORT_READY, 1);
	}
	return true;
}

bool qga_console_control_busy(const struct virtio_console *self)
{
	return qga_virtq_in_flight(&self->control_tx) != 0;
}

/* Our end of the port is to be open. */
static bool port_opens(const struct virtio_console *self)
{
	return self->wants_open && self->state == VIRTIO_CONSOLE_FOUND && !self->quiesce;
}

/* The order keeps the way to the first answer short. */
bool qga_console_control_send(struct virtio_console *self)
{
	enum virtio_console_event event;
	uint16_t value = 1;

	if (qga_console_control_busy(self) || self->state == VIRTIO_CONSOLE_RESTARTING)
		return false;
	if (!self->ready_sent) {
		self->ready_sent = true;
		event = VIRTIO_CONSOLE_DEVICE_READY; /* whatever the id says */
	} else if (port_has_bit(self->ask, self->port)) {
		port_clear_bit(self->ask, self->port);
		event = VIRTIO_CONSOLE_PORT_READY;
	} else if (port_opens(self) != self->open_sent) {
		value = !self->open_sent;
		self->open_sent = self->kick_due = value;
		event = VIRTIO_CONSOLE_PORT_OPEN;
	} else {
		return control_send_others(self);
	}
	control_put(self, self->port, event, value);
	return true;
}

/*
 * QEMU ends the name with a NUL, the standard (5.3.6.2) does not. A longer one may have been cut off,
 * but not before it differs.
 */
static bool port_is_wanted(const struct virtio_console *self, const volatile char *name, size_t len)
{
	const char *wanted = self->config->port;
	size_t i;

	for (i = 0; i < len; i++) {
		char c = name[i];

		if (c != wanted[i])
			return false;
		if (c == '\0')
			return len - i == 1;
	}
	return wanted[i] == '\0';
}

static void port_named(struct virtio_console *self, uint32_t id, const volatile char *name,
                       size_t len)
{
	if (!port_is_wanted(self, name, len))
		return;
	if (self->state != VIRTIO_CONSOLE_FOUND && id == self->port) {
		self->state = VIRTIO_CONSOLE_FOUND;
	} else if (self->state != VIRTIO_CONSOLE_FOUND) {
		self->port = id; /* its queues are not set up */
		qga_console_restart_due(self);
	} else if (id != self->port && !self->duplicate) {
		self->duplicate = true;
		qga_console_say(self, "two ports have the agent's name; the first is used");
	}
}

/* May come before the name, and before PORT_ADD when a port is plugged in. */
static void host_opened(struct virtio_console *self, uint32_t id, bool open)
{
	if (id != self->port || open == self->host_open)
		return;
	self->host_open = self->open_due = open;
	if (!open && self->state == VIRTIO_CONSOLE_FOUND)
		self->saw_close = self->mend = true;
}

static void port_removed(struct virtio_console *self, uint32_t id)
{
	port_clear_bit(self->ask, id);
	port_clear_bit(self->answer, id);
	if (id != self->port || self->state != VIRTIO_CONSOLE_FOUND)
		return;
	host_opened(self, id, false);
	self->state = VIRTIO_CONSOLE_ABSENT;
	self->open_sent = self->kick_due = false;
	/* What the next port's client must not read: answers that wait for this one's. */
	if (self->tx_open || qga_virtq_in_flight(&self->tx) != 0)
		qga_console_restart_due(self);
}

/*
 * A message of which the device wrote len bytes. It may change its buffer while we look, so nothing
 * is read twice.
 */
static void control_handle(struct virtio_console *self,
                           const volatile struct virtio_console_control *message, size_t len)
{
	uint32_t id = message->id;

	if (len < sizeof(*message) || id >= self->max_ports ||
	    self->state == VIRTIO_CONSOLE_RESTARTING)
		return;
	self->talk = true;
	switch (message->event) {
	case VIRTIO_CONSOLE_PORT_ADD:
		port_set_bit(self->ask, id);
		break;
	case VIRTIO_CONSOLE_PORT_REMOVE:
		port_removed(self, id);
		break;
	case VIRTIO_CONSOLE_CONSOLE_PORT:
		port_set_bit(self->answer, id);
		break;
	case VIRTIO_CONSOLE_PORT_OPEN:
		host_opened(self, id, message->value != 0);
		break;
	case VIRTIO_CONSOLE_PORT_NAME:
		port_named(self, id, (const volatile char *)(message + 1), len - sizeof(*message));
		break;
	default:
		break;
	}
}

/* Our message was taken; it has the only buffer, so the index says all. */
static void control_take_sent(struct virtio_console *self, uint16_t end)
{
	self->progress |= end != self->control_tx.used_idx;
	self->control_tx.used_idx = end;
	/* PORT_OPEN has arrived: bytes that waited for it come with a kick, or not at all (QEMU
	 * 7.2). */
	if (self->kick_due && !qga_console_control_busy(self)) {
		self->kick_due = false;
		qga_virtio_notify(self->device, &self->rx);
	}
}

int qga_console_control_receive(struct virtio_console *self)
{
	uint16_t tx_end, end;
	unsigned id;
	uint32_t len;
	int status, n = 0;

	/*
	 * First how far our own message is, then the answers: QEMU has placed them all by the time
	 * that it gives the message back. So "nothing on its way, nothing said" is the end.
	 */
	if (qga_virtq_poll(&self->control_tx, &tx_end) != 0 ||
	    qga_virtq_poll(&self->control_rx, &end) != 0)
		return -1;
	while ((status = qga_virtq_take(&self->control_rx, end, &id, &len)) == VIRTQ_TAKEN) {
		control_handle(self, (void *)qga_virtq_buffer(&self->control_rx, id), len);
		qga_virtq_offer(&self->control_rx, id);
		n++;
	}
	if (status == VIRTQ_VIOLATION)
		return -1;
	control_take_sent(self, tx_end);
	qga_console_publish(self, &self->control_rx);
	return n;
}
