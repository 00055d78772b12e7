/* SPDX-License-Identifier: MIT */
/* virtio_mmio.c - see virtio_mmio.h. Section numbers are of Virtual I/O Device 1.2. */
#include "barrier.h"
#include "mmio.h"
#include "virtio_mmio.h"

#define RESET_READS      1000 /* a reset is done after the first in all implementations known */
#define GENERATION_READS 8

static uint32_t get(const struct virtio_mmio *self, enum virtio_mmio_reg reg)
{
	return mmio_read32(self->base + reg);
}

static void set(const struct virtio_mmio *self, enum virtio_mmio_reg reg, uint32_t value)
{
	mmio_write32(self->base + reg, value);
}

static bool is_legacy(const struct virtio_mmio *self)
{
	return self->version == 1;
}

static void add_status(struct virtio_mmio *self, uint32_t bit)
{
	self->status |= bit;
	set(self, VIRTIO_MMIO_STATUS, self->status);
}

/* 4.2.3.1.1: magic and version, then the device id; nothing else of an empty slot. */
int qga_virtio_mmio_probe(struct virtio_mmio *self, uintptr_t base)
{
	uint32_t magic;

	self->base = base;
	magic = get(self, VIRTIO_MMIO_MAGIC_VALUE);
	self->version = get(self, VIRTIO_MMIO_VERSION);
	if ((magic != VIRTIO_MMIO_MAGIC) | (self->version - 1 > 1))
		return magic != VIRTIO_MMIO_MAGIC ? -1 : -2;
	self->device_id = get(self, VIRTIO_MMIO_DEVICE_ID);
	return self->device_id != 0;
}

bool qga_virtio_mmio_reset(struct virtio_mmio *self)
{
	unsigned tries = RESET_READS;
	uint32_t status;

	self->status = 0;
	set(self, VIRTIO_MMIO_STATUS, 0);
	do
		status = get(self, VIRTIO_MMIO_STATUS);
	while (status != 0 && --tries > 0);
	return status == 0;
}

static uint32_t negotiate(const struct virtio_mmio *self, uint32_t word, uint32_t wanted)
{
	uint32_t accepted;

	set(self, VIRTIO_MMIO_DEVICE_FEATURES_SEL, word);
	accepted = get(self, VIRTIO_MMIO_DEVICE_FEATURES) & wanted;
	set(self, VIRTIO_MMIO_DRIVER_FEATURES_SEL, word);
	set(self, VIRTIO_MMIO_DRIVER_FEATURES, accepted);
	return accepted;
}

/* 3.1.1 */
uint64_t qga_virtio_mmio_start(struct virtio_mmio *self, uint64_t wanted)
{
	uint64_t accepted;

	self->failure = NULL;
	self->vendor = get(self, VIRTIO_MMIO_VENDOR_ID);
	if (!qga_virtio_mmio_reset(self)) { /* 1 */
		self->failure = "virtio device does not finish its reset";
		return 0;
	}
	add_status(self, VIRTIO_STATUS_ACKNOWLEDGE);     /* 2 */
	add_status(self, VIRTIO_STATUS_DRIVER);          /* 3 */
	accepted = negotiate(self, 0, (uint32_t)wanted); /* 4 */
	if (is_legacy(self)) {
		/* 4.2.4: no second word, no FEATURES_OK. */
		set(self, VIRTIO_MMIO_GUEST_PAGE_SIZE, VIRTQ_ALIGN);
		return accepted;
	}
	accepted |= (uint64_t)negotiate(self, 1, (uint32_t)((wanted | VIRTIO_F_VERSION_1) >> 32))
	            << 32;
	if ((accepted & VIRTIO_F_VERSION_1) == 0) {
		self->failure = "virtio device of version 2 does not offer VERSION_1";
		return 0;
	}
	add_status(self, VIRTIO_STATUS_FEATURES_OK); /* 5, 6 */
	if ((get(self, VIRTIO_MMIO_STATUS) & VIRTIO_STATUS_FEATURES_OK) == 0)
		self->failure = "virtio device refuses our features";
	return accepted;
}

static void set_address(const struct virtio_mmio *self, enum virtio_mmio_reg low, uint64_t address)
{
	set(self, low, (uint32_t)address);
	set(self, low + 4, (uint32_t)(address >> 32));
}

