/* SPDX-License-Identifier: MIT */
/* test_virtio_rtc.c - the virtio clock's driver, and devices that answer late, wrongly or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "virtio/virtio_rtc.h"

#define UTC_NS INT64_C(1795900000123456789)

/* --- A device: answers a request when it is notified, as it was told to --- */

static struct {
	uint8_t status;
	struct qga_virtio_queue queue;
	uint16_t taken; /* requests, of those that are available */
	unsigned resets, notified;
	const uint8_t *types; /* of its clocks */
	uint16_t clocks;
	bool deaf;         /* it does not look */
	uint8_t refuses;   /* status of an answer to READ */
	uint32_t wrong_id; /* that is added to what it says to have used */
	uint16_t ahead;    /* so many more than it has used */
	uint32_t id;       /* of devices */
	int fault;         /* of its registers */
	bool stuck;        /* it does not end a reset */
	int entries;       /* of its queue */
	unsigned answers;  /* so many, then it is deaf */
	uint64_t later;    /* that is added to the time */
} fake;

static int probe(struct qga_virtio_device *device)
{
	device->id = fake.id;
	return fake.fault;
}

static uint32_t features(struct qga_virtio_device *device, unsigned word)
{
	(void)device;
	return word == 1;
}

static void accept(struct qga_virtio_device *device, unsigned word, uint32_t value)
{
	(void)device;
	assert_int_equal(value, word == 1);
}

static uint8_t status(struct qga_virtio_device *device)
{
	(void)device;
	return fake.stuck ? 1 : fake.status;
}

static void set_status(struct qga_virtio_device *device, uint8_t value)
{
	(void)device;
	fake.resets += value == 0;
	fake.status = value;
}

static int queue_max(struct qga_virtio_device *device, unsigned index)
{
	(void)device;
	return index == 0 ? fake.entries : 0;
}

static int queue(struct qga_virtio_device *device, struct qga_virtio_queue *set)
{
	(void)device;
	fake.queue = *set;
	fake.taken = 0;
	return 0;
}

static __attribute__((aligned(QGA_VIRTIO_ALIGN))) uint8_t memory[QGA_VIRTIO_RTC_MEMORY];

static void answer(const uint16_t *request, uint64_t *reply)
{
	uint8_t said = 0;

	reply[1] = UINT64_MAX;
	if (request[0] == 0x1000)
		reply[1] = UINT64_C(0xabcd0000) | fake.clocks;
	else if (request[0] == 0x1001 && request[4] < fake.clocks)
		reply[1] = UINT64_C(0xabcd00) | fake.types[request[4]];
	else if (request[0] == 0x0001 && request[4] < fake.clocks)
		reply[1] = UTC_NS + request[4] + fake.later;
	else
		said = 3;
	reply[0] = request[0] == 1 && fake.refuses ? fake.refuses : said;
}

static void work(void)
{
	struct virtq_desc *desc = (void *)(uintptr_t)fake.queue.desc;
	struct virtq_avail *avail = (void *)(uintptr_t)fake.queue.driver;
	struct virtq_used *used = (void *)(uintptr_t)fake.queue.device;

	for (; fake.taken != avail->idx; fake.taken++) {
		const struct virtq_desc *head = &desc[avail->ring[fake.taken % fake.queue.size]];
		const struct virtq_desc *reply = &desc[head->next];

		assert_in_range(head->addr, (uintptr_t)memory,
		                (uintptr_t)memory + sizeof memory - 32);
		assert_int_equal(head->len, 16);
		assert_int_equal(head->flags, VIRTQ_DESC_F_NEXT);
		assert_int_equal(reply->len, 16);
		assert_int_equal(reply->flags, VIRTQ_DESC_F_WRITE);
		answer((const uint16_t *)(uintptr_t)head->addr, (uint64_t *)(uintptr_t)reply->addr);
		used->ring[fake.taken % fake.queue.size] =
			(struct virtq_used_elem){(uint32_t)(head - desc) + fake.wrong_id, 16};
	}
	used->idx = (uint16_t)(fake.taken + fake.ahead);
}

static void notify(struct qga_virtio_device *device, const struct qga_virtio_queue *set)
{
	(void)device;
	(void)set;
	fake.notified++;
	if (!fake.deaf && fake.notified <= fake.answers)
		work();
}

static const struct qga_virtio_bus bus = {
	.probe = probe,
	.features = features,
	.accept = accept,
	.status = status,
	.set_status = set_status,
	.queue_max = queue_max,
	.queue = queue,
	.notify = notify,
};

static struct qga_virtio_device device;
static struct qga_virtio_rtc rtc;

static void plug(const uint8_t *types, uint16_t clocks)
{
	memset(&fake, 0, sizeof fake);
	memset(memory, 0xa5, sizeof memory);
	fake.types = types;
	fake.clocks = clocks;
	fake.id = VIRTIO_ID_RTC;
	fake.entries = 64;
	fake.answers = UINT32_MAX;
	device = (struct qga_virtio_device){.bus = &bus};
}

