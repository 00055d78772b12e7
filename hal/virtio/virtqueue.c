/* SPDX-License-Identifier: MIT */
/* virtqueue.c - see virtqueue.h. Section numbers are of Virtual I/O Device 1.2. */
#include "virtqueue.h"
#include "barrier.h"

/*
 * Memory that is not coherent costs a look at `dma`, and calls that are out of the way of all others:
 * at the end of a function, so that it needs no frame for them.
 */
static __attribute__((noinline)) void virtq_clean(const struct virtq *q,
                                                  const volatile void *memory, size_t size)
{
	if (q->memory.dma->clean != NULL)
		q->memory.dma->clean(q->memory.dma->context, memory, size);
}

__attribute__((noinline)) void qga_virtq_invalidate(const struct virtq *q,
                                                    const volatile void *memory, size_t size)
{
	if (q->memory.dma->invalidate != NULL)
		q->memory.dma->invalidate(q->memory.dma->context, memory, size);
}

/* The device's address; UINT64_MAX: there is none. */
static uint64_t virtq_address(const struct virtq *q, const volatile void *ours, size_t size)
{
	const struct qga_virtio_dma *dma = q->memory.dma;

	if (!QGA_WITH_DMA || dma == NULL || dma->address == NULL)
		return (uintptr_t)ours;
	return dma->address(dma->context, ours, size);
}

/* Writes down all buffers; false: the device cannot reach one. */
static bool virtq_describe(struct virtq *q)
{
	bool receives = q->memory.device_writes;
	uint64_t address;

	for (unsigned id = 0; id < q->memory.count; id++) {
		address = virtq_address(q, qga_virtq_buffer(q, id), q->memory.buffer_size);
		if (QGA_WITH_DMA && address == UINT64_MAX)
			return false;
		q->desc[id].addr = address;
		q->desc[id].len = q->memory.buffer_size;
		q->desc[id].flags = receives ? VIRTQ_DESC_F_WRITE : 0;
		q->avail->ring[id] = (uint16_t)id;
		q->in_flight[id] = receives;
	}
	return true;
}

int qga_virtq_init(struct virtq *q)
{
	size_t size = q->queue.size, used = QGA_VIRTQ_USED_OFFSET(size);
	uint8_t *ring = q->memory.ring;

	q->desc = (volatile struct virtq_desc *)ring;
	q->avail = (volatile struct virtq_avail *)(ring + sizeof(*q->desc) * size);
	q->used = (volatile struct virtq_used *)(ring + used);
	q->queue.desc = virtq_address(q, ring, QGA_VIRTQ_BYTES(size));
	q->queue.driver = q->queue.desc + sizeof(*q->desc) * size;
	q->queue.device = q->queue.desc + used;
	if ((QGA_WITH_DMA && q->queue.desc % QGA_VIRTIO_ALIGN != 0) || !virtq_describe(q))
		return QGA_VIRTIO_FAULT_DMA_ADDRESS;
	q->avail_idx = q->published = q->memory.device_writes ? q->memory.count : 0;
	q->avail->flags = 0;
	q->avail->idx = q->published;
	q->used->flags = 0;
	q->used->idx = 0;
	/* No line of what is the device's may be written back later. */
	if (!qga_virtq_is_coherent(q))
		virtq_clean(q, ring, QGA_VIRTQ_BYTES(size));
	if (!qga_virtq_is_coherent(q) && q->memory.device_writes)
		virtq_clean(q, q->memory.buffers, (size_t)q->memory.count * q->memory.buffer_size);
	return 0;
}

int qga_virtq_free(const struct virtq *q)
{
	unsigned id = q->next_id;

	if (qga_virtq_in_flight(q) >= q->memory.count)
		return -1;
	while (q->in_flight[id])
		id = id + 1 < q->memory.count ? id + 1 : 0;
	return (int)id;
}

/* An entry of the available ring, which is returned. */
static volatile uint16_t *virtq_enter(struct virtq *q, unsigned id)
{
	volatile uint16_t *entry = &q->avail->ring[qga_virtq_slot(q, q->avail_idx++)];

	*entry = (uint16_t)id;
	q->in_flight[id] = true;
	return entry;
}

/* 2.7.13.2 */
void qga_virtq_offer(struct virtq *q, unsigned id)
{
	volatile uint16_t *entry = virtq_enter(q, id);

	if (!qga_virtq_is_coherent(q))
		virtq_clean(q, entry, sizeof(*entry));
}

static __attribute__((noinline)) void virtq_clean_sent(const struct virtq *q, unsigned id,
                                                       uint32_t len, const volatile uint16_t *entry)
{
	virtq_clean(q, qga_virtq_buffer(q, id), len);
	virtq_clean(q, &q->desc[id], sizeof(q->desc[id]));
	virtq_clean(q, entry, sizeof(*entry));
}

void qga_virtq_send(struct virtq *q, unsigned id, uint32_t len)
{
	volatile uint16_t *entry = virtq_enter(q, id);

	q->desc[id].len = len;
	q->next_id = (uint16_t)(id + 1 < q->memory.count ? id + 1 : 0);
	if (!qga_virtq_is_coherent(q))
		virtq_clean_sent(q, id, len, entry);
}

bool qga_virtq_publish(struct virtq *q, bool *ran_empty)
{
	uint16_t before = q->published;

	if (q->avail_idx == before)
		return false;
	barrier_before_publish();
	q->avail->idx = q->published = q->avail_idx;
	if (!qga_virtq_is_coherent(q))
		virtq_clean(q, q->avail, sizeof(*q->avail));
	barrier_after_publish();
	*ran_empty = qga_virtq_used_idx(q) == before;
	return (q->used->flags & VIRTQ_USED_F_NO_NOTIFY) == 0;
}

__attribute__((noinline)) void qga_virtq_invalidate_buffer(const struct virtq *q, unsigned id,
                                                           uint32_t len)
{
	if (q->memory.device_writes)
		qga_virtq_invalidate(q, qga_virtq_buffer(q, id), len);
}

__attribute__((noinline)) void qga_virtq_invalidate_entries(const struct virtq *q, uint16_t end)
{
	for (uint16_t i = q->used_idx; i != end; i++)
		qga_virtq_invalidate(q, &q->used->ring[qga_virtq_slot(q, i)],
		                     sizeof(q->used->ring[0]));
}

int qga_virtq_reclaim(struct virtq *q)
{
	uint16_t end;
	unsigned id;
	uint32_t len;
	int status = qga_virtq_poll(q, &end);

	if (status == VIRTQ_NONE)
		do
			status = qga_virtq_take(q, end, &id, &len);
		while (status == VIRTQ_TAKEN);
	return status;
}

void qga_virtq_interrupts(struct virtq *q, bool on)
{
	q->avail->flags = on ? 0 : VIRTQ_AVAIL_F_NO_INTERRUPT;
	if (!qga_virtq_is_coherent(q))
		virtq_clean(q, q->avail, sizeof(*q->avail));
	if (on)
		barrier_after_publish();
}

void qga_virtq_interrupt_at(struct virtq *q, uint16_t idx)
{
	volatile uint16_t *event = &q->avail->ring[q->queue.size]; /* used_event */

	*event = idx;
	if (!qga_virtq_is_coherent(q))
		virtq_clean(q, event, sizeof(*event));
	barrier_after_publish();
}
