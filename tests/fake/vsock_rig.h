/* SPDX-License-Identifier: MIT */
/*
 * vsock_rig.h - a socket driver on a fake device, the loop of a firmware that only reads and writes,
 * and programs of the host that connect to it.
 */
#ifndef VSOCK_RIG_H
#define VSOCK_RIG_H

#include "fake_vsock.h"
#include "virtio/virtio_vsock.h"

#define VRIG_BASE    0x10008000
#define VRIG_ADDRESS 0x80000000u /* where the device sees our memory */
#define VRIG_PORT    1234
#define VRIG_COUNT   8
#define VRIG_SIZE    (44 + 64)
#define VRIG_WINDOW  512
#define VRIG_HOST    2 /* the host's CID */
#define VRIG_CREDIT  4096

struct vsock_rig {
	struct fake_vsock fake;
	struct qga_virtio_vsock vsock;
	struct qga_virtio_vsock_config config;
	struct qga_virtio_device device;
	struct qga_virtio_dma dma;
	uint8_t *memory;      /* of exactly config.memory_size */
	char received[16384]; /* what the guest took; '<' a client came, '>' it went */
	size_t received_len;
	bool deaf; /* the guest takes nothing */
	char sentences[1024];

	/* What the host knows of its connection. */
	uint32_t forwarded, credit;
	uint32_t guest_alloc, guest_forwarded, sent;
	char heard[16384]; /* data */
	size_t heard_len;
};

/* A rig whose fake is to be set up; then vsock_rig_start() opens the channel. */
struct vsock_rig *vsock_rig_new(void);
void vsock_rig_free(struct vsock_rig *rig);
bool vsock_rig_start(struct vsock_rig *rig);

/* Runs until nobody has anything to do. */
void vsock_rig_settle(struct vsock_rig *rig);

/* The guest writes, as far as there is room; returns how much. */
size_t vsock_rig_write(struct vsock_rig *rig, const void *data, size_t len);

/* A packet of the host's program at `port`. */
void vsock_rig_say(struct vsock_rig *rig, uint32_t port, unsigned op, uint32_t flags,
                   const void *data, uint32_t len);

/* The next packet that the guest sent is this one, to that port; data goes to `heard`. */
bool vsock_rig_hears(struct vsock_rig *rig, uint32_t port, unsigned op,
                     struct fake_vsock_header *header);

/* All data packets that come, until another one does; returns its op, 0: none. */
unsigned vsock_rig_listen(struct vsock_rig *rig);

#endif
