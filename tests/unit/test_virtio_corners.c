/* SPDX-License-Identifier: MIT */
/* The console's driver where two things meet: what is lent and a restart, ends and bytes, losses and comings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rig_talk.h"

enum {
	RX = 4,
	TX = 5
}; /* of port 1 */

static const struct qga_channel_ops *ops;

static struct rig *talking(void)
{
	struct rig *rig = rig_talking(2);

	ops = rig->console.channel.ops;
	return rig;
}

/* --- Restarts --- */

/* What was lent in either direction before is nobody's afterwards. */
static void test_given_back_too_late(void **state)
{
	struct rig *rig = talking();
	struct qga_channel *channel = &rig->console.channel;
	unsigned resets = rig->fake.mmio.resets;
	const uint8_t *data;
	uint8_t *buf;

	(void)state;
	rig_say(rig, "abc");
	ops->poll(channel);
	assert_int_equal(ops->rx_get(channel, &data), 3);
	assert_int_equal(ops->tx_get(channel, &buf), RIG_TX_SIZE);
	*(uint16_t *)(rig->memory + (rig->fake.mmio.queues[TX].used - RIG_ADDRESS) + 2) += 1;
	ops->tx_busy(channel);
	ops->poll(channel);
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	ops->rx_put(channel, 3);
	ops->tx_put(channel, RIG_TX_SIZE);
	ops->tx_flush(channel);
	assert_int_equal(rig->fake.ports[1].out_len, 0);
	assert_talks(rig);
	rig_free(rig);
}

/* A device that does not come back from its reset is left alone, whether somebody is told or not. */
static void test_restart_in_vain(void **state)
{
	(void)state;
	for (unsigned told = 0; told < 2; told++) {
		struct rig *rig = talking();

		if (!told)
			rig->config.debug = NULL;
		rig->fake.mmio.stuck = true;
		fake_complete(&rig->fake, RX, 99, 1);
		rig_settle(rig);
		assert_string_equal(rig->received, ">");
		assert_int_equal(rig_console(rig)->state, VIRTIO_CONSOLE_STOPPED);
		assert_int_equal(qga_virtio_console_fault(&rig->console), QGA_VIRTIO_FAULT_RESET);
		assert_string_equal(rig->sentences,
		                    told ? "virtio console broke the protocol and is reset\n"
		                           "virtio device does not finish its reset\n"
		                         : "");
		registers_clear();
		rig_settle(rig);
		assert_int_equal(registers_count, 0);
		rig_free(rig);
	}
}

/* There is no room, and what comes back is a buffer that does not exist. */
static void test_no_room_and_a_lie(void **state)
{
	struct rig *rig = talking();
	char much[RIG_TX_COUNT * RIG_TX_SIZE];
	unsigned resets = rig->fake.mmio.resets;

	(void)state;
	memset(much, 'y', sizeof(much));
	fake_host_read(&rig->fake, 1, false);
	assert_int_equal(rig_write(rig, much, sizeof(much)), sizeof(much));
	rig_flush(rig);
	assert_int_equal(rig_write(rig, "x", 1), 0);
	fake_complete(&rig->fake, TX, 99, 0);
	ops->tx_busy(&rig->console.channel);
	assert_true(rig_console(rig)->tx_waiting); /* it has given nothing back */
	assert_int_equal(rig_write(rig, "x", 1), 0);
	fake_host_read(&rig->fake, 1, true);
	rig_settle(rig);
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	assert_string_equal(rig->sentences, "virtio console broke the protocol and is reset\n");
	assert_talks(rig);
	rig_free(rig);
}

/* A console without names that is to be reset when its end is opened. */
static void test_lone_port_restarts(void **state)
{
	struct rig *rig = rig_new();
	struct qga_channel *channel = &rig->console.channel;
	const uint8_t *data;

	(void)state;
	fake_console_qemu(&rig->fake, RIG_BASE, 2);
	rig->fake.mmio.features &= ~2u;
	rig->fake.max_ports = 1;
	fake_console_port(&rig->fake, 0, "")->host_open = true;
	rig->config.unnamed = true;
	fake_mmio_memory(&rig->fake.mmio, rig->memory, rig->memory_size, RIG_ADDRESS);
	assert_int_equal(qga_virtio_console_init(&rig->console, &rig->config), 0);
	ops = channel->ops;
	fake_complete(&rig->fake, 0, 99, 1);
	assert_int_equal(ops->poll(channel), 0);
	ops->open(channel);
	assert_int_equal(ops->rx_get(channel, &data), 0);
	rig_settle(rig);
	assert_string_equal(rig->received, "<");
	assert_talks_through(rig, &rig->fake, 0);
	assert_string_equal(rig->sentences, "virtio console broke the protocol and is reset\n");
	rig_free(rig);
}

/* --- Nothing written --- */

