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
 * Left out on purpose: chains, indirect descriptors, EVENT_IDX, packed rings (nothing gained for
 * buffers of one piece), and registers (virtio_mmio.h).
 */
#ifndef BAREQGA_VIRTIO_VIRTQUEUE_H
#define BAREQGA_VIRTIO_VIRTQUEUE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most entries of a ring. 128 is what a device needs that ignores QueueNum (kvmtool). */
#ifndef VIRTQ_MAX
#define VIRTQ_MAX 128
#endif

/* Fewest: with less a device could not say at once what there is to say about a port. */
#define VIRTQ_MIN 4

/*
 * Ring memory starts on this many bytes: the smallest page in which a legacy device can be told
 * its place. The used ring starts on a cache line within it.
 */
#define VIRTQ_ALIGN      512
#define VIRTQ_USED_ALIGN 64

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

/* Bytes before the used ring, and of the whole ring of n entries; constant expressions. */
#define VIRTQ_USED_OFFSET(n) \
	((16u * (n) + 6 + 2 * (n) + VIRTQ_USED_ALIGN - 1) / VIRTQ_USED_ALIGN * VIRTQ_USED_ALIGN)
#define VIRTQ_BYTES(n) \
	((VIRTQ_USED_OFFSET(n) + 6 + 8 * (n) + VIRTQ_ALIGN - 1) / VIRTQ_ALIGN * VIRTQ_ALIGN)

/* What the caller gives a queue: memory, which stays the queue's until the device is reset. */
struct virtq_memory {
	void *ring;           /* VIRTQ_BYTES(capacity), VIRTQ_ALIGN-aligned */
	uint16_t capacity;    /* entries it can hold, a power of two, VIRTQ_MIN..VIRTQ_MAX */
	uint16_t count;       /* buffers, 1..capacity */
	uint32_t buffer_size; /* bytes of each */
	uint8_t *buffers;     /* count * buffer_size */
	bool device_writes;   /* them; else it reads */
	uint64_t dma_offset;  /* the device's address of a byte is ours plus this */
};

struct virtq {
	/* Shared with the device. */
	volatile struct virtq_desc *desc;
	volatile struct virtq_avail *avail;
	volatile struct virtq_used *used;

	/* Our own book-keeping. */
	struct virtq_memory memory;
	uint16_t size;             /* entries of the ring */
	uint16_t avail_idx;        /* next entry we fill */
	uint16_t published;        /* avail.idx as the device may see it */
	uint16_t used_idx;         /* next entry we take */
	uint16_t last_id;          /* taken last, so likely to be free */
	bool in_flight[VIRTQ_MAX]; /* by id: the device's until taken */
};

enum {
	VIRTQ_NONE = 0,
	VIRTQ_TAKEN = 1,
	VIRTQ_VIOLATION = -1
};

/*
 * Makes a ring of `size` entries (a power of two <= capacity) in q->memory, the rest of *q being
 * zero. Buffers that the device writes are all offered, and published: it sees them when it starts.
 */
void qga_virtq_init(struct virtq *q, unsigned size);

/* The device's addresses of the three parts. */
uint64_t qga_virtq_desc_addr(const struct virtq *q);
uint64_t qga_virtq_avail_addr(const struct virtq *q);
uint64_t qga_virtq_used_addr(const struct virtq *q);

static inline uint8_t *qga_virtq_buffer(const struct virtq *q, unsigned id)
{
	return q->memory.buffers + (size_t)id * q->memory.buffer_size;
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

/* The device has used something that was not taken yet, or claims so. */
static inline bool qga_virtq_has_news(const struct virtq *q)
{
	return q->used->idx != q->used_idx;
}

/* Gives the device a whole buffer to write, or the first len bytes of one to read. */
void qga_virtq_offer(struct virtq *q, unsigned id);
void qga_virtq_send(struct virtq *q, unsigned id, uint32_t len);

/*
 * Lets the device see all that was given since the last time. Returns true if it should be
 * notified. *ran_empty (may be NULL) says whether it had used up everything before, so that
 * it may be waiting for us.
 */
bool qga_virtq_publish(struct virtq *q, bool *ran_empty);

/* Reads how far the device is into *end; VIRTQ_VIOLATION if it claims more than it was given. */
int qga_virtq_poll(const struct virtq *q, uint16_t *end);

/*
 * Takes the next buffer back, if it lies before `end` (from qga_virtq_poll()): id and the number of
 * bytes the device wrote, at most those it was offered.
 */
int qga_virtq_take(struct virtq *q, uint16_t end, unsigned *id, uint32_t *len);

/*
 * Asks for an interrupt with each completion, or for none. After asking for them the caller must
 * look once more (qga_virtq_poll()) before it waits: what came before was not announced.
 */
void qga_virtq_interrupts(struct virtq *q, bool on);

#endif
