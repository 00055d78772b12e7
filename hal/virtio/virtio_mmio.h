/* SPDX-License-Identifier: MIT */
/*
 * virtio_mmio.h - the virtio-mmio transport (Virtual I/O Device 1.2, section 4.2).
 *
 *     qemu-system-riscv64 -M virt -global virtio-mmio.force-legacy=on|off ...
 *
 * Both register files: version 2, and version 1 ("legacy", 4.2.4), which is QEMU's default. The bus
 * itself is qga_virtio_mmio (bareqga_virtio.h); these are its registers.
 */
#ifndef BAREQGA_VIRTIO_VIRTIO_MMIO_H
#define BAREQGA_VIRTIO_VIRTIO_MMIO_H

#include "virtio_device.h"

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

#endif
