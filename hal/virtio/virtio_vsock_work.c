/* SPDX-License-Identifier: MIT */
/*
 * virtio_vsock_work.c - packets and events in, what is due out, recovery. Section numbers are of
 * Virtual I/O Device 1.2.
 */
#include <string.h>

#include "virtio_vsock.h"

void qga_vsock_say(const struct virtio_vsock *self, const char *sentence)
{
	if (self->config->debug != NULL)
		self->config->debug(self->config->context, sentence);
}

/* Lets the device see what it was given. */
static void vwork_show(struct virtio_vsock *self, struct virtq *q)
{
	bool ran_empty;

	if (qga_virtq_publish(q, &ran_empty))
		qga_virtio_notify(self->device, q);
}

/* --- Out --- */

/* Off: at one that has been, which comes again after 64 Ki others. */
void qga_vsock_tx_interrupts(struct virtio_vsock *self, bool on)
{
	if (self->event_idx)
		qga_virtq_interrupt_at(&self->tx, (uint16_t)(self->tx.used_idx - !on));
	else
		qga_virtq_interrupts(&self->tx, on);
}

void qga_vsock_show(struct virtio_vsock *self)
{
	vwork_show(self, &self->tx);
}

void qga_vsock_reclaim(struct virtio_vsock *self)
{
	uint16_t before = self->tx.used_idx;

	if (qga_virtq_reclaim(&self->tx) == VIRTQ_VIOLATION)
		self->violation = true;
	if (self->tx_waiting && self->tx.used_idx != before) {
		self->tx_waiting = false;
		qga_vsock_tx_interrupts(self, false);
	}
}

/* Another than the one that is being filled. */
static int vwork_free(const struct virtio_vsock *self)
{
	int id = qga_virtq_free(&self->tx);

	if (!self->tx_open || id != self->tx_id)
		return id;
	for (id = 0; id < self->tx.memory.count; id++)
		if (!self->tx.in_flight[id] && id != self->tx_id)
			return id;
	return -1;
}

int qga_vsock_tx_buffer(struct virtio_vsock *self)
{
	int id = vwork_free(self);

	if (id >= 0)
		return id;
	qga_vsock_reclaim(self);
	id = vwork_free(self);
	if (id >= 0 || self->tx_waiting || self->violation)
		return self->violation ? -1 : id;
	/* One that came just before did not interrupt. */
	self->tx_waiting = true;
	qga_vsock_tx_interrupts(self, true);
	qga_vsock_reclaim(self);
	return self->violation ? -1 : vwork_free(self);
}

void qga_vsock_send(struct virtio_vsock *self, unsigned id, const struct vsock_header *header)
{
	volatile struct virtq_desc *head = &self->tx.desc[id];
	volatile struct virtq_desc *data = &self->tx.desc[self->tx.memory.count + id];
	const struct qga_virtio_dma *dma = self->tx.memory.dma;

	memcpy(qga_virtq_buffer(&self->tx, id), header, VSOCK_HEADER);
	data->len = header->len;
	qga_virtq_send(&self->tx, id, VSOCK_HEADER + header->len);
	/* As if it were in one piece; the device looks after qga_virtq_publish(). */
	head->len = VSOCK_HEADER;
	head->flags = header->len > 0 ? VIRTQ_DESC_F_NEXT : 0;
	if (!qga_virtq_is_coherent(&self->tx) && dma->clean != NULL) {
		dma->clean(dma->context, head, sizeof(*head));
		dma->clean(dma->context, data, sizeof(*data));
	}
}

void qga_vsock_publish(struct virtio_vsock *self)
{
	struct vsock_header header;
	int id;

	if (self->tx_len == 0)
		self->tx_open = false;
	while (qga_vsock_link_is_due(&self->link) && (id = qga_vsock_tx_buffer(self)) >= 0) {
		qga_vsock_link_say(&self->link, &header);
		qga_vsock_send(self, (unsigned)id, &header);
	}
	while (self->call.due != 0 && (id = qga_vsock_tx_buffer(self)) >= 0) {
		qga_vsock_call_say(&self->call, &header);
		memcpy(qga_virtq_buffer(&self->tx, (unsigned)id) + VSOCK_HEADER, self->call.text,
		       header.len);
		qga_vsock_send(self, (unsigned)id, &header);
	}
	qga_vsock_show(self);
}