static void test_room_that_is_not_used(void **state)
{
	struct rig *rig = talking();
	struct qga_channel *channel = &rig->console.channel;
	uint8_t *buf;

	(void)state;
	assert_int_equal(ops->tx_get(channel, &buf), RIG_TX_SIZE);
	assert_int_equal(ops->tx_busy(channel), 0);
	registers_clear();
	ops->tx_flush(channel);
	assert_int_equal(registers_count, 0);
	assert_talks(rig);
	rig_free(rig);
}

/* --- Clients --- */

/* Another one is there already, but whose the rest of the bytes is cannot be told: no end is. */
static void test_next_client_while_bytes_are_lent(void **state)
{
	struct rig *rig = talking();
	struct qga_channel *channel = &rig->console.channel;
	const uint8_t *data;

	(void)state;
	rig_say(rig, "ab");
	ops->poll(channel);
	assert_int_equal(ops->rx_get(channel, &data), 2);
	fake_host_disconnect(&rig->fake, 1);
	fake_host_connect(&rig->fake, 1);
	assert_int_equal(ops->poll(channel), QGA_HOST_OPEN);
	assert_int_equal(ops->rx_get(channel, &data), 2);
	ops->rx_put(channel, 2);
	assert_talks(rig);
	rig_free(rig);
}

/* The end of the first client is due; that the second has gone, and a third come, does not move it. */
static void test_clients_behind_an_end(void **state)
{
	struct rig *rig = talking();
	struct qga_channel *channel = &rig->console.channel;
	const uint8_t *data;

	(void)state;
	rig_say(rig, "one");
	fake_host_disconnect(&rig->fake, 1);
	assert_int_equal(ops->poll(channel), QGA_CLOSING);
	fake_host_connect(&rig->fake, 1);
	assert_int_equal(ops->poll(channel), QGA_CLOSING);
	fake_host_disconnect(&rig->fake, 1);
	fake_host_connect(&rig->fake, 1);
	rig_say(rig, "three");
	assert_int_equal(ops->poll(channel), QGA_CLOSING);
	assert_int_equal(ops->rx_get(channel, &data), 3);
	ops->rx_put(channel, 3);
	assert_int_equal(ops->rx_get(channel, &data), 0);
	assert_int_equal(ops->poll(channel), QGA_HOST_CLOSE | QGA_HOST_OPEN);
	assert_int_equal(ops->rx_get(channel, &data), 5);
	assert_memory_equal(data, "three", 5);
	rig_free(rig);
}

/* Loses an answer to a client that goes without having read it. */
static void lose(struct rig *rig)
{
	fake_host_connect(&rig->fake, 1);
	rig_settle(rig);
	fake_host_read(&rig->fake, 1, false);
	assert_int_equal(rig_write(rig, "nobody reads this", 17), 17);
	rig_flush(rig);
	fake_console_run(&rig->fake);
	fake_host_disconnect(&rig->fake, 1);
}

/* Most are lost; while our end is being closed for a reset a client comes, says something, and goes. */
static void test_words_before_healing(void **state)
{
	struct rig *rig = talking();
	struct qga_channel *channel = &rig->console.channel;
	unsigned resets = rig->fake.mmio.resets;
	const uint8_t *data;

	(void)state;
	rig->fake.deferred = true;
	for (unsigned i = 0; i < RIG_TX_COUNT - 1; i++) {
		rig_settle(rig);
		lose(rig);
	}
	assert_int_equal(ops->poll(channel), QGA_HOST_CLOSE);
	ops->poll(channel);
	assert_true(rig_console(rig)->quiesce);
	fake_host_connect(&rig->fake, 1);
	rig_say(rig, "words");
	fake_host_disconnect(&rig->fake, 1);
	for (unsigned i = 0; i < 20; i++) {
		ops->poll(channel);
		fake_console_run(&rig->fake);
	}
	assert_false(rig->fake.ports[1].guest_open);
	assert_int_equal(rig->fake.mmio.resets, resets);
	assert_int_equal(ops->rx_get(channel, &data), 5);
	ops->poll(channel);
	assert_int_equal(rig->fake.mmio.resets, resets); /* it is lent */
	assert_memory_equal(data, "words", 5);
	ops->rx_put(channel, 5);
	ops->poll(channel);
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	fake_host_connect(&rig->fake, 1);
	assert_talks(rig);
	rig_free(rig);
}

