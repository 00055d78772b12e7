/* SPDX-License-Identifier: MIT */
/* A device that breaks the rules: it is reset, a bounded number of times, and never believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rig_talk.h"

enum {
	RX = 4,
	TX = 5,
	CONTROL_RX = 2,
	CONTROL_TX = 3
}; /* of port 1 */

/* An answer needs no second look of anybody. */
static void assert_talks_at_once(struct rig *rig)
{
	rig_answer(rig, &rig->fake, 1);
	rig_assert_answered(&rig->fake, 1);
}

/* The violation was seen, the device was reset once, and all is well again. */
static void assert_recovers(struct rig *rig, unsigned resets)
{
	rig_settle(rig);
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	assert_string_equal(rig->sentences, "virtio console broke the protocol and is reset\n");
	assert_talks_at_once(rig);
	rig_free(rig);
}

static void add_to_used_index(struct rig *rig, unsigned queue, unsigned n)
{
	uint64_t at = rig->fake.mmio.queues[queue].used - RIG_ADDRESS + 2;

	*(uint16_t *)(rig->memory + at) += (uint16_t)n;
}

/* It claims to have used more than it was given. */
static void test_used_index(void **state)
{
	static const struct {
		unsigned queue, given;
	} queues[] = {{RX, RIG_RX_COUNT},
	              {TX, 0},
	              {CONTROL_RX, QGA_VIRTIO_CONTROL_COUNT},
	              {CONTROL_TX, 0}};

	(void)state;
	for (unsigned i = 0; i < sizeof(queues) / sizeof(queues[0]); i++) {
		for (unsigned n = queues[i].given + 1; n < 65536; n = n * 3 + 1) {
			struct rig *rig = rig_talking(2);
			unsigned resets = rig->fake.mmio.resets;

			add_to_used_index(rig, queues[i].queue, n);
			/* These are looked at when there is a message to send, or no buffer left. */
			if (queues[i].queue == CONTROL_TX)
				rig->console.channel.ops->open(&rig->console.channel);
			if (queues[i].queue == TX)
				rig->console.channel.ops->tx_busy(&rig->console.channel);
			assert_recovers(rig, resets);
		}
	}
}

static void test_used_id(void **state)
{
	static const uint32_t ids[] = {RIG_RX_COUNT, 127, 128, 65535, 65536, UINT32_MAX};

	(void)state;
	for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		struct rig *rig = rig_talking(2);

		fake_complete(&rig->fake, RX, ids[i], 1);
		assert_recovers(rig, rig->fake.mmio.resets);
	}
}

/* By the second time it has been offered again, so it is only the bytes that come twice. */
static void test_same_buffer_twice(void **state)
{
	struct rig *rig = rig_new();

	(void)state;
	/* One less than the ring has room for, as the device now believes that it has one more. */
	rig->config.rx_count = RIG_RX_COUNT - 1;
	fake_console_qemu(&rig->fake, RIG_BASE, 2);
	fake_console_port(&rig->fake, 1, RIG_PORT)->host_open = true;
	assert_true(rig_start(rig));
	rig_forget(rig);
	fake_host_send(&rig->fake, 1, "once", 4);
	fake_complete(&rig->fake, RX, 0, 4);
	rig_settle(rig);
	assert_string_equal(rig->received, "onceonce");
	for (unsigned i = 0; i < 3 * RIG_RX_COUNT; i++)
		assert_talks_at_once(rig);
	rig_free(rig);
}

static void test_sent_buffer_twice(void **state)
{
	struct rig *rig = rig_talking(2);
	unsigned resets = rig->fake.mmio.resets;

	(void)state;
	fake_complete(&rig->fake, TX, 0, 0); /* as well as when it is sent */
	for (unsigned i = 0; i < RIG_TX_COUNT; i++) {
		assert_int_equal(rig_write(rig, "x", 1), 1);
		rig_flush(rig);
	}
	assert_int_equal(rig_write(rig, "x", 1), 0); /* seen here */
	assert_recovers(rig, resets);
}

/* More bytes than there is room for: those that fit. */
static void test_used_length(void **state)
{
	static const uint32_t lengths[] = {RIG_RX_SIZE, RIG_RX_SIZE + 1, 65536, UINT32_MAX};

	(void)state;
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct rig *rig = rig_talking(2);

		/* The sanitizer would object to one more; so would the next buffer's bytes. */
		rig->fake.mmio.queues[RX].next++;
		memset(qga_virtq_buffer(&rig_console(rig)->rx, 0), 'a', RIG_RX_SIZE);
		fake_complete(&rig->fake, RX, 0, lengths[i]);
		rig_settle(rig);
		assert_int_equal(rig->received_len, RIG_RX_SIZE);
		assert_talks_at_once(rig);
		rig_free(rig);
	}
}