/* --- In --- */

void qga_vsock_closed(struct virtio_vsock *self)
{
	self->close_due = self->present;
	self->link.held = true;
	self->tx_len = 0;
	self->starved = false;
}

/* Behind what is there; the credit that was given says that it fits. */
static void vwork_keep(struct virtio_vsock *self, const uint8_t *data, uint32_t n)
{
	uint32_t size = self->config->window, at = self->window_at + self->window_n, first;

	at -= at >= size ? size : 0;
	first = n < size - at ? n : size - at;
	memcpy(self->window + at, data, first);
	memcpy(self->window, data + first, n - first);
	self->window_n += n;
}

/*
 * Some hand out a buffer for a client that has gone meanwhile, and write nothing, or all but what it is
 * about (vhost-device-vsock): the header of its last packet would be there once more.
 */
void qga_vsock_unwritten(const struct virtq *rx, unsigned id)
{
	volatile struct vsock_header *header = (volatile void *)qga_virtq_buffer(rx, id);
	const struct qga_virtio_dma *dma = rx->memory.dma;

	if (header->type == 0 && header->op == 0) /* so that memory nobody has touched stays so */
		return;
	header->type = header->op = 0;
	if (!qga_virtq_is_coherent(rx) && dma->clean != NULL)
		dma->clean(dma->context, header, sizeof(*header));
}

/*
 * Another one wants to come. vhost-device-vsock looks after a client only while it may give us more of it: of one
 * that has died with everything full it says that it lives.
 */
static void vwork_knock(struct virtio_vsock *self)
{
	const struct qga_virtio_vsock_config *c = self->config;
	uint64_t now;

	if (c->monotonic == NULL || !qga_vsock_link_is_jammed(&self->link)) {
		self->jammed = false;
		return;
	}
	now = c->monotonic(c->context);
	if (!self->jammed)
		self->since = now;
	self->jammed = true;
	if (now - self->since >= VSOCK_JAM_NS)
		qga_vsock_link_give_up(&self->link);
}

/* A device that had nothing to write after all returns less than a header (Firecracker). */
static void vwork_packet(struct virtio_vsock *self, const uint8_t *packet, uint32_t len)
{
	struct vsock_header header;
	unsigned news;

	if (len < VSOCK_HEADER)
		return;
	memcpy(&header, packet, sizeof(header));
	if (header.type == 0 && header.op == 0)
		return;
	if (qga_vsock_call_receive(&self->call, &header))
		return;
	if (header.op == VSOCK_REQUEST)
		vwork_knock(self);
	len -= VSOCK_HEADER;
	if (len > header.len)
		len = header.len;
	news = qga_vsock_link_receive(&self->link, &header, len);
	if ((news & VSOCK_CLOSED) != 0)
		qga_vsock_closed(self);
	if ((news & VSOCK_DATA) != 0)
		vwork_keep(self, packet + VSOCK_HEADER, len);
	if (qga_vsock_link_room(&self->link) > 0)
		self->starved = self->jammed = false;
}

/* The next one interrupts; true: it has come before it was asked to. */
static bool vwork_await(struct virtio_vsock *self, struct virtq *q, bool *silent)
{
	if (!self->event_idx)
		return false;
	qga_virtq_interrupt_at(q, q->used_idx);
	*silent = qga_virtq_has_news(q);
	return *silent;
}

/*
 * Three quarters of the buffers are always the device's; the others go back to it in one go. True: more
 * has come meanwhile.
 */
