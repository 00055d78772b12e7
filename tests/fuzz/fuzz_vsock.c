/* SPDX-License-Identifier: MIT */
/*
 * Headers of any content for the port of a socket device (hal/virtio/vsock_link.c), with a client
 * that lives between them: what is said is well-formed and bounded, credit is kept both ways.
 *
 * A step is a byte that says what happens, then what is missing of a header.
 */
#include <stdlib.h>
#include <string.h>

#include "virtio/vsock_link.h"

#define CID  3
#define PORT 1234
#define HELD 4096

static void expect(bool holds)
{
	if (!holds)
		abort();
}

/* Likely to be a packet of the connection. */
static void make(struct vsock_header *header, uint8_t how)
{
	header->dst_cid = CID;
	header->dst_port = PORT;
	header->type = VSOCK_TYPE_STREAM;
	header->op = how & 7;
	if ((how & 8) != 0)
		return;
	header->src_cid = 2;
	header->src_port = 50 + (how >> 4 & 1);
}

static void hear_all(struct vsock_link *link)
{
	struct vsock_header said;
	unsigned n = 0;

	while (qga_vsock_link_say(link, &said)) {
		expect(++n <= VSOCK_STRAYS + 5);
		expect(said.op >= VSOCK_RESPONSE && said.op <= VSOCK_CREDIT_REQUEST);
		expect(said.op != VSOCK_RW && said.len == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vsock_header header;
	struct vsock_link link;
	uint32_t bytes, held, room;
	unsigned news;

	qga_vsock_link_init(&link, CID, PORT, HELD);
	while (size >= 1 + sizeof(header)) {
		bool was = link.connected;

		memcpy(&header, data + 1, sizeof(header));
		if ((data[0] & 0x80) == 0)
			make(&header, data[0]);
		bytes = (data[0] & 0x40) != 0 ? header.len : header.len % (HELD + 2);
		if ((data[0] & 0x20) != 0)
			header.len = bytes;
		news = qga_vsock_link_receive(&link, &header, bytes);
		expect(link.connected ==
		       (was ? (news & VSOCK_CLOSED) == 0 || (news & VSOCK_OPENED) != 0
		            : (news & VSOCK_OPENED) != 0));
		held = link.connected ? link.rx_cnt - link.fwd_cnt : 0;
		expect(held <= HELD);
		if ((header.flags & 1) != 0)
			qga_vsock_link_taken(&link, held);
		room = qga_vsock_link_room(&link);
		expect(link.connected || room == 0);
		if (room > 0) {
			qga_vsock_link_send(&link, &header, room);
			expect(qga_vsock_link_room(&link) == 0);
		}
		if ((data[0] & 0x90) == 0x10)
			hear_all(&link);
		data += 1 + sizeof(header);
		size -= 1 + sizeof(header);
	}
	hear_all(&link);
	return 0;
}
