/* SPDX-License-Identifier: MIT */
/*
 * virtio_pci.c - see virtio_pci.h. Section numbers are of Virtual I/O Device 1.2.
 *
 * Registers are reached where somebody has mapped their BAR, or else through the window in
 * configuration space (4.1.4.9), which needs no BAR at all: so nobody has to give out addresses.
 */
#include "mmio.h"
#include "virtio_pci.h"

#define CAPS_MAX    48 /* more than fit into 256 bytes: the list is a loop */
#define STATUS_CAPS (1 << 4)
#define VENDOR_CAP  9
#define BAR_LAST    5
#define NOT_SET     0xffffffffu

/* Capabilities reach as far (4.1.4), and configuration space to 256. */
#define CAP_END        (0x100 - 16)
#define CAP_LONGER_END (0x100 - 20)

static struct qga_virtio_pci *pci_of(const struct qga_virtio_device *device)
{
	return (struct qga_virtio_pci *)device->context;
}

static uint32_t pci_get(const struct qga_virtio_pci *pci, unsigned offset, unsigned width)
{
	return pci->access->read(pci->context, offset, width);
}

static void pci_set(const struct qga_virtio_pci *pci, unsigned offset, unsigned width,
                    uint32_t value)
{
	pci->access->write(pci->context, offset, width, value);
}

/* --- Registers of the device --- */

/* Aims the window; what was the same last time is not written again. */
static unsigned pci_aim(struct qga_virtio_pci *pci, uint8_t bar, uint32_t offset, unsigned width)
{
	if (pci->window_bar != bar)
		pci_set(pci, pci->window + VIRTIO_PCI_CAP_BAR, 1, bar);
	if (pci->window_offset != offset)
		pci_set(pci, pci->window + VIRTIO_PCI_CAP_OFFSET, 4, offset);
	if (pci->window_width != width)
		pci_set(pci, pci->window + VIRTIO_PCI_CAP_LENGTH, 4, width);
	pci->window_bar = bar;
	pci->window_offset = offset;
	pci->window_width = (uint8_t)width;
	return pci->window + VIRTIO_PCI_CAP_DATA;
}

static uint32_t region_read(struct qga_virtio_pci *pci, const struct qga_virtio_pci_region *region,
                            uint32_t offset, unsigned width)
{
	uintptr_t at = region->mapped + offset;

	if (!region->mapped)
		return pci_get(pci, pci_aim(pci, region->bar, region->offset + offset, width),
		               width);
	return width == 1 ? mmio_read8(at) : width == 2 ? mmio_read16(at) : mmio_read32(at);
}

static void region_write(struct qga_virtio_pci *pci, const struct qga_virtio_pci_region *region,
                         uint32_t offset, unsigned width, uint32_t value)
{
	uintptr_t at = region->mapped + offset;

	if (!region->mapped)
		pci_set(pci, pci_aim(pci, region->bar, region->offset + offset, width), width,
		        value);
	else if (width == 1)
		mmio_write8(at, (uint8_t)value);
	else if (width == 2)
		mmio_write16(at, (uint16_t)value);
	else
		mmio_write32(at, value);
}

/* For setting up, so once in the image: what boots the first time is translated, or is not in a cache. */
static __attribute__((noinline)) uint32_t common_read(struct qga_virtio_device *device,
                                                      enum virtio_pci_common reg, unsigned width)
{
	return region_read(pci_of(device), &pci_of(device)->common, reg, width);
}

static __attribute__((noinline)) void common_write(struct qga_virtio_device *device,
                                                   enum virtio_pci_common reg, unsigned width,
                                                   uint32_t value)
{
	region_write(pci_of(device), &pci_of(device)->common, reg, width, value);
}

/* --- What the device says of itself --- */

/* The region that a capability describes (4.1.4); false: it is none. The first of a type counts. */
static bool pci_region(struct qga_virtio_pci *pci, unsigned cap,
                       struct qga_virtio_pci_region *region, uint32_t least)
{
	uint32_t bar = pci_get(pci, cap + VIRTIO_PCI_CAP_BAR, 1);
	uint32_t offset = pci_get(pci, cap + VIRTIO_PCI_CAP_OFFSET, 4);
	uint32_t length = pci_get(pci, cap + VIRTIO_PCI_CAP_LENGTH, 4);
	uintptr_t mapped;

	if (region->length != 0 || bar > BAR_LAST || length < least || offset % 4 != 0 ||
	    offset > UINT32_MAX - length)
		return false;
	mapped = pci->access->bar ? pci->access->bar(pci->context, bar) : 0;
	region->bar = (uint8_t)bar;
	region->offset = offset;
	region->length = length;
	region->mapped = mapped != 0 ? mapped + offset : 0;
	return true;
}

