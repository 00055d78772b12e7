/* SPDX-License-Identifier: MIT */
/* The socket device as a channel: clients that come and go, credit both ways, what strict devices ask. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vsock_rig_talk.h"

#define BOTH 3 /* flags of SHUTDOWN */

/* Each kind of device; 3 has no EVENT_IDX. */
static const unsigned kinds[] = {0, 1, 2, 3};

static struct vsock_rig *started(unsigned kind)
{
	struct vsock_rig *rig = vsock_rig_new();

	if (kind == 0)
		fake_vsock_firecracker(&rig->fake, VRIG_BASE);
	else
		fake_vsock_qemu(&rig->fake, VRIG_BASE, kind == 1 ? 1 : 2);
	if (kind == 3)
		rig->fake.mmio.features &= ~(1u << 29);
	assert_true(vsock_rig_start(rig));
	assert_string_equal(rig->sentences, "");
	return rig;
}

static struct vsock_rig *connected(unsigned kind)
{
	struct vsock_rig *rig = started(kind);

	vsock_rig_connect(rig, 50);
	return rig;
}

static void assert_silent(struct vsock_rig *rig)
{
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_listen(rig), 0);
}

static void test_clients_in_turn(void **state)
{
	(void)state;
	for (unsigned k = 0; k < 4; k++) {
		struct vsock_rig *rig = started(kinds[k]);

		for (uint32_t port = 50; port < 150; port++) {
			vsock_rig_forget(rig);
			vsock_rig_connect(rig, port);
			assert_string_equal(rig->received, "<");
			assert_talks(rig, port);
			vsock_rig_forget(rig);
			if (port % 2 == 0) {
				vsock_rig_say(rig, port, VSOCK_RST, 0, NULL, 0);
				vsock_rig_settle(rig);
			} else {
				vsock_rig_say(rig, port, VSOCK_SHUTDOWN, BOTH, NULL, 0);
				vsock_rig_settle(rig);
				assert_true(vsock_rig_hears(rig, port, VSOCK_RST, NULL));
			}
			assert_string_equal(rig->received, ">");
			assert_silent(rig);
		}
		vsock_rig_free(rig);
	}
}

/* One notification for a question and its answer, and no more interrupts than questions. */
static void test_cost(void **state)
{
	struct vsock_rig *rig = connected(0);
	unsigned before = rig->fake.mmio.notifications;

	(void)state;
	for (unsigned i = 0; i < VRIG_COUNT; i++)
		assert_talks(rig, 50);
	/* Four times a quarter of the buffers was given back. */
	assert_in_range(rig->fake.mmio.notifications - before, VRIG_COUNT, VRIG_COUNT + 4);
	vsock_rig_free(rig);
}

/*
 * vhost-device-vsock, of a client that has gone: the last packet that was there is not there once more. Of one that has
 * gone and left answers unread it says all but that, and looks again when it is told of credit.
 */
static void test_nothing_written(void **state)
{
	struct vsock_rig *rig = connected(0);
	const struct fake_vsock_header none = {.src_cid = VRIG_HOST,
	                                       .dst_cid = 3,
	                                       .src_port = 50,
	                                       .dst_port = VRIG_PORT,
	                                       .type = 1};

	(void)state;
	for (unsigned i = 0; i < VRIG_COUNT; i++)
		assert_talks(rig, 50);
	for (unsigned i = 0; i < 3 * VRIG_COUNT; i++) {
		vsock_rig_forget(rig);
		fake_vsock_nothing(&rig->fake, NULL);
		assert_silent(rig);
		assert_string_equal(rig->received, "");
	}
	assert_talks(rig, 50);
	vsock_rig_forget(rig);
	fake_vsock_nothing(&rig->fake, &none);
	vsock_rig_settle(rig);
	assert_true(vsock_rig_hears(rig, 50, VSOCK_CREDIT_UPDATE, NULL));
	assert_silent(rig);
	assert_string_equal(rig->received, "");
	assert_talks(rig, 50);
	vsock_rig_free(rig);
}

