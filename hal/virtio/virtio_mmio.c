/* SPDX-License-Identifier: MIT */
/* virtio_mmio.c - see virtio_mmio.h. Section numbers are of Virtual I/O Device 1.2. */
#include "virtio_mmio.h"
#include "mmio.h"

/* A queue has no more entries (2.7), whatever a register says. */
#define MMIO_QUEUE_MAX 32768u

static uint32_t mmio_get(const struct qga_virtio_device *device, enum virtio_mmio_reg reg)
{
	return mmio_read32(device->base + reg);
}

static void mmio_set(const struct qga_virtio_device *device, enum virtio_mmio_reg reg,
                     uint32_t value)
{
	mmio_write32(device->base + reg, value);
}

/* 4.2.3.1.1: magic and version, then the device id; nothing else of an empty slot. */
static int mmio_probe(struct qga_virtio_device *device)
{
	uint32_t version, vendor;

	if (mmio_get(device, VIRTIO_MMIO_MAGIC_VALUE) != VIRTIO_MMIO_MAGIC)
		return QGA_VIRTIO_FAULT_NO_DEVICE;
	version = mmio_get(device, VIRTIO_MMIO_VERSION);
	if (version != 1 && version != 2)
		return QGA_VIRTIO_FAULT_VERSION;
	device->legacy = version == 1;
	device->id = mmio_get(device, VIRTIO_MMIO_DEVICE_ID);
	if (device->id == 0)
		return 0;
	vendor = mmio_get(device, VIRTIO_MMIO_VENDOR_ID);
	device->fixed_size = vendor == VIRTIO_MMIO_VENDOR_LKVM;
	device->looks_often = vendor == VIRTIO_MMIO_VENDOR_QEMU;
	return 0;
}

static uint32_t mmio_features(struct qga_virtio_device *device, unsigned word)
{
	mmio_set(device, VIRTIO_MMIO_DEVICE_FEATURES_SEL, word);
	return mmio_get(device, VIRTIO_MMIO_DEVICE_FEATURES);
}

/* A legacy device is told the page size before its queues (4.2.4). */
static void mmio_accept(struct qga_virtio_device *device, unsigned word, uint32_t features)
{
	mmio_set(device, VIRTIO_MMIO_DRIVER_FEATURES_SEL, word);
	mmio_set(device, VIRTIO_MMIO_DRIVER_FEATURES, features);
	if (device->legacy)
		mmio_set(device, VIRTIO_MMIO_GUEST_PAGE_SIZE, QGA_VIRTIO_ALIGN);
}

static uint8_t mmio_status(struct qga_virtio_device *device)
{
	return (uint8_t)mmio_get(device, VIRTIO_MMIO_STATUS);
}

static void mmio_set_status(struct qga_virtio_device *device, uint8_t status)
{
	mmio_set(device, VIRTIO_MMIO_STATUS, status);
}

/* 4.2.3.2; legacy 4.2.4. Leaves the queue selected. */
static int mmio_queue_max(struct qga_virtio_device *device, unsigned index)
{
	uint32_t in_use, max;

	mmio_set(device, VIRTIO_MMIO_QUEUE_SEL, index);
	in_use = mmio_get(device, device->legacy ? VIRTIO_MMIO_QUEUE_PFN : VIRTIO_MMIO_QUEUE_READY);
	max = mmio_get(device, VIRTIO_MMIO_QUEUE_NUM_MAX);
	if (in_use != 0)
		return QGA_VIRTIO_FAULT_QUEUE_BUSY;
	return (int)(max < MMIO_QUEUE_MAX ? max : MMIO_QUEUE_MAX);
}

static void mmio_set_address(const struct qga_virtio_device *device, enum virtio_mmio_reg low,
                             uint64_t address)
{
	mmio_set(device, low, (uint32_t)address);
	mmio_set(device, low + 4, (uint32_t)(address >> 32));
}

static int mmio_queue(struct qga_virtio_device *device, struct qga_virtio_queue *queue)
{
	uint64_t pfn = queue->desc / QGA_VIRTIO_ALIGN;

	mmio_set(device, VIRTIO_MMIO_QUEUE_NUM, queue->size);
	if (device->legacy) {
		if (pfn > UINT32_MAX)
			return QGA_VIRTIO_FAULT_TOO_HIGH;
		mmio_set(device, VIRTIO_MMIO_QUEUE_ALIGN, QGA_VIRTQ_USED_ALIGN);
		mmio_set(device, VIRTIO_MMIO_QUEUE_PFN, (uint32_t)pfn);
		return 0;
	}
	mmio_set_address(device, VIRTIO_MMIO_QUEUE_DESC_LOW, queue->desc);
	mmio_set_address(device, VIRTIO_MMIO_QUEUE_DRIVER_LOW, queue->driver);
	mmio_set_address(device, VIRTIO_MMIO_QUEUE_DEVICE_LOW, queue->device);
	mmio_set(device, VIRTIO_MMIO_QUEUE_READY, 1);
	return 0;
}

static void mmio_notify(struct qga_virtio_device *device, const struct qga_virtio_queue *queue)
{
	mmio_set(device, VIRTIO_MMIO_QUEUE_NOTIFY, queue->index);
}

/*
 * Without reading first which interrupt it is: the driver looks at all its rings afterwards anyhow,
 * and one access less is what a round trip can feel.
 */
static void mmio_acknowledge(struct qga_virtio_device *device)
{
	mmio_set(device, VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG);
}

static uint32_t mmio_config(struct qga_virtio_device *device, unsigned offset, unsigned width)
{
	uintptr_t at = device->base + VIRTIO_MMIO_CONFIG + offset;

	if (width == 4)
		return mmio_read32(at);
	return width == 2 ? mmio_read16(at) : mmio_read8(at);
}

static uint32_t mmio_generation(struct qga_virtio_device *device)
{
	return device->legacy ? 0 : mmio_get(device, VIRTIO_MMIO_CONFIG_GENERATION);
}

const struct qga_virtio_bus qga_virtio_mmio = {
	.probe = mmio_probe,
	.features = mmio_features,
	.accept = mmio_accept,
	.status = mmio_status,
	.set_status = mmio_set_status,
	.queue_max = mmio_queue_max,
	.queue = mmio_queue,
	.notify = mmio_notify,
	.acknowledge = mmio_acknowledge,
	.config = mmio_config,
	.generation = mmio_generation,
};
