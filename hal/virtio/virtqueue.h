/* SPDX-License-Identifier: MIT */
/*
 * virtqueue.h - a split virtqueue (Virtual I/O Device 1.2, section 2.7): ring memory only.
 *
 * Every descriptor owns one buffer of fixed size and place: descriptor id i is buffer i for ever,
 * written down once; what changes is the available ring, and the length of what is sent.
 * So a completion carries everything there is to check: the id must be one that is in flight, and
 * the length is cut to what was offered. What the device can write (used) is believed only that
 * far; what it should not write (desc, avail) is never read back.
 *
 * Left out on purpose: chains, indirect descriptors, packed rings (nothing gained for buffers of one
 * piece), EVENT_IDX but for qga_virtq_interrupt_at(), and registers (virtio_device.h).
 */
#ifndef BAREQGA_VIRTIO_VIRTQUEUE_H
#define BAREQGA_VIRTIO_VIRTQUEUE_H

#include <assert.h>

#include "bareqga_virtio.h"
#include "barrier.h"

/* Fewest entries: with less a device could not say at once what there is to say about a port. */
#define VIRTQ_MIN 4

static_assert(QGA_VIRTQ_MAX >= VIRTQ_MIN && QGA_VIRTQ_MAX <= 256, "QGA_VIRTQ_MAX is from 4 to 256");
static_assert((QGA_VIRTQ_MAX & (QGA_VIRTQ_MAX - 1)) == 0, "QGA_VIRTQ_MAX is a power of two");
static_assert(QGA_VIRTQ_SIZE(1) == VIRTQ_MIN && QGA_VIRTQ_SIZE(129) == 256, "sizes of rings");

/* 2.7.5 */
enum virtq_desc_flags {
	VIRTQ_DESC_F_NEXT = 1,
	VIRTQ_DESC_F_WRITE = 2,
	VIRTQ_DESC_F_INDIRECT = 4
};
/* 2.7.6, 2.7.8 */
enum {
	VIRTQ_AVAIL_F_NO_INTERRUPT = 1,
	VIRTQ_USED_F_NO_NOTIFY = 1
};

struct virtq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};
static_assert(sizeof(struct virtq_desc) == 16, "2.7.5");

struct virtq_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[];
};
static_assert(sizeof(struct virtq_avail) == 4, "2.7.6");

struct virtq_used_elem {
	uint32_t id;
	uint32_t len;
};
static_assert(sizeof(struct virtq_used_elem) == 8, "2.7.8");

struct virtq_used {
	uint16_t flags;
	uint16_t idx;
	struct virtq_used_elem ring[];
};
static_assert(sizeof(struct virtq_used) == 4 && offsetof(struct virtq_used, ring) == 4, "2.7.8");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "rings are little endian (2.7)");

/* What the caller gives a queue: memory, which stays the queue's until the device is reset. */
struct virtq_memory {
	void *ring;           /* QGA_VIRTQ_BYTES(entries), QGA_VIRTIO_ALIGN-aligned */
	uint8_t *buffers;     /* count * buffer_size */
	uint32_t buffer_size; /* bytes of each */
	uint16_t count;       /* buffers, 1..QGA_VIRTQ_MAX */
	bool device_writes;   /* them; else it reads */
	const struct qga_virtio_dma *dma;
};

struct virtq {
	/* Shared with the device. */
	volatile struct virtq_desc *desc;
	volatile struct virtq_avail *avail;
	volatile struct virtq_used *used;

	/* Our own book-keeping. */
	struct virtq_memory memory;
	struct qga_virtio_queue queue;
	uint16_t avail_idx;            /* next entry we fill */
	uint16_t published;            /* avail.idx as the device may see it */
	uint16_t used_idx;             /* next entry we take */
	uint16_t next_id;              /* has been gone longest, so likely to be back */
	bool in_flight[QGA_VIRTQ_MAX]; /* by id: the device's until taken */
};

enum {
	VIRTQ_NONE = 0,
	VIRTQ_TAKEN = 1,
	VIRTQ_VIOLATION = -1
};

/*
 * Makes a ring of q->queue.size entries in q->memory; all of *q but these two is zero; at most
 * as many buffers as entries. Those that the device writes are all offered, and published: it sees
 * them when it starts. Fills in the addresses of q->queue; returns 0, or
 * QGA_VIRTIO_FAULT_DMA_ADDRESS.
 */
int qga_virtq_init(struct virtq *q);

/* Mostly it is: what the others need is out of the way. */
static inline bool qga_virtq_is_coherent(const struct virtq *q)
{
	return !QGA_WITH_DMA || __builtin_expect(q->memory.dma == NULL, true);
}