/* A burst interrupts once, what is sent never; the next one does again. */
static void test_interrupts(void **state)
{
	(void)state;
	for (unsigned k = 0; k < 3; k++) {
		struct vsock_rig *rig = connected(kinds[k]);

		for (unsigned burst = 1; burst <= 40; burst++) {
			unsigned before = rig->fake.mmio.interrupts;

			vsock_rig_forget(rig);
			for (unsigned i = 0; i < 4; i++)
				vsock_rig_say(rig, 50, VSOCK_RW, 0, "abcd" + i, 1);
			assert_int_equal(rig->fake.mmio.interrupts - before, 1);
			vsock_rig_settle(rig);
			assert_string_equal(rig->received, "abcd");
			assert_int_equal(vsock_rig_write(rig, "answer", 6), 6);
			while (vsock_rig_listen(rig) != 0)
				;
			assert_int_equal(rig->fake.mmio.interrupts - before, 1);
		}
		vsock_rig_free(rig);
	}
}

/* What is long is shown to the device before all of it is made: when its buffers are 16 KiB. */
static void test_shown_early(void **state)
{
	struct vsock_rig *rig = vsock_rig_new();
	enum {
		SIZE = 8192,
		DATA = SIZE - VSOCK_HEADER,
		MEMORY = QGA_VIRTIO_VSOCK_MEMORY(8, SIZE, 8, SIZE, 8192)
	};
	static uint8_t memory[MEMORY] __attribute__((aligned(QGA_VIRTIO_ALIGN)));
	uint8_t *old = rig->memory, *buf;
	struct qga_channel *channel = &rig->vsock.channel;
	unsigned before;

	(void)state;
	rig->memory = memory;
	rig->config.memory = memory;
	rig->config.memory_size = MEMORY;
	rig->config.rx_size = rig->config.tx_size = SIZE;
	rig->config.window = 8192;
	rig->credit = 1 << 16;
	fake_vsock_firecracker(&rig->fake, VRIG_BASE);
	assert_true(vsock_rig_start(rig));
	vsock_rig_connect(rig, 50);
	before = rig->fake.mmio.notifications;
	for (unsigned i = 1; i <= 4; i++) {
		assert_int_equal(channel->ops->tx_get(channel, &buf), DATA);
		channel->ops->tx_put(channel, DATA);
		assert_int_equal(rig->fake.mmio.notifications - before, i / 2);
	}
	rig->memory = old;
	vsock_rig_free(rig);
}

/* Many small packets: the buffers come back though the agent takes nothing. */
static void test_guest_is_slow(void **state)
{
	struct vsock_rig *rig = connected(0);
	char text[VRIG_WINDOW + 1], *p = text;

	(void)state;
	rig->deaf = true;
	vsock_rig_forget(rig);
	for (unsigned i = 0; i < VRIG_WINDOW; i++) {
		*p = (char)('a' + i % 26);
		vsock_rig_say(rig, 50, VSOCK_RW, 0, p++, 1);
		vsock_rig_settle(rig);
	}
	*p = '\0';
	assert_silent(rig);
	/* What comes behind them is seen: credit for an answer that is stuck. */
	rig->credit = 4;
	vsock_rig_say(rig, 50, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_write(rig, "an answer", 9), 4);
	rig->credit = VRIG_CREDIT;
	vsock_rig_say(rig, 50, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_write(rig, "nswer", 5), 5);
	rig->deaf = false;
	vsock_rig_settle(rig);
	assert_string_equal(rig->received, text);
	while (vsock_rig_listen(rig) != 0)
		;
	assert_int_equal(rig->guest_forwarded, VRIG_WINDOW);
	assert_string_equal(rig->heard, "an answer");
	vsock_rig_free(rig);
}

/* A client that keeps to the credit can send on for ever; the window wraps at all places. */
static void test_stream_in(void **state)
{
	struct vsock_rig *rig = connected(2);
	char data[200];
	unsigned seed = 1;

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		uint32_t n, free;

		while (vsock_rig_listen(rig) != 0)
			;
		free = rig->guest_alloc - (rig->sent - rig->guest_forwarded);
		n = 1 + (seed = seed * 1103515245 + 12345) / 65536 % sizeof(data);
		assert_true(free >= VRIG_WINDOW / 2 - sizeof(data));
		if (n > free)
			n = free;
		for (uint32_t at = 0; at < n; at++)
			data[at] = (char)('a' + (rig->sent + at) % 26);
		vsock_rig_forget(rig);
		rig->deaf = i % 3 == 0;
		vsock_rig_say(rig, 50, VSOCK_RW, 0, data, n);
		vsock_rig_settle(rig);
		rig->deaf = false;
		vsock_rig_settle(rig);
		assert_int_equal(rig->received_len, n);
		assert_memory_equal(rig->received, data, n);
	}
	vsock_rig_free(rig);
}

