/* SPDX-License-Identifier: MIT */
/*
 * The bytes' way: what each costs in register accesses, and that none is lost when clients come and
 * go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rig_talk.h"

#define NOTIFY 0x50
#define ACK    0x64

static struct fake_port *port;

/* QEMU with the port at number 1 and, mostly, a client. */
static struct rig *talking(unsigned version)
{
	struct rig *rig = rig_talking(version);

	port = &rig->fake.ports[1];
	registers_clear();
	return rig;
}

/* The same of version 2, with so many TX buffers. */
static struct rig *talking_with(unsigned tx_count)
{
	struct rig *rig = rig_qemu(2);

	rig->config.tx_count = (uint16_t)tx_count;
	assert_true(rig_start(rig));
	port = &rig->fake.ports[1];
	return rig;
}

static void answer(struct rig *rig, const char *text)
{
	assert_int_equal(rig_write(rig, text, strlen(text)), strlen(text));
}

static void assert_host_read(const char *text)
{
	assert_int_equal(port->out_len, strlen(text));
	assert_memory_equal(port->out, text, port->out_len);
	port->out_len = 0;
}

/* One in flight: the interrupt's acknowledgement and the notify, nothing else. */
static void test_cost_of_a_round_trip(void **state)
{
	struct rig *rig = talking(1);

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		registers_clear();
		assert_talks(rig);
		assert_int_equal(registers_count, 2);
		assert_int_equal(registers_accesses('W', NOTIFY), 1);
		assert_int_equal(registers_accesses('W', ACK), 1);
		assert_int_equal(rig->fake.mmio.isr,
		                 0); /* nobody is told that the answer has left */
	}
	rig_free(rig);
}

/* Answers that are not flushed in between share a buffer, a notify, and a delivery. */
static void test_answers_share_a_buffer(void **state)
{
	struct rig *rig = talking(2);

	(void)state;
	for (unsigned i = 0; i < 32; i++)
		answer(rig, "four");
	assert_int_equal(registers_accesses('W', NOTIFY), 0);
	rig_flush(rig);
	assert_int_equal(registers_accesses('W', NOTIFY), 1);
	assert_int_equal(port->out_len, 128);
	/* Exactly one full buffer; nothing is left to flush. */
	rig_flush(rig);
	assert_int_equal(registers_count, 1);
	rig_free(rig);
}

/* Received bytes are lent where the device wrote them, and may be given back in pieces. */
static void test_lends_in_place(void **state)
{
	struct rig *rig = talking(1);
	struct qga_channel *channel = &rig->console.channel;
	const uint8_t *data, *rest;

	(void)state;
	rig_say(rig, "abcdef");
	assert_int_equal(channel->ops->rx_get(channel, &data), 0); /* no poll has seen it */
	channel->ops->poll(channel);
	assert_int_equal(channel->ops->rx_get(channel, &data), 6);
	assert_true(data >= rig->memory && data < rig->memory + rig->memory_size);
	channel->ops->rx_put(channel, 2);
	assert_int_equal(channel->ops->rx_get(channel, &rest), 4);
	assert_ptr_equal(rest, data + 2);
	channel->ops->rx_put(channel, 0);
	assert_int_equal(channel->ops->rx_get(channel, &rest), 4);
	channel->ops->rx_put(channel, 4);
	assert_int_equal(channel->ops->rx_get(channel, &rest), 0);
	rig_free(rig);
}

/* QEMU finds fresh buffers by itself; only an empty ring makes it stop looking. */
static void test_kicks_only_when_empty(void **state)
{
	struct rig *rig = talking(1);
	char flood[RIG_RX_COUNT * RIG_RX_SIZE * 3];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		rig_say(rig, "some");
		rig_say(rig, "more");
		rig_settle(rig);
	}
	assert_int_equal(registers_accesses('W', NOTIFY), 0);
	assert_int_equal(rig->received_len, 800);
	rig_forget(rig);
	memset(flood, 'x', sizeof(flood));
	fake_host_send(&rig->fake, 1, flood, sizeof(flood));
	assert_int_not_equal(port->in_len, 0);
	rig_settle(rig);
	assert_int_equal(rig->received_len, sizeof(flood));
	assert_in_range(registers_accesses('W', NOTIFY), 1, 3 * RIG_RX_COUNT);
	rig_free(rig);
}

/*
 * Of another device we do not know that, and do as the standard says, whenever a quarter of the
 * buffers has been read.
 */