static void pci_capability_found(struct qga_virtio_pci *pci, unsigned cap)
{
	if (cap > CAP_END)
		return;
	switch (pci_get(pci, cap + VIRTIO_PCI_CAP_TYPE, 1)) {
	case VIRTIO_PCI_CAP_COMMON_CFG:
		pci_region(pci, cap, &pci->common, VIRTIO_PCI_COMMON_SIZE);
		break;
	case VIRTIO_PCI_CAP_NOTIFY_CFG:
		if (cap <= CAP_LONGER_END && pci_region(pci, cap, &pci->notify, 2))
			pci->notify_multiplier =
				pci_get(pci, cap + VIRTIO_PCI_CAP_NOTIFY_MULTIPLIER, 4);
		break;
	case VIRTIO_PCI_CAP_ISR_CFG:
		pci_region(pci, cap, &pci->isr, 1);
		break;
	case VIRTIO_PCI_CAP_DEVICE_CFG:
		pci_region(pci, cap, &pci->device, 4);
		break;
	case VIRTIO_PCI_CAP_PCI_CFG:
		if (pci->window == 0 && cap <= CAP_LONGER_END)
			pci->window = (uint8_t)cap;
		break;
	default:
		break;
	}
}

static bool pci_is_reachable(const struct qga_virtio_pci *pci,
                             const struct qga_virtio_pci_region *region)
{
	return (region->length != 0) & ((region->mapped | pci->window) != 0);
}

static void pci_forget(struct qga_virtio_pci *pci)
{
	const struct qga_virtio_pci_region none = {0};

	pci->common = pci->notify = pci->isr = pci->device = none;
	pci->window = 0;
	pci->window_bar = pci->window_width = UINT8_MAX;
	pci->window_offset = NOT_SET;
}

/* 4.1.2: its type; and 4.1.4: where its registers are. */
static int pci_probe(struct qga_virtio_device *device)
{
	struct qga_virtio_pci *pci = pci_of(device);
	uint32_t number = pci_get(pci, VIRTIO_PCI_DEVICE, 2);
	unsigned cap, left = CAPS_MAX;

	pci_forget(pci);
	if (pci_get(pci, VIRTIO_PCI_VENDOR, 2) != VIRTIO_PCI_VENDOR_ID ||
	    number < VIRTIO_PCI_TRANSITIONAL || number >= VIRTIO_PCI_DEVICE_END)
		return QGA_VIRTIO_FAULT_NO_DEVICE;
	device->id = number >= VIRTIO_PCI_MODERN ? number - VIRTIO_PCI_MODERN
	                                         : pci_get(pci, VIRTIO_PCI_SUBSYSTEM, 2);
	if (!(pci_get(pci, VIRTIO_PCI_STATUS, 2) & STATUS_CAPS))
		return QGA_VIRTIO_FAULT_VERSION;
	cap = pci_get(pci, VIRTIO_PCI_CAP_FIRST, 1) & 0xfc;
	for (; cap >= 0x40 && left > 0; left--) {
		if (pci_get(pci, cap + VIRTIO_PCI_CAP_VNDR, 1) == VENDOR_CAP)
			pci_capability_found(pci, cap);
		cap = pci_get(pci, cap + VIRTIO_PCI_CAP_NEXT, 1) & 0xfc;
	}
	if (!pci_is_reachable(pci, &pci->common) || !pci_is_reachable(pci, &pci->notify) ||
	    !pci_is_reachable(pci, &pci->isr))
		return QGA_VIRTIO_FAULT_VERSION;
	/* Only QEMU has transitional devices, and this number of a modern one's subsystem. */
	device->looks_often = number < VIRTIO_PCI_MODERN ||
	                      pci_get(pci, VIRTIO_PCI_SUBSYSTEM, 2) == VIRTIO_PCI_SUBSYSTEM_QEMU;
	return 0;
}

/* --- The bus --- */

static uint32_t pci_features(struct qga_virtio_device *device, unsigned word)
{
	common_write(device, VIRTIO_PCI_DEVICE_FEATURE_SELECT, 4, word);
	return common_read(device, VIRTIO_PCI_DEVICE_FEATURE, 4);
}

static void pci_accept(struct qga_virtio_device *device, unsigned word, uint32_t features)
{
	common_write(device, VIRTIO_PCI_DRIVER_FEATURE_SELECT, 4, word);
	common_write(device, VIRTIO_PCI_DRIVER_FEATURE, 4, features);
}

static uint8_t pci_status(struct qga_virtio_device *device)
{
	return (uint8_t)common_read(device, VIRTIO_PCI_DEVICE_STATUS, 1);
}