/* All are lost: who comes while our end is being closed has nothing to wait for, and it is reset all the same. */
static void test_client_comes_when_all_is_lost(void **state)
{
	struct rig *rig = talking();
	unsigned resets = rig->fake.mmio.resets;

	(void)state;
	rig->fake.deferred = true;
	for (unsigned i = 0; i < RIG_TX_COUNT; i++) {
		fake_host_connect(&rig->fake, 1);
		fake_host_read(&rig->fake, 1, false);
		assert_int_equal(rig_write(rig, "nobody reads this", 17), 17);
		rig_flush(rig);
		fake_console_run(&rig->fake);
		fake_host_disconnect(&rig->fake, 1);
	}
	for (unsigned i = 0; i < 20 && !rig_console(rig)->quiesce; i++)
		ops->poll(&rig->console.channel);
	assert_true(rig_console(rig)->quiesce);
	fake_host_connect(&rig->fake, 1);
	for (unsigned i = 0; i < 20; i++) {
		ops->poll(&rig->console.channel);
		fake_console_run(&rig->fake);
	}
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	assert_talks(rig);
	rig_free(rig);
}

/* QEMU with the port at number 1, and our end is closed yet. */
static struct rig *not_open(unsigned tx_count)
{
	struct rig *rig = rig_new();

	fake_console_qemu(&rig->fake, RIG_BASE, 2);
	fake_console_port(&rig->fake, 1, RIG_PORT);
	rig->config.tx_count = (uint16_t)tx_count;
	fake_mmio_memory(&rig->fake.mmio, rig->memory, rig->memory_size, RIG_ADDRESS);
	assert_int_equal(qga_virtio_console_init(&rig->console, &rig->config), 0);
	ops = rig->console.channel.ops;
	rig_settle(rig);
	return rig;
}

/* All were lost before our end was ever open: there is nothing to close, and no reason to. */
static void test_lost_before_open(void **state)
{
	struct rig *rig = not_open(RIG_TX_COUNT);
	unsigned resets = rig->fake.mmio.resets;

	(void)state;
	for (unsigned i = 0; i < RIG_TX_COUNT; i++) {
		lose(rig);
		rig_settle(rig);
	}
	assert_int_equal(rig_console(rig)->tx_lost, RIG_TX_COUNT);
	assert_int_equal(rig->fake.mmio.resets, resets);
	/* Now there is. */
	ops->open(&rig->console.channel);
	rig_settle(rig);
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	fake_host_connect(&rig->fake, 1);
	assert_talks(rig);
	rig_free(rig);
}

/* The only one was: our end cannot be closed again, but once it has been open it is. */
static void test_the_only_one_lost_before_open(void **state)
{
	struct rig *rig = not_open(1);
	unsigned resets = rig->fake.mmio.resets;

	(void)state;
	lose(rig);
	rig_settle(rig);
	assert_int_equal(rig_console(rig)->tx_lost, 1);
	assert_int_equal(rig->fake.mmio.resets, resets);
	ops->open(&rig->console.channel);
	rig_settle(rig);
	assert_int_equal(rig->fake.mmio.resets, resets + 1);
	fake_host_connect(&rig->fake, 1);
	assert_talks(rig);
	rig_free(rig);
}

/* --- Ports --- */

/* Names without a NUL: a byte more is another name. */
static void test_name_and_a_byte(void **state)
{
	struct rig *rig = rig_new();
	static const char longer[] = RIG_PORT "x";

	(void)state;
	fake_console_qemu(&rig->fake, RIG_BASE, 2);
	assert_true(rig_start(rig));
	fake_console_port(&rig->fake, 2, RIG_PORT);
	fake_control(&rig->fake, 2, VIRTIO_CONSOLE_PORT_NAME, 1, longer, sizeof(longer) - 1);
	rig_settle(rig);
	assert_int_equal(rig_console(rig)->state, VIRTIO_CONSOLE_ABSENT);
	fake_control(&rig->fake, 2, VIRTIO_CONSOLE_PORT_NAME, 1, longer, sizeof(longer) - 2);
	rig_settle(rig);
	assert_int_equal(rig_console(rig)->state, VIRTIO_CONSOLE_FOUND);
	fake_host_connect(&rig->fake, 2);
	assert_talks_through(rig, &rig->fake, 2);
	rig_free(rig);
}

/* An answer that the device holds when the port goes is not for the next one's client. */
static void test_unplugged_with_one_in_flight(void **state)
{
	struct rig *rig = talking();
	unsigned resets = rig->fake.mmio.resets;

	(void)state;
	fake_host_read(&rig->fake, 1, false);
	assert_int_equal(rig_write(rig, "held", 4), 4);
	rig_flush(rig);
	assert_false(rig_console(rig)->tx_open);
	fake_host_unplug(&rig->fake, 1);
	rig_settle(rig);
	assert_true(rig->fake.mmio.resets > resets);
	fake_host_plug(&rig->fake, 1, RIG_PORT);
	fake_host_connect(&rig->fake, 1);
	rig_settle(rig);
	assert_int_equal(rig->fake.ports[1].out_len, 0);
	assert_talks(rig);
	rig_free(rig);
}