static inline uint8_t *qga_virtq_buffer(const struct virtq *q, unsigned id)
{
	return q->memory.buffers + (size_t)id * q->memory.buffer_size;
}

static inline unsigned qga_virtq_slot(const struct virtq *q, uint16_t idx)
{
	return idx & (q->queue.size - 1u);
}

/* A buffer that is ours, or -1 if the device has them all. */
int qga_virtq_free(const struct virtq *q);

/* How many buffers the device has. */
static inline unsigned qga_virtq_in_flight(const struct virtq *q)
{
	return (uint16_t)(q->avail_idx - q->used_idx);
}

/* How many were given that the device cannot see yet. */
static inline unsigned qga_virtq_unpublished(const struct virtq *q)
{
	return (uint16_t)(q->avail_idx - q->published);
}

/* Before a look at what a device wrote that is not coherent with our caches. */
void qga_virtq_invalidate(const struct virtq *q, const volatile void *memory, size_t size);
/* The same for what the device wrote into a buffer, if it did, */
void qga_virtq_invalidate_buffer(const struct virtq *q, unsigned id, uint32_t len);
/* and for the entries of the used ring that were not taken yet and lie before `end`. */
void qga_virtq_invalidate_entries(const struct virtq *q, uint16_t end);

/* How far the device says that it is. */
static inline uint16_t qga_virtq_used_idx(const struct virtq *q)
{
	if (!qga_virtq_is_coherent(q))
		qga_virtq_invalidate(q, q->used, sizeof(*q->used));
	return q->used->idx;
}

/* The device has used something that was not taken yet, or claims so. */
static inline bool qga_virtq_has_news(const struct virtq *q)
{
	return qga_virtq_used_idx(q) != q->used_idx;
}

/* Gives the device a whole buffer to write, or the first len bytes of one to read. */
void qga_virtq_offer(struct virtq *q, unsigned id);
void qga_virtq_send(struct virtq *q, unsigned id, uint32_t len);

/*
 * Lets the device see all that was given since the last time. Returns true if it should be
 * notified. *ran_empty says whether it had used up everything before, so that it may be waiting for
 * us.
 */
bool qga_virtq_publish(struct virtq *q, bool *ran_empty);

/* Reads how far the device is into *end; VIRTQ_VIOLATION if it claims more than it was given. */
static inline int qga_virtq_poll(const struct virtq *q, uint16_t *end)
{
	uint16_t idx = qga_virtq_used_idx(q);

	/* At most what was published and not yet taken can have been used since. */
	if ((uint16_t)(idx - q->used_idx) > (uint16_t)(q->published - q->used_idx))
		return VIRTQ_VIOLATION;
	barrier_before_entries();
	*end = idx;
	if (!qga_virtq_is_coherent(q))
		qga_virtq_invalidate_entries(q, idx);
	return VIRTQ_NONE;
}

/*
 * Takes the next buffer back, if it lies before `end` (from qga_virtq_poll()): id and the number of
 * bytes the device wrote, at most those it was offered.
 */
static inline int qga_virtq_take(struct virtq *q, uint16_t end, unsigned *id, uint32_t *len)
{
	volatile struct virtq_used_elem *used;
	uint32_t used_id, used_len;

	if (q->used_idx == end)
		return VIRTQ_NONE;
	used = &q->used->ring[qga_virtq_slot(q, q->used_idx)];
	used_id = used->id;
	used_len = used->len;
	/* Buffers that do not exist are never in flight. */
	if (used_id >= QGA_VIRTQ_MAX || !q->in_flight[used_id])
		return VIRTQ_VIOLATION;
	q->in_flight[used_id] = false;
	q->used_idx++;
	*id = used_id;
	/* A friendly device, too, counts bytes that it did not have room for (QEMU, PORT_NAME). */
	*len = used_len < q->memory.buffer_size ? used_len : q->memory.buffer_size;
	if (!qga_virtq_is_coherent(q))
		qga_virtq_invalidate_buffer(q, used_id, *len);
	return VIRTQ_TAKEN;
}

/* Takes back all that has been used, unread. VIRTQ_VIOLATION: what the device says of it is not true. */
int qga_virtq_reclaim(struct virtq *q);

/*
 * Asks for an interrupt with each completion, or for none. After asking for them the caller must
 * look once more (qga_virtq_poll()) before it waits: what came before was not announced.
 */
void qga_virtq_interrupts(struct virtq *q, bool on);

/*
 * With EVENT_IDX (2.7.7) in place of it: asks for an interrupt when the device uses what comes at `idx`
 * of the used ring. As above: look once more.
 */
void qga_virtq_interrupt_at(struct virtq *q, uint16_t idx);

#endif
