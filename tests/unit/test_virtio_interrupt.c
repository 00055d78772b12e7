/* SPDX-License-Identifier: MIT */
/*
 * Interrupts from wherever they come, a console that is opened again, and corners of the search and
 * of the rings.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rig_talk.h"

/* --- Interrupts --- */

/* The fake is not for two threads; a bus that only counts is. */
static unsigned acknowledged;

static void count(struct qga_virtio_device *device)
{
	(void)device;
	__atomic_fetch_add(&acknowledged, 1, __ATOMIC_RELAXED);
}

static bool thread_ends;

static void *interrupts(void *argument)
{
	struct qga_channel *channel = argument;

	while (!__atomic_load_n(&thread_ends, __ATOMIC_RELAXED))
		channel->ops->interrupt(channel);
	return NULL;
}

static void test_from_another_thread(void **state)
{
	struct rig *rig = rig_talking(2);
	struct qga_virtio_bus bus = qga_virtio_mmio;
	pthread_t thread;

	(void)state;
	bus.acknowledge = count;
	rig->devices[0].bus = &bus;
	acknowledged = 0;
	thread_ends = false;
	assert_int_equal(pthread_create(&thread, NULL, interrupts, &rig->console.channel), 0);
	while (__atomic_load_n(&acknowledged, __ATOMIC_RELAXED) == 0)
		;
	for (unsigned i = 0; i < 200; i++) {
		rig_forget(rig);
		fake_host_send(&rig->fake, 1, "ping", 4);
		/* Until it is read: rig_settle() would never end, for there always is another. */
		for (unsigned polls = 0; rig->received_len < 4; polls++) {
			assert_true(polls < 1000);
			rig_turn(rig);
		}
		assert_string_equal(rig->received, "ping");
		if (i % 50 == 49) {
			/* Closed and opened in the midst of it. */
			rig->console.channel.ops->close(&rig->console.channel);
			rig->console.channel.ops->open(&rig->console.channel);
			for (unsigned polls = 0; !rig->fake.ports[1].guest_open; polls++) {
				assert_true(polls < 1000);
				rig_turn(rig);
			}
		}
	}
	__atomic_store_n(&thread_ends, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	rig->devices[0].bus = &qga_virtio_mmio;
	assert_talks(rig);
	rig_free(rig);
}

/* It acknowledges, and touches nothing else of the device. */
static void test_one_access(void **state)
{
	struct rig *rig = rig_talking(1);

	(void)state;
	rig->fake.mmio.isr = 1;
	registers_clear();
	rig_interrupt(rig);
	assert_int_equal(registers_count, 1);
	assert_int_equal(registers_accesses('W', 0x64), 1);
	assert_int_equal(rig->fake.mmio.isr, 0);
	rig_free(rig);
}

/*
 * The first interrupt that brings no news makes the driver look at the status, however many answers have
 * left before: their buffers came back without one.
 */
static void test_needs_reset_at_once(void **state)
{
	(void)state;
	for (unsigned answers = 0; answers < 3 * RIG_TX_COUNT; answers++) {
		struct rig *rig = rig_talking(2);
		unsigned resets;

		for (unsigned i = 0; i < answers; i++)
			assert_talks(rig);
		rig->console.channel.ops->tx_busy(&rig->console.channel);
		resets = rig->fake.mmio.resets;
		fake_mmio_break(&rig->fake.mmio);
		rig_settle(rig);
		assert_int_equal(rig->fake.mmio.resets, resets + 1);
		assert_talks(rig);
		rig_free(rig);
	}
}

/* That there is room again is news: no look at the status. */
static void test_room_is_news(void **state)
{
	struct rig *rig = rig_talking(2);
	char much[RIG_TX_COUNT * RIG_TX_SIZE];

	(void)state;
	rig_settle(rig);
	memset(much, 'y', sizeof(much));
	fake_host_read(&rig->fake, 1, false);
	assert_int_equal(rig_write(rig, much, sizeof(much)), sizeof(much));
	rig_flush(rig);
	assert_int_equal(rig_write(rig, much, 1), 0);
	rig_settle(rig);
	fake_host_read(&rig->fake, 1, true);
	registers_clear();
	rig_settle(rig);
	assert_int_equal(registers_accesses('W', 0x64), 1);
	assert_int_equal(registers_accesses('R', 0x70), 0);
	rig_free(rig);
}

static void interrupted(struct rig *rig)
{
	rig_interrupt(rig);
	rig->console.channel.ops->poll(&rig->console.channel);
	rig->console.channel.ops->poll(&rig->console.channel);
}

/* So is a message of ours that was taken, though nothing came for it; one that was not leaves the news as they are. */
static void test_message_taken_is_news(void **state)
{
	struct rig *rig = rig_talking(2);

	(void)state;
	rig->fake.deferred = true;
	registers_clear();
	/* CONSOLE_PORT, which is answered with a PORT_OPEN, and that with nothing. */
	fake_control(&rig->fake, 1, 4, 1, NULL, 0);
	interrupted(rig);
	rig_say(rig, "ping");
	interrupted(rig);
	fake_console_run(&rig->fake);
	interrupted(rig);
	assert_int_equal(registers_accesses('W', 0x64), 3);
	assert_int_equal(registers_accesses('R', 0x70), 0);
	rig_free(rig);
}

/* --- Closed, and opened again: after a power-off that the machine did not obey --- */

static void test_opens_again(void **state)
{
	(void)state;
	for (unsigned version = 1; version <= 2; version++) {
		struct rig *rig = rig_talking(version);
		struct qga_channel *channel = &rig->console.channel;

		for (unsigned i = 0; i < 20; i++) {
			assert_talks(rig);
			channel->ops->close(channel);
			assert_int_equal(rig->fake.mmio.status, 0);
			assert_false(rig->fake.ports[1].guest_open);
			rig_forget(rig);
			rig_settle(rig);
			assert_string_equal(rig->received, "");
			assert_int_equal(rig_write(rig, "x", 1), 0);
			channel->ops->open(channel);
			rig_settle(rig);
			assert_true(rig->fake.ports[1].guest_open);
			assert_string_equal(rig->received, "<");
			/* Once more is nothing. */
			registers_clear();
			channel->ops->open(channel);
			assert_int_equal(registers_count, 0);
		}
		assert_string_equal(rig->sentences, "");
		assert_int_equal(qga_virtio_console_fault(&rig->console), 0);
		rig_free(rig);
	}
}

/* On whichever device has the port by then. */
static void test_opens_again_elsewhere(void **state)
{
	struct rig *rig = rig_new();
	struct qga_channel *channel = &rig->console.channel;

	(void)state;
	fake_console_qemu(&rig->fake, RIG_BASE, 2);
	fake_console_qemu(&rig->fake_2, RIG_BASE_2, 1);
	rig->devices[1].base = RIG_BASE_2;
	rig->config.n_devices = 2;
	fake_console_port(&rig->fake, 1, RIG_PORT)->host_open = true;
	assert_true(rig_start(rig));
	assert_talks(rig);
	channel->ops->close(channel);
	memset(&rig->fake.ports[1], 0, sizeof(rig->fake.ports[1]));
	fake_console_port(&rig->fake_2, 3, RIG_PORT)->host_open = true;
	channel->ops->open(channel);
	assert_talks_through(rig, &rig->fake_2, 3);
	rig_free(rig);
}

/* --- Corners --- */

/* Ports of numbers that need more than one word of bits, all announced at once. */
static void test_ports_from_31_on(void **state)
{
	(void)state;
	for (unsigned nr = 30; nr < FAKE_PORTS; nr++) {
		struct rig *rig = rig_new();

		fake_console_qemu(&rig->fake, RIG_BASE, 2);
		rig->fake.max_ports = FAKE_PORTS;
		for (unsigned other = 30; other < FAKE_PORTS; other++)
			fake_console_port(&rig->fake, other, "com.example.other")->console = true;
		fake_console_port(&rig->fake, nr, RIG_PORT)->host_open = true;
		assert_true(rig_start(rig));
		assert_int_equal(rig_console(rig)->port, nr);
		for (unsigned other = 30; other < FAKE_PORTS; other++) {
			assert_true(rig->fake.ports[other].ready);
			assert_true(rig->fake.ports[other].guest_open);
		}
		assert_talks_through(rig, &rig->fake, nr);
		rig_free(rig);
	}
}

/* Two consoles without names: the first of them is taken. */
static void test_second_device_without_names(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 2; first++) {
		struct rig *rig = rig_new();
		struct fake_console *lone = first ? &rig->fake_2 : &rig->fake;

		fake_console_qemu(&rig->fake, RIG_BASE, 2);
		fake_console_qemu(&rig->fake_2, RIG_BASE_2, 1);
		rig->devices[1].base = RIG_BASE_2;
		rig->config.n_devices = 2;
		rig->config.unnamed = true;
		lone->mmio.features &= ~2u;
		lone->max_ports = 1;
		fake_console_port(lone, 0, "")->host_open = true;
		if (!first) {
			rig->fake_2.mmio.features &= ~2u;
			rig->fake_2.max_ports = 1;
			fake_console_port(&rig->fake_2, 0, "")->host_open = true;
		}
		assert_true(rig_start(rig));
		assert_int_equal(rig_console(rig)->device - rig->devices, first);
		assert_talks_through(rig, lone, 0);
		rig_free(rig);
	}
}

