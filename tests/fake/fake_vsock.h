/* SPDX-License-Identifier: MIT */
/*
 * fake_vsock.h - a virtio socket device behind virtio-mmio, and the host's programs behind that.
 *
 * As fake_console.h: what a strict device would object to ends the test with a sentence.
 * fake_vsock_firecracker() is the strictest that there is.
 */
#ifndef FAKE_VSOCK_H
#define FAKE_VSOCK_H

#include <stdbool.h>

#include "registers.h"

#define FAKE_VSOCK_QUEUES 3
#define FAKE_VSOCK_STREAM (1 << 17)

struct fake_vsock_queue {
	uint32_t num, align, pfn, ready;
	uint64_t desc, avail, used;
	uint16_t next; /* entry of the available ring we look at next */
	bool notified;
};

/* Of a packet (Virtual I/O Device 1.2, 5.10.6), in the order of its bytes. */
struct fake_vsock_header {
	uint64_t src_cid, dst_cid;
	uint32_t src_port, dst_port, len;
	uint16_t type, op;
	uint32_t flags, buf_alloc, fwd_cnt;
} __attribute__((packed));

struct fake_vsock {
	struct registers registers;

	/* What it is. */
	uint32_t version, vendor, device_id, features, features_high, queue_max, cid;
	bool steps;      /* insists on Status being written step by step */
	bool no_reset;   /* cannot be reset once it runs */
	bool pairs;      /* header and data must have a descriptor each */
	bool holds_rx;   /* after a TRANSPORT_RESET, until the guest gives the event buffer back */
	bool lies;       /* breaks rules, and so expects no reason in what it hears */
	bool lazy;       /* takes nothing that the guest sends until this is false */
	uint8_t *memory; /* which the guest may give it, */
	uint64_t memory_size;
	uint64_t memory_address; /* and where it is seen */

	/* Changes while it runs. */
	uint32_t status, features_sel, driver_sel, accepted[2], page_size, queue_sel, isr;
	unsigned resets, notifications, interrupts;
	bool holding;
	struct fake_vsock_queue queues[FAKE_VSOCK_QUEUES];
	/* Headers, and behind each its data. */
	unsigned in_len, out_len;
	uint8_t in[FAKE_VSOCK_STREAM];  /* not yet taken by the guest */
	uint8_t out[FAKE_VSOCK_STREAM]; /* what it sent, not yet heard */
};

/* Zero and set up *fake, at register address `base`, with memory[size] seen at `address`. */
void fake_vsock_qemu(struct fake_vsock *fake, uintptr_t base, unsigned version);
void fake_vsock_firecracker(struct fake_vsock *fake, uintptr_t base);
void fake_vsock_memory(struct fake_vsock *fake, void *memory, size_t size, uint64_t address);

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

/* A completion of any kind, for devices that break the rules. */
void fake_vsock_complete(struct fake_vsock *fake, unsigned queue, uint32_t id, uint32_t len);

#endif
