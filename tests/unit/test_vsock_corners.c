/* SPDX-License-Identifier: MIT */
/* The socket device's driver where two things meet: half an answer and a reply, no room and a lie, ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vsock_rig_talk.h"

enum {
	RX,
	TX,
	EVENT
};

#define DATA   (VRIG_SIZE - 44) /* bytes that fit into a buffer */
#define CALLED 8888

static const struct qga_channel_ops *ops;

static struct vsock_rig *talking(void)
{
	struct vsock_rig *rig = vsock_rig_new();

	fake_vsock_qemu(&rig->fake, VRIG_BASE, 2);
	assert_true(vsock_rig_start(rig));
	ops = rig->vsock.channel.ops;
	vsock_rig_connect(rig, 50);
	vsock_rig_forget(rig);
	return rig;
}

/* Writes without a flush. */
static void put(struct vsock_rig *rig, const char *text)
{
	struct qga_channel *channel = &rig->vsock.channel;
	uint8_t *buf;

	assert_true(ops->tx_get(channel, &buf) >= strlen(text));
	memcpy(buf, text, strlen(text));
	ops->tx_put(channel, strlen(text));
}

/* --- Half an answer --- */

/* While it is being written something else is to be said: that goes first, in another buffer. */
static void test_reply_beside_half_an_answer(void **state)
{
	struct vsock_rig *rig = talking();

	(void)state;
	put(rig, "ha");
	vsock_rig_say(rig, 60, VSOCK_RW, 0, "?", 1);
	vsock_rig_say(rig, 61, VSOCK_RW, 0, "?", 1);
	ops->poll(&rig->vsock.channel);
	put(rig, "lf");
	ops->tx_flush(&rig->vsock.channel);
	fake_vsock_run(&rig->fake);
	assert_true(vsock_rig_hears(rig, 60, VSOCK_RST, NULL));
	assert_true(vsock_rig_hears(rig, 61, VSOCK_RST, NULL));
	assert_true(vsock_rig_hears(rig, 50, VSOCK_RW, NULL));
	assert_string_equal(rig->heard, "half");
	rig->forwarded += 4;
	assert_talks(rig, 50);
	vsock_rig_free(rig);
}

/* The device has all others: what is to be said waits, and comes when there is room. */
static void test_no_buffer_beside_half_an_answer(void **state)
{
	struct vsock_rig *rig = talking();
	char text[(VRIG_COUNT - 1) * DATA];

	(void)state;
	memset(text, 'x', sizeof(text));
	rig->fake.lazy = true;
	assert_int_equal(vsock_rig_write(rig, text, sizeof(text)), sizeof(text));
	put(rig, "half");
	vsock_rig_say(rig, 60, VSOCK_RW, 0, "?", 1);
	for (unsigned i = 0; i < 3; i++)
		ops->poll(&rig->vsock.channel);
	assert_int_equal(rig->fake.out_len, 0);
	rig->fake.mmio.isr = 0;
	rig->fake.lazy = false;
	fake_vsock_run(&rig->fake);
	assert_int_equal(rig->fake.mmio.isr, 1); /* it was asked to tell */
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_listen(rig), VSOCK_RST);
	assert_int_equal(vsock_rig_listen(rig), 0);
	assert_int_equal(rig->heard_len, sizeof(text) + 4);
	assert_memory_equal(rig->heard + sizeof(text), "half", 4);
	assert_talks(rig, 50);
	vsock_rig_free(rig);
}

/* What was written into room that was lent before a restart is nobody's. */
static void test_written_too_late(void **state)
{
	struct vsock_rig *rig = talking();
	struct qga_channel *channel = &rig->vsock.channel;
	uint8_t *buf;

	(void)state;
	assert_int_equal(ops->tx_get(channel, &buf), DATA);
	fake_mmio_complete(&rig->fake.mmio, RX, 99, 44);
	ops->poll(channel);
	ops->tx_put(channel, DATA);
	ops->tx_flush(channel);
	fake_vsock_run(&rig->fake);
	assert_int_equal(vsock_rig_listen(rig), VSOCK_RST);
	assert_int_equal(vsock_rig_listen(rig), 0);
	vsock_rig_settle(rig);
	vsock_rig_connect(rig, 51);
	assert_talks(rig, 51);
	vsock_rig_free(rig);
}

/* --- Lies --- */

