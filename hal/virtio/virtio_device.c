/* SPDX-License-Identifier: MIT */
/* virtio_device.c - see virtio_device.h. Section numbers are of Virtual I/O Device 1.2. */
#include "virtio_device.h"
#include "barrier.h"

#define RESET_READS      1000 /* a reset is done after the first in all implementations known */
#define GENERATION_READS 8

static void device_add_status(struct qga_virtio_device *device, uint8_t bit)
{
	device->status |= bit;
	device->bus->set_status(device, device->status);
}

int qga_virtio_probe(struct qga_virtio_device *device)
{
	device->id = 0;
	return device->bus->probe(device);
}

bool qga_virtio_reset(struct qga_virtio_device *device)
{
	unsigned tries = RESET_READS;
	uint8_t status;

	device->status = 0;
	device->bus->set_status(device, 0);
	do
		status = device->bus->status(device);
	while (status != 0 && --tries > 0);
	return status == 0;
}

static uint64_t device_negotiate(struct qga_virtio_device *device, unsigned word, uint64_t wanted)
{
	uint32_t accepted = device->bus->features(device, word) & (uint32_t)(wanted >> 32 * word);

	device->bus->accept(device, word, accepted);
	return (uint64_t)accepted << 32 * word;
}

/* 3.1.1 */
int qga_virtio_start(struct qga_virtio_device *device, uint64_t wanted, uint64_t *accepted)
{
	if (!qga_virtio_reset(device)) /* 1 */
		return QGA_VIRTIO_FAULT_RESET;
	device_add_status(device, VIRTIO_STATUS_ACKNOWLEDGE); /* 2 */
	device_add_status(device, VIRTIO_STATUS_DRIVER);      /* 3 */
	wanted |= VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM;
	*accepted = device_negotiate(device, 0, wanted); /* 4 */
	if (device->legacy)
		return 0;
	*accepted |= device_negotiate(device, 1, wanted);
	if ((*accepted & VIRTIO_F_VERSION_1) == 0)
		return QGA_VIRTIO_FAULT_VERSION_1;
	device_add_status(device, VIRTIO_STATUS_FEATURES_OK); /* 5, 6 */
	if ((device->bus->status(device) & VIRTIO_STATUS_FEATURES_OK) == 0)
		return QGA_VIRTIO_FAULT_FEATURES;
	return 0;
}

/* Entries of a ring for so many descriptors: as few as will do, or what the device allows or insists on. */
static int device_entries(struct qga_virtio_device *device, unsigned index, unsigned count)
{
	int max = device->bus->queue_max(device, index), size = VIRTQ_MIN;
	int wanted = device->fixed_size ? max : (int)count;

	while (size < wanted && size * 2 <= max)
		size *= 2;
	if (size <= max && (!device->fixed_size || size == max))
		return size;
	return max < 0 ? max : QGA_VIRTIO_FAULT_QUEUE_SMALL;
}

int qga_virtio_carve(struct qga_virtio_device *device, struct qga_virtio_rest *rest,
                     struct virtq *q, unsigned descs)
{
	unsigned count = q->memory.count;
	int entries = device_entries(device, q->queue.index, descs * count), fault;
	size_t ring, buffers;

	if (entries < 0)
		return entries;
	ring = QGA_VIRTQ_BYTES((size_t)entries);
	buffers = QGA_VIRTQ_BUFFERS(count, q->memory.buffer_size);
	if ((size_t)(rest->end - rest->start) < ring + buffers)
		return QGA_VIRTIO_FAULT_QUEUE_LARGE;
	q->memory.ring = rest->start;
	rest->start += ring;
	rest->end -= buffers;
	q->memory.buffers = rest->end;
	if (descs * count > (unsigned)entries)
		q->memory.count = (uint16_t)((unsigned)entries / descs);
	q->memory.dma = device->dma;
	q->queue.size = (uint16_t)entries;
	fault = qga_virtq_init(q);
	return fault != 0 ? fault : device->bus->queue(device, &q->queue);
}

void qga_virtio_driver_ok(struct qga_virtio_device *device)
{
	barrier_before_notify();
	device_add_status(device, VIRTIO_STATUS_DRIVER_OK);
}

void qga_virtio_notify(struct qga_virtio_device *device, const struct virtq *q)
{
	barrier_before_notify();
	device->bus->notify(device, &q->queue);
}

bool qga_virtio_needs_reset(struct qga_virtio_device *device)
{
	return (device->bus->status(device) & VIRTIO_STATUS_DEVICE_NEEDS_RESET) != 0;
}

void qga_virtio_fail(struct qga_virtio_device *device)
{
	device_add_status(device, VIRTIO_STATUS_FAILED);
}

uint32_t qga_virtio_config32(struct qga_virtio_device *device, unsigned offset)
{
	return device->bus->config(device, offset, 4);
}

/* 2.5.3: read again until no change fell in between. */
uint64_t qga_virtio_config64(struct qga_virtio_device *device, unsigned offset)
{
	uint32_t low, high, generation;
	unsigned tries = 0;

	do {
		generation = device->bus->generation(device);
		low = device->bus->config(device, offset, 4);
		high = device->bus->config(device, offset + 4, 4);
	} while (device->bus->generation(device) != generation && ++tries < GENERATION_READS);
	return (uint64_t)high << 32 | low;
}