static void test_kicks_others_always(void **state)
{
	struct rig *rig = talking(2);

	(void)state;
	rig->devices[0].looks_often = false;
	for (unsigned i = 1; i <= RIG_RX_COUNT; i++) {
		rig_say(rig, "some");
		rig_settle(rig);
		assert_int_equal(registers_accesses('W', NOTIFY), i / (RIG_RX_COUNT / 4));
	}
	rig_free(rig);
}

/* A host that does not read: no room, no spinning, an interrupt as soon as there is. */
static void test_no_room(void **state)
{
	struct rig *rig = talking(1);
	char much[RIG_TX_COUNT * RIG_TX_SIZE + 1];

	(void)state;
	memset(much, 'y', sizeof(much));
	fake_host_read(&rig->fake, 1, false);
	assert_int_equal(rig_write(rig, much, sizeof(much)), sizeof(much) - 1);
	rig_flush(rig);
	assert_int_equal(rig->console.channel.ops->tx_busy(&rig->console.channel), RIG_TX_COUNT);
	assert_int_equal(rig_write(rig, much, 1), 0);
	rig_settle(rig);
	assert_int_equal(rig->fake.mmio.isr, 0);
	fake_host_read(&rig->fake, 1, true);
	assert_int_equal(rig->fake.mmio.isr, 1);
	rig_settle(rig);
	assert_int_equal(rig->console.channel.ops->tx_busy(&rig->console.channel), 0);
	assert_int_equal(port->out_len, sizeof(much) - 1);
	assert_talks(rig);
	rig_free(rig);
}

/*
 * When its reader has not come back, what is in flight decides how long to wait before power-off.
 */
static void test_busy_until_it_has_left(void **state)
{
	struct rig *rig = talking(2);
	struct qga_channel *channel = &rig->console.channel;

	(void)state;
	rig->fake.deferred = true;
	answer(rig, "bye");
	assert_int_equal(channel->ops->tx_busy(channel), 1);
	rig_flush(rig);
	assert_int_equal(channel->ops->tx_busy(channel), 1);
	fake_console_run(&rig->fake);
	assert_int_equal(rig->fake.mmio.isr, 1); /* so that the wait ends */
	assert_int_equal(channel->ops->tx_busy(channel), 0);
	assert_host_read("bye");
	rig_free(rig);
}

/*
 * '<' a client, '>' it has gone; what the driver must make of what happens between two of its
 * looks.
 */
static void test_clients_come_and_go(void **state)
{
	static const struct {
		const char *happens, *seen;
	} table[] = {
		{">", ">"},
		{">|<", "><"},
		/* Written and closed at once: still read. */
		{"a>", "a>"},
		{"a|>", "a>"},
		{"a>|<b", "a><b"},
		{"a|>|<|b", "a><b"},
		{"a|><", "a><"},
		{"><|a", "><a"},
		/* Whose the bytes are cannot be told: all are kept, no end is reported. */
		{"a|><b", "a<b"},
		{"a><b", "<ab"},
		{"a><b|", "<ab"},
		{"a><b>", "ab>"},
		{"a>|<b>", "a>b>"},
		/* Nobody is there to say it. */
		{"aaaa>|b", "aaaa>"},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct rig *rig = talking(1);

		for (const char *at = table[i].happens; *at != '\0'; at++) {
			if (*at == '|')
				rig_settle(rig);
			else if (*at == '<')
				fake_host_connect(&rig->fake, 1);
			else if (*at == '>')
				fake_host_disconnect(&rig->fake, 1);
			else if (port->host_open)
				fake_host_send(&rig->fake, 1, at, 1);
		}
		rig_settle(rig);
		assert_string_equal(rig->received, table[i].seen);
		rig_free(rig);
	}
}

/* The end of a client lies before bytes of the next that are there already. */
static void test_close_is_at_its_place(void **state)
{
	struct rig *rig = talking(1);
	struct qga_channel *channel = &rig->console.channel;
	const uint8_t *data;

	(void)state;
	rig_say(rig, "old");
	fake_host_disconnect(&rig->fake, 1);
	assert_int_equal(channel->ops->poll(channel), QGA_CLOSING);
	fake_host_connect(&rig->fake, 1);
	rig_say(rig, "new");
	assert_int_equal(channel->ops->poll(channel), QGA_CLOSING);
	assert_int_equal(channel->ops->rx_get(channel, &data), 3);
	assert_memory_equal(data, "old", 3);
	channel->ops->rx_put(channel, 3);
	assert_int_equal(channel->ops->rx_get(channel, &data), 0);
	assert_int_equal(channel->ops->poll(channel), QGA_HOST_CLOSE | QGA_HOST_OPEN);
	assert_int_equal(channel->ops->rx_get(channel, &data), 3);
	assert_memory_equal(data, "new", 3);
	rig_free(rig);
}