/* There is no buffer left, and what comes back was never sent. */
static void test_no_room_and_a_lie(void **state)
{
	(void)state;
	for (unsigned told = 0; told < 2; told++) {
		struct vsock_rig *rig = talking();
		char text[VRIG_COUNT * DATA];
		unsigned resets = rig->fake.mmio.resets;

		if (!told)
			rig->config.debug = NULL;
		memset(text, 'x', sizeof(text));
		rig->fake.lazy = true;
		assert_int_equal(vsock_rig_write(rig, text, sizeof(text)), sizeof(text));
		fake_mmio_complete(&rig->fake.mmio, TX, 99, 0);
		assert_int_equal(vsock_rig_write(rig, "x", 1), 0);
		rig->fake.lazy = false;
		vsock_rig_settle(rig);
		assert_int_equal(rig->fake.mmio.resets, resets + 1);
		assert_string_equal(rig->received, ">");
		assert_string_equal(rig->sentences,
		                    told ? "virtio socket device broke the protocol and is reset\n"
		                         : "");
		assert_int_equal(vsock_rig_listen(rig), VSOCK_RST);
		vsock_rig_connect(rig, 51);
		assert_talks(rig, 51);
		vsock_rig_free(rig);
	}
}

/* It lies just when it is asked to tell of the next completion. */
static struct vsock_rig *lied_to;

static void lie(void *context, const volatile void *memory, size_t size)
{
	struct vsock_rig *rig = context;
	struct fake_queue *q = &rig->fake.mmio.queues[TX];

	(void)size;
	if (lied_to == rig && q->ready && memory == rig->memory + (q->avail - VRIG_ADDRESS) &&
	    (*(const volatile uint16_t *)memory & 1) == 0) {
		fake_mmio_complete(&rig->fake.mmio, TX, 99, 0);
		lied_to = NULL;
	}
}

static void test_lie_at_the_last_look(void **state)
{
	struct vsock_rig *rig = vsock_rig_new();
	char text[VRIG_COUNT * DATA];
	unsigned resets;

	(void)state;
	rig->dma.clean = lie;
	fake_vsock_qemu(&rig->fake, VRIG_BASE, 2);
	rig->fake.mmio.features &= ~(1u << 29); /* no EVENT_IDX: asked for by a flag */
	assert_true(vsock_rig_start(rig));
	ops = rig->vsock.channel.ops;
	vsock_rig_connect(rig, 50);
	resets = rig->fake.mmio.resets;
	memset(text, 'x', sizeof(text));
	rig->fake.lazy = true;
	assert_int_equal(vsock_rig_write(rig, text, sizeof(text)), sizeof(text));
	lied_to = rig;
	assert_int_equal(vsock_rig_write(rig, "x", 1), 0);
	assert_null(lied_to);
	rig->fake.lazy = false;
	vsock_rig_settle(rig);
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	assert_int_equal(vsock_rig_listen(rig), VSOCK_RST);
	vsock_rig_connect(rig, 51);
	assert_talks(rig, 51);
	vsock_rig_free(rig);
}

/* More in the buffer than the header says is of nobody; an event that is not known changes nothing. */
static void test_more_than_was_said(void **state)
{
	struct vsock_rig *rig = talking();
	struct fake_vsock_header header = {.src_cid = VRIG_HOST,
	                                   .dst_cid = 3,
	                                   .src_port = 50,
	                                   .dst_port = VRIG_PORT,
	                                   .len = 4,
	                                   .type = 1,
	                                   .op = VSOCK_RW,
	                                   .buf_alloc = 1000};
	uint32_t event = 1;

	(void)state;
	fake_vsock_claim(&rig->fake, &header, 44 + 20);
	vsock_rig_settle(rig);
	assert_int_equal(rig->received_len, 4);
	rig->sent += 4;
	memcpy(fake_mmio_desc(&rig->fake.mmio, EVENT, 0).data, &event, sizeof(event));
	rig->fake.mmio.queues[EVENT].next++;
	fake_mmio_complete(&rig->fake.mmio, EVENT, 0, sizeof(event));
	vsock_rig_settle(rig);
	assert_talks(rig, 50);
	/* Nor is a packet of no type ours, though it has an operation. */
	header.type = 0;
	fake_vsock_claim(&rig->fake, &header, 44 + 4);
	vsock_rig_settle(rig);
	assert_true(vsock_rig_hears(rig, 50, VSOCK_RST, &header));
	assert_int_equal(header.type, 0);
	assert_talks(rig, 50);
	vsock_rig_free(rig);
}

/* --- The window --- */

/* Bytes that lie around its end, taken in pieces. */
static void test_window_goes_round(void **state)
{
	struct vsock_rig *rig = talking();
	struct qga_channel *channel = &rig->vsock.channel;
	char data[DATA];
	unsigned sent = 0, taken = 0;
	const uint8_t *lent;

	(void)state;
	rig->deaf = true;
	for (unsigned round = 0; round < 60; round++) {
		size_t n;

		for (unsigned i = 0; i < 50; i++)
			data[i] = (char)(sent++ % 251);
		vsock_rig_say(rig, 50, VSOCK_RW, 0, data, 50);
		vsock_rig_settle(rig);
		while (vsock_rig_listen(rig) != 0)
			;
		/* Some is always left. */
		for (unsigned left = round < 5 ? 0 : 50; left > 0; left -= (unsigned)n) {
			n = ops->rx_get(channel, &lent);
			n = n < left ? n : left;
			assert_true(n > 0);
			for (size_t i = 0; i < n; i++)
				assert_int_equal(lent[i], taken++ % 251);
			ops->rx_put(channel, n);
		}
	}
	vsock_rig_free(rig);
}

