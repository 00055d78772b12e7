/* SPDX-License-Identifier: MIT */
/* test_virtio_parts.c - a ring, a device and the mmio bus by themselves, at the edges of what they bear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "virtio/virtio_device.h"
#include "virtio/virtio_mmio.h"

#include "register_memory.h"

/* --- A device --- */

static struct {
	unsigned looks; /* at the status since it was written */
	unsigned slow;  /* looks until a reset is done */
	uint8_t status; /* last written */
	int queue_max;
	unsigned moves; /* reads of the configuration that find it changed */
	uint32_t generation, config[2];
	unsigned reads;
} fake;

static int probe(struct qga_virtio_device *device)
{
	(void)device;
	return QGA_VIRTIO_FAULT_NO_DEVICE;
}

static uint8_t status(struct qga_virtio_device *device)
{
	(void)device;
	return ++fake.looks >= fake.slow ? fake.status : 0xff;
}

static void set_status(struct qga_virtio_device *device, uint8_t value)
{
	(void)device;
	fake.looks = 0;
	fake.status = value;
}

static int queue_max(struct qga_virtio_device *device, unsigned index)
{
	(void)device;
	(void)index;
	return fake.queue_max;
}

static int queue(struct qga_virtio_device *device, struct qga_virtio_queue *set)
{
	(void)device;
	(void)set;
	return 0;
}

static uint32_t generation(struct qga_virtio_device *device)
{
	(void)device;
	return fake.generation;
}

static uint32_t config(struct qga_virtio_device *device, unsigned offset, unsigned width)
{
	(void)device;
	assert_int_equal(width, 4);
	fake.reads++;
	if (fake.moves > 0) {
		fake.moves--;
		fake.generation++;
		fake.config[0]++;
		fake.config[1]++;
	}
	return fake.config[offset / 4];
}

static const struct qga_virtio_bus bus = {.probe = probe,
                                          .status = status,
                                          .set_status = set_status,
                                          .queue_max = queue_max,
                                          .queue = queue,
                                          .generation = generation,
                                          .config = config};
static struct qga_virtio_device device;
static _Alignas(QGA_VIRTIO_ALIGN) uint8_t area[1 << 16];

static int begin(void **state)
{
	(void)state;
	memset(&fake, 0, sizeof(fake));
	device = (struct qga_virtio_device){.bus = &bus};
	return 0;
}

/* A reset is waited for so long, and then it has failed; nothing of the status is left. */
static void a_slow_reset(void **state)
{
	(void)state;
	device.status = 0xf;
	fake.slow = 1000;
	assert_true(qga_virtio_reset(&device));
	assert_int_equal(device.status, 0);
	assert_int_equal(fake.looks, 1000);
	fake.slow = 1001;
	assert_false(qga_virtio_reset(&device));
	assert_int_equal(fake.looks, 1000);
}

static void a_probe_that_fails(void **state)
{
	(void)state;
	device.id = 3;
	assert_int_equal(qga_virtio_probe(&device), QGA_VIRTIO_FAULT_NO_DEVICE);
	assert_int_equal(device.id, 0);
}

