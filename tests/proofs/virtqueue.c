/* SPDX-License-Identifier: MIT */
/*
 * virtqueue.c - whatever the device has written into the used ring, and however often it changes its mind:
 * qga_virtq_poll() finds no more than was given, and qga_virtq_take() gives an id that exists and was in
 * flight, with a length that its buffer has. Nothing is read or written outside of the ring.
 *
 * Bound: none but the queue's own: rings of 4, 8 and 16 entries, any indices, any buffers of up to 32 MiB.
 *
 * run short prove: -DQGA_VIRTQ_MAX=16 --unwind 17
 * teeth short prove: hal/virtio/virtqueue.h: (uint16_t)(idx - q->used_idx) > (uint16_t)(q->published - q->used_idx) => false
 * teeth prove: hal/virtio/virtqueue.h: used_id >= QGA_VIRTQ_MAX ||  =>
 * teeth prove: hal/virtio/virtqueue.h: || !q->in_flight[used_id] =>
 * teeth prove: hal/virtio/virtqueue.h: q->in_flight[used_id] = false; =>
 * teeth prove: hal/virtio/virtqueue.h: used_len < q->memory.buffer_size ? used_len : q->memory.buffer_size => used_len
 * teeth prove: hal/virtio/virtqueue.h: return idx & (q->queue.size - 1u); => return idx;
 */
#include "virtio/virtqueue.h"

unsigned nondet_unsigned(void);

static uint8_t ring[QGA_VIRTQ_BYTES(16)] __attribute__((aligned(16)));

void prove(void)
{
	struct virtq q; /* any */
	unsigned id, in_flight = 0;
	uint16_t end, before;
	uint32_t len;

	__CPROVER_havoc_object(ring);
	q.queue.size = (uint16_t)(4u << nondet_unsigned() % 3);
	q.memory.dma = NULL;
	__CPROVER_assume(q.memory.count >= 1 && q.memory.count <= q.queue.size);
	__CPROVER_assume(q.memory.buffer_size >= 1 && q.memory.buffer_size <= QGA_VIRTIO_SIZE_MAX);
	/* Ours: what was published was given before; as many are in flight as were given and not taken. */
	for (id = 0; id < QGA_VIRTQ_MAX; id++) {
		q.in_flight[id] = id < q.memory.count && (nondet_unsigned() & 1);
		in_flight += q.in_flight[id];
	}
	__CPROVER_assume((uint16_t)(q.avail_idx - q.used_idx) == in_flight);
	__CPROVER_assume((uint16_t)(q.published - q.used_idx) <= in_flight);
	q.used = (volatile struct virtq_used *)(ring + QGA_VIRTQ_USED_OFFSET(q.queue.size));

	if (qga_virtq_poll(&q, &end) != VIRTQ_NONE)
		return;
	__CPROVER_assert((uint16_t)(end - q.used_idx) <= in_flight, "no more than was given");
	__CPROVER_havoc_object(ring);
	before = q.used_idx;
	switch (qga_virtq_take(&q, end, &id, &len)) {
	case VIRTQ_TAKEN:
		__CPROVER_assert(before != end, "something was there");
		__CPROVER_assert(id < q.memory.count, "there is such a buffer");
		__CPROVER_assert(len <= q.memory.buffer_size, "it has so many bytes");
		__CPROVER_assert(!q.in_flight[id], "it is not the device's any more");
		__CPROVER_assert(qga_virtq_in_flight(&q) == in_flight - 1,
		                 "and no other has come back");
		break;
	case VIRTQ_NONE:
		__CPROVER_assert(before == end, "nothing was there");
		break;
	default:
		__CPROVER_assert(q.used_idx == before, "nothing was taken");
	}
}
