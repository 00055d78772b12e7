/* SPDX-License-Identifier: MIT */
/* virtqueue.c - see virtqueue.h. Section numbers are of Virtual I/O Device 1.2. */
#include "barrier.h"
#include "virtqueue.h"

static uint64_t device_address(const struct virtq *q, const volatile void *ours)
{
	return (uint64_t)(uintptr_t)ours + q->memory.dma_offset;
}

static unsigned slot(const struct virtq *q, uint16_t idx)
{
	return idx & (q->size - 1u);
}

/* Without a branch: not every processor has an instruction for it. */
static uint32_t smaller(uint32_t a, uint32_t b)
{
	return b ^ ((a ^ b) & -(uint32_t)(a < b));
}

void qga_virtq_init(struct virtq *q, unsigned size)
{
	uint8_t *ring = q->memory.ring;
	unsigned id = 0;

	q->memory.count = (uint16_t)smaller(q->memory.count, size);
	q->size = (uint16_t)size;
	q->desc = (volatile struct virtq_desc *)ring;
	q->avail = (volatile struct virtq_avail *)(ring + 16 * (size_t)size);
	q->used = (volatile struct virtq_used *)(ring + VIRTQ_USED_OFFSET(size));
	do {
		q->desc[id].addr = device_address(q, qga_virtq_buffer(q, id));
		q->desc[id].len = q->memory.buffer_size;
		q->desc[id].flags = q->memory.device_writes ? VIRTQ_DESC_F_WRITE : 0;
		q->avail->ring[id] = (uint16_t)id;
		q->in_flight[id] = q->memory.device_writes;
	} while (++id < q->memory.count);
	q->avail_idx = q->published = q->memory.device_writes ? q->memory.count : 0;
	q->avail->flags = 0;
	q->avail->idx = q->published;
	q->used->flags = 0;
	q->used->idx = 0;
}

uint64_t qga_virtq_desc_addr(const struct virtq *q)
{
	return device_address(q, q->desc);
}

uint64_t qga_virtq_avail_addr(const struct virtq *q)
{
	return device_address(q, q->avail);
}

uint64_t qga_virtq_used_addr(const struct virtq *q)
{
	return device_address(q, q->used);
}

int qga_virtq_free(const struct virtq *q)
{
	unsigned id = q->last_id;

	if (qga_virtq_in_flight(q) >= q->memory.count)
		return -1;
	while (q->in_flight[id])
		id = id + 1 < q->memory.count ? id + 1 : 0;
	return (int)id;
}

/* 2.7.13.2 */
void qga_virtq_offer(struct virtq *q, unsigned id)
{
	q->avail->ring[slot(q, q->avail_idx++)] = (uint16_t)id;
	q->in_flight[id] = true;
}

void qga_virtq_send(struct virtq *q, unsigned id, uint32_t len)
{
	q->desc[id].len = len;
	qga_virtq_offer(q, id);
}

bool qga_virtq_publish(struct virtq *q, bool *ran_empty)
{
	uint16_t before = q->published;

	if (q->avail_idx == before)
		return false;
	barrier_before_publish();
	q->avail->idx = q->published = q->avail_idx;
	barrier_after_publish();
	if (ran_empty != NULL)
		*ran_empty = q->used->idx == before;
	return (q->used->flags & VIRTQ_USED_F_NO_NOTIFY) == 0;
}

int qga_virtq_poll(const struct virtq *q, uint16_t *end)
{
	uint16_t idx = q->used->idx;

	/* At most what was published and not yet taken can have been used since. */
	if ((uint16_t)(idx - q->used_idx) > (uint16_t)(q->published - q->used_idx))
		return VIRTQ_VIOLATION;
	barrier_before_entries();
	*end = idx;
	return VIRTQ_NONE;
}

int qga_virtq_take(struct virtq *q, uint16_t end, unsigned *id, uint32_t *len)
{
	volatile struct virtq_used_elem *used;
	uint32_t used_id, used_len;

	if (q->used_idx == end)
		return VIRTQ_NONE;
	used = &q->used->ring[slot(q, q->used_idx)];
	used_id = used->id;
	used_len = used->len;
	/* Buffers that do not exist are never in flight. */
	if ((used_id >= VIRTQ_MAX) | !q->in_flight[used_id % VIRTQ_MAX])
		return VIRTQ_VIOLATION;
	q->in_flight[used_id] = false;
	q->used_idx++;
	*id = q->last_id = (uint16_t)used_id;
	/* A friendly device, too, counts bytes that it did not have room for (QEMU, PORT_NAME). */
	*len = smaller(used_len, q->memory.buffer_size);
	return VIRTQ_TAKEN;
}

void qga_virtq_interrupts(struct virtq *q, bool on)
{
	q->avail->flags = on ? 0 : VIRTQ_AVAIL_F_NO_INTERRUPT;
	if (on)
		barrier_after_publish();
}
