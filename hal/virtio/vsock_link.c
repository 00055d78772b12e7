/* SPDX-License-Identifier: MIT */
/* vsock_link.c - see vsock_link.h. Section numbers are of Virtual I/O Device 1.2. */
#include <string.h>

#include "vsock_link.h"

static void link_reply(struct vsock_link *link, const struct vsock_header *to, unsigned op)
{
	struct vsock_header *reply;

	if (link->stray_n == VSOCK_STRAYS)
		return;
	reply = &link->stray[(link->stray_at + link->stray_n++) % VSOCK_STRAYS];
	*reply = (struct vsock_header){.src_cid = to->dst_cid,
	                               .dst_cid = to->src_cid,
	                               .src_port = to->dst_port,
	                               .dst_port = to->src_port,
	                               .type = to->type,
	                               .op = (uint16_t)op};
}

static void link_fill(struct vsock_link *link, struct vsock_header *header, unsigned op)
{
	*header = (struct vsock_header){.src_cid = link->cid,
	                                .dst_cid = link->peer_cid,
	                                .src_port = link->port,
	                                .dst_port = link->peer_port,
	                                .type = VSOCK_TYPE_STREAM,
	                                .op = (uint16_t)op,
	                                .buf_alloc = link->buf_alloc,
	                                .fwd_cnt = link->fwd_cnt};
	if (op == VSOCK_SHUTDOWN)
		header->flags = VSOCK_NO_RECEIVE | VSOCK_NO_SEND;
	link->told_fwd = link->fwd_cnt;
}

void qga_vsock_link_init(struct vsock_link *link, uint64_t cid, uint32_t port, uint32_t buf_alloc)
{
	memset(link, 0, sizeof(*link));
	link->cid = cid;
	link->port = port;
	link->buf_alloc = buf_alloc;
}

static void link_forget(struct vsock_link *link)
{
	link->connected = link->ending = link->probed = link->asked = link->told_full = false;
	link->due = 0;
}

static void link_open(struct vsock_link *link, const struct vsock_header *header)
{
	link_forget(link);
	link->connected = true;
	link->peer_cid = header->src_cid;
	link->peer_port = header->src_port;
	link->peer_alloc = header->buf_alloc;
	link->peer_fwd = header->fwd_cnt;
	link->tx_cnt = link->rx_cnt = link->fwd_cnt = link->told_fwd = link->peer_flags = 0;
	link->due = 1u << VSOCK_RESPONSE;
}

void qga_vsock_link_refuse(struct vsock_link *link, uint64_t peer_cid, uint32_t peer_port)
{
	struct vsock_header to = {.src_cid = peer_cid,
	                          .dst_cid = link->cid,
	                          .src_port = peer_port,
	                          .dst_port = link->port,
	                          .type = VSOCK_TYPE_STREAM};

	link_reply(link, &to, VSOCK_RST);
}

/* An RST for who is there, which needs no answer. */
static unsigned link_throw_out(struct vsock_link *link)
{
	qga_vsock_link_refuse(link, link->peer_cid, link->peer_port);
	link_forget(link);
	return VSOCK_CLOSED;
}

static unsigned link_request(struct vsock_link *link, const struct vsock_header *header)
{
	unsigned news = VSOCK_OPENED;

	if (link->connected && !link->probed && !link->ending) {
		link->probed = true;
		link->due |= 1u << VSOCK_CREDIT_REQUEST;
		link_reply(link, header, VSOCK_RST);
		return VSOCK_NOTHING;
	}
	if (link->connected)
		news |= link_throw_out(link);
	link_open(link, header);
	return news;
}

static unsigned link_data(struct vsock_link *link, const struct vsock_header *header,
                          uint32_t bytes)
{
	uint32_t held = link->rx_cnt - link->fwd_cnt;

	if (header->len != bytes || bytes > link->buf_alloc - held || link->ending ||
	    (link->peer_flags & VSOCK_NO_SEND) != 0 || (link->due & 1u << VSOCK_RESPONSE) != 0)
		return link_throw_out(link);
	link->rx_cnt += bytes;
	return bytes > 0 ? VSOCK_DATA : VSOCK_NOTHING;
}

static unsigned link_shutdown(struct vsock_link *link, const struct vsock_header *header)
{
	link->peer_flags |= header->flags & (VSOCK_NO_RECEIVE | VSOCK_NO_SEND);
	if (link->peer_flags == (VSOCK_NO_RECEIVE | VSOCK_NO_SEND))
		return link_throw_out(link); /* 5.10.6.5: RST confirms it */
	return VSOCK_NOTHING;
}

static bool link_is_full(const struct vsock_link *link)
{
	return link->rx_cnt - link->fwd_cnt == link->buf_alloc;
}

/*
 * Answered by a packet of its own, even if data carry the same: until then vhost-device-vsock reads no
 * more of its client. It asks anew at once when it is told that there is no room, so is told that once.
 */
