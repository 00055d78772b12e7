/* SPDX-License-Identifier: MIT */
/*
 * fake_vsock.h - a virtio socket device behind virtio-mmio, and the host's programs behind that.
 *
 * As fake_console.h: what a strict device would object to ends the test with a sentence.
 * fake_vsock_firecracker() is the strictest that there is.
 */
#ifndef FAKE_VSOCK_H
#define FAKE_VSOCK_H

#include "fake_mmio.h"

#define FAKE_VSOCK_QUEUES 3
#define FAKE_VSOCK_STREAM (1 << 17)

/* Of a packet (Virtual I/O Device 1.2, 5.10.6), in the order of its bytes. */
struct fake_vsock_header {
	uint64_t src_cid, dst_cid;
	uint32_t src_port, dst_port, len;
	uint16_t type, op;
	uint32_t flags, buf_alloc, fwd_cnt;
} __attribute__((packed));

struct fake_vsock {
	struct fake_mmio mmio;

	/* What it is. */
	uint32_t cid;
	bool pairs;    /* header and data must have a descriptor each */
	bool holds_rx; /* after a TRANSPORT_RESET, until the guest gives the event buffer back */
	bool lazy;     /* takes nothing that the guest sends until this is false */

	/* Changes while it runs. */
	bool holding;
	/* Headers, and behind each its data. */
	unsigned in_len, out_len;
	uint8_t in[FAKE_VSOCK_STREAM];  /* not yet taken by the guest */
	uint8_t out[FAKE_VSOCK_STREAM]; /* what it sent, not yet heard */
};

/* Zero and set up *fake, at register address `base`; its memory is fake_mmio_memory()'s to set. */
void fake_vsock_qemu(struct fake_vsock *fake, uintptr_t base, unsigned version);
void fake_vsock_firecracker(struct fake_vsock *fake, uintptr_t base);

/* Handles what is due; true if there was something. */
bool fake_vsock_run(struct fake_vsock *fake);

/* A packet for the guest: header.len bytes of data; longer than a buffer of the guest it is cut. */
void fake_vsock_send(struct fake_vsock *fake, const struct fake_vsock_header *header,
                     const void *data);

/* The next packet that the guest sent, and its data of at most `size` bytes; false: none. */
bool fake_vsock_hear(struct fake_vsock *fake, struct fake_vsock_header *header, void *data,
                     size_t size);

/* All connections are gone, and the guest is called `cid` from now on. */
void fake_vsock_transport_reset(struct fake_vsock *fake, uint32_t cid);

/* A packet that says it has `len` bytes in all; of those but the header are written. */
void fake_vsock_claim(struct fake_vsock *fake, const struct fake_vsock_header *header,
                      uint32_t len);

/* Hands out a buffer, and has written nothing (NULL), or all of this header but op. */
void fake_vsock_nothing(struct fake_vsock *fake, const struct fake_vsock_header *header);

#endif
