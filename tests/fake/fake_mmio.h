/* SPDX-License-Identifier: MIT */
/*
 * fake_mmio.h - the registers and rings of any virtio device behind virtio-mmio, of both versions.
 *
 * What a careful device would object to (a register in the wrong state, an address outside the memory
 * that it was given, a queue that it does not have) ends the test with a sentence. A device has this
 * as its first member, and says in struct fake_mmio_ops what it is of itself.
 */
#ifndef FAKE_MMIO_H
#define FAKE_MMIO_H

#include <stdbool.h>

#include "registers.h"

#define FAKE_QUEUES 82

struct fake_queue {
	uint32_t num, align, pfn, ready;
	uint64_t desc, avail, used;
	uint16_t next; /* entry of the available ring we look at next */
	bool notified;
};

struct fake_mmio;

struct fake_mmio_ops {
	unsigned (*queues)(const struct fake_mmio *mmio); /* how many it has */
	void (*reset)(struct fake_mmio *mmio);            /* with its registers */
	void (*notified)(struct fake_mmio *mmio);         /* a queue is; NULL: it looks by itself */
	uint32_t (*config)(const struct fake_mmio *mmio, unsigned offset); /* from 0 on */
};

struct fake_mmio {
	struct registers registers;
	const struct fake_mmio_ops *ops;

	/* What it is. */
	uint32_t version, vendor, device_id, features, features_high, queue_max;
	bool steps;          /* insists on Status being written step by step (Firecracker) */
	bool all_queues;     /* and on all of its queues (Firecracker) */
	bool fixed_num;      /* ignores QueueNum (kvmtool) */
	bool no_reset;       /* cannot be reset once it runs (Firecracker) */
	bool halts;          /* does nothing any more once it is broken */
	bool stuck;          /* a reset never ends */
	bool refuses;        /* does not take FEATURES_OK */
	unsigned busy_queue; /* in use after a reset; 0: none */
	bool lies;           /* breaks rules, and so expects no reason in what it hears */
	uint8_t *memory;     /* which the guest may give it, */
	uint64_t memory_size;
	uint64_t memory_address; /* and where it is seen */

	/* Changes while it runs. */
	uint32_t status, features_sel, driver_sel, accepted[2], page_size, queue_sel, isr;
	uint32_t generation; /* of its configuration */
	unsigned resets, notifications, interrupts;
	bool any_notified; /* of the queues */
	struct fake_queue queues[FAKE_QUEUES];
};

/* Attaches registers at `base`; all else of *mmio is zero, and the caller's to set. */
void fake_mmio_set_up(struct fake_mmio *mmio, const struct fake_mmio_ops *ops, uintptr_t base,
                      unsigned version, uint32_t device_id);
void fake_mmio_memory(struct fake_mmio *mmio, void *memory, size_t size, uint64_t address);

/* Ends the test. */
void fake_object(const char *sentence, unsigned value) __attribute__((noreturn));

/* Memory of the guest. */
void *fake_mmio_at(const struct fake_mmio *mmio, uint64_t address, uint64_t len);
uint16_t fake_mmio_get16(const struct fake_mmio *mmio, uint64_t address);

/* It may use its queues: the driver has said so, and neither has given up. */
bool fake_mmio_is_live(const struct fake_mmio *mmio);

/* The first descriptor that is available, which stays the guest's until `next` goes on; -1: there is none. */
int fake_mmio_peek(const struct fake_mmio *mmio, unsigned queue);

/* What a descriptor says. */
struct fake_desc {
	uint8_t *data;
	uint32_t len;
	uint16_t flags, next;
};
struct fake_desc fake_mmio_desc(const struct fake_mmio *mmio, unsigned queue, uint16_t id);

/* A completion of any kind, also for devices that break the rules. */
void fake_mmio_complete(struct fake_mmio *mmio, unsigned queue, uint32_t id, uint32_t len);

/* It cannot go on, and says so (2.1.2). */
void fake_mmio_break(struct fake_mmio *mmio);

#endif
