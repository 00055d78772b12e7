/* SPDX-License-Identifier: MIT */
/*
 * test_console_edges.c - what a console driver does that bytes do not show: which registers it reads,
 * which messages it answers, when it mends and when it gives up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rig_talk.h"

#define STATUS 0x70
#define BROKEN "virtio console broke the protocol and is reset\n"

enum {
	CONSOLE_PORT = 4,
	PORT_ADD = 1,
	PORT_REMOVE = 2,
	RESIZE = 5
};

static struct rig *rig;
static struct qga_channel *channel;
static struct fake_port *port;

static void prepare(void)
{
	rig = rig_qemu(2);
	channel = &rig->console.channel;
	port = &rig->fake.ports[1];
}

static void start(void)
{
	assert_true(rig_start(rig));
	assert_string_equal(rig->received, "<");
	rig_forget(rig);
	rig->fake.mmio.isr = 0;
	registers_clear();
}

static void begin(void)
{
	prepare();
	start();
}

/* The room that is left of a buffer is behind what was put there. */
static void the_rest_of_a_buffer(void **state)
{
	uint8_t *buf, *rest;

	(void)state;
	begin();
	assert_int_equal(channel->ops->tx_get(channel, &buf), RIG_TX_SIZE);
	memcpy(buf, "ab", 2);
	channel->ops->tx_put(channel, 2);
	assert_int_equal(channel->ops->tx_get(channel, &rest), RIG_TX_SIZE - 2);
	assert_ptr_equal(rest, buf + 2);
	memcpy(rest, "cd", 2);
	channel->ops->tx_put(channel, 2);
	rig_flush(rig);
	assert_int_equal(port->out_len, 4);
	assert_memory_equal(port->out, "abcd", 4);
	rig_free(rig);
}

/* Each kind of news spares the look at the status; without any it is read, once, and at once. */
static void status_is_read_seldom(void **state)
{
	char much[RIG_TX_COUNT * RIG_TX_SIZE];

	(void)state;
	begin();
	for (unsigned i = 0; i < 10; i++)
		channel->ops->poll(channel);
	/* Bytes. */
	fake_host_send(&rig->fake, 1, "ping", 4);
	rig_interrupt(rig);
	channel->ops->poll(channel);
	assert_int_equal(registers_accesses('R', STATUS), 0);
	rig_settle(rig);
	/* A message, of which there is nothing to make. */
	assert_true(fake_control(&rig->fake, 1, RESIZE, 0, "\0\0\0\0", 4));
	rig_interrupt(rig);
	channel->ops->poll(channel);
	channel->ops->poll(channel);
	assert_int_equal(registers_accesses('R', STATUS), 0);
	/* Room. */
	memset(much, 'y', sizeof(much));
	fake_host_read(&rig->fake, 1, false);
	assert_int_equal(rig_write(rig, much, sizeof(much)), sizeof(much));
	rig_flush(rig);
	assert_int_equal(rig_write(rig, much, 1), 0);
	channel->ops->poll(channel);
	rig->fake.mmio.isr = 0;
	fake_host_read(&rig->fake, 1, true);
	assert_int_equal(rig->fake.mmio.isr, 1);
	rig_interrupt(rig);
	channel->ops->poll(channel);
	channel->ops->poll(channel);
	assert_int_equal(registers_accesses('R', STATUS), 0);
	/* Nothing. */
	registers_clear();
	for (unsigned n = 1; n < 4; n++) {
		rig_interrupt(rig);
		assert_int_equal(channel->ops->poll(channel), QGA_AGAIN);
		assert_int_equal(channel->ops->poll(channel), 0);
		assert_int_equal(registers_accesses('R', STATUS), n);
	}
	rig_free(rig);
}

/* Consoles are answered, however many and whatever their numbers have in common. */
static void consoles_are_answered(void **state)
{
	static const unsigned numbers[] = {0, 32, 2, 33, 34, 39};

	(void)state;
	for (unsigned n = 1; n <= 6; n++) {
		prepare();
		rig->fake.max_ports = FAKE_PORTS;
		for (unsigned i = 0; i < n; i++)
			fake_console_port(&rig->fake, numbers[i], "a console")->console = true;
		start();
		for (unsigned i = 0; i < n; i++)
			assert_true(rig->fake.ports[numbers[i]].guest_open);
		assert_talks(rig);
		rig_free(rig);
	}
}

/* Of ports that do not exist, or have gone before there was an answer, nothing is said. */
static void ports_that_are_not_there(void **state)
{
	(void)state;
	begin();
	rig->fake.mmio.lies = true;
	assert_true(fake_control(&rig->fake, 5, CONSOLE_PORT, 1, NULL, 0));
	assert_true(fake_control(&rig->fake, 5, PORT_ADD, 0, NULL, 0));
	assert_true(fake_control(&rig->fake, 5, PORT_REMOVE, 0, NULL, 0));
	assert_true(fake_control(&rig->fake, rig->fake.max_ports, PORT_ADD, 0, NULL, 0));
	assert_true(fake_control(&rig->fake, UINT32_MAX, PORT_ADD, 0, NULL, 0));
	for (unsigned i = 0; i < 10; i++)
		channel->ops->poll(channel);
	fake_console_run(&rig->fake);
	assert_int_equal(registers_accesses('W', 0x50), 0);
	rig->fake.mmio.lies = false;
	assert_talks(rig);
	rig_free(rig);
}