/* Nothing received is no reason to stop, nor to lend nothing. */
static void test_empty_buffers(void **state)
{
	struct rig *rig = rig_talking(2);

	(void)state;
	for (unsigned i = 0; i < 5 * RIG_RX_COUNT; i++) {
		rig->fake.mmio.queues[RX].next++;
		fake_complete(&rig->fake, RX, i % RIG_RX_COUNT, 0);
		rig_settle(rig);
	}
	assert_talks_at_once(rig);
	assert_string_equal(rig->sentences, "");
	rig_free(rig);
}

/* What should be read only is never read back: desc and avail may be anything. */
static void test_scribbled_rings(void **state)
{
	struct rig *rig = rig_talking(2);
	uint8_t *ring = rig->memory + (rig->fake.mmio.queues[RX].desc - RIG_ADDRESS);
	uint64_t used = rig->fake.mmio.queues[RX].used - rig->fake.mmio.queues[RX].desc;
	uint8_t *copy = malloc(used);

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		memcpy(copy, ring, used);
		memset(ring, 0xff, used);
		rig_settle(rig);
		memcpy(ring, copy, used);
		assert_talks_at_once(rig);
	}
	free(copy);
	rig_free(rig);
}

static void test_control_garbage(void **state)
{
	uint8_t name[200];
	struct rig *rig = rig_talking(2);

	(void)state;
	memset(name, 0xff, sizeof(name));
	for (unsigned event = 0; event < 70000; event += event < 16 ? 1 : 4097) {
		for (unsigned len = 0; len < sizeof(name); len += 13) {
			fake_control(&rig->fake, 40, (uint16_t)event, 1, name, len);
			fake_control(&rig->fake, UINT32_MAX, (uint16_t)event, 1, name, len);
			if (event != VIRTIO_CONSOLE_PORT_ADD &&
			    event != VIRTIO_CONSOLE_CONSOLE_PORT)
				fake_control(&rig->fake, 30, (uint16_t)event, 1, name, len);
			rig_settle(rig);
		}
	}
	assert_talks_at_once(rig);
	assert_string_equal(rig->sentences, "");
	rig_free(rig);
}

/* Messages too short to be one, or of no bytes at all. */
static void test_control_short(void **state)
{
	struct rig *rig = rig_talking(2);

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		unsigned id = rig->fake.mmio.queues[CONTROL_RX].next++ % QGA_VIRTIO_CONTROL_COUNT;

		fake_complete(&rig->fake, CONTROL_RX, id, i % 8);
		rig_settle(rig);
	}
	assert_talks_at_once(rig);
	rig_free(rig);
}

/* A port that goes and comes, under one number and another, as fast as it can. */
static void test_port_storm(void **state)
{
	struct rig *rig = rig_talking(2);

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		fake_host_unplug(&rig->fake, 1 + i % 5);
		fake_host_plug(&rig->fake, 1 + i * 7 % 5, RIG_PORT);
		if (i % 3 == 0)
			rig_settle(rig);
	}
	rig_settle(rig);
	rig_free(rig);
}

/* It never learns: after a few attempts it is left alone, quietly. */
static void test_gives_up(void **state)
{
	struct rig *rig = rig_talking(2);
	unsigned before;

	(void)state;
	for (unsigned i = 0; i < 30 && rig_console(rig)->state != VIRTIO_CONSOLE_STOPPED; i++) {
		fake_complete(&rig->fake, RX, 999, 1);
		rig_settle(rig);
	}
	assert_int_equal(rig_console(rig)->state, VIRTIO_CONSOLE_STOPPED);
	assert_int_equal(rig->fake.mmio.status, 0);
	assert_non_null(strstr(rig->sentences, "does not recover and is left alone\n"));
	rig_forget(rig);
	before = registers_count;
	rig_settle(rig);
	assert_int_equal(rig_write(rig, "x", 1), 0);
	rig_flush(rig);
	rig->console.channel.ops->open(&rig->console.channel);
	assert_int_equal(rig->console.channel.ops->tx_busy(&rig->console.channel), 0);
	rig->console.channel.ops->close(&rig->console.channel);
	assert_int_equal(registers_count, before);
	assert_string_equal(rig->received, "");
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_used_index),        cmocka_unit_test(test_used_id),
		cmocka_unit_test(test_same_buffer_twice), cmocka_unit_test(test_sent_buffer_twice),
		cmocka_unit_test(test_used_length),       cmocka_unit_test(test_empty_buffers),
		cmocka_unit_test(test_scribbled_rings),   cmocka_unit_test(test_control_garbage),
		cmocka_unit_test(test_control_short),     cmocka_unit_test(test_port_storm),
		cmocka_unit_test(test_gives_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
