/* SPDX-License-Identifier: MIT */
/*
 * virtio_device.h - what every driver does with its device, whatever bus that is on (Virtual I/O
 * Device 1.2, sections 2 and 3).
 *
 *     devices       virtio_console*.c, virtio_vsock*.c
 *     device        virtio_device.c       start, queues, configuration, recovery
 *     buses         virtio_mmio.c         struct qga_virtio_bus (bareqga_virtio.h)
 *     ring memory   virtqueue.c
 *
 * Status is written one step at a time, as strict devices demand (Firecracker). Only the features
 * that a driver names are accepted, and the two that concern all.
 * Left out on purpose: shared memory regions, queue reset, finding devices (a board's task).
 */
#ifndef BAREQGA_VIRTIO_VIRTIO_DEVICE_H
#define BAREQGA_VIRTIO_VIRTIO_DEVICE_H

#include "virtqueue.h"

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
	VIRTIO_ID_CONSOLE = 3,
	VIRTIO_ID_RTC = 17,
	VIRTIO_ID_VSOCK = 19
};

/* 6: negotiated for every driver. */
#define VIRTIO_F_VERSION_1       (1ull << 32)
#define VIRTIO_F_ACCESS_PLATFORM (1ull << 33) /* addresses are those of qga_virtio_dma.address() */

/* Accepted only by drivers that name it. */
#define VIRTIO_F_EVENT_IDX (1ull << 29)

/* The sentence for a fault of a device, or NULL; without those for a configuration, which an image
 * that has just one need not hold. */
const char *qga_virtio_device_text(int fault);

static inline bool qga_virtio_in_range(uint32_t value, uint32_t least, uint32_t most)
{
	return value >= least && value <= most;
}

/* What can be told of a driver's devices and memory before one is asked: 0, or an enum qga_virtio_fault. */
static inline int qga_virtio_check(const struct qga_virtio_device *devices, unsigned n_devices,
                                   const void *memory)
{
	if (devices == NULL || memory == NULL)
		return QGA_VIRTIO_FAULT_NULL;
	if (!qga_virtio_in_range(n_devices, 1, QGA_VIRTIO_DEVICES_MAX))
		return QGA_VIRTIO_FAULT_DEVICES;
	for (unsigned i = 0; i < n_devices; i++) {
		if (devices[i].bus == NULL)
			return QGA_VIRTIO_FAULT_NULL;
		if (!QGA_WITH_DMA && devices[i].dma != NULL)
			return QGA_VIRTIO_FAULT_BUILD;
	}
	return (uintptr_t)memory % QGA_VIRTIO_ALIGN == 0 ? 0 : QGA_VIRTIO_FAULT_ALIGNMENT;
}

/* Looks what is there: 0 and its id (0: nothing), or an enum qga_virtio_fault. */
int qga_virtio_probe(struct qga_virtio_device *device);

/*
 * Resets the device and negotiates (3.1.1, steps 1 to 6). Accepts of what is offered no more than
 * `wanted`, and returns it through *accepted. Returns 0, or an enum qga_virtio_fault; then the device
 * is not to be touched any more but for a reset.
 */
int qga_virtio_start(struct qga_virtio_device *device, uint64_t wanted, uint64_t *accepted);

/* What is left of the memory that a driver was given: rings from its start, buffers from its end. */
struct qga_virtio_rest {
	uint8_t *start, *end;
};

/*
 * Makes a queue (step 7) in what is left, of q->queue.index and count, buffer_size and device_writes of
 * q->memory, the rest of *q being zero; with so many descriptors for each buffer. Where the device has not
 * as many, there are fewer buffers. 0, or an enum qga_virtio_fault.
 */
int qga_virtio_carve(struct qga_virtio_device *device, struct qga_virtio_rest *rest,
                     struct virtq *q, unsigned descs);

/* The device is live from here on (step 8). */
void qga_virtio_driver_ok(struct qga_virtio_device *device);

/* Makes the device look at a queue; what was published is visible to it. */
void qga_virtio_notify(struct qga_virtio_device *device, const struct virtq *q);

bool qga_virtio_needs_reset(struct qga_virtio_device *device);

/* Gives up on the device: FAILED (2.1.1). */
void qga_virtio_fail(struct qga_virtio_device *device);

/* Stops the device; when it returns true, the device uses our memory no more. */
bool qga_virtio_reset(struct qga_virtio_device *device);

/* 32 and 64 bits of the configuration (2.5), offset in bytes; halves are of the same time. */
uint32_t qga_virtio_config32(struct qga_virtio_device *device, unsigned offset);
uint64_t qga_virtio_config64(struct qga_virtio_device *device, unsigned offset);

#endif