static void link_credit_request(struct vsock_link *link)
{
	bool full = link_is_full(link);

	link->asked = true;
	if (!full || !link->told_full)
		link->due |= 1u << VSOCK_CREDIT_UPDATE;
	link->told_full = full;
}

/*
 * vhost-device-vsock had read nothing, or a header that it had begun for something else is there again.
 * Told of credit, it looks once more whether there is something, and be it the client's end.
 */
static unsigned link_invalid(struct vsock_link *link)
{
	link->asked = true;
	link->due |= 1u << VSOCK_CREDIT_UPDATE;
	return VSOCK_NOTHING;
}

/* A packet of the connection. */
static unsigned link_converse(struct vsock_link *link, const struct vsock_header *header,
                              uint32_t bytes)
{
	if (header->op == VSOCK_INVALID)
		return link_invalid(link);
	link->probed = false;
	link->due &= ~(1u << VSOCK_CREDIT_REQUEST);
	if (header->op == VSOCK_RST) {
		link_forget(link);
		return VSOCK_CLOSED;
	}
	link->peer_alloc = header->buf_alloc;
	link->peer_fwd = header->fwd_cnt;
	switch (header->op) {
	case VSOCK_RW:
		return link_data(link, header, bytes);
	case VSOCK_SHUTDOWN:
		return link_shutdown(link, header);
	case VSOCK_CREDIT_REQUEST:
		link_credit_request(link);
		return VSOCK_NOTHING;
	case VSOCK_CREDIT_UPDATE:
		return VSOCK_NOTHING;
	default: /* also a second REQUEST of the same port: both ends disagree */
		return link_throw_out(link);
	}
}

unsigned qga_vsock_link_receive(struct vsock_link *link, const struct vsock_header *header,
                                uint32_t bytes)
{
	bool is_ours = header->type == VSOCK_TYPE_STREAM && header->dst_cid == link->cid &&
	               header->dst_port == link->port;

	if (is_ours && link->connected && header->src_cid == link->peer_cid &&
	    header->src_port == link->peer_port)
		return link_converse(link, header, bytes);
	if (is_ours && header->op == VSOCK_REQUEST)
		return link_request(link, header);
	if (header->op != VSOCK_RST)
		link_reply(link, header, VSOCK_RST);
	return VSOCK_NOTHING;
}

void qga_vsock_link_taken(struct vsock_link *link, uint32_t bytes)
{
	if (!link->connected)
		return;
	link->fwd_cnt += bytes;
	link->told_full = false;
	/* What the peer believes to be free is less than half. */
	if (link->asked || link->rx_cnt - link->told_fwd > link->buf_alloc / 2)
		link->due |= 1u << VSOCK_CREDIT_UPDATE;
}

/* 5.10.6.3; a peer that claims to have taken more than was sent gets nothing. */
uint32_t qga_vsock_link_room(const struct vsock_link *link)
{
	uint32_t held = link->tx_cnt - link->peer_fwd;

	if (!link->connected || link->ending || (link->peer_flags & VSOCK_NO_RECEIVE) != 0 ||
	    (link->due & 1u << VSOCK_RESPONSE) != 0)
		return 0;
	return held < link->peer_alloc ? link->peer_alloc - held : 0;
}

bool qga_vsock_link_is_jammed(const struct vsock_link *link)
{
	return link->connected && link_is_full(link) && qga_vsock_link_room(link) == 0;
}

void qga_vsock_link_give_up(struct vsock_link *link)
{
	link->probed = true;
}

void qga_vsock_link_send(struct vsock_link *link, struct vsock_header *header, uint32_t bytes)
{
	link_fill(link, header, VSOCK_RW);
	header->len = bytes;
	link->tx_cnt += bytes;
	if (!link->asked)
		link->due &= ~(1u << VSOCK_CREDIT_UPDATE); /* this one carries it */
}

void qga_vsock_link_ask(struct vsock_link *link)
{
	link->due |= 1u << VSOCK_CREDIT_REQUEST;
}

bool qga_vsock_link_is_due(const struct vsock_link *link)
{
	return link->stray_n > 0 || (link->due != 0 && !link->held);
}

bool qga_vsock_link_say(struct vsock_link *link, struct vsock_header *header)
{
	if (link->stray_n > 0) {
		*header = link->stray[link->stray_at];
		link->stray_at = (link->stray_at + 1) % VSOCK_STRAYS;
		link->stray_n--;
		return true;
	}
	for (unsigned op = VSOCK_RESPONSE; op <= VSOCK_CREDIT_REQUEST && !link->held; op++) {
		if ((link->due & 1u << op) == 0)
			continue;
		link->due &= ~(1u << op);
		link->asked &= op != VSOCK_CREDIT_UPDATE;
		link_fill(link, header, op);
		return true;
	}
	return false;
}

void qga_vsock_link_end(struct vsock_link *link)
{
	if (!link->connected || link->ending)
		return;
	link->ending = true;
	link->due |= 1u << VSOCK_SHUTDOWN;
}
