/* SPDX-License-Identifier: MIT */
/*
 * virtio_vsock.h - what is behind a struct qga_virtio_vsock (bareqga_virtio.h; Virtual I/O Device
 * 1.2, section 5.10), and what every part of the driver does with it.
 *
 *     qemu-system-riscv64 -M virt,memory-backend=m ... -object memory-backend-memfd,id=m,size=128M,share=on
 *             -chardev socket,id=v,path=vhost.sock -device vhost-user-vsock-device,chardev=v
 *
 *     host      client ---------------- connection -------------- device
 *                 |  ^                                              |
 *                 v  |                                              v
 *     queues    rx 0  tx 1 (packets: header, data)                event 2
 *                 |  ^                                              |
 *     buffers   rx_count  tx_count                                EVENT_COUNT
 *                 |
 *     window    the bytes of the client that the agent has not taken yet
 *
 * Bytes are copied out of the rx buffers at once: so these never run out, whatever the size of packets
 * is, and what comes behind the bytes - credit, the end - is seen though nobody takes them.
 *
 * Header and data of a packet have a descriptor each, the one behind the other in memory: some devices
 * take nothing else (Firecracker of old, libkrun).
 *
 * Left out on purpose: SEQPACKET, more than one connection at a time.
 *
 *     virtio_vsock.c         the channel
 *     virtio_vsock_work.c    packets and events in, what is due out, recovery
 *     virtio_vsock_setup.c   devices: search, start, restart
 *     vsock_link.c           the port and its connection: who may come, credit, ends
 *     vsock_call.c           a call of our own
 */
#ifndef BAREQGA_VIRTIO_VIRTIO_VSOCK_H
#define BAREQGA_VIRTIO_VIRTIO_VSOCK_H

#include "virtio_device.h"
#include "vsock_call.h"
#include "vsock_link.h"

enum {
	VSOCK_QUEUE_RX = 0, /* 5.10.2 */
	VSOCK_QUEUE_TX = 1,
	VSOCK_QUEUE_EVENT = 2,
	VSOCK_CONFIG_GUEST_CID = 0,      /* 5.10.4 */
	VSOCK_EVENT_TRANSPORT_RESET = 0, /* 5.10.6.7 */
	VSOCK_EVENT_COUNT = 4,
	VSOCK_EVENT_SIZE = 16 /* of which 4 are used */
};
static_assert((int)QGA_VIRTIO_VSOCK_HEADER == (int)VSOCK_HEADER, "5.10.6");

/*
 * How long a client that neither sends nor takes anything keeps others out: longer than a busy host
 * stops a program that lives.
 */
#define VSOCK_JAM_NS UINT64_C(10000000000)

struct virtio_vsock {
	struct qga_channel channel;
	const struct qga_virtio_vsock_config *config;
	struct qga_virtio_device *device; /* the one at hand */
	uint8_t interrupted; /* set by interrupt(), whoever calls it; cleared by poll() */
	int fault;           /* of init, or why it has stopped; an enum qga_virtio_fault or 0 */
	bool stopped;        /* no device can be used */
	bool listening;      /* open() was called, and close() was not */
	bool violation;      /* the device is to be restarted */
	uint8_t restarts;    /* since a client last came */

	/* What the client has sent. */
	uint8_t *window;
	uint32_t window_at, window_n; /* the first byte that was not taken; how many there are */
	bool present;                 /* HOST_OPEN was reported for who sent them ... */
	bool close_due;               /* ... and HOST_CLOSE is due behind them */

	/* From here on, what ends with a reset of the device. */
	struct vsock_link link;
	struct vsock_call call;
	struct virtq rx, tx, event;
	bool tx_open; /* a buffer is being filled */
	uint8_t tx_id;
	uint32_t tx_len;   /* bytes of data in it */
	bool tx_waiting;   /* no buffer: completions interrupt */
	bool event_idx;    /* each queue says which completion is to interrupt */
	bool starved;      /* no credit: the peer was asked for it */
	bool refused;      /* the last tx_get() had no room */
	bool progress;     /* there was news since the last interrupt */
	bool rx_silent;    /* what comes next in the queue came before it was asked to interrupt */
	bool event_silent; /* likewise */
	bool jammed;       /* the client was, when another one was refused ... */
	uint64_t since;    /* ... for the first time, ns, and has been since */
};

static_assert(sizeof(struct virtio_vsock) <= sizeof(struct qga_virtio_vsock) &&
                      sizeof(struct virtio_vsock) + 64 > sizeof(struct qga_virtio_vsock),
              "QGA_VIRTIO_VSOCK_SIZE is too small, or larger than it need be");

/* Tells a person. */
void qga_vsock_say(const struct virtio_vsock *self, const char *sentence);

/* Searches the devices for one that can be used; else `stopped`, and `fault`. */
void qga_vsock_search(struct virtio_vsock *self);

/* Resets the device at hand and starts it again, if that was not done too often. */
void qga_vsock_restart(struct virtio_vsock *self);

/* The connection has ended, if there was one: after what it has sent the agent is told. */
void qga_vsock_closed(struct virtio_vsock *self);

/* What is written is for nobody: the client has gone, or none has come. */
static inline bool qga_vsock_sinks(const struct virtio_vsock *self)
{
	return self->close_due || !self->present || self->link.ending;
}

/* Puts a packet of that much data into a tx buffer that is ours. */
void qga_vsock_send(struct virtio_vsock *self, unsigned id, const struct vsock_header *header);

/* A tx buffer that is ours, or -1: from here on a completion interrupts. */
int qga_vsock_tx_buffer(struct virtio_vsock *self);

/* Takes back the tx buffers that have left. */
void qga_vsock_reclaim(struct virtio_vsock *self);

/* In an rx buffer is no packet, whatever it holds, until the device has written one. */
void qga_vsock_unwritten(const struct virtq *rx, unsigned id);

/* From here on completions of tx interrupt, or do not; who switches them on looks once more. */
void qga_vsock_tx_interrupts(struct virtio_vsock *self, bool on);

/* Shows the device what was put into tx. */
void qga_vsock_show(struct virtio_vsock *self);

/* Says what is due, as far as there are buffers, and shows the device what was sent. */
void qga_vsock_publish(struct virtio_vsock *self);

/* Takes in what the device has to say; bounded. False: there is more. */
bool qga_vsock_work(struct virtio_vsock *self);

#endif