/* Names that are longer, shorter, or end twice. */
static void other_names(void **state)
{
	static const struct {
		const char *name;
		unsigned len;
		bool ours;
	} rows[] = {
		{RIG_PORT, sizeof(RIG_PORT) - 1, true},
		{RIG_PORT, sizeof(RIG_PORT), true},
		{RIG_PORT "\0", sizeof(RIG_PORT) + 1, false},
		{RIG_PORT "0", sizeof(RIG_PORT), false},
		{RIG_PORT "00", sizeof(RIG_PORT) + 1, false},
		{RIG_PORT, sizeof(RIG_PORT) - 2, false},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		prepare();
		memcpy(port->name, rows[i].name, rows[i].len);
		port->name_len = rows[i].len;
		rig_start(rig);
		assert_int_equal(rig_console(rig)->state,
		                 rows[i].ours ? VIRTIO_CONSOLE_FOUND : VIRTIO_CONSOLE_ABSENT);
		rig_free(rig);
	}
}

/* After close() nothing of the client before is told. */
static void closed(void **state)
{
	const uint8_t *data;

	(void)state;
	begin();
	fake_host_send(&rig->fake, 1, "old", 3);
	fake_host_disconnect(&rig->fake, 1);
	assert_int_equal(channel->ops->poll(channel), QGA_CLOSING);
	channel->ops->close(channel);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(channel->ops->poll(channel), 0);
	assert_int_equal(channel->ops->rx_get(channel, &data), 0);
	rig_free(rig);
}

/* Each device has a bus. */
static void a_device_without_a_bus(void **state)
{
	(void)state;
	prepare();
	rig->config.n_devices = 2;
	rig->devices[1].bus = NULL;
	assert_int_equal(qga_virtio_console_init(&rig->console, &rig->config),
	                 QGA_VIRTIO_FAULT_NULL);
	rig_free(rig);
}

/* A client goes that has read nothing; true if the device was reset for it. */
static bool leaks(bool with_bytes)
{
	unsigned resets = rig->fake.mmio.resets;
	const uint8_t *data;

	fake_host_read(&rig->fake, 1, false);
	assert_int_equal(rig_write(rig, "nobody reads this", 17), 17);
	rig_flush(rig);
	fake_console_run(&rig->fake);
	if (with_bytes)
		fake_host_send(&rig->fake, 1, "last words", 10);
	fake_host_disconnect(&rig->fake, 1);
	if (with_bytes) {
		channel->ops->poll(channel);
		channel->ops->poll(channel);
		assert_int_equal(channel->ops->rx_get(channel, &data), 10);
		channel->ops->rx_put(channel, 10);
	}
	rig_settle(rig);
	return rig->fake.mmio.resets != resets;
}

/* Before the next one comes all is well again, with as few buffers as there may be. */
static void mended_before_the_next_one(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 8; kind++)
		for (unsigned count = kind & 2 ? 3 : 1; count <= 4; count++) {
			prepare();
			rig->config.tx_count = (uint16_t)count;
			rig->fake.deferred = kind & 1;
			start();
			for (unsigned i = 0; i < 12; i++) {
				bool mended = leaks(kind & 2);

				/* Half of them may be lost. */
				assert_int_equal(mended, i % (count / 2 + 1) == count / 2);
				fake_host_connect(&rig->fake, 1);
				if (kind & 4)
					assert_talks(rig);
				rig_settle(rig);
			}
			assert_string_equal(rig->sentences, "");
			rig_free(rig);
		}
}

/* Breaking the rules is told of each time, and nothing else is told as that. */
static void told_once(void **state)
{
	(void)state;
	begin();
	rig->fake.mmio.lies = true;
	fake_mmio_complete(&rig->fake.mmio, 4, 1000, 1);
	rig_settle(rig);
	assert_string_equal(rig->sentences, BROKEN);
	rig->fake.mmio.lies = false;
	assert_talks(rig);
	for (unsigned i = 0; i < 3; i++) {
		leaks(false);
		fake_host_connect(&rig->fake, 1);
		rig_settle(rig);
	}
	assert_string_equal(rig->sentences, BROKEN);
	rig_free(rig);
}

/* So often it may, and not once more. */
static void given_up(void **state)
{
	unsigned resets;

	(void)state;
	begin();
	rig->fake.mmio.lies = true;
	resets = rig->fake.mmio.resets;
	for (unsigned i = 1; i <= 9; i++) {
		fake_mmio_complete(&rig->fake.mmio, 4, 1000, 1);
		rig_settle(rig);
		assert_int_equal(qga_virtio_console_fault(&rig->console),
		                 i <= 8 ? 0 : QGA_VIRTIO_FAULT_BROKEN);
		if (i <= 8)
			assert_int_equal(rig->fake.mmio.resets, resets + i);
	}
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rest_of_a_buffer),
		cmocka_unit_test(status_is_read_seldom),
		cmocka_unit_test(consoles_are_answered),
		cmocka_unit_test(ports_that_are_not_there),
		cmocka_unit_test(other_names),
		cmocka_unit_test(closed),
		cmocka_unit_test(a_device_without_a_bus),
		cmocka_unit_test(mended_before_the_next_one),
		cmocka_unit_test(told_once),
		cmocka_unit_test(given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
