/* SPDX-License-Identifier: MIT */
/*
 * virtio_pci.h - the virtio-pci transport (Virtual I/O Device 1.2, section 4.1).
 *
 *     -device virtio-serial-pci        on a root bus: transitional; behind a PCI Express port: modern
 *
 * Both are driven as modern devices (4.1.3). The bus itself is qga_virtio_pci (bareqga_virtio.h);
 * these are its registers.
 *
 * Left out on purpose: legacy devices (disable-modern=on); of MSI-X, more vectors than one.
 */
#ifndef BAREQGA_VIRTIO_VIRTIO_PCI_H
#define BAREQGA_VIRTIO_VIRTIO_PCI_H

#include "virtio_device.h"

/* Of configuration space; PCI Local Bus 3.0, 6.1. */
enum virtio_pci_header {
	VIRTIO_PCI_VENDOR = 0x00,    /* R 16 */
	VIRTIO_PCI_DEVICE = 0x02,    /* R 16 */
	VIRTIO_PCI_STATUS = 0x06,    /* R 16, bit 4: there are capabilities */
	VIRTIO_PCI_SUBSYSTEM = 0x2e, /* R 16, of a transitional device: its virtio id (4.1.2.1) */
	VIRTIO_PCI_CAP_FIRST = 0x34, /* R 8 */
};

#define VIRTIO_PCI_VENDOR_ID    0x1af4
#define VIRTIO_PCI_TRANSITIONAL 0x1000 /* 0x1000 to 0x103f, 4.1.2.3 */
#define VIRTIO_PCI_MODERN       0x1040 /* 0x1040 to 0x107f: plus the virtio id */
#define VIRTIO_PCI_DEVICE_END   0x1080

#define VIRTIO_PCI_SUBSYSTEM_QEMU 0x1100

/* 4.1.4: offsets within a capability. */
enum virtio_pci_cap {
	VIRTIO_PCI_CAP_VNDR = 0, /* 9 */
	VIRTIO_PCI_CAP_NEXT = 1,
	VIRTIO_PCI_CAP_TYPE = 3,   /* of enum virtio_pci_cap_type */
	VIRTIO_PCI_CAP_BAR = 4,    /* RW of the window, as the next two */
	VIRTIO_PCI_CAP_OFFSET = 8, /* 32 */
	VIRTIO_PCI_CAP_LENGTH = 12,
	VIRTIO_PCI_CAP_NOTIFY_MULTIPLIER = 16,
	VIRTIO_PCI_CAP_DATA = 16, /* of the window */
};

enum virtio_pci_cap_type {
	VIRTIO_PCI_CAP_COMMON_CFG = 1,
	VIRTIO_PCI_CAP_NOTIFY_CFG = 2,
	VIRTIO_PCI_CAP_ISR_CFG = 3,
	VIRTIO_PCI_CAP_DEVICE_CFG = 4,
	VIRTIO_PCI_CAP_PCI_CFG = 5, /* the window */
};

/* 4.1.4.3, struct virtio_pci_common_cfg; addresses are written in halves. */
enum virtio_pci_common {
	VIRTIO_PCI_DEVICE_FEATURE_SELECT = 0x00, /* RW 32 */
	VIRTIO_PCI_DEVICE_FEATURE = 0x04,        /* R  32 */
	VIRTIO_PCI_DRIVER_FEATURE_SELECT = 0x08, /* RW 32 */
	VIRTIO_PCI_DRIVER_FEATURE = 0x0c,        /* RW 32 */
	VIRTIO_PCI_CONFIG_MSIX_VECTOR = 0x10,    /* RW 16 */
	VIRTIO_PCI_NUM_QUEUES = 0x12,            /* R  16 */
	VIRTIO_PCI_DEVICE_STATUS = 0x14,         /* RW 8  */
	VIRTIO_PCI_CONFIG_GENERATION = 0x15,     /* R  8  */
	VIRTIO_PCI_QUEUE_SELECT = 0x16,          /* RW 16 */
	VIRTIO_PCI_QUEUE_SIZE = 0x18,            /* RW 16 */
	VIRTIO_PCI_QUEUE_MSIX_VECTOR = 0x1a,     /* RW 16 */
	VIRTIO_PCI_QUEUE_ENABLE = 0x1c,          /* RW 16 */
	VIRTIO_PCI_QUEUE_NOTIFY_OFF = 0x1e,      /* R  16 */
	VIRTIO_PCI_QUEUE_DESC = 0x20,            /* RW 64 */
	VIRTIO_PCI_QUEUE_DRIVER = 0x28,          /* RW 64 */
	VIRTIO_PCI_QUEUE_DEVICE = 0x30,          /* RW 64 */
	VIRTIO_PCI_COMMON_SIZE = 0x38,
};

#endif
