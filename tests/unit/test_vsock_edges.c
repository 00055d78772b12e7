/* SPDX-License-Identifier: MIT */
/*
 * test_vsock_edges.c - what a socket driver does that bytes do not show: which interrupts it wants,
 * which registers it reads, whose buffer it takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vsock_rig_talk.h"

#define NOTIFY 0x50
#define STATUS 0x70

enum {
	RX,
	TX,
	EVENT
};

static struct vsock_rig *rig;
static struct qga_channel *channel;

static void connect_as(uint32_t port)
{
	vsock_rig_connect(rig, port);
	vsock_rig_forget(rig);
}

static void start(void)
{
	rig = vsock_rig_new();
	channel = &rig->vsock.channel;
	fake_vsock_qemu(&rig->fake, VRIG_BASE, 2);
	assert_true(vsock_rig_start(rig));
}

static void begin(void)
{
	start();
	connect_as(50);
	rig->fake.mmio.isr = 0;
	registers_clear();
}

static void end(void)
{
	assert_string_equal(rig->sentences, "");
	vsock_rig_free(rig);
}

/* A part of an answer, which is not on its way yet. */
static void put(const char *text)
{
	uint8_t *buf;

	assert_in_range(channel->ops->tx_get(channel, &buf), strlen(text), 64);
	memcpy(buf, text, strlen(text));
	channel->ops->tx_put(channel, strlen(text));
}

/* What is in flight, and what is in a buffer only. */
static void busy(void **state)
{
	(void)state;
	begin();
	assert_int_equal(channel->ops->tx_busy(channel), 0);
	put("a");
	assert_int_equal(channel->ops->tx_busy(channel), 1);
	rig->fake.lazy = true;
	channel->ops->tx_flush(channel);
	assert_int_equal(channel->ops->tx_busy(channel), 1);
	put("b");
	assert_int_equal(channel->ops->tx_busy(channel), 2);
	channel->ops->tx_flush(channel);
	rig->fake.lazy = false;
	fake_vsock_run(&rig->fake);
	assert_int_equal(channel->ops->tx_busy(channel), 0);
	end();
}

/* What has left interrupts only while there is no room: not before, and not afterwards. */
static void completions(void **state)
{
	char text[VRIG_COUNT * 64];

	(void)state;
	begin();
	memset(text, 'x', sizeof(text));
	/* Each time another buffer is the first of them. */
	for (unsigned i = 0; i < VRIG_COUNT; i++) {
		for (unsigned n = 0; n <= VRIG_COUNT; n++) {
			assert_int_equal(vsock_rig_write(rig, "pong", 4), 4);
			assert_int_equal(rig->fake.mmio.isr, 0);
		}
		rig->fake.lazy = true;
		assert_int_equal(vsock_rig_write(rig, text, sizeof(text)), sizeof(text));
		assert_int_equal(vsock_rig_write(rig, "x", 1), 0);
		rig->fake.lazy = false;
		fake_vsock_run(&rig->fake);
		assert_int_equal(rig->fake.mmio.isr, 1);
		vsock_rig_settle(rig);
		assert_int_equal(rig->fake.mmio.isr, 0);
		while (vsock_rig_listen(rig) != 0)
			;
		rig->forwarded = (uint32_t)rig->heard_len;
		vsock_rig_say(rig, 50, VSOCK_CREDIT_UPDATE, 0, NULL, 0);
		vsock_rig_settle(rig);
	}
	end();
}

/* What is said in between does not take the buffer that an answer is being written to. */
static void a_buffer_is_one_writers(void **state)
{
	static const char *const parts[] = {"", "h", "half"};

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		for (unsigned before = 0; before < VRIG_COUNT; before++) {
			begin();
			for (unsigned n = 0; n < before; n++)
				assert_int_equal(vsock_rig_write(rig, ".", 1), 1);
			assert_int_equal(channel->ops->tx_busy(channel), 0);
			put(parts[i]);
			vsock_rig_say(rig, 60, VSOCK_RW, 0, "?", 1);
			fake_vsock_run(&rig->fake);
			channel->ops->poll(channel);
			fake_vsock_run(&rig->fake);
			put(" whole");
			vsock_rig_settle(rig);
			assert_int_equal(vsock_rig_listen(rig), VSOCK_RST);
			assert_int_equal(vsock_rig_listen(rig), 0);
			assert_string_equal(rig->heard + before, i == 0   ? " whole"
			                                         : i == 1 ? "h whole"
			                                                  : "half whole");
			assert_int_equal(channel->ops->tx_busy(channel), 0);
			vsock_rig_settle(rig);
			end();
		}
}

