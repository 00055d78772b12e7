/* SPDX-License-Identifier: MIT */
/* A socket device that breaks the rules, and clients that lie: reset or thrown out, never believed. */
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

static struct vsock_rig *talking(bool can_reset)
{
	struct vsock_rig *rig = vsock_rig_new();

	if (can_reset)
		fake_vsock_qemu(&rig->fake, VRIG_BASE, 2);
	else
		fake_vsock_firecracker(&rig->fake, VRIG_BASE);
	assert_true(vsock_rig_start(rig));
	vsock_rig_connect(rig, 50);
	vsock_rig_forget(rig);
	return rig;
}

/* All is well: somebody else is let in and answered. */
static void assert_serves(struct vsock_rig *rig, uint32_t port)
{
	vsock_rig_settle(rig);
	while (vsock_rig_listen(rig) != 0)
		;
	vsock_rig_forget(rig);
	vsock_rig_connect(rig, port);
	assert_string_equal(rig->received, "<");
	assert_talks(rig, port);
}

/* The violation was seen, the device was reset once, its client is gone, and all is well again. */
static void assert_recovers(struct vsock_rig *rig, unsigned resets)
{
	vsock_rig_settle(rig);
	assert_string_equal(rig->received, ">");
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	assert_string_equal(rig->sentences,
	                    "virtio socket device broke the protocol and is reset\n");
	assert_serves(rig, 60);
	vsock_rig_free(rig);
}

static void break_queue(struct vsock_rig *rig, unsigned queue, unsigned n)
{
	uint64_t at = rig->fake.mmio.queues[queue].used - VRIG_ADDRESS + 2;

	*(uint16_t *)(rig->memory + at) += (uint16_t)n;
}

static void test_used_index(void **state)
{
	static const unsigned given[] = {VRIG_COUNT, 0, VSOCK_EVENT_COUNT};

	(void)state;
	for (unsigned queue = RX; queue <= EVENT; queue++) {
		for (unsigned n = given[queue] + 1; n < 65536; n = n * 3 + 1) {
			struct vsock_rig *rig = talking(true);
			unsigned resets = rig->fake.mmio.resets;

			break_queue(rig, queue, n);
			if (queue == TX)
				rig->vsock.channel.ops->tx_busy(&rig->vsock.channel);
			assert_recovers(rig, resets);
		}
	}
}

static void test_used_id(void **state)
{
	static const uint32_t ids[] = {VRIG_COUNT, 127, 128, 65535, 65536, UINT32_MAX};

	(void)state;
	for (unsigned i = 0; i < 2 * sizeof(ids) / sizeof(ids[0]); i++) {
		struct vsock_rig *rig = talking(true);
		unsigned resets = rig->fake.mmio.resets;

		fake_mmio_complete(&rig->fake.mmio, i % 2 == 0 ? RX : EVENT, ids[i / 2], 44);
		assert_recovers(rig, resets);
	}
}

/* A bounded number of times; and one that cannot be reset is left alone at once. */
static void test_again_and_again(void **state)
{
	(void)state;
	for (unsigned can_reset = 0; can_reset < 2; can_reset++) {
		struct vsock_rig *rig = talking(can_reset != 0);
		unsigned resets = rig->fake.mmio.resets;

		for (unsigned i = 0; i < 20; i++) {
			if (rig->fake.mmio.queues[RX].ready != 0 &&
			    (rig->fake.mmio.status & 0x80) == 0)
				fake_mmio_complete(&rig->fake.mmio, RX, 1000, 44);
			vsock_rig_settle(rig);
		}
		assert_string_equal(rig->received, ">");
		assert_int_equal(rig->fake.mmio.resets - resets, can_reset != 0 ? 8 : 1);
		assert_int_equal(qga_virtio_vsock_fault(&rig->vsock),
		                 can_reset != 0 ? QGA_VIRTIO_FAULT_BROKEN : QGA_VIRTIO_FAULT_RESET);
		assert_int_equal(vsock_rig_write(rig, "x", 1), 0);
		assert_int_equal(rig->vsock.channel.ops->tx_busy(&rig->vsock.channel), 0);
		vsock_rig_free(rig);
	}
}

/* It says that it wants to be reset, after any number of answers, whose buffers came back unasked. */
static void test_needs_reset(void **state)
{
	(void)state;
	for (unsigned answers = 0; answers < 2 * VRIG_COUNT; answers++) {
		struct vsock_rig *rig = talking(true);
		unsigned resets = rig->fake.mmio.resets;

		vsock_rig_settle(rig);
		for (unsigned i = 0; i < answers; i++)
			assert_int_equal(vsock_rig_write(rig, "pong", 4), 4);
		rig->vsock.channel.ops->tx_busy(&rig->vsock.channel);
		fake_mmio_break(&rig->fake.mmio);
		assert_recovers(rig, resets);
	}
}

/* An interrupt about nothing is one look at the status. */
static void test_interrupt_about_nothing(void **state)
{
	struct vsock_rig *rig = talking(true);
	unsigned resets = rig->fake.mmio.resets;

	(void)state;
	vsock_rig_settle(rig);
	for (unsigned i = 1; i < 5; i++) {
		registers_clear();
		rig->vsock.channel.ops->interrupt(&rig->vsock.channel);
		vsock_rig_settle(rig);
		assert_int_equal(registers_accesses('R', 0x70), 1);
	}
	assert_int_equal(rig->fake.mmio.resets, resets);
	assert_string_equal(rig->received, "");
	vsock_rig_free(rig);
}

/* Lengths that are not true end the connection, and that alone. */
static void test_lengths(void **state)
{
	static const struct {
		uint32_t len, used;
	} lies[] = {{UINT32_MAX, 44 + 64}, {65, 44 + 64}, {10, 44 + 9}, {1, 44}, {65, UINT32_MAX}};

	(void)state;
	for (unsigned i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct vsock_rig *rig = talking(false);
		struct fake_vsock_header header = {.src_cid = VRIG_HOST,
		                                   .dst_cid = 3,
		                                   .src_port = 50,
		                                   .dst_port = VRIG_PORT,
		                                   .len = lies[i].len,
		                                   .type = 1,
		                                   .op = VSOCK_RW,
		                                   .buf_alloc = 1000};

		fake_vsock_claim(&rig->fake, &header, lies[i].used);
		vsock_rig_settle(rig);
		assert_string_equal(rig->received, ">");
		assert_true(vsock_rig_hears(rig, 50, VSOCK_RST, NULL));
		assert_string_equal(rig->sentences, "");
		assert_serves(rig, 51);
		vsock_rig_free(rig);
	}
}

/* Nothing at all in a buffer, and events that nobody knows: as if they had not been. */
static void test_nothing(void **state)
{
	struct vsock_rig *rig = talking(false);
	struct fake_vsock_header header = {.op = VSOCK_RST};

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		fake_vsock_claim(&rig->fake, &header, i % 44);
		vsock_rig_settle(rig);
	}
	for (unsigned i = 0; i < VSOCK_EVENT_COUNT; i++)
		fake_mmio_complete(&rig->fake.mmio, EVENT, i, i);
	vsock_rig_settle(rig);
	assert_string_equal(rig->received, "");
	assert_hears(rig, 50);
	vsock_rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_used_index),
		cmocka_unit_test(test_used_id),
		cmocka_unit_test(test_again_and_again),
		cmocka_unit_test(test_needs_reset),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_interrupt_about_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