/* --- Ends --- */

/* Our end is being closed: what is still written is for nobody. */
static void test_written_while_ending(void **state)
{
	struct vsock_rig *rig = talking();

	(void)state;
	ops->close(&rig->vsock.channel);
	assert_int_equal(vsock_rig_write(rig, "late", 4), 4);
	fake_vsock_run(&rig->fake);
	assert_true(vsock_rig_hears(rig, 50, VSOCK_SHUTDOWN, NULL));
	assert_int_equal(vsock_rig_listen(rig), 0);
	assert_int_equal(rig->heard_len, 0);
	vsock_rig_free(rig);
}

/* A client that is done sending, and has half an answer that was not flushed: that comes first. */
static void test_end_waits_for_the_answer(void **state)
{
	struct vsock_rig *rig = talking();

	(void)state;
	put(rig, "half");
	vsock_rig_say(rig, 50, VSOCK_SHUTDOWN, VSOCK_NO_SEND, NULL, 0);
	ops->poll(&rig->vsock.channel);
	ops->poll(&rig->vsock.channel);
	fake_vsock_run(&rig->fake);
	assert_int_equal(vsock_rig_listen(rig), 0);
	ops->tx_flush(&rig->vsock.channel);
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_listen(rig), VSOCK_SHUTDOWN);
	assert_string_equal(rig->heard, "half");
	vsock_rig_free(rig);
}

/* One that comes before anybody listens, and is done sending: it waits all the same. */
static void test_done_before_it_was_heard(void **state)
{
	struct vsock_rig *rig = vsock_rig_new();

	(void)state;
	fake_vsock_qemu(&rig->fake, VRIG_BASE, 2);
	fake_mmio_memory(&rig->fake.mmio, rig->memory, rig->config.memory_size, VRIG_ADDRESS);
	assert_int_equal(qga_virtio_vsock_init(&rig->vsock, &rig->config), 0);
	ops = rig->vsock.channel.ops;
	vsock_rig_say(rig, 50, VSOCK_REQUEST, 0, NULL, 0);
	vsock_rig_say(rig, 50, VSOCK_SHUTDOWN, VSOCK_NO_SEND, NULL, 0);
	vsock_rig_settle(rig);
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_listen(rig), 0);
	ops->open(&rig->vsock.channel);
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_listen(rig), VSOCK_RESPONSE);
	vsock_rig_free(rig);
}

/* --- A call --- */

/* It waits for a buffer as everything does. */
static void test_call_without_a_buffer(void **state)
{
	struct vsock_rig *rig = talking();
	char text[VRIG_COUNT * DATA];

	(void)state;
	memset(text, 'x', sizeof(text));
	rig->fake.lazy = true;
	assert_int_equal(vsock_rig_write(rig, text, sizeof(text)), sizeof(text));
	qga_virtio_vsock_call(&rig->vsock, 2, CALLED, "READY=1\n");
	assert_int_equal(qga_virtio_vsock_called(&rig->vsock), QGA_VIRTIO_CALL_GOING);
	rig->fake.lazy = false;
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_listen(rig), VSOCK_REQUEST);
	vsock_rig_free(rig);
}

/* --- Devices --- */

/* None can be used: the first reason is told, and nothing that is asked for does harm. */
static void test_no_device(void **state)
{
	struct vsock_rig *rig = vsock_rig_new();
	struct qga_virtio_device devices[] = {rig->device, rig->device, rig->device};
	static struct fake_vsock small, other;
	struct qga_channel *channel = &rig->vsock.channel;

	(void)state;
	fake_vsock_qemu(&other, VRIG_BASE, 2);
	other.mmio.version = 3;
	fake_vsock_qemu(&small, VRIG_BASE + 0x1000, 2);
	small.mmio.queue_max = 2;
	fake_vsock_qemu(&rig->fake, VRIG_BASE + 0x2000, 2);
	rig->fake.mmio.refuses = true;
	devices[1].base += 0x1000;
	devices[2].base += 0x2000;
	rig->config.devices = devices;
	rig->config.n_devices = 3;
	assert_false(vsock_rig_start(rig));
	assert_int_equal(qga_virtio_vsock_fault(&rig->vsock), QGA_VIRTIO_FAULT_QUEUE_SMALL);
	assert_string_equal(rig->sentences, "virtio queue is too small\n"
	                                    "virtio device refuses our features\n");
	ops = channel->ops;
	registers_clear();
	qga_virtio_vsock_call(&rig->vsock, 2, CALLED, "READY=1\n");
	assert_int_equal(qga_virtio_vsock_called(&rig->vsock), QGA_VIRTIO_CALL_NONE);
	qga_virtio_vsock_hang_up(&rig->vsock);
	ops->open(channel);
	assert_int_equal(ops->poll(channel), 0);
	ops->tx_flush(channel);
	ops->close(channel);
	assert_int_equal(registers_count, 0);
	vsock_rig_free(rig);
}

