/* SPDX-License-Identifier: MIT */
/*
 * virtio_mmio.h - the virtio-mmio transport (Virtual I/O Device 1.2, section 4.2).
 *
 *     qemu-system-riscv64 -M virt -global virtio-mmio.force-legacy=on|off ...
 *
 * Both register files: version 2, and version 1 ("legacy", 4.2.4), which is QEMU's default.
 * Status is written one step at a time, as strict devices demand (Firecracker). Only the features
 * that a driver names are accepted.
 * Left out on purpose: shared memory regions, queue reset, finding devices (a board's task).
 */
#ifndef BAREQGA_VIRTIO_VIRTIO_MMIO_H
#define BAREQGA_VIRTIO_VIRTIO_MMIO_H

#include "virtqueue.h"

/* 4.2.2 and, for those marked L, 4.2.4. All of 32 bits. */
enum virtio_mmio_reg {
	VIRTIO_MMIO_MAGIC_VALUE = 0x000,         /* R  "virt" */
	VIRTIO_MMIO_VERSION = 0x004,             /* R  1 or 2 */
	VIRTIO_MMIO_DEVICE_ID = 0x008,           /* R  0: empty slot */
	VIRTIO_MMIO_VENDOR_ID = 0x00c,           /* R */
	VIRTIO_MMIO_DEVICE_FEATURES = 0x010,     /* R */
	VIRTIO_MMIO_DEVICE_FEATURES_SEL = 0x014, /* W */
	VIRTIO_MMIO_DRIVER_FEATURES = 0x020,     /* W */
	VIRTIO_MMIO_DRIVER_FEATURES_SEL = 0x024, /* W */
	VIRTIO_MMIO_GUEST_PAGE_SIZE = 0x028,     /* W  L */
	VIRTIO_MMIO_QUEUE_SEL = 0x030,           /* W */
	VIRTIO_MMIO_QUEUE_NUM_MAX = 0x034,       /* R */
	VIRTIO_MMIO_QUEUE_NUM = 0x038,           /* W */
	VIRTIO_MMIO_QUEUE_ALIGN = 0x03c,         /* W  L */
	VIRTIO_MMIO_QUEUE_PFN = 0x040,           /* RW L */
	VIRTIO_MMIO_QUEUE_READY = 0x044,         /* RW */
	VIRTIO_MMIO_QUEUE_NOTIFY = 0x050,        /* W */
	VIRTIO_MMIO_INTERRUPT_STATUS = 0x060,    /* R */
	VIRTIO_MMIO_INTERRUPT_ACK = 0x064,       /* W */
	VIRTIO_MMIO_STATUS = 0x070,              /* RW */
	VIRTIO_MMIO_QUEUE_DESC_LOW = 0x080,      /* W */
	VIRTIO_MMIO_QUEUE_DESC_HIGH = 0x084,     /* W */
	VIRTIO_MMIO_QUEUE_DRIVER_LOW = 0x090,    /* W */
	VIRTIO_MMIO_QUEUE_DRIVER_HIGH = 0x094,   /* W */
	VIRTIO_MMIO_QUEUE_DEVICE_LOW = 0x0a0,    /* W */
	VIRTIO_MMIO_QUEUE_DEVICE_HIGH = 0x0a4,   /* W */
	VIRTIO_MMIO_CONFIG_GENERATION = 0x0fc,   /* R */
	VIRTIO_MMIO_CONFIG = 0x100,              /* RW, any width */
};

#define VIRTIO_MMIO_MAGIC       0x74726976u
#define VIRTIO_MMIO_VENDOR_QEMU 0x554d4551u
#define VIRTIO_MMIO_VENDOR_LKVM 0x4d564b4cu /* kvmtool */
#define VIRTIO_MMIO_INT_VRING   1u          /* INTERRUPT_STATUS */
#define VIRTIO_MMIO_INT_CONFIG  2u

/* 2.1 */
enum virtio_status {
	VIRTIO_STATUS_ACKNOWLEDGE = 1,
	VIRTIO_STATUS_DRIVER = 2,
	VIRTIO_STATUS_DRIVER_OK = 4,
	VIRTIO_STATUS_FEATURES_OK = 8,
	VIRTIO_STATUS_DEVICE_NEEDS_RESET = 64,
	VIRTIO_STATUS_FAILED = 128,
};

/* 5 */
enum virtio_device_id {
	VIRTIO_ID_NET = 1,
	VIRTIO_ID_BLOCK = 2,
	VIRTIO_ID_CONSOLE = 3
};

#define VIRTIO_F_VERSION_1 (1ull << 32) /* 6 */

struct virtio_mmio {
	uintptr_t base;
	uint32_t version, device_id;
	uint32_t vendor;     /* known from qga_virtio_mmio_start() on */
	uint32_t status;     /* as last written */
	const char *failure; /* why it cannot be used; NULL: it can, as far as is known */
};

/*
 * Looks what is at `base`: 1 a device (its version and id are filled in), 0 an empty slot, -1 no
 * virtio-mmio, -2 one of a version that is not known.
 */
int qga_virtio_mmio_probe(struct virtio_mmio *self, uintptr_t base);

/*
 * Resets the device and negotiates (3.1.1, steps 1 to 6). Accepts of what is offered no more than
 * `wanted`, which it returns; VIRTIO_F_VERSION_1 is added where the version has it. If that fails,
 * self->failure says why, and the device is not to be touched any more but for a reset.
 */
uint64_t qga_virtio_mmio_start(struct virtio_mmio *self, uint64_t wanted);

/*
 * Sets up queue number `index` in q->memory (step 7), the rest of *q being zero; its size is what
 * that can hold or the device allows. If that fails, self->failure says why.
 */
void qga_virtio_mmio_queue(struct virtio_mmio *self, unsigned index, struct virtq *q);

/* The device is live from here on (step 8). */
void qga_virtio_mmio_driver_ok(struct virtio_mmio *self);

/* Makes the device look at a queue; what was published is visible to it. */
void qga_virtio_mmio_notify(const struct virtio_mmio *self, unsigned index);

/*
 * Acknowledges whatever interrupt the device raises. Without reading first which: the driver looks
 * at all its rings afterwards anyhow, and one access less is what a round trip can feel.
 */
void qga_virtio_mmio_ack(const struct virtio_mmio *self);

bool qga_virtio_mmio_needs_reset(const struct virtio_mmio *self);

/* Gives up on the device: FAILED (2.1.1). */
void qga_virtio_mmio_fail(struct virtio_mmio *self);

/* Stops the device; when it returns true, the device uses our memory no more. */
bool qga_virtio_mmio_reset(struct virtio_mmio *self);

/* Device configuration (2.5), offset in bytes. */
uint8_t qga_virtio_mmio_config8(const struct virtio_mmio *self, unsigned offset);
uint16_t qga_virtio_mmio_config16(const struct virtio_mmio *self, unsigned offset);
uint32_t qga_virtio_mmio_config32(const struct virtio_mmio *self, unsigned offset);
/* Two halves, read again until no change fell in between (2.5.3). */
uint64_t qga_virtio_mmio_config64(const struct virtio_mmio *self, unsigned offset);

#endif