/* Nor before the rest of a buffer of which a part has been taken. */
static void test_close_is_behind_what_is_lent(void **state)
{
	struct rig *rig = talking(1);
	struct qga_channel *channel = &rig->console.channel;
	const uint8_t *data;

	(void)state;
	rig_say(rig, "old");
	fake_host_disconnect(&rig->fake, 1);
	assert_int_equal(channel->ops->poll(channel), QGA_CLOSING);
	assert_int_equal(channel->ops->rx_get(channel, &data), 3);
	assert_int_equal(channel->ops->poll(channel), QGA_CLOSING);
	channel->ops->rx_put(channel, 1);
	assert_int_equal(channel->ops->poll(channel), QGA_CLOSING);
	assert_int_equal(channel->ops->rx_get(channel, &data), 2);
	assert_memory_equal(data, "ld", 2);
	channel->ops->rx_put(channel, 2);
	assert_int_equal(channel->ops->poll(channel), QGA_HOST_CLOSE);
	rig_free(rig);
}

/* QEMU forgets a buffer each time a client goes that has left answers unread. For ever is long. */
static void test_leak(void **state)
{
	struct rig *rig = talking(1);
	unsigned resets = rig->fake.mmio.resets;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		fake_host_read(&rig->fake, 1, false);
		answer(rig, "nobody reads this");
		rig_flush(rig);
		fake_host_disconnect(&rig->fake, 1);
		rig_settle(rig);
		fake_host_connect(&rig->fake, 1);
		assert_talks(rig);
	}
	/* Two of four lost are borne, the third is not. */
	assert_in_range(rig->fake.mmio.resets - resets, 60, 100);
	assert_int_equal(rig_console(rig)->state, VIRTIO_CONSOLE_FOUND);
	assert_string_equal(rig->sentences, "");
	rig_free(rig);
}

/* What arrived before our end was closed is read before the reset. */
static void test_leak_loses_no_request(void **state)
{
	(void)state;
	for (unsigned deferred = 0; deferred < 2; deferred++) {
		struct rig *rig = talking(2);

		rig->fake.deferred = deferred != 0;
		for (unsigned i = 0; i < 3; i++) {
			fake_host_read(&rig->fake, 1, false);
			answer(rig, "nobody reads this");
			rig_flush(rig);
			fake_console_run(&rig->fake);
			rig_say(rig, "last words");
			fake_host_disconnect(&rig->fake, 1);
			rig_settle(rig);
			assert_string_equal(rig->received, "last words>");
			fake_host_connect(&rig->fake, 1);
			rig_settle(rig);
			rig_forget(rig);
		}
		assert_talks(rig);
		rig_free(rig);
	}
}

/*
 * A client comes and sends while our end is about to close, before the device knows (KVM's ioeventfd): nothing of it
 * is lost, and the device is reset when it has gone.
 */
static void test_leak_and_somebody_comes(void **state)
{
	struct rig *rig = talking(2);
	struct qga_channel *channel = &rig->console.channel;
	unsigned resets = rig->fake.mmio.resets;

	(void)state;
	rig->fake.deferred = true;
	for (unsigned i = 0; i < 3; i++) {
		fake_host_connect(&rig->fake, 1);
		rig_settle(rig);
		fake_host_read(&rig->fake, 1, false);
		answer(rig, "nobody reads this");
		rig_flush(rig);
		fake_console_run(&rig->fake);
		fake_host_disconnect(&rig->fake, 1);
		if (i < 2)
			rig_settle(rig);
	}
	while (!rig_console(rig)->quiesce)
		channel->ops->poll(channel);
	rig_forget(rig);
	fake_host_connect(&rig->fake, 1);
	rig_say(rig, "first half, ");
	rig_settle(rig);
	rig_say(rig, "second half");
	rig_settle(rig);
	assert_string_equal(rig->received, "<first half, second half");
	assert_int_equal(rig->fake.mmio.resets, resets);
	assert_talks(rig);
	fake_host_disconnect(&rig->fake, 1);
	rig_settle(rig);
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	fake_host_connect(&rig->fake, 1);
	assert_talks(rig);
	rig_free(rig);
}