static int start(const uint8_t *types, uint16_t clocks)
{
	plug(types, clocks);
	return qga_virtio_rtc_start(&rtc, &device, memory);
}

static void test_reads(void **state)
{
	int64_t ns;

	(void)state;
	assert_int_equal(start((const uint8_t[]){0}, 1), 0);
	for (int i = 0; i < 100; i++) {
		ns = 0;
		assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), 0);
		assert_true(ns == UTC_NS);
	}
	assert_int_equal(fake.notified, 102);
	fake.refuses = 4;
	assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), -1);
}

/* TAI and a monotonic clock first; none that would do; more of them than are looked at. */
static void test_which_clock(void **state)
{
	static const uint8_t types[] = {1, 2, 3}, many[200] = {[0 ... 199] = 2};
	int64_t ns;

	(void)state;
	assert_int_equal(start(types, 3), 0);
	assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), 0);
	assert_true(ns == UTC_NS + 2);
	assert_int_equal(start(types, 2), -1);
	assert_int_equal(fake.status, 0); /* it does not use our memory any more */
	assert_int_equal(start(many, 200), -1);
	assert_true(fake.notified < 20);
	assert_int_equal(start(types, 0), -1);
	/* None: it is not even asked, whatever stands beside the number. */
	assert_int_equal(fake.notified, 1);
	assert_int_equal(start((const uint8_t[]){4}, 1), 0); /* smeared, perhaps */
}

/* Another device, one that is none, and such as cannot be used: each is left as it was, or reset. */
static void test_unfit(void **state)
{
	static const uint8_t utc[] = {0};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		plug(utc, 1);
		fake.id = i == 0 ? VIRTIO_ID_NET : VIRTIO_ID_RTC;
		fake.fault = i == 1 ? QGA_VIRTIO_FAULT_VERSION : 0;
		fake.stuck = i == 2;
		fake.entries = i == 3 ? 2 : 64;
		fake.answers = i - 4; /* of 4: none; of 5: one; else all */
		assert_int_equal(qga_virtio_rtc_start(&rtc, &device, memory), -1);
		assert_int_equal(fake.status, 0);
		assert_int_equal(fake.resets, i < 2 ? 0 : 2);
		assert_int_equal(fake.notified, i < 4 ? 0 : i - 3);
	}
}

/* It looks by itself, and says that it need not be told; a time that is not of this world is none. */
static void test_not_told(void **state)
{
	int64_t ns;

	(void)state;
	assert_int_equal(start((const uint8_t[]){0}, 1), 0);
	assert_int_equal(fake.notified, 2);
	((struct virtq_used *)(uintptr_t)fake.queue.device)->flags = VIRTQ_USED_F_NO_NOTIFY;
	assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), -1);
	assert_int_equal(fake.notified, 2);
	((struct virtq_used *)(uintptr_t)fake.queue.device)->flags = 0;
	work(); /* it has looked */
	assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), 0);
	assert_true(ns == UTC_NS);
	fake.later = (uint64_t)INT64_MAX - UTC_NS;
	assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), 0);
	assert_true(ns == INT64_MAX);
	fake.later++;
	assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), -1);
}

/* Late: not another request before the answer has come; then that is not taken for the next one's. */
static void test_late(void **state)
{
	unsigned notified;
	int64_t ns;

	(void)state;
	assert_int_equal(start((const uint8_t[]){0}, 1), 0);
	fake.deaf = true;
	notified = fake.notified;
	assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), -1);
	assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), -1);
	assert_int_equal(fake.notified, notified + 1);
	fake.deaf = false;
	work();
	assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), 0);
	assert_true(ns == UTC_NS);
}

static unsigned looks; /* at the ring, until the answer is there */

static void look(void *context, const volatile void *at, size_t size)
{
	(void)context, (void)at, (void)size;
	if (looks > 0 && --looks == 0)
		work();
}

/* It is looked for more than once. */
static void test_answers_meanwhile(void **state)
{
	static const struct qga_virtio_dma dma = {.invalidate = look};
	int64_t ns = 0;

	(void)state;
	assert_int_equal(start((const uint8_t[]){0}, 1), 0);
	fake.deaf = true;
	rtc.q.memory.dma = &dma;
	looks = 100;
	assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), 0);
	assert_true(ns == UTC_NS);
}

/* It says to have used what it was not given: never believed again. */
static void test_lies(void **state)
{
	int64_t ns;

	(void)state;
	assert_int_equal(start((const uint8_t[]){0}, 1), 0);
	fake.wrong_id = 77;
	for (int i = 0; i < 3; i++)
		assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), -1);
	assert_int_equal(start((const uint8_t[]){0}, 1), 0);
	fake.ahead = 1000;
	for (int i = 0; i < 3; i++)
		assert_int_equal(qga_virtio_rtc_get(&rtc, &ns), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads), cmocka_unit_test(test_which_clock),
		cmocka_unit_test(test_unfit), cmocka_unit_test(test_not_told),
		cmocka_unit_test(test_late),  cmocka_unit_test(test_answers_meanwhile),
		cmocka_unit_test(test_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