static void pci_set_status(struct qga_virtio_device *device, uint8_t status)
{
	common_write(device, VIRTIO_PCI_DEVICE_STATUS, 1, status);
}

/* 4.1.5.1.3. Leaves the queue selected. kvmtool forgets a size that it is told, and uses its own. */
static int pci_queue_max(struct qga_virtio_device *device, unsigned index)
{
	uint32_t size;

	if (index >= common_read(device, VIRTIO_PCI_NUM_QUEUES, 2))
		return 0;
	common_write(device, VIRTIO_PCI_QUEUE_SELECT, 2, index);
	if (common_read(device, VIRTIO_PCI_QUEUE_ENABLE, 2) != 0)
		return QGA_VIRTIO_FAULT_QUEUE_BUSY;
	size = common_read(device, VIRTIO_PCI_QUEUE_SIZE, 2);
	common_write(device, VIRTIO_PCI_QUEUE_SIZE, 2, size / 2);
	device->fixed_size = common_read(device, VIRTIO_PCI_QUEUE_SIZE, 2) == size && size > 1;
	return (int)size;
}

static void pci_set_address(struct qga_virtio_device *device, enum virtio_pci_common reg,
                            uint64_t address)
{
	common_write(device, reg, 4, (uint32_t)address);
	common_write(device, reg + 4, 4, (uint32_t)(address >> 32));
}

/* 4.1.5.1.2: a device that cannot have the vector says so by another one. */
static bool pci_take_vector(struct qga_virtio_device *device, enum virtio_pci_common reg,
                            unsigned vector)
{
	common_write(device, reg, 2, vector);
	return common_read(device, reg, 2) == vector;
}

/* How the queue that is selected interrupts, and changes of the configuration do. */
static bool pci_route(struct qga_virtio_device *device)
{
	struct qga_virtio_pci *pci = pci_of(device);
	int vector = pci->access->vector ? pci->access->vector(pci->context) : -1;

	pci->messages = vector >= 0;
	return !pci->messages ||
	       (pci_take_vector(device, VIRTIO_PCI_CONFIG_MSIX_VECTOR, (unsigned)vector) &&
	        pci_take_vector(device, VIRTIO_PCI_QUEUE_MSIX_VECTOR, (unsigned)vector));
}

static int pci_queue(struct qga_virtio_device *device, struct qga_virtio_queue *queue)
{
	struct qga_virtio_pci *pci = pci_of(device);
	uint64_t notify;

	common_write(device, VIRTIO_PCI_QUEUE_SIZE, 2, queue->size);
	pci_set_address(device, VIRTIO_PCI_QUEUE_DESC, queue->desc);
	pci_set_address(device, VIRTIO_PCI_QUEUE_DRIVER, queue->driver);
	pci_set_address(device, VIRTIO_PCI_QUEUE_DEVICE, queue->device);
	notify = (uint64_t)common_read(device, VIRTIO_PCI_QUEUE_NOTIFY_OFF, 2) *
	         pci->notify_multiplier;
	if (notify > pci->notify.length - 2 || notify % 2 != 0)
		return QGA_VIRTIO_FAULT_QUEUE_SMALL;
	queue->notify = (uintptr_t)notify;
	if (!pci_route(device))
		return QGA_VIRTIO_FAULT_NO_VECTOR;
	common_write(device, VIRTIO_PCI_QUEUE_ENABLE, 2, 1);
	return 0;
}

static void pci_notify(struct qga_virtio_device *device, const struct qga_virtio_queue *queue)
{
	region_write(pci_of(device), &pci_of(device)->notify, (uint32_t)queue->notify, 2,
	             queue->index);
}

/* 4.1.4.5: reading it clears it. Nothing is there of what came as a message. */
static void pci_acknowledge(struct qga_virtio_device *device)
{
	if (!pci_of(device)->messages)
		region_read(pci_of(device), &pci_of(device)->isr, 0, 1);
}

static uint32_t pci_config(struct qga_virtio_device *device, unsigned offset, unsigned width)
{
	struct qga_virtio_pci *pci = pci_of(device);

	if (!pci_is_reachable(pci, &pci->device) || offset + width > pci->device.length)
		return 0;
	return region_read(pci, &pci->device, offset, width);
}

static uint32_t pci_generation(struct qga_virtio_device *device)
{
	return common_read(device, VIRTIO_PCI_CONFIG_GENERATION, 1);
}

const struct qga_virtio_bus qga_virtio_pci = {
	.probe = pci_probe,
	.features = pci_features,
	.accept = pci_accept,
	.status = pci_status,
	.set_status = pci_set_status,
	.queue_max = pci_queue_max,
	.queue = pci_queue,
	.notify = pci_notify,
	.acknowledge = pci_acknowledge,
	.config = pci_config,
	.generation = pci_generation,
};