/* As few entries as will do, to the last that the device allows; of more buffers the first are used. */
static void entries_of_a_ring(void **state)
{
	static const struct {
		int max;
		unsigned count, descs;
		int entries; /* a fault, if negative */
		unsigned used;
	} rows[] = {
		{8, 8, 1, 8, 8},
		{8, 9, 1, 8, 8},
		{8, 5, 1, 8, 5},
		{8, 4, 1, 4, 4},
		{16, 8, 2, 16, 8},
		{15, 8, 1, 8, 8},
		{8, 8, 2, 8, 4},
		{256, 3, 1, 4, 3},
		{4, 4, 1, 4, 4},
		{7, 8, 1, 4, 4},
		{4, 2, 1, 4, 2},
		{4, 8, 2, 4, 2},
		{3, 1, 1, QGA_VIRTIO_FAULT_QUEUE_SMALL, 0},
		{QGA_VIRTIO_FAULT_QUEUE_BUSY, 1, 1, QGA_VIRTIO_FAULT_QUEUE_BUSY, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct virtq q = {.memory = {.count = (uint16_t)rows[i].count, .buffer_size = 64}};
		struct qga_virtio_rest rest = {area, area + sizeof(area)};
		int result;

		fake.queue_max = rows[i].max;
		result = qga_virtio_carve(&device, &rest, &q, rows[i].descs);
		assert_int_equal(result, rows[i].entries < 0 ? rows[i].entries : 0);
		if (result < 0)
			continue;
		if (q.queue.size != rows[i].entries || q.memory.count != rows[i].used)
			fail_msg("row %zu: %d entries for %d", i, q.queue.size, q.memory.count);
	}
}

/* Two halves of one number: read again until nothing has changed in between, but not for ever. */
static void a_number_that_changes(void **state)
{
	(void)state;
	for (unsigned moves = 0; moves < 4; moves++) {
		fake.config[0] = fake.config[1] = 10;
		fake.moves = moves;
		fake.reads = 0;
		assert_true(qga_virtio_config64(&device, 0) ==
		            (10 + moves) * UINT64_C(0x100000001));
		assert_int_equal(fake.reads, 2 + 2 * ((moves + 1) / 2));
	}
	fake.moves = 1000;
	fake.reads = 0;
	qga_virtio_config64(&device, 0);
	assert_int_equal(fake.reads, 16);
}

/* --- A ring --- */

static const uint8_t *cleaned_from, *cleaned_to; /* of the buffers */
static unsigned cleaned;

static void clean(void *context, const volatile void *memory_, size_t size)
{
	const volatile uint8_t *p = memory_;

	(void)context;
	if (p >= cleaned_from && p < cleaned_to) {
		cleaned++;
		assert_true(p == cleaned_from && size == (size_t)(cleaned_to - cleaned_from));
	}
}

static struct virtq ring(const struct qga_virtio_dma *dma, bool writes, uint16_t count)
{
	struct virtq q = {.memory = {.ring = area,
	                             .buffers = area + 8192,
	                             .count = count,
	                             .buffer_size = 64,
	                             .device_writes = writes,
	                             .dma = dma},
	                  .queue = {.size = 8}};

	cleaned_from = area + 8192;
	cleaned_to = cleaned_from + 64 * count;
	cleaned = 0;
	assert_int_equal(qga_virtq_init(&q), 0);
	return q;
}

/* Buffers that the device writes leave the cache, where there is one to leave; others need not. */
static void what_is_cleaned(void **state)
{
	static const struct qga_virtio_dma dma = {.clean = clean};

	(void)state;
	ring(NULL, true, 4);
	ring(NULL, false, 4);
	assert_int_equal(cleaned, 0);
	ring(&dma, false, 4);
	assert_int_equal(cleaned, 0);
	ring(&dma, true, 4);
	assert_int_equal(cleaned, 1);
}

/* The one that is free is found wherever it is, and whichever was used last. */
static void the_free_one(void **state)
{
	(void)state;
	for (unsigned free = 0; free < 4; free++)
		for (unsigned next = 0; next < 4; next++) {
			struct virtq q = ring(NULL, false, 4);

			for (unsigned id = 0; id < 4; id++)
				if (id != free)
					qga_virtq_send(&q, id, 1);
			q.next_id = (uint16_t)next;
			assert_int_equal(qga_virtq_free(&q), free);
			qga_virtq_send(&q, free, 1);
			assert_int_equal(qga_virtq_free(&q), -1);
		}
}

/* --- virtio-mmio --- */

static struct qga_virtio_device slot(uint32_t version, uint32_t id)
{
	set_up(NULL);
	memcpy(memory, "virt", 4);
	memcpy(memory + 4, &version, 4);
	memcpy(memory + 8, &id, 4);
	return (struct qga_virtio_device){.bus = &qga_virtio_mmio, .base = BASE};
}

/* An empty slot is no fault; the vendor of one is not even read. */
static void an_empty_slot(void **state)
{
	struct qga_virtio_device empty = slot(2, 0);

	(void)state;
	assert_int_equal(qga_virtio_probe(&empty), 0);
	assert_int_equal(empty.id, 0);
	ACCESSES({'R', 0, 0x74726976}, {'R', 4, 2}, {'R', 8, 0});
	empty = slot(2, 3);
	assert_int_equal(qga_virtio_probe(&empty), 0);
	assert_int_equal(empty.id, 3);
}

/* A legacy device is told a page's number, of 32 bits. */
static void the_last_page(void **state)
{
	struct qga_virtio_device legacy = slot(1, 3);
	struct qga_virtio_queue set = {.desc = UINT64_C(0xffffffff) * QGA_VIRTIO_ALIGN, .size = 8};

	(void)state;
	assert_int_equal(qga_virtio_probe(&legacy), 0);
	assert_int_equal(legacy.bus->queue(&legacy, &set), 0);
	set.desc += QGA_VIRTIO_ALIGN;
	assert_int_equal(legacy.bus->queue(&legacy, &set), QGA_VIRTIO_FAULT_TOO_HIGH);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, begin)
	const struct CMUnitTest tests[] = {
		TEST(a_slow_reset),          TEST(a_probe_that_fails), TEST(entries_of_a_ring),
		TEST(a_number_that_changes), TEST(what_is_cleaned),    TEST(the_free_one),
		TEST(an_empty_slot),         TEST(the_last_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
