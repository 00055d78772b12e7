/* SPDX-License-Identifier: MIT */
/*
 * vsock_call.h - a connection of our own to a program beside us, which is told one thing (Virtual I/O
 * Device 1.2, section 5.10): headers in, headers and one text out. No rings, no clock.
 *
 *     REQUEST -> RESPONSE -> RW, SHUTDOWN -> RST       told
 *             -> RST                                  refused
 *
 * What it says to us is not for us: it gets no credit.
 */
#ifndef BAREQGA_VIRTIO_VSOCK_CALL_H
#define BAREQGA_VIRTIO_VSOCK_CALL_H

#include "bareqga_virtio.h"
#include "vsock_link.h"

struct vsock_call {
	uint64_t cid; /* ours */
	uint32_t peer_cid, peer_port;
	uint32_t port; /* ours; another one each time */
	const char *text;
	uint8_t state; /* enum qga_virtio_call */
	bool accepted; /* RESPONSE has come */
	unsigned due;  /* a bit for each enum vsock_op */
};

/* Begins; a call that is going on is forgotten. The text must live on. */
void qga_vsock_call_start(struct vsock_call *call, uint64_t cid, uint32_t peer_cid,
                          uint32_t peer_port, const char *text);

/* True: the packet was for the call. */
bool qga_vsock_call_receive(struct vsock_call *call, const struct vsock_header *header);

/* The next packet that is due; header->len bytes of call->text belong to it. False: there is none. */
bool qga_vsock_call_say(struct vsock_call *call, struct vsock_header *header);

/* Ends it: it was in vain. */
void qga_vsock_call_end(struct vsock_call *call);

#endif