/* The status is read only when an interrupt brought nothing, and once for each. */
static void status_is_read_seldom(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 0; i < 10; i++)
		channel->ops->poll(channel);
	assert_int_equal(registers_accesses('R', STATUS), 0);
	assert_hears(rig, 50);
	assert_int_equal(rig->fake.mmio.isr, 0); /* interrupt() has acknowledged it */
	assert_int_equal(registers_accesses('R', STATUS), 0);
	fake_vsock_transport_reset(&rig->fake, 7);
	vsock_rig_settle(rig);
	channel->ops->interrupt(channel);
	channel->ops->poll(channel);
	registers_clear();
	for (unsigned n = 1; n < 4; n++) {
		channel->ops->interrupt(channel);
		for (unsigned i = 0; i < 10; i++)
			channel->ops->poll(channel);
		assert_int_equal(registers_accesses('R', STATUS), n);
	}
	end();
}

/* While room is waited for, only an interrupt that brought some is about that. */
static void status_while_there_is_no_room(void **state)
{
	char text[VRIG_COUNT * 64];

	(void)state;
	begin();
	memset(text, 'x', sizeof(text));
	rig->fake.lazy = true;
	assert_int_equal(vsock_rig_write(rig, text, sizeof(text)), sizeof(text));
	assert_int_equal(vsock_rig_write(rig, "x", 1), 0);
	channel->ops->interrupt(channel);
	channel->ops->poll(channel);
	for (unsigned n = 0; n < 3; n++) {
		registers_clear();
		channel->ops->interrupt(channel);
		channel->ops->poll(channel);
		assert_int_equal(registers_accesses('R', STATUS), 1);
	}
	rig->fake.lazy = false;
	fake_vsock_run(&rig->fake);
	registers_clear();
	channel->ops->interrupt(channel);
	channel->ops->poll(channel);
	assert_int_equal(registers_accesses('R', STATUS), 0);
	end();
}

/* A device that interrupts for each buffer is not looked at twice. */
static void one_look(void **state)
{
	(void)state;
	rig = vsock_rig_new();
	channel = &rig->vsock.channel;
	fake_vsock_qemu(&rig->fake, VRIG_BASE, 2);
	rig->fake.mmio.features &= ~(1u << 29); /* EVENT_IDX */
	assert_true(vsock_rig_start(rig));
	connect_as(50);
	vsock_rig_say(rig, 50, VSOCK_RW, 0, "ping", 4);
	fake_vsock_run(&rig->fake);
	assert_int_equal(channel->ops->poll(channel) & QGA_AGAIN, 0);
	vsock_rig_settle(rig);
	assert_string_equal(rig->received, "ping");
	end();
}

static void an_event_is_news(void **state)
{
	(void)state;
	begin();
	fake_vsock_transport_reset(&rig->fake, 7);
	rig->fake.mmio.isr = 0;
	registers_clear();
	channel->ops->interrupt(channel);
	channel->ops->poll(channel);
	assert_int_equal(registers_accesses('R', STATUS), 0);
	end();
}

/* An event that nobody knows, and one that is not all there. */
static void other_events(void **state)
{
	static const struct {
		uint32_t event, len;
	} rows[] = {{1, 4}, {0, 3}, {0, 0}, {UINT32_MAX, 4}, {256, 8}};

	(void)state;
	begin();
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fake_queue *q = &rig->fake.mmio.queues[EVENT];
		uint16_t *avail = (uint16_t *)(rig->memory + (q->avail - VRIG_ADDRESS));
		uint16_t id = avail[2 + q->next % q->num];
		uint64_t *desc = (uint64_t *)(rig->memory + (q->desc - VRIG_ADDRESS) + 16u * id);

		memcpy(rig->memory + (desc[0] - VRIG_ADDRESS), &rows[i].event, 4);
		q->next++;
		fake_mmio_complete(&rig->fake.mmio, EVENT, id, rows[i].len);
		vsock_rig_settle(rig);
		assert_string_equal(rig->received, "");
		assert_hears(rig, 50);
		vsock_rig_forget(rig);
	}
	end();
}