static void test_no_device_interrupts(void **state)
{
	struct vsock_rig *rig = vsock_rig_new();

	(void)state;
	rig->config.memory_size--;
	assert_int_equal(qga_virtio_vsock_init(&rig->vsock, &rig->config), QGA_VIRTIO_FAULT_MEMORY);
	rig->vsock.channel.ops->interrupt(&rig->vsock.channel);
	assert_int_equal(registers_count, 0);
	assert_int_equal(qga_virtio_vsock_init(NULL, &rig->config), QGA_VIRTIO_FAULT_NULL);
	vsock_rig_free(rig);
}

/* --- A device that sees other memory than our cache does: a copy, which clean() and invalidate() alone renew --- */

static uint8_t *view;

static void clean(void *context, const volatile void *memory, size_t size)
{
	struct vsock_rig *rig = context;
	size_t at = (size_t)((const volatile uint8_t *)memory - rig->memory);

	assert_true(at < rig->config.memory_size && size <= rig->config.memory_size - at);
	memcpy(view + at, rig->memory + at, size);
}

static void invalidate(void *context, const volatile void *memory, size_t size)
{
	struct vsock_rig *rig = context;
	size_t at = (size_t)((const volatile uint8_t *)memory - rig->memory);

	assert_true(at < rig->config.memory_size && size <= rig->config.memory_size - at);
	memcpy(rig->memory + at, view + at, size);
}

static void test_not_coherent(void **state)
{
	(void)state;
	for (unsigned version = 1; version <= 2; version++) {
		struct vsock_rig *rig = vsock_rig_new();

		view = malloc(rig->config.memory_size);
		memset(view, 0x5a, rig->config.memory_size);
		rig->dma.clean = clean;
		rig->dma.invalidate = invalidate;
		fake_vsock_qemu(&rig->fake, VRIG_BASE, version);
		fake_mmio_memory(&rig->fake.mmio, view, rig->config.memory_size, VRIG_ADDRESS);
		assert_int_equal(qga_virtio_vsock_init(&rig->vsock, &rig->config), 0);
		ops = rig->vsock.channel.ops;
		ops->open(&rig->vsock.channel);
		vsock_rig_connect(rig, 50);
		for (unsigned i = 0; i < 100; i++)
			assert_talks(rig, 50);
		free(view);
		vsock_rig_free(rig);
	}
}

static void test_coherent(void **state)
{
	static const struct qga_virtio_dma nothing_to_do;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct vsock_rig *rig = vsock_rig_new();

		fake_vsock_qemu(&rig->fake, VRIG_BASE, 2);
		rig->device.dma = i == 0 ? NULL : &nothing_to_do;
		fake_mmio_memory(&rig->fake.mmio, rig->memory, rig->config.memory_size,
		                 (uintptr_t)rig->memory);
		assert_int_equal(qga_virtio_vsock_init(&rig->vsock, &rig->config), 0);
		ops = rig->vsock.channel.ops;
		ops->open(&rig->vsock.channel);
		vsock_rig_connect(rig, 50);
		for (unsigned n = 0; n < 3 * VRIG_COUNT; n++)
			assert_talks(rig, 50);
		vsock_rig_free(rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reply_beside_half_an_answer),
		cmocka_unit_test(test_no_buffer_beside_half_an_answer),
		cmocka_unit_test(test_written_too_late),
		cmocka_unit_test(test_no_room_and_a_lie),
		cmocka_unit_test(test_lie_at_the_last_look),
		cmocka_unit_test(test_more_than_was_said),
		cmocka_unit_test(test_window_goes_round),
		cmocka_unit_test(test_written_while_ending),
		cmocka_unit_test(test_end_waits_for_the_answer),
		cmocka_unit_test(test_done_before_it_was_heard),
		cmocka_unit_test(test_call_without_a_buffer),
		cmocka_unit_test(test_no_device),
		cmocka_unit_test(test_no_device_interrupts),
		cmocka_unit_test(test_not_coherent),
		cmocka_unit_test(test_coherent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