/* A client leaves an answer unread, and the next is there before anybody looks. */
static void leave_unread(struct rig *rig)
{
	fake_host_read(&rig->fake, 1, false);
	answer(rig, "nobody reads this");
	rig_flush(rig);
	fake_console_run(&rig->fake);
	fake_host_disconnect(&rig->fake, 1);
	fake_host_connect(&rig->fake, 1);
}

static void leak_while_one_follows_the_other(unsigned count, bool deferred)
{
	struct rig *rig = talking_with(count);
	unsigned resets = rig->fake.mmio.resets;

	rig->fake.deferred = deferred;
	for (unsigned i = 0; i < 100; i++) {
		leave_unread(rig);
		assert_talks(rig);
	}
	assert_int_equal(rig->fake.mmio.resets - resets, 100 / count);
	assert_string_equal(rig->sentences, "");
	rig_free(rig);
}

/* Nobody is ever seen to be away: once all are lost the device is reset, and who is there then may have to ask again. */
static void test_leak_while_one_follows_the_other(void **state)
{
	(void)state;
	for (unsigned count = 2; count <= RIG_TX_COUNT; count++) {
		leak_while_one_follows_the_other(count, false);
		leak_while_one_follows_the_other(count, true);
	}
}

/* All but one are lost, and what was in that one has just been read: it is enough for who comes next. */
static void test_leak_of_all_but_one(void **state)
{
	struct rig *rig = talking(2);
	unsigned resets = rig->fake.mmio.resets;

	(void)state;
	for (unsigned i = 0; i < RIG_TX_COUNT - 1; i++) {
		leave_unread(rig);
		assert_talks(rig);
	}
	answer(rig, "read");
	rig_flush(rig);
	assert_host_read("read");
	fake_host_disconnect(&rig->fake, 1);
	fake_host_connect(&rig->fake, 1);
	assert_talks(rig);
	assert_int_equal(rig->fake.mmio.resets, resets);
	rig_free(rig);
}

static void leave_full(unsigned count, unsigned first)
{
	struct rig *rig = talking_with(count);
	unsigned resets = rig->fake.mmio.resets;

	for (unsigned i = 0; i < first; i++)
		assert_talks(rig);
	/* The device has not looked yet. */
	rig->fake.deferred = true;
	fake_host_disconnect(&rig->fake, 1);
	fake_host_connect(&rig->fake, 1);
	for (unsigned i = 0; i < count; i++) {
		answer(rig, "for who has gone");
		rig_flush(rig);
	}
	rig->console.channel.ops->poll(&rig->console.channel);
	rig_settle(rig);
	assert_int_equal(rig->fake.mmio.resets, resets);
	assert_talks(rig);
	rig_free(rig);
}

/*
 * Who has gone has left all buffers behind, whichever was the first, or the only one, and they come back: nothing is
 * lost, and nothing reset.
 */
static void test_full_when_one_follows_the_other(void **state)
{
	(void)state;
	leave_full(1, 0);
	for (unsigned first = 0; first < RIG_TX_COUNT; first++)
		leave_full(RIG_TX_COUNT, first);
}

/* The device, which can, writes into the ring where we say what it is given: what is read there is taken for nothing. */
static void test_leak_and_a_spoiled_ring(void **state)
{
	struct rig *rig = talking(2);
	unsigned resets = rig->fake.mmio.resets;
	volatile struct virtq_avail *avail = rig_console(rig)->tx.avail;

	(void)state;
	for (unsigned i = 0; i < RIG_TX_COUNT; i++) {
		leave_unread(rig);
		if (i < RIG_TX_COUNT - 1)
			assert_talks(rig);
	}
	for (unsigned i = 0; i < RIG_TX_COUNT; i++)
		avail->ring[i] = 0xffff;
	rig_settle(rig);
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	assert_talks(rig);
	rig_free(rig);
}

/*
 * All are lost while a request is not taken, because there is no room for the answer to the one before:
 * nothing waits for it to be.
 */