/* A used buffer that nobody gave is a violation, also when only room is looked for. */
static void a_completion_of_nothing(void **state)
{
	unsigned resets;

	(void)state;
	begin();
	resets = rig->fake.mmio.resets;
	rig->fake.mmio.lies = true;
	fake_mmio_complete(&rig->fake.mmio, TX, 0, 0);
	channel->ops->tx_busy(channel);
	vsock_rig_settle(rig);
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	assert_true(vsock_rig_hears(rig, 50, VSOCK_RST, NULL));
	/* Another than that which is on its way. */
	connect_as(51);
	rig->fake.lazy = true;
	assert_int_equal(vsock_rig_write(rig, "x", 1), 1);
	fake_mmio_complete(&rig->fake.mmio, TX, 77, 0);
	channel->ops->tx_busy(channel);
	vsock_rig_settle(rig);
	assert_int_equal(rig->fake.mmio.resets, resets + 2);
	vsock_rig_free(rig);
}

/* With clients in between it may break the rules again and again. */
static void forgiven(void **state)
{
	(void)state;
	start();
	rig->fake.mmio.lies = true;
	for (uint32_t port = 50; port < 80; port++) {
		connect_as(port);
		fake_mmio_complete(&rig->fake.mmio, RX, 1000, 44);
		vsock_rig_settle(rig);
		while (vsock_rig_listen(rig) != 0)
			;
	}
	assert_int_equal(qga_virtio_vsock_fault(&rig->vsock), 0);
	vsock_rig_free(rig);
}

/* One that was given up is left alone, whatever was due. */
static void given_up(void **state)
{
	(void)state;
	start();
	connect_as(50);
	rig->fake.mmio.lies = true;
	for (unsigned i = 0; i < 9; i++) {
		vsock_rig_say(rig, 60, VSOCK_RW, 0, "?", 1);
		fake_vsock_run(&rig->fake);
		fake_mmio_complete(&rig->fake.mmio, RX, 1000, 44);
		registers_clear();
		channel->ops->poll(channel);
	}
	assert_int_equal(registers_accesses('W', NOTIFY), 0);
	assert_int_equal(qga_virtio_vsock_fault(&rig->vsock), QGA_VIRTIO_FAULT_BROKEN);
	registers_clear();
	for (unsigned i = 0; i < 3; i++) {
		channel->ops->poll(channel);
		channel->ops->tx_flush(channel);
	}
	assert_int_equal(registers_count, 0);
	vsock_rig_free(rig);
}

/* The text of a call is as long as a buffer's data, and not longer. */
static void longest_call(void **state)
{
	char text[VRIG_SIZE];

	(void)state;
	for (unsigned len = 63; len <= 65; len++) {
		begin();
		memset(text, 'x', sizeof(text));
		text[len] = '\0';
		qga_virtio_vsock_call(&rig->vsock, 2, 8888, text);
		assert_int_equal(qga_virtio_vsock_called(&rig->vsock),
		                 len <= 64 ? QGA_VIRTIO_CALL_GOING : QGA_VIRTIO_CALL_FAILED);
		vsock_rig_settle(rig);
		end();
	}
}

/* No feature is taken that was not asked for; one buffer each way will do. */
static void least(void **state)
{
	(void)state;
	rig = vsock_rig_new();
	channel = &rig->vsock.channel;
	fake_vsock_qemu(&rig->fake, VRIG_BASE, 2);
	rig->fake.mmio.features |= 0xff;
	rig->config.rx_count = 1;
	rig->config.tx_count = 1;
	assert_true(vsock_rig_start(rig));
	assert_int_equal(rig->fake.mmio.accepted[0] & 0xff, 0);
	connect_as(50);
	for (unsigned i = 0; i < 5; i++) {
		rig->received_len = 0;
		assert_hears(rig, 50);
		assert_int_equal(vsock_rig_write(rig, "pong", 4), 4);
	}
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(busy),
		cmocka_unit_test(completions),
		cmocka_unit_test(a_buffer_is_one_writers),
		cmocka_unit_test(status_is_read_seldom),
		cmocka_unit_test(status_while_there_is_no_room),
		cmocka_unit_test(one_look),
		cmocka_unit_test(an_event_is_news),
		cmocka_unit_test(other_events),
		cmocka_unit_test(a_completion_of_nothing),
		cmocka_unit_test(forgiven),
		cmocka_unit_test(given_up),
		cmocka_unit_test(longest_call),
		cmocka_unit_test(least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