static void test_host_is_slow(void **state)
{
	struct vsock_rig *rig = connected(0);
	static char text[10000];
	size_t done = 0;
	unsigned asked = 0, op;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i % 26);
	rig->credit = 100;
	vsock_rig_say(rig, 50, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
	vsock_rig_forget(rig);
	while (done < sizeof(text)) {
		uint32_t before = (uint32_t)rig->heard_len;

		vsock_rig_settle(rig);
		done += vsock_rig_write(rig, text + done, sizeof(text) - done);
		vsock_rig_settle(rig);
		while ((op = vsock_rig_listen(rig)) != 0) {
			assert_int_equal(op, VSOCK_CREDIT_REQUEST);
			asked++;
		}
		assert_true(rig->heard_len - before <= 100);
		assert_true(rig->heard_len > before);
		vsock_rig_say(rig, 50, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
	}
	assert_int_equal(rig->heard_len, sizeof(text));
	assert_memory_equal(rig->heard, text, sizeof(text));
	assert_in_range(asked, 1, sizeof(text) / 100);
	vsock_rig_free(rig);
}

/* The device takes nothing: no buffer is left, receiving goes on, and completions wake us. */
static void test_device_is_slow(void **state)
{
	struct vsock_rig *rig = connected(1);
	char text[VRIG_COUNT * 64 + 1];

	(void)state;
	memset(text, 'x', sizeof(text));
	rig->fake.lazy = true;
	rig->fake.mmio.isr = 0;
	vsock_rig_forget(rig);
	assert_int_equal(vsock_rig_write(rig, text, sizeof(text)), VRIG_COUNT * 64);
	for (unsigned i = 0; i < 100; i++) {
		vsock_rig_say(rig, 50, VSOCK_CREDIT_REQUEST, 0, NULL, 0);
		vsock_rig_say(rig, 60, VSOCK_RW, 0, "?", 1);
		vsock_rig_settle(rig);
	}
	vsock_rig_say(rig, 50, VSOCK_RW, 0, "go on", 5);
	vsock_rig_settle(rig);
	assert_string_equal(rig->received, "go on");
	rig->fake.mmio.isr = 0;
	rig->fake.lazy = false;
	fake_vsock_run(&rig->fake);
	assert_int_equal(rig->fake.mmio.isr, 1);
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_listen(rig), VSOCK_RST); /* a few, not a hundred */
	assert_int_equal(rig->heard_len, VRIG_COUNT * 64);
	for (unsigned i = 1; i < VSOCK_STRAYS; i++)
		assert_int_equal(vsock_rig_listen(rig), VSOCK_RST);
	assert_int_equal(vsock_rig_listen(rig), VSOCK_CREDIT_UPDATE);
	assert_silent(rig);
	assert_talks(rig, 50);
	vsock_rig_free(rig);
}

