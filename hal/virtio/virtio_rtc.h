/* SPDX-License-Identifier: MIT */
/*
 * virtio_rtc.h - the host's clock: QEMU from 11.1 on, -device virtio-rtc-pci or virtio-rtc-device.
 *
 * Virtual I/O Device 1.4, 5.23 "RTC Device". Left out: alarms, cross-timestamps, and clocks that do not
 * show UTC.
 */
#ifndef BAREQGA_VIRTIO_VIRTIO_RTC_H
#define BAREQGA_VIRTIO_VIRTIO_RTC_H

#include "virtio_device.h"

/* A request and its answer, in bytes. */
#define VIRTIO_RTC_REQUEST 16
#define VIRTIO_RTC_ANSWER  16

/* Bytes that the driver needs, aligned to QGA_VIRTIO_ALIGN. */
#define QGA_VIRTIO_RTC_MEMORY \
	(QGA_VIRTQ_BYTES(VIRTQ_MIN) + QGA_VIRTQ_BUFFERS(1, VIRTIO_RTC_REQUEST + VIRTIO_RTC_ANSWER))

struct qga_virtio_rtc {
	struct qga_virtio_device *device;
	struct virtq q;
	uint16_t clock; /* that shows UTC */
};

/*
 * Starts the device with its caller's memory of QGA_VIRTIO_RTC_MEMORY bytes, and finds the clock. Returns 0, or -1: it
 * cannot be used, and uses the memory no more.
 */
int qga_virtio_rtc_start(struct qga_virtio_rtc *rtc, struct qga_virtio_device *device,
                         void *memory);

/*
 * Nanoseconds since 1970-01-01 UTC; 0, or -1: no answer, yet. Waits for it, but not for ever: a tenth of a second or so. There is
 * never more than one request under way, so after one that was not answered others are not made before it is.
 */
int qga_virtio_rtc_get(struct qga_virtio_rtc *rtc, int64_t *ns);

#endif