/* A device that has more ports than we look at. */
static void test_many_ports(void **state)
{
	static const uint32_t many[] = {VIRTIO_CONSOLE_PORTS, VIRTIO_CONSOLE_PORTS + 1, UINT32_MAX};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct rig *rig = rig_new();

		fake_console_qemu(&rig->fake, RIG_BASE, 2);
		rig->fake.max_ports = many[i];
		fake_console_port(&rig->fake, 1, RIG_PORT)->host_open = true;
		assert_true(rig_start(rig));
		assert_int_equal(rig_console(rig)->max_ports, VIRTIO_CONSOLE_PORTS);
		fake_control(&rig->fake, VIRTIO_CONSOLE_PORTS, VIRTIO_CONSOLE_PORT_ADD, 1, NULL, 0);
		registers_clear();
		assert_talks(rig);
		assert_int_equal(registers_accesses('W', 0x50), 1); /* nobody was asked */
		rig_free(rig);
	}
}

/* It says something each time that it is told something, for ever. */
static void chatter(struct fake_mmio *mmio)
{
	struct fake_console *fake = (struct fake_console *)mmio;

	fake_console_run(fake);
	fake_control(fake, 3, VIRTIO_CONSOLE_CONSOLE_PORT, 1, NULL, 0);
}

static void test_device_that_never_ends(void **state)
{
	struct rig *rig = talking();
	const struct fake_mmio_ops *usual = rig->fake.mmio.ops;
	struct fake_mmio_ops talkative = *usual;

	(void)state;
	talkative.notified = chatter;
	fake_console_port(&rig->fake, 3, "console");
	rig->fake.mmio.ops = &talkative;
	chatter(&rig->fake.mmio);
	registers_clear();
	assert_true(ops->poll(&rig->console.channel) & QGA_AGAIN);
	assert_in_range(registers_count, 1, 200);
	rig->fake.mmio.ops = usual;
	assert_talks(rig);
	rig_free(rig);
}

/* --- Buffers and memory --- */

/* Only the first buffer is free, and the one whose turn it is is not. */
static void test_only_the_first_is_free(void **state)
{
	struct rig *rig = talking();
	char text[RIG_TX_SIZE];

	(void)state;
	assert_talks(rig);
	assert_int_equal(rig_console(rig)->tx.next_id, 1);
	memset(text, 'x', sizeof(text));
	fake_host_read(&rig->fake, 1, false);
	for (unsigned i = 0; i < RIG_TX_COUNT; i++)
		assert_int_equal(rig_write(rig, text, sizeof(text)), sizeof(text));
	rig_flush(rig);
	assert_int_equal(rig_write(rig, "x", 1), 0);
	rig->fake.mmio.queues[TX].next = rig_console(rig)->tx.published;
	rig->fake.ports[1].held = -1;
	fake_complete(&rig->fake, TX, 0, 0);
	assert_int_equal(rig_write(rig, "new", 3), 3);
	assert_memory_equal(qga_virtq_buffer(&rig_console(rig)->tx, 0), "new", 3);
	rig_free(rig);
}

/* The device sees memory as we do, if nobody says otherwise. */
static void test_coherent(void **state)
{
	static const struct qga_virtio_dma nothing_to_do;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct rig *rig = rig_new();

		fake_console_qemu(&rig->fake, RIG_BASE, 2);
		fake_console_port(&rig->fake, 1, RIG_PORT)->host_open = true;
		fake_mmio_memory(&rig->fake.mmio, rig->memory, rig->memory_size,
		                 (uintptr_t)rig->memory);
		rig->devices[0].dma = i == 0 ? NULL : &nothing_to_do;
		assert_int_equal(qga_virtio_console_init(&rig->console, &rig->config), 0);
		rig->console.channel.ops->open(&rig->console.channel);
		for (unsigned n = 0; n < 3 * RIG_RX_COUNT; n++)
			assert_talks(rig);
		rig_free(rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_given_back_too_late),
		cmocka_unit_test(test_restart_in_vain),
		cmocka_unit_test(test_no_room_and_a_lie),
		cmocka_unit_test(test_lone_port_restarts),
		cmocka_unit_test(test_room_that_is_not_used),
		cmocka_unit_test(test_next_client_while_bytes_are_lent),
		cmocka_unit_test(test_clients_behind_an_end),
		cmocka_unit_test(test_words_before_healing),
		cmocka_unit_test(test_client_comes_when_all_is_lost),
		cmocka_unit_test(test_lost_before_open),
		cmocka_unit_test(test_the_only_one_lost_before_open),
		cmocka_unit_test(test_name_and_a_byte),
		cmocka_unit_test(test_unplugged_with_one_in_flight),
		cmocka_unit_test(test_many_ports),
		cmocka_unit_test(test_device_that_never_ends),
		cmocka_unit_test(test_only_the_first_is_free),
		cmocka_unit_test(test_coherent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