/* All TX buffers but one are held up: that one is found, whichever it is. */
static void test_only_one_buffer_free(void **state)
{
	(void)state;
	for (unsigned free_one = 0; free_one < RIG_TX_COUNT; free_one++) {
		struct rig *rig = rig_talking(2);
		char text[RIG_TX_SIZE];

		fake_host_read(&rig->fake, 1, false);
		for (unsigned i = 0; i < RIG_TX_COUNT; i++) {
			memset(text, (int)('a' + i), sizeof(text));
			assert_int_equal(rig_write(rig, text, sizeof(text)), sizeof(text));
		}
		rig_flush(rig);
		assert_int_equal(rig_write(rig, "x", 1), 0);
		/* The device takes them in order; it may give them back in any. */
		rig->fake.mmio.queues[5].next = (uint16_t)RIG_TX_COUNT;
		rig->fake.ports[1].held = -1;
		fake_complete(&rig->fake, 5, free_one, 0);
		assert_int_equal(rig_write(rig, "new", 3), 3);
		rig_flush(rig);
		assert_int_equal(rig_write(rig, "x", 1), 0);
		assert_int_equal(rig_console(rig)->tx.next_id, (free_one + 1) % RIG_TX_COUNT);
		assert_memory_equal(qga_virtq_buffer(&rig_console(rig)->tx, free_one), "new", 3);
		rig_free(rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_from_another_thread),
		cmocka_unit_test(test_one_access),
		cmocka_unit_test(test_needs_reset_at_once),
		cmocka_unit_test(test_room_is_news),
		cmocka_unit_test(test_message_taken_is_news),
		cmocka_unit_test(test_opens_again),
		cmocka_unit_test(test_opens_again_elsewhere),
		cmocka_unit_test(test_ports_from_31_on),
		cmocka_unit_test(test_second_device_without_names),
		cmocka_unit_test(test_only_one_buffer_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
