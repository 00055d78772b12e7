/* SPDX-License-Identifier: MIT */
/* vsock_call.c - see vsock_call.h. Section numbers are of Virtual I/O Device 1.2. */
#include <string.h>

#include "vsock_call.h"

/* Above those that services listen on, and as any number is good, one that is seen in a trace. */
#define FIRST_PORT 0x51470000u

void qga_vsock_call_start(struct vsock_call *call, uint64_t cid, uint32_t peer_cid,
                          uint32_t peer_port, const char *text)
{
	call->cid = cid;
	call->peer_cid = peer_cid;
	call->peer_port = peer_port;
	call->port = FIRST_PORT + (call->port + 1) % 256;
	call->text = text;
	call->state = QGA_VIRTIO_CALL_GOING;
	call->accepted = false;
	call->due = 1u << VSOCK_REQUEST;
}

void qga_vsock_call_end(struct vsock_call *call)
{
	if (call->state != QGA_VIRTIO_CALL_GOING)
		return;
	call->state = QGA_VIRTIO_CALL_FAILED;
	call->due = 1u << VSOCK_RST;
}

/* The text is sent in one piece, and only if it is taken whole. */
static void call_accepted(struct vsock_call *call, uint32_t room)
{
	if (call->accepted || room < strlen(call->text)) {
		qga_vsock_call_end(call);
		return;
	}
	call->accepted = true;
	call->due = 1u << VSOCK_RW | 1u << VSOCK_SHUTDOWN;
}

bool qga_vsock_call_receive(struct vsock_call *call, const struct vsock_header *header)
{
	if (call->state != QGA_VIRTIO_CALL_GOING || header->type != VSOCK_TYPE_STREAM ||
	    header->dst_port != call->port || header->dst_cid != call->cid ||
	    header->src_port != call->peer_port || header->src_cid != call->peer_cid)
		return false;
	switch (header->op) {
	case VSOCK_RESPONSE:
		call_accepted(call, header->buf_alloc);
		break;
	case VSOCK_RST:
		call->state = call->accepted && call->due == 0 ? QGA_VIRTIO_CALL_TOLD
		                                               : QGA_VIRTIO_CALL_FAILED;
		call->due = 0;
		break;
	case VSOCK_CREDIT_REQUEST:
		call->due |= 1u << VSOCK_CREDIT_UPDATE;
		break;
	case VSOCK_SHUTDOWN:
		if (call->accepted && (call->due & 1u << VSOCK_RW) == 0) {
			call->state = QGA_VIRTIO_CALL_TOLD;
			call->due = 1u << VSOCK_RST;
		} else {
			qga_vsock_call_end(call);
		}
		break;
	default:
		break;
	}
	return true;
}

/* RW before SHUTDOWN, though its number is higher. */
bool qga_vsock_call_say(struct vsock_call *call, struct vsock_header *header)
{
	unsigned op = VSOCK_RW;

	if (call->due == 0)
		return false;
	if ((call->due & 1u << op) == 0)
		for (op = VSOCK_REQUEST; (call->due & 1u << op) == 0;)
			op++;
	call->due &= ~(1u << op);
	*header = (struct vsock_header){.src_cid = call->cid,
	                                .dst_cid = call->peer_cid,
	                                .src_port = call->port,
	                                .dst_port = call->peer_port,
	                                .type = VSOCK_TYPE_STREAM,
	                                .op = (uint16_t)op};
	if (op == VSOCK_RW)
		header->len = (uint32_t)strlen(call->text);
	if (op == VSOCK_SHUTDOWN)
		header->flags = VSOCK_NO_RECEIVE | VSOCK_NO_SEND;
	return true;
}
