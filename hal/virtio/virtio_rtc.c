/* SPDX-License-Identifier: MIT */
/* virtio_rtc.c - see virtio_rtc.h. */
#include "virtio_rtc.h"

#include <string.h>

enum rtc_request {
	RTC_REQ_READ = 0x0001,
	RTC_REQ_CFG = 0x1000,
	RTC_REQ_CLOCK_CAP = 0x1001,
};

enum rtc_clock {
	RTC_CLOCK_UTC = 0,
	RTC_CLOCK_UTC_SMEARED = 3,
	RTC_CLOCK_UTC_MAYBE_SMEARED = 4,
};

#define RTC_STATUS_OK 0

/* Clocks that are looked at. */
#define CLOCKS_MAX 8

/* Looks at a device that does not answer: mostly some dozens will do, but a busy host takes its time. */
#define PATIENCE 10000000

struct request {
	uint16_t type;
	uint16_t reserved[3];
	uint16_t clock;
	uint16_t reserved_too[3];
};
static_assert(sizeof(struct request) == VIRTIO_RTC_REQUEST, "5.23.6");

struct answer {
	uint8_t status;
	uint8_t reserved[7];
	uint64_t value; /* or less, and then the rest is reserved: little endian */
};
static_assert(sizeof(struct answer) == VIRTIO_RTC_ANSWER, "5.23.6");

/* One descriptor for what the device reads, and the next for what it writes. */
static void split(struct virtq *q)
{
	q->desc[1].addr = q->desc[0].addr + VIRTIO_RTC_REQUEST;
	q->desc[1].len = VIRTIO_RTC_ANSWER;
	q->desc[1].flags = VIRTQ_DESC_F_WRITE;
	q->desc[0].flags = VIRTQ_DESC_F_NEXT;
	q->desc[0].next = 1;
}

/* The answer to the request that is under way; false: there is none. */
static bool wait_for_answer(struct virtq *q)
{
	uint16_t end;
	unsigned id;
	uint32_t len;

	for (unsigned i = 0; i < PATIENCE; i++) {
		if (!qga_virtq_has_news(q))
			continue;
		return qga_virtq_poll(q, &end) == VIRTQ_NONE &&
		       qga_virtq_take(q, end, &id, &len) == VIRTQ_TAKEN;
	}
	return false;
}

static bool ask(struct qga_virtio_rtc *rtc, enum rtc_request type, uint16_t clock, uint64_t *value)
{
	struct request request = {.type = (uint16_t)type, .clock = clock};
	struct virtq *q = &rtc->q;
	struct answer answer;
	bool ran_empty;

	/* An old request; its answer is of no use any more. */
	if (qga_virtq_in_flight(q) > 0 && !wait_for_answer(q))
		return false;
	memcpy(qga_virtq_buffer(q, 0), &request, sizeof(request));
	memset(qga_virtq_buffer(q, 0) + sizeof(request), 0xff,
	       sizeof(answer)); /* no status there is */
	qga_virtq_send(q, 0, VIRTIO_RTC_REQUEST);
	if (qga_virtq_publish(q, &ran_empty))
		qga_virtio_notify(rtc->device, q);
	if (!wait_for_answer(q))
		return false;
	memcpy(&answer, qga_virtq_buffer(q, 0) + sizeof(request), sizeof(answer));
	*value = answer.value;
	return answer.status == RTC_STATUS_OK;
}

static bool find_clock(struct qga_virtio_rtc *rtc)
{
	uint64_t clocks, type;

	if (!ask(rtc, RTC_REQ_CFG, 0, &clocks))
		return false;
	clocks &= UINT16_MAX;
	for (; rtc->clock < clocks && rtc->clock < CLOCKS_MAX; rtc->clock++) {
		if (!ask(rtc, RTC_REQ_CLOCK_CAP, rtc->clock, &type))
			return false;
		type &= UINT8_MAX;
		if (type == RTC_CLOCK_UTC || type == RTC_CLOCK_UTC_SMEARED ||
		    type == RTC_CLOCK_UTC_MAYBE_SMEARED)
			return true;
	}
	return false;
}

int qga_virtio_rtc_start(struct qga_virtio_rtc *rtc, struct qga_virtio_device *device, void *memory)
{
	struct qga_virtio_rest rest = {memory, (uint8_t *)memory + QGA_VIRTIO_RTC_MEMORY};
	uint64_t features;

	memset(rtc, 0, sizeof(*rtc));
	if (qga_virtio_probe(device) != 0 || device->id != VIRTIO_ID_RTC)
		return -1;
	rtc->device = device;
	rtc->q.memory.count = 1;
	rtc->q.memory.buffer_size = VIRTIO_RTC_REQUEST + VIRTIO_RTC_ANSWER;
	if (qga_virtio_start(device, 0, &features) == 0 &&
	    qga_virtio_carve(device, &rest, &rtc->q, 2) == 0) {
		split(&rtc->q);
		qga_virtq_interrupts(&rtc->q, false);
		qga_virtio_driver_ok(device);
		if (find_clock(rtc))
			return 0;
	}
	qga_virtio_fail(device);
	(void)qga_virtio_reset(device);
	return -1;
}

int qga_virtio_rtc_get(struct qga_virtio_rtc *rtc, int64_t *ns)
{
	uint64_t value;

	if (!ask(rtc, RTC_REQ_READ, rtc->clock, &value) || value > INT64_MAX)
		return -1;
	*ns = (int64_t)value;
	return 0;
}
