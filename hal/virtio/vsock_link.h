/* SPDX-License-Identifier: MIT */
/*
 * vsock_link.h - one listening port of a socket device and its one connection (Virtual I/O Device
 * 1.2, section 5.10): headers in, headers out. No rings, no bytes, no clock.
 *
 *     REQUEST to the port     nobody there: RESPONSE. Somebody there: RST, and who is there is asked
 *                             for a sign of life (CREDIT_REQUEST). The next REQUEST that finds that
 *                             unanswered takes over: a client that died without a word does not lock
 *                             out others, and one that lives is not thrown out.
 *     SHUTDOWN, will not send what is on its way goes out, then the driver calls qga_vsock_link_end()
 *     anything unknown        RST, of the type that came; never for an RST
 *
 * Who has come may be kept waiting (`held`): until then it gets no RESPONSE, so sends nothing.
 *
 * Receiving never waits for sending: what is to be said about the connection is a set of bits, and
 * of replies to others VSOCK_STRAYS are kept; more than that are lost, as on a net that is busy.
 */
#ifndef BAREQGA_VIRTIO_VSOCK_LINK_H
#define BAREQGA_VIRTIO_VSOCK_LINK_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#define VSOCK_HEADER      44 /* bytes on the wire */
#define VSOCK_STRAYS      4
#define VSOCK_TYPE_STREAM 1

/* 5.10.6 */
enum vsock_op {
	VSOCK_INVALID = 0,
	VSOCK_REQUEST = 1,
	VSOCK_RESPONSE = 2,
	VSOCK_RST = 3,
	VSOCK_SHUTDOWN = 4,
	VSOCK_RW = 5,
	VSOCK_CREDIT_UPDATE = 6,
	VSOCK_CREDIT_REQUEST = 7
};

/* 5.10.6.4: flags of SHUTDOWN. */
enum {
	VSOCK_NO_RECEIVE = 1,
	VSOCK_NO_SEND = 2
};

/* 5.10.6, little endian as the processor is (virtqueue.h). */
struct vsock_header {
	uint64_t src_cid, dst_cid;
	uint32_t src_port, dst_port;
	uint32_t len;
	uint16_t type, op;
	uint32_t flags, buf_alloc, fwd_cnt;
} __attribute__((packed, aligned(4)));
static_assert(sizeof(struct vsock_header) == VSOCK_HEADER, "5.10.6");

struct vsock_link {
	uint64_t cid;       /* ours */
	uint32_t port;      /* that is listened on */
	uint32_t buf_alloc; /* bytes that we can hold for the peer */

	/* The connection. */
	bool connected;
	uint64_t peer_cid;
	uint32_t peer_port;
	uint32_t peer_alloc, peer_fwd; /* as last told by the peer */
	uint32_t tx_cnt;               /* bytes sent, wraps */
	uint32_t rx_cnt, fwd_cnt;      /* bytes received, and of those done with; wrap */
	uint32_t told_fwd;             /* fwd_cnt as the peer knows it */
	uint32_t peer_flags;           /* of its SHUTDOWNs */
	bool ending;                   /* our SHUTDOWN is due or sent */
	bool asked;                    /* it waits for a CREDIT_UPDATE */
	bool told_full;                /* and was told that there is no room */
	bool probed;                   /* it was asked for a sign of life and gave none */
	bool held;                     /* set by the driver: nothing is said to the peer */
	unsigned due;                  /* a bit for each enum vsock_op */

	struct vsock_header stray[VSOCK_STRAYS]; /* replies to others, stray_at first */
	unsigned stray_at, stray_n;
};

/* What a packet was. */
enum vsock_news {
	VSOCK_NOTHING = 0,
	VSOCK_OPENED = 1, /* a connection is there */
	VSOCK_CLOSED = 2, /* the one before has ended */
	VSOCK_DATA = 4    /* its bytes are for us */
};

/* Listens; forgets a connection. buf_alloc is above 0. */
void qga_vsock_link_init(struct vsock_link *link, uint64_t cid, uint32_t port, uint32_t buf_alloc);

/*
 * A header that came, with `bytes` of data behind it that are really there; returns a set of enum
 * vsock_news. A length that is a lie, or beyond the credit that was given, ends the connection.
 */
unsigned qga_vsock_link_receive(struct vsock_link *link, const struct vsock_header *header,
                                uint32_t bytes);

/* So many received bytes are done with. */
void qga_vsock_link_taken(struct vsock_link *link, uint32_t bytes);

/* How many bytes the peer can take now. */
uint32_t qga_vsock_link_room(const struct vsock_link *link);

/* It has sent all that it may, and takes nothing: there is nothing to do for it. */
bool qga_vsock_link_is_jammed(const struct vsock_link *link);

/* The next REQUEST takes over, whatever sign of life there was. */
void qga_vsock_link_give_up(struct vsock_link *link);

/* Makes the header for that many bytes, at most qga_vsock_link_room() and not 0. */
void qga_vsock_link_send(struct vsock_link *link, struct vsock_header *header, uint32_t bytes);

/* Asks the peer how much it can take. */
void qga_vsock_link_ask(struct vsock_link *link);

/* Is there something to say? */
bool qga_vsock_link_is_due(const struct vsock_link *link);

/* The next packet that is due and has no data; false: there is none. */
bool qga_vsock_link_say(struct vsock_link *link, struct vsock_header *header);

/* An RST is due to who is not, or no longer, connected. */
void qga_vsock_link_refuse(struct vsock_link *link, uint64_t peer_cid, uint32_t peer_port);

/* Our end is done: SHUTDOWN is due; the peer's RST is the end. */
void qga_vsock_link_end(struct vsock_link *link);

#endif