/* All that a client sent is taken, then its end is told; nothing of it or for it reaches the next. */
static void test_nothing_stale(void **state)
{
	struct vsock_rig *rig = connected(0);

	(void)state;
	rig->deaf = true;
	vsock_rig_forget(rig);
	vsock_rig_say(rig, 50, VSOCK_RW, 0, "one{", 4);
	vsock_rig_say(rig, 50, VSOCK_SHUTDOWN, BOTH, NULL, 0);
	vsock_rig_say(rig, 51, VSOCK_REQUEST, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_true(vsock_rig_hears(rig, 50, VSOCK_RST, NULL));
	/* The next one waits. */
	assert_silent(rig);
	assert_string_equal(rig->received, "");
	assert_int_equal(vsock_rig_write(rig, "answer for one", 14), 14);
	assert_silent(rig);
	rig->deaf = false;
	vsock_rig_settle(rig);
	assert_string_equal(rig->received, "one{><");
	assert_true(vsock_rig_hears(rig, 51, VSOCK_RESPONSE, NULL));
	assert_silent(rig);
	assert_string_equal(rig->heard, "");
	assert_talks(rig, 51);
	/* Half an answer in a buffer goes with the one that it was for. */
	{
		struct qga_channel *channel = &rig->vsock.channel;
		uint8_t *buf;

		assert_in_range(channel->ops->tx_get(channel, &buf), 4, 64);
		memcpy(buf, "half", 4);
		channel->ops->tx_put(channel, 4);
	}
	vsock_rig_say(rig, 51, VSOCK_RST, 0, NULL, 0);
	vsock_rig_connect(rig, 52);
	assert_talks(rig, 52);
	/* One that came and went while the last one's bytes were there was never seen. */
	rig->deaf = true;
	vsock_rig_say(rig, 52, VSOCK_RW, 0, "x", 1);
	vsock_rig_say(rig, 52, VSOCK_RST, 0, NULL, 0);
	vsock_rig_say(rig, 53, VSOCK_REQUEST, 0, NULL, 0);
	vsock_rig_say(rig, 53, VSOCK_RST, 0, NULL, 0);
	vsock_rig_settle(rig);
	rig->deaf = false;
	vsock_rig_forget(rig);
	vsock_rig_settle(rig);
	assert_string_equal(rig->received, "x>");
	assert_silent(rig);
	vsock_rig_connect(rig, 54);
	assert_talks(rig, 54);
	vsock_rig_free(rig);
}

/* Data before the RESPONSE is against the rules, and would be of nobody. */
static void test_data_too_early(void **state)
{
	struct vsock_rig *rig = started(0);

	(void)state;
	vsock_rig_say(rig, 50, VSOCK_REQUEST, 0, NULL, 0);
	vsock_rig_say(rig, 50, VSOCK_RW, 0, "early", 5);
	vsock_rig_settle(rig);
	assert_true(vsock_rig_hears(rig, 50, VSOCK_RST, NULL));
	assert_silent(rig);
	assert_string_equal(rig->received, "");
	vsock_rig_free(rig);
}

/* Sends, shuts its side down, and reads: it gets its answer, then the end. */
static void test_half_close(void **state)
{
	struct vsock_rig *rig = connected(2);

	(void)state;
	vsock_rig_forget(rig);
	rig->deaf = true;
	vsock_rig_say(rig, 50, VSOCK_RW, 0, "question", 8);
	vsock_rig_say(rig, 50, VSOCK_SHUTDOWN, VSOCK_NO_SEND, NULL, 0);
	vsock_rig_settle(rig);
	assert_silent(rig);
	rig->credit = 2;
	vsock_rig_say(rig, 50, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
	vsock_rig_settle(rig);
	/* The question is taken, but there is no room for all of the answer yet. */
	{
		struct qga_channel *channel = &rig->vsock.channel;
		const uint8_t *data;

		assert_int_equal(channel->ops->rx_get(channel, &data), 8);
		channel->ops->rx_put(channel, 8);
	}
	assert_int_equal(vsock_rig_write(rig, "ok!", 3), 2);
	rig->deaf = false;
	assert_int_equal(vsock_rig_listen(rig), VSOCK_CREDIT_REQUEST);
	assert_silent(rig);
	vsock_rig_say(rig, 50, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_write(rig, "!", 1), 1);
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_listen(rig), VSOCK_SHUTDOWN);
	assert_string_equal(rig->heard, "ok!");
	vsock_rig_say(rig, 50, VSOCK_RST, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_string_equal(rig->received, ">");
	assert_silent(rig);
	vsock_rig_free(rig);
}

/* A restored snapshot: no reset of the device, the event buffer goes back, the port goes on. */
static void test_transport_reset(void **state)
{
	struct vsock_rig *rig = connected(0);
	unsigned resets = rig->fake.mmio.resets;

	(void)state;
	for (uint32_t cid = 4; cid < 40; cid++) {
		vsock_rig_forget(rig);
		vsock_rig_say(rig, 50, VSOCK_RW, 0, "tor", 3);
		fake_vsock_transport_reset(&rig->fake, cid);
		assert_true(rig->fake.holding);
		vsock_rig_say(rig, 50, VSOCK_REQUEST, 0, NULL, 0);
		vsock_rig_settle(rig);
		assert_false(rig->fake.holding);
		/* Of a connection that is no more: no answer to it, at most that it is unknown. */
		assert_string_equal(rig->received, "><");
		if (!vsock_rig_hears(rig, 50, VSOCK_RESPONSE, NULL))
			assert_true(vsock_rig_hears(rig, 50, VSOCK_RESPONSE, NULL));
		assert_talks(rig, 50);
		assert_silent(rig);
	}
	assert_int_equal(rig->fake.mmio.resets, resets);
	assert_int_equal(rig->fake.mmio.status, 0xf);
	vsock_rig_free(rig);
}

/* Before open() a client waits; close() ends the connection without a reset of the device. */
static void test_open_and_close(void **state)
{
	struct vsock_rig *rig = vsock_rig_new();
	struct qga_channel *channel = &rig->vsock.channel;
	unsigned resets;

	(void)state;
	fake_vsock_firecracker(&rig->fake, VRIG_BASE);
	fake_mmio_memory(&rig->fake.mmio, rig->memory, rig->config.memory_size, VRIG_ADDRESS);
	assert_int_equal(qga_virtio_vsock_init(&rig->vsock, &rig->config), 0);
	resets = rig->fake.mmio.resets;
	vsock_rig_say(rig, 50, VSOCK_REQUEST, 0, NULL, 0);
	assert_silent(rig);
	assert_string_equal(rig->received, "");
	channel->ops->open(channel);
	vsock_rig_settle(rig);
	assert_true(vsock_rig_hears(rig, 50, VSOCK_RESPONSE, NULL));
	assert_talks(rig, 50);
	channel->ops->close(channel);
	fake_vsock_run(&rig->fake);
	assert_true(vsock_rig_hears(rig, 50, VSOCK_SHUTDOWN, NULL));
	assert_int_equal(rig->fake.mmio.resets, resets);
	/* The machine did not obey. */
	channel->ops->open(channel);
	vsock_rig_say(rig, 50, VSOCK_RST, 0, NULL, 0);
	vsock_rig_settle(rig);
	vsock_rig_connect(rig, 51);
	assert_talks(rig, 51);
	vsock_rig_free(rig);
}

static void test_second_client(void **state)
{
	struct vsock_rig *rig = connected(0);

	(void)state;
	vsock_rig_say(rig, 51, VSOCK_REQUEST, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_true(vsock_rig_hears(rig, 51, VSOCK_RST, NULL));
	assert_true(vsock_rig_hears(rig, 50, VSOCK_CREDIT_REQUEST, NULL));
	vsock_rig_say(rig, 50, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_talks(rig, 50);
	/* It dies without a word. */
	vsock_rig_forget(rig);
	vsock_rig_say(rig, 51, VSOCK_REQUEST, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_true(vsock_rig_hears(rig, 51, VSOCK_RST, NULL));
	assert_true(vsock_rig_hears(rig, 50, VSOCK_CREDIT_REQUEST, NULL));
	vsock_rig_say(rig, 52, VSOCK_REQUEST, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_true(vsock_rig_hears(rig, 50, VSOCK_RST, NULL));
	assert_true(vsock_rig_hears(rig, 52, VSOCK_RESPONSE, NULL));
	assert_string_equal(rig->received, "><");
	assert_talks(rig, 52);
	vsock_rig_free(rig);
}

static uint64_t now;

static uint64_t clock_now(void *context)
{
	(void)context;
	return now;
}

/* Refused, and the one that is there lives, says the device. */
static void knock_in_vain(struct vsock_rig *rig)
{
	while (vsock_rig_listen(rig) != 0) {
	}
	vsock_rig_forget(rig);
	vsock_rig_say(rig, 51, VSOCK_REQUEST, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_listen(rig), VSOCK_RST);
	assert_int_equal(vsock_rig_listen(rig), VSOCK_CREDIT_REQUEST);
	vsock_rig_say(rig, 50, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_string_equal(rig->received, "");
}

/* A client that has sent all that it may, and takes nothing. */
static struct vsock_rig *jammed(bool has_clock)
{
	struct vsock_rig *rig = connected(0);
	char much[VRIG_WINDOW];

	rig->config.monotonic = has_clock ? clock_now : NULL;
	memset(much, 'x', sizeof(much));
	rig->deaf = true;
	vsock_rig_say(rig, 50, VSOCK_RW, 0, much, VRIG_WINDOW);
	rig->credit = 0;
	vsock_rig_say(rig, 50, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
	vsock_rig_settle(rig);
	return rig;
}

static void test_jammed(void **state)
{
	struct vsock_rig *rig = jammed(true);

	(void)state;
	knock_in_vain(rig);
	now += VSOCK_JAM_NS - 1;
	knock_in_vain(rig);
	/* It takes something: its time begins anew. */
	rig->credit = 1;
	vsock_rig_say(rig, 50, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
	knock_in_vain(rig);
	rig->credit = 0;
	vsock_rig_say(rig, 50, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
	now += 1;
	knock_in_vain(rig);
	/* So it does if there is room for more of it when another one knocks. */
	rig->deaf = false;
	vsock_rig_settle(rig);
	now += VSOCK_JAM_NS;
	knock_in_vain(rig);
	vsock_rig_free(rig);

	rig = jammed(true);
	knock_in_vain(rig);
	now += VSOCK_JAM_NS;
	rig->deaf = false;
	rig->credit = VRIG_CREDIT;
	vsock_rig_forget(rig);
	vsock_rig_say(rig, 52, VSOCK_REQUEST, 0, NULL, 0);
	vsock_rig_settle(rig);
	assert_int_equal(vsock_rig_listen(rig), VSOCK_RST);
	assert_true(vsock_rig_hears(rig, 52, VSOCK_RESPONSE, NULL));
	vsock_rig_forget(rig);
	assert_talks(rig, 52);
	vsock_rig_free(rig);

	rig = jammed(false);
	for (unsigned i = 0; i < 3; i++, now += VSOCK_JAM_NS)
		knock_in_vain(rig);
	vsock_rig_free(rig);
}

/* Data beyond what the device gives to a packet comes in several; 64 KiB go in one. */
static void test_largest_packet(void **state)
{
	struct vsock_rig *rig = vsock_rig_new();
	static uint8_t memory[QGA_VIRTIO_VSOCK_MEMORY(2, QGA_VIRTIO_VSOCK_SIZE_MAX, 2,
	                                              QGA_VIRTIO_VSOCK_SIZE_MAX, 1 << 17)]
		__attribute__((aligned(QGA_VIRTIO_ALIGN)));
	static char text[70000];
	struct fake_vsock_header header;
	size_t had = 0;
	uint8_t *old = rig->memory;

	(void)state;
	rig->memory = memory;
	rig->config.memory = memory;
	rig->config.memory_size = sizeof(memory);
	rig->config.rx_count = rig->config.tx_count = 2;
	rig->config.rx_size = rig->config.tx_size = QGA_VIRTIO_VSOCK_SIZE_MAX;
	rig->config.window = 1 << 17;
	rig->credit = 1 << 17;
	fake_vsock_firecracker(&rig->fake, VRIG_BASE);
	assert_true(vsock_rig_start(rig));
	vsock_rig_connect(rig, 50);
	assert_int_equal(vsock_rig_write(rig, text, sizeof(text)), sizeof(text));
	vsock_rig_settle(rig);
	for (unsigned i = 0; i < 2; i++, had += header.len)
		assert_true(fake_vsock_hear(&rig->fake, &header, text, sizeof(text)));
	assert_int_equal(had, sizeof(text));
	assert_int_equal(header.len, sizeof(text) - 65536);
	rig->memory = old;
	vsock_rig_free(rig);
}

#define CALLED 8888

/* What the host's program at that port says to the guest's call. */
static void reply(struct vsock_rig *rig, const struct fake_vsock_header *to, unsigned op)
{
	struct fake_vsock_header header = {.src_cid = to->dst_cid,
	                                   .dst_cid = to->src_cid,
	                                   .src_port = to->dst_port,
	                                   .dst_port = to->src_port,
	                                   .type = 1,
	                                   .op = (uint16_t)op,
	                                   .flags = BOTH,
	                                   .buf_alloc = rig->credit};

	fake_vsock_send(&rig->fake, &header, NULL);
	vsock_rig_settle(rig);
}

/* Beside a client of the port, whom it does not disturb. */
static void test_call(void **state)
{
	struct vsock_rig *rig = connected(0);
	struct fake_vsock_header request, packet;
	uint32_t last = 0;

	(void)state;
	assert_int_equal(qga_virtio_vsock_called(&rig->vsock), QGA_VIRTIO_CALL_NONE);
	for (unsigned i = 0; i < 4; i++) {
		vsock_rig_forget(rig);
		qga_virtio_vsock_call(&rig->vsock, 2, CALLED, "READY=1\n");
		fake_vsock_run(&rig->fake);
		assert_true(vsock_rig_hears(rig, CALLED, VSOCK_REQUEST, &request));
		assert_int_not_equal(request.src_port, last);
		last = request.src_port;
		assert_int_equal(qga_virtio_vsock_called(&rig->vsock), QGA_VIRTIO_CALL_GOING);
		assert_int_not_equal(rig->vsock.channel.ops->tx_busy(&rig->vsock.channel), 0);
		if (i == 3) {
			reply(rig, &request, VSOCK_RST);
			break;
		}
		assert_talks(rig, 50);
		vsock_rig_forget(rig);
		reply(rig, &request, VSOCK_RESPONSE);
		assert_true(vsock_rig_hears(rig, CALLED, VSOCK_RW, &packet));
		assert_int_equal(packet.src_port, last);
		assert_string_equal(rig->heard, "READY=1\n");
		assert_true(vsock_rig_hears(rig, CALLED, VSOCK_SHUTDOWN, &packet));
		assert_int_equal(packet.flags, BOTH);
		reply(rig, &request, i == 0 ? VSOCK_RST : VSOCK_SHUTDOWN);
		if (i != 0)
			assert_true(vsock_rig_hears(rig, CALLED, VSOCK_RST, &packet));
		assert_int_equal(qga_virtio_vsock_called(&rig->vsock), QGA_VIRTIO_CALL_TOLD);
		assert_silent(rig);
	}
	assert_int_equal(qga_virtio_vsock_called(&rig->vsock), QGA_VIRTIO_CALL_FAILED);
	assert_talks(rig, 50);
	vsock_rig_free(rig);
}

static void test_call_in_vain(void **state)
{
	struct vsock_rig *rig = started(0);
	struct fake_vsock_header request;
	char longer[VRIG_SIZE];

	(void)state;
	/* Nobody says anything: whoever called hangs up. */
	qga_virtio_vsock_call(&rig->vsock, 2, CALLED, "READY=1\n");
	vsock_rig_settle(rig);
	assert_true(vsock_rig_hears(rig, CALLED, VSOCK_REQUEST, &request));
	qga_virtio_vsock_hang_up(&rig->vsock);
	vsock_rig_settle(rig);
	assert_true(vsock_rig_hears(rig, CALLED, VSOCK_RST, NULL));
	assert_int_equal(qga_virtio_vsock_called(&rig->vsock), QGA_VIRTIO_CALL_FAILED);
	reply(rig, &request, VSOCK_RESPONSE); /* too late */
	assert_true(vsock_rig_hears(rig, CALLED, VSOCK_RST, NULL));
	/* No room for the text. */
	rig->credit = 7;
	qga_virtio_vsock_call(&rig->vsock, 2, CALLED, "READY=1\n");
	vsock_rig_settle(rig);
	assert_true(vsock_rig_hears(rig, CALLED, VSOCK_REQUEST, &request));
	reply(rig, &request, VSOCK_RESPONSE);
	assert_true(vsock_rig_hears(rig, CALLED, VSOCK_RST, NULL));
	rig->credit = VRIG_CREDIT;
	/* Too long for a buffer. */
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	qga_virtio_vsock_call(&rig->vsock, 2, CALLED, longer);
	assert_int_equal(qga_virtio_vsock_called(&rig->vsock), QGA_VIRTIO_CALL_FAILED);
	/* The snapshot was taken in the midst of it. */
	vsock_rig_settle(rig);
	while (vsock_rig_listen(rig) != 0)
		;
	qga_virtio_vsock_call(&rig->vsock, 2, CALLED, "READY=1\n");
	fake_vsock_transport_reset(&rig->fake, 9);
	vsock_rig_settle(rig);
	assert_int_equal(qga_virtio_vsock_called(&rig->vsock), QGA_VIRTIO_CALL_FAILED);
	vsock_rig_listen(rig);
	vsock_rig_connect(rig, 60);
	assert_talks(rig, 60);
	vsock_rig_free(rig);
}

static void test_configuration(void **state)
{
	struct vsock_rig *rig = vsock_rig_new();
	const struct qga_virtio_vsock_config good = rig->config;
	struct qga_virtio_device no_bus = {.base = 1};

	(void)state;
	fake_vsock_firecracker(&rig->fake, VRIG_BASE);
	fake_mmio_memory(&rig->fake.mmio, rig->memory, rig->config.memory_size, VRIG_ADDRESS);
#define WRONG(member, value, result)                                                  \
	rig->config = good;                                                           \
	rig->config.member = value;                                                   \
	assert_int_equal(qga_virtio_vsock_init(&rig->vsock, &rig->config), (result)); \
	assert_int_equal(qga_virtio_vsock_fault(&rig->vsock), (result));              \
	assert_int_equal(rig->vsock.channel.ops->poll(&rig->vsock.channel), 0)
	WRONG(devices, NULL, QGA_VIRTIO_FAULT_NULL);
	WRONG(devices, &no_bus, QGA_VIRTIO_FAULT_NULL);
	WRONG(memory, NULL, QGA_VIRTIO_FAULT_NULL);
	WRONG(n_devices, 0, QGA_VIRTIO_FAULT_DEVICES);
	WRONG(n_devices, 33, QGA_VIRTIO_FAULT_DEVICES);
	WRONG(rx_count, 0, QGA_VIRTIO_FAULT_COUNT);
	WRONG(tx_count, QGA_VIRTIO_VSOCK_COUNT_MAX + 1, QGA_VIRTIO_FAULT_COUNT);
	WRONG(rx_size, 44, QGA_VIRTIO_FAULT_SIZE);
	WRONG(tx_size, QGA_VIRTIO_VSOCK_SIZE_MAX + 1, QGA_VIRTIO_FAULT_SIZE);
	WRONG(window, 0, QGA_VIRTIO_FAULT_SIZE);
	WRONG(window, UINT32_MAX, QGA_VIRTIO_FAULT_SIZE);
	WRONG(memory_size, 1, QGA_VIRTIO_FAULT_MEMORY);
	rig->config.window = 1; /* which is enough */
	assert_int_equal(qga_virtio_vsock_init(&rig->vsock, &rig->config), QGA_VIRTIO_FAULT_MEMORY);
	WRONG(memory, rig->memory + 64, QGA_VIRTIO_FAULT_ALIGNMENT);
	WRONG(memory_size, good.memory_size - 1, QGA_VIRTIO_FAULT_MEMORY);
	rig->config = good;
	assert_int_equal(
		qga_virtio_vsock_init_build(&rig->vsock, &rig->config, QGA_VIRTIO_BUILD + 1),
		QGA_VIRTIO_FAULT_BUILD);
	assert_int_equal(qga_virtio_vsock_init(&rig->vsock, NULL), QGA_VIRTIO_FAULT_NULL);
	/* Devices that are none, or cannot be used. */
	rig->fake.mmio.device_id = 3;
	assert_int_equal(qga_virtio_vsock_init(&rig->vsock, &good), QGA_VIRTIO_FAULT_NO_VSOCK);
	rig->fake.mmio.device_id = 19;
	rig->fake.mmio.queue_max = 2;
	assert_int_equal(qga_virtio_vsock_init(&rig->vsock, &good), QGA_VIRTIO_FAULT_QUEUE_SMALL);
	assert_string_equal(rig->sentences, "virtio queue is too small\n");
	/* Fewer entries than were wanted will do. */
	rig->fake.mmio.queue_max = 4;
	assert_true(vsock_rig_start(rig));
	vsock_rig_connect(rig, 50);
	for (unsigned i = 0; i < 9; i++)
		assert_talks(rig, 50);
	vsock_rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clients_in_turn),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_guest_is_slow),
		cmocka_unit_test(test_stream_in),
		cmocka_unit_test(test_host_is_slow),
		cmocka_unit_test(test_device_is_slow),
		cmocka_unit_test(test_nothing_stale),
		cmocka_unit_test(test_data_too_early),
		cmocka_unit_test(test_half_close),
		cmocka_unit_test(test_transport_reset),
		cmocka_unit_test(test_open_and_close),
		cmocka_unit_test(test_second_client),
		cmocka_unit_test(test_jammed),
		cmocka_unit_test(test_largest_packet),
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_call_in_vain),
		cmocka_unit_test(test_configuration),
		cmocka_unit_test(test_nothing_written),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_shown_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