static void test_leak_of_all(void **state)
{
	struct rig *rig = talking(2);
	struct qga_channel *channel = &rig->console.channel;
	unsigned resets = rig->fake.mmio.resets, events = 0;

	(void)state;
	rig_say(rig, "not taken");
	channel->ops->poll(channel);
	for (unsigned i = 0; i < RIG_TX_COUNT; i++) {
		fake_host_connect(&rig->fake, 1);
		fake_host_read(&rig->fake, 1, false);
		answer(rig, "nobody reads this");
		rig_flush(rig);
		fake_host_disconnect(&rig->fake, 1);
	}
	for (unsigned i = 0; i < 20; i++) {
		events |= channel->ops->poll(channel);
		fake_console_run(&rig->fake);
	}
	assert_true(events & QGA_HOST_CLOSE);
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	fake_host_connect(&rig->fake, 1);
	assert_talks(rig);
	rig_free(rig);
}

static void test_unplug_and_plug(void **state)
{
	(void)state;
	for (unsigned nr = 1; nr <= 3; nr++) {
		struct rig *rig = talking(1);

		rig_say(rig, "last");
		fake_host_unplug(&rig->fake, 1);
		rig_settle(rig);
		assert_string_equal(rig->received, "last>");
		assert_int_equal(rig_console(rig)->state, VIRTIO_CONSOLE_ABSENT);
		assert_int_equal(rig_write(rig, "x", 1), 0);
		fake_host_plug(&rig->fake, nr, RIG_PORT);
		rig_settle(rig);
		assert_int_equal(rig_console(rig)->port, nr);
		fake_host_connect(&rig->fake, nr);
		port = &rig->fake.ports[nr];
		rig_settle(rig);
		rig_forget(rig);
		fake_host_send(&rig->fake, nr, "again", 5);
		rig_settle(rig);
		assert_string_equal(rig->received, "again");
		answer(rig, "yes");
		rig_flush(rig);
		assert_host_read("yes");
		rig_free(rig);
	}
}

/*
 * Answers that nobody read before the port was unplugged are not for the next port's client. That
 * takes a reset each time, and is no reason to give the device up.
 */
static void unplugs_with_answers(bool client_goes_first)
{
	struct rig *rig = talking(1);

	for (unsigned i = 0; i < 12; i++) {
		fake_host_read(&rig->fake, 1, false);
		answer(rig, "held");
		rig_flush(rig);
		answer(rig, "queued");
		rig_flush(rig);
		answer(rig, "open");
		if (client_goes_first)
			fake_host_disconnect(&rig->fake, 1);
		fake_host_unplug(&rig->fake, 1);
		rig_settle(rig);
		assert_string_equal(rig->received, i == 0 ? ">" : "ping>");
		fake_host_plug(&rig->fake, 1, RIG_PORT);
		rig_settle(rig);
		fake_host_connect(&rig->fake, 1);
		rig_settle(rig);
		rig_flush(rig);
		assert_host_read("");
		assert_talks(rig);
	}
	rig_free(rig);
}

static void test_unplug_with_answers(void **state)
{
	(void)state;
	unplugs_with_answers(false);
	unplugs_with_answers(true);
}

static void test_needs_reset(void **state)
{
	struct rig *rig = talking(2);

	(void)state;
	rig->fake.mmio.status |= 0x40;
	rig->fake.mmio.isr |= 2;
	rig_settle(rig);
	rig_settle(rig);
	assert_int_equal(rig->fake.mmio.status, 0xf);
	assert_string_equal(rig->received, "><");
	assert_talks(rig);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cost_of_a_round_trip),
		cmocka_unit_test(test_answers_share_a_buffer),
		cmocka_unit_test(test_lends_in_place),
		cmocka_unit_test(test_kicks_only_when_empty),
		cmocka_unit_test(test_kicks_others_always),
		cmocka_unit_test(test_no_room),
		cmocka_unit_test(test_busy_until_it_has_left),
		cmocka_unit_test(test_clients_come_and_go),
		cmocka_unit_test(test_close_is_at_its_place),
		cmocka_unit_test(test_close_is_behind_what_is_lent),
		cmocka_unit_test(test_leak),
		cmocka_unit_test(test_leak_loses_no_request),
		cmocka_unit_test(test_leak_and_somebody_comes),
		cmocka_unit_test(test_leak_while_one_follows_the_other),
		cmocka_unit_test(test_leak_of_all_but_one),
		cmocka_unit_test(test_full_when_one_follows_the_other),
		cmocka_unit_test(test_leak_and_a_spoiled_ring),
		cmocka_unit_test(test_leak_of_all),
		cmocka_unit_test(test_unplug_and_plug),
		cmocka_unit_test(test_unplug_with_answers),
		cmocka_unit_test(test_needs_reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