static void place_legacy(struct virtio_mmio *self, const struct virtq *q)
{
	uint64_t pfn = qga_virtq_desc_addr(q) / VIRTQ_ALIGN;

	if (pfn >> 32 != 0) {
		self->failure = "virtio queue lies too high for a legacy device";
		return;
	}
	set(self, VIRTIO_MMIO_QUEUE_ALIGN, VIRTQ_USED_ALIGN);
	set(self, VIRTIO_MMIO_QUEUE_PFN, (uint32_t)pfn);
}

static void place(struct virtio_mmio *self, const struct virtq *q)
{
	set_address(self, VIRTIO_MMIO_QUEUE_DESC_LOW, qga_virtq_desc_addr(q));
	set_address(self, VIRTIO_MMIO_QUEUE_DRIVER_LOW, qga_virtq_avail_addr(q));
	set_address(self, VIRTIO_MMIO_QUEUE_DEVICE_LOW, qga_virtq_used_addr(q));
	set(self, VIRTIO_MMIO_QUEUE_READY, 1);
}

/* 4.2.3.2; legacy 4.2.4. */
void qga_virtio_mmio_queue(struct virtio_mmio *self, unsigned index, struct virtq *q)
{
	/* kvmtool takes QueueNumMax whatever is written to QueueNum. */
	bool fixed = self->vendor == VIRTIO_MMIO_VENDOR_LKVM;
	unsigned size = q->memory.capacity;
	uint32_t in_use, max;

	set(self, VIRTIO_MMIO_QUEUE_SEL, index);
	in_use = get(self, VIRTIO_MMIO_QUEUE_PFN + 4 * !is_legacy(self)); /* or QueueReady */
	max = get(self, VIRTIO_MMIO_QUEUE_NUM_MAX);
	while (size > max) /* it stays a power of two (2.7) */
		size /= 2;
	if ((in_use != 0) | (size < VIRTQ_MIN) | (fixed & (size != max))) {
		self->failure = in_use != 0 ? "virtio queue is in use after a reset"
		                            : "virtio queue is too small";
		return;
	}
	qga_virtq_init(q, size);
	set(self, VIRTIO_MMIO_QUEUE_NUM, size);
	if (is_legacy(self))
		place_legacy(self, q);
	else
		place(self, q);
}

void qga_virtio_mmio_driver_ok(struct virtio_mmio *self)
{
	barrier_before_notify();
	add_status(self, VIRTIO_STATUS_DRIVER_OK);
}

void qga_virtio_mmio_notify(const struct virtio_mmio *self, unsigned index)
{
	barrier_before_notify();
	set(self, VIRTIO_MMIO_QUEUE_NOTIFY, index);
}

void qga_virtio_mmio_ack(const struct virtio_mmio *self)
{
	set(self, VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING | VIRTIO_MMIO_INT_CONFIG);
}

bool qga_virtio_mmio_needs_reset(const struct virtio_mmio *self)
{
	return (get(self, VIRTIO_MMIO_STATUS) & VIRTIO_STATUS_DEVICE_NEEDS_RESET) != 0;
}

void qga_virtio_mmio_fail(struct virtio_mmio *self)
{
	add_status(self, VIRTIO_STATUS_FAILED);
}

uint8_t qga_virtio_mmio_config8(const struct virtio_mmio *self, unsigned offset)
{
	return mmio_read8(self->base + VIRTIO_MMIO_CONFIG + offset);
}

uint16_t qga_virtio_mmio_config16(const struct virtio_mmio *self, unsigned offset)
{
	return mmio_read16(self->base + VIRTIO_MMIO_CONFIG + offset);
}

uint32_t qga_virtio_mmio_config32(const struct virtio_mmio *self, unsigned offset)
{
	return mmio_read32(self->base + VIRTIO_MMIO_CONFIG + offset);
}

uint64_t qga_virtio_mmio_config64(const struct virtio_mmio *self, unsigned offset)
{
	uint32_t low, high, generation;
	unsigned tries = 0;

	do {
		generation = is_legacy(self) ? 0 : get(self, VIRTIO_MMIO_CONFIG_GENERATION);
		low = qga_virtio_mmio_config32(self, offset);
		high = qga_virtio_mmio_config32(self, offset + 4);
		if (is_legacy(self))
			break;
	} while (get(self, VIRTIO_MMIO_CONFIG_GENERATION) != generation &&
	         ++tries < GENERATION_READS);
	return (uint64_t)high << 32 | low;
}