static bool vwork_receive(struct virtio_vsock *self)
{
	struct virtq *q = &self->rx;
	uint16_t end;
	uint32_t len;
	unsigned id;
	int status;

	if (qga_virtq_poll(q, &end) != 0) {
		self->violation = true;
		return false;
	}
	if (q->used_idx == end)
		return false;
	while ((status = qga_virtq_take(q, end, &id, &len)) == VIRTQ_TAKEN) {
		self->progress |= !self->rx_silent;
		vwork_packet(self, qga_virtq_buffer(q, id), len);
		/* Replies to others are few; if there are buffers, none is lost. */
		if (self->link.stray_n == VSOCK_STRAYS)
			qga_vsock_publish(self);
		qga_vsock_unwritten(q, id);
		qga_virtq_offer(q, id);
		if (qga_virtq_unpublished(q) * 4u >= q->memory.count)
			vwork_show(self, q);
	}
	if (status == VIRTQ_VIOLATION)
		self->violation = true;
	return vwork_await(self, q, &self->rx_silent);
}

/* 5.10.6.7: what was connected is not, and we may be called otherwise; listening goes on. */
static void vwork_reset(struct virtio_vsock *self)
{
	uint32_t cid = qga_virtio_config32(self->device, VSOCK_CONFIG_GUEST_CID);

	qga_vsock_closed(self);
	qga_vsock_call_end(&self->call);
	self->call.due = 0;
	qga_vsock_link_init(&self->link, cid, self->config->port, self->config->window);
	self->link.held = true;
}

/* Always notified: Firecracker gives us nothing until it has its buffer back. True: more has come. */
static bool vwork_events(struct virtio_vsock *self)
{
	struct virtq *q = &self->event;
	uint32_t len, event;
	uint16_t end;
	unsigned id;
	int status;

	if (qga_virtq_poll(q, &end) != 0) {
		self->violation = true;
		return false;
	}
	while ((status = qga_virtq_take(q, end, &id, &len)) == VIRTQ_TAKEN) {
		self->progress |= !self->event_silent;
		memcpy(&event, qga_virtq_buffer(q, id), sizeof(event));
		if (len >= sizeof(event) && event == VSOCK_EVENT_TRANSPORT_RESET)
			vwork_reset(self);
		qga_virtq_offer(q, id);
	}
	if (status == VIRTQ_VIOLATION)
		self->violation = true;
	if (qga_virtq_unpublished(q) > 0)
		vwork_show(self, q);
	return vwork_await(self, q, &self->event_silent);
}

/* --- All of it --- */

/* Another one after this is seen the next time, and what it is about is seen from here on. */
static bool vwork_take_interrupt(struct virtio_vsock *self)
{
	if (__atomic_load_n(&self->interrupted, __ATOMIC_RELAXED) == 0)
		return false;
	__atomic_store_n(&self->interrupted, 0, __ATOMIC_RELAXED);
	barrier_after_publish(); /* of the flag; the partner is in interrupt(), which saw the news */
	return true;
}

/* Our end is done when the client's is, and all that it asked was answered. */
static void vwork_end(struct virtio_vsock *self)
{
	const struct vsock_link *link = &self->link;

	if (link->connected && (link->peer_flags & VSOCK_NO_SEND) != 0 && self->window_n == 0 &&
	    self->tx_len == 0 && !self->refused && self->present)
		qga_vsock_link_end(&self->link);
}

bool qga_vsock_work(struct virtio_vsock *self)
{
	bool interrupted = vwork_take_interrupt(self), more;

	vwork_end(self);
	more = qga_virtq_has_news(&self->event) && vwork_events(self);
	more |= vwork_receive(self);
	if (self->tx_waiting) {
		qga_vsock_reclaim(self);
		if (!self->tx_waiting)
			self->progress = true;
	}
	/* Without any news that interrupt, the device may want a reset; see virtio_console_work.c. */
	if (interrupted) {
		if (!self->progress && qga_virtio_needs_reset(self->device))
			self->violation = true;
		self->progress = false;
	}
	if (!self->violation)
		return !more;
	qga_vsock_restart(self);
	return self->stopped;
}
