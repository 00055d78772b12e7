/* SPDX-License-Identifier: MIT */
/* Finding the port and talking through it, on every kind of device that there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "rig_talk.h"

static struct rig *qemu(unsigned version)
{
	struct rig *rig = rig_new();

	fake_console_qemu(&rig->fake, RIG_BASE, version);
	return rig;
}

static void host_says(struct rig *rig, unsigned nr, const char *text)
{
	fake_host_send(&rig->fake, nr, text, strlen(text));
}

/* "W070=1" for each access until the port is open, with addresses relative to the memory given. */
static void assert_accesses(unsigned version, const char *const *expected, unsigned n)
{
	struct rig *rig = qemu(version);
	char text[32];

	fake_console_port(&rig->fake, 1, RIG_PORT);
	assert_true(rig_start(rig));
	for (unsigned i = 0; i < n; i++) {
		assert_true(i < registers_count);
		snprintf(text, sizeof(text), "%c%03x=%x", registers_log[i].op,
		         registers_log[i].offset, (unsigned)registers_log[i].value);
		assert_string_equal(text, expected[i]);
	}
	assert_int_equal(registers_count, n);
	rig_free(rig);
}

#define LEGACY_QUEUE(index, num, pfn) \
	"W030=" index, "R040=0", "R034=400", "W038=" num, "W03c=40", "W040=" pfn

/* Every access from the first look to the open port: what was agreed on, in this order. */
static void test_legacy_accesses(void **state)
{
	static const char *const expected[] = {
		"R000=74726976",
		"R004=1",
		"R008=3",
		"R00c=554d4551",
		"W070=0",
		"R070=0",
		"W070=1",
		"W070=3",
		"W014=0",
		"R010=39000006",
		"W024=0",
		"W020=2",
		"W028=100",
		"R104=1f",
		LEGACY_QUEUE("2", "20", "800000"),
		LEGACY_QUEUE("3", "4", "800004"),
		LEGACY_QUEUE("4", "8", "800005"),
		LEGACY_QUEUE("5", "4", "800007"),
		"W070=7",
		"W050=2",
		"W050=3", /* DEVICE_READY */
		"W050=3", /* PORT_READY */
		"W050=3",
		"W050=4", /* PORT_OPEN, and the kick */
		"W064=3", /* the interrupt of all that */
	};

	(void)state;
	assert_accesses(1, expected, sizeof(expected) / sizeof(expected[0]));
}

#define MODERN_QUEUE(index, num, desc, avail, used)                                              \
	"W030=" index, "R044=0", "R034=400", "W038=" num, "W080=" desc, "W084=0", "W090=" avail, \
		"W094=0", "W0a0=" used, "W0a4=0", "W044=1"

static void test_modern_accesses(void **state)
{
	static const char *const expected[] = {
		"R000=74726976",
		"R004=2",
		"R008=3",
		"R00c=554d4551",
		"W070=0",
		"R070=0",
		"W070=1",
		"W070=3",
		"W014=0",
		"R010=30000006",
		"W024=0",
		"W020=2",
		"W014=1",
		"R010=101",
		"W024=1",
		"W020=1",
		"W070=b",
		"R070=b",
		"R104=1f",
		MODERN_QUEUE("2", "20", "80000000", "80000200", "80000280"),
		MODERN_QUEUE("3", "4", "80000400", "80000440", "80000480"),
		MODERN_QUEUE("4", "8", "80000500", "80000580", "800005c0"),
		MODERN_QUEUE("5", "4", "80000700", "80000740", "80000780"),
		"W070=f",
		"W050=2",
		"W050=3",
		"W050=3",
		"W050=3",
		"W050=4",
		"W064=3",
	};

	(void)state;
	assert_accesses(2, expected, sizeof(expected) / sizeof(expected[0]));
}

/* The port at any number, beside others; a client that waits, or comes later. */
static void test_any_number(void **state)
{
	(void)state;
	for (unsigned version = 1; version <= 2; version++) {
		for (unsigned nr = 1; nr < 31; nr++) {
			struct rig *rig = qemu(version);

			for (unsigned other = 1; other < 31; other += 2)
				fake_console_port(&rig->fake, other, "com.example.other");
			fake_console_port(&rig->fake, 0, "console")->console = true;
			fake_console_port(&rig->fake, nr, RIG_PORT)->host_open = nr % 2 == 0;
			rig->fake.deferred = nr % 3 == 0;
			if (nr % 2 == 0)
				host_says(rig, nr, "early");
			assert_true(rig_start(rig));
			assert_int_equal(rig_console(rig)->state, VIRTIO_CONSOLE_FOUND);
			assert_int_equal(rig_console(rig)->port, nr);
			assert_string_equal(rig->received, nr % 2 == 0 ? "<early" : "");
			if (nr % 2 == 1)
				fake_host_connect(&rig->fake, nr);
			assert_talks_through(rig, &rig->fake, nr);
			assert_true(
				rig->fake.ports[0].guest_open); /* 5.3.6.2: consoles are answered */
			assert_string_equal(rig->sentences, "");
			rig_free(rig);
		}
	}
}

/* Until the agent is ready nobody may think that it is. */
static void test_opens_when_told(void **state)
{
	struct rig *rig = qemu(1);

	(void)state;
	fake_console_port(&rig->fake, 1, RIG_PORT)->host_open = true;
	host_says(rig, 1, "early");
	fake_mmio_memory(&rig->fake.mmio, rig->memory, rig->memory_size, RIG_ADDRESS);
	assert_int_equal(qga_virtio_console_init(&rig->console, &rig->config), 0);
	rig_settle(rig);
	assert_false(rig->fake.ports[1].guest_open);
	rig->console.channel.ops->open(&rig->console.channel);
	rig_settle(rig);
	assert_true(rig->fake.ports[1].guest_open);
	assert_string_equal(rig->received, "<early");
	rig->console.channel.ops->close(&rig->console.channel);
	assert_false(rig->fake.ports[1].guest_open);
	assert_int_equal(rig->fake.mmio.status, 0);
	rig_free(rig);
}

static void test_two_ports_of_the_name(void **state)
{
	struct rig *rig = qemu(2);

	(void)state;
	fake_console_port(&rig->fake, 3, RIG_PORT)->host_open = true;
	fake_console_port(&rig->fake, 5, RIG_PORT)->host_open = true;
	assert_true(rig_start(rig));
	assert_int_equal(rig_console(rig)->port, 3);
	assert_string_equal(rig->sentences, "two ports have the agent's name; the first is used\n");
	assert_talks_through(rig, &rig->fake, 3);
	assert_false(rig->fake.ports[5].guest_open);
	rig_free(rig);
}

static void test_names_that_are_not_ours(void **state)
{
	static const char *const names[] = {
		"", "org.qemu.guest_agent.", "org.qemu.guest_agent.00", "xorg.qemu.guest_agent.0",
		"org.qemu.guest_agent.0org.qemu.guest_agent.0org.qemu.guest_agent"};
	struct rig *rig = qemu(1);

	(void)state;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		fake_console_port(&rig->fake, i + 1, names[i]);
	assert_true(rig_start(rig));
	assert_int_equal(rig_console(rig)->state, VIRTIO_CONSOLE_ABSENT);
	assert_string_equal(rig->sentences,
	                    "no virtio console has the agent's port; waiting for one\n");
	fake_host_plug(&rig->fake, 9, RIG_PORT);
	rig_settle(rig);
	assert_int_equal(rig_console(rig)->state, VIRTIO_CONSOLE_FOUND);
	fake_host_connect(&rig->fake, 9);
	assert_talks_through(rig, &rig->fake, 9);
	rig_free(rig);
}

/* Two devices; the port is on the one asked last. */
static void test_second_device(void **state)
{
	struct rig *rig = qemu(1);

	(void)state;
	fake_console_qemu(&rig->fake_2, RIG_BASE_2, 2);
	rig->devices[0].base = RIG_BASE_2;
	rig->devices[1].base = RIG_BASE;
	rig->config.n_devices = 2;
	fake_console_port(&rig->fake_2, 1, "com.example.other");
	fake_console_port(&rig->fake, 2, RIG_PORT)->host_open = true;
	assert_true(rig_start(rig));
	assert_talks_through(rig, &rig->fake, 2);
	assert_int_equal(rig->fake_2.mmio.status, 0);
	rig_free(rig);
}

/* QEMU refuses a second port of the name on any of its buses; another host may not. */
static void test_port_on_two_devices(void **state)
{
	struct rig *rig = qemu(1);

	(void)state;
	fake_console_qemu(&rig->fake_2, RIG_BASE_2, 2);
	rig->devices[0].base = RIG_BASE;
	rig->devices[1].base = RIG_BASE_2;
	rig->config.n_devices = 2;
	fake_console_port(&rig->fake, 1, RIG_PORT)->host_open = true;
	fake_console_port(&rig->fake_2, 1, RIG_PORT)->host_open = true;
	assert_true(rig_start(rig));
	assert_talks(rig);
	assert_int_equal(rig->fake_2.mmio.status, 0);
	assert_false(rig->fake_2.ports[1].guest_open);
	rig_free(rig);
}

static void test_no_device(void **state)
{
	struct rig *rig = qemu(1);

	(void)state;
	rig->fake.mmio.device_id = 2;
	assert_false(rig_start(rig));
	rig->fake.mmio.device_id = 0;
	assert_false(rig_start(rig));
	assert_string_equal(rig->sentences, "");
	rig_free(rig);
}

static void test_crosvm(void **state)
{
	struct rig *rig = rig_new();

	(void)state;
	fake_console_crosvm(&rig->fake, RIG_BASE);
	fake_console_port(&rig->fake, 0, "console")->console = true;
	fake_console_port(&rig->fake, 2, RIG_PORT)->host_open = true;
	assert_true(rig_start(rig));
	assert_string_equal(rig->received, "<");
	assert_talks_through(rig, &rig->fake, 2);
	rig_free(rig);

	rig = rig_new();
	fake_console_crosvm(&rig->fake, RIG_BASE);
	fake_console_port(&rig->fake, 0, RIG_PORT)->host_open = true;
	assert_true(rig_start(rig));
	assert_talks_through(rig, &rig->fake, 0);
	rig_free(rig);
}

/* One port without a name, 128 entries whatever we ask for, no word of what was sent. */
static void test_kvmtool(void **state)
{
	(void)state;
	for (unsigned version = 1; version <= 2; version++) {
		struct rig *rig = rig_new();

		fake_console_kvmtool(&rig->fake, RIG_BASE, version);
		rig_resize(rig, QGA_VIRTIO_CONSOLE_MEMORY_FIXED(RIG_RX_COUNT, RIG_RX_SIZE,
		                                                RIG_TX_COUNT, RIG_TX_SIZE, 128));
		assert_false(rig_start(rig)); /* it may be somebody's console */
		assert_int_equal(qga_virtio_console_fault(&rig->console), QGA_VIRTIO_FAULT_UNNAMED);
		rig->config.unnamed = true;
		assert_true(rig_start(rig));
		assert_string_equal(rig->received, "<");
		for (unsigned i = 0; i < 300; i++) {
			assert_talks_through(rig, &rig->fake, 0);
			assert_int_equal(rig->fake.mmio.queues[0].num, 128);
		}
		rig_free(rig);
	}
}

static void test_single_port_of_qemu(void **state)
{
	struct rig *rig = qemu(1);

	(void)state;
	rig->fake.mmio.features &= ~2u;
	rig->fake.max_ports = 1;
	fake_console_port(&rig->fake, 0, "")->host_open = true;
	rig->config.unnamed = true;
	host_says(rig, 0, "early");
	assert_true(rig_start(rig));
	assert_string_equal(rig->received, "<early");
	assert_talks_through(rig, &rig->fake, 0);
	rig_free(rig);
}

static void test_queue_sizes(void **state)
{
	static const unsigned sizes[] = {1, 2, 3, 4, 16, 127, 128, 256, 32768};
	struct rig *rig;

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		rig = qemu(2);
		rig->fake.mmio.queue_max = sizes[i];
		fake_console_port(&rig->fake, 1, RIG_PORT)->host_open = true;
		/* As few as that, and the device would lose messages in one go. */
		rig->fake.deferred = true;
		if (sizes[i] < 4) {
			assert_false(rig_start(rig));
			assert_string_equal(rig->sentences, "virtio queue is too small\n");
		} else {
			assert_true(rig_start(rig));
			assert_talks(rig);
		}
		rig_free(rig);
	}
	rig = qemu(1);
	rig->fake.mmio.queue_max = 0;
	assert_false(rig_start(rig));
	assert_string_equal(rig->sentences, "virtio queue is too small\n");
	rig_free(rig);
}

/* How often the receive queue of port 1 was kicked. */
static unsigned kicks(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < registers_count && i < REGISTERS_LOG; i++)
		n += registers_log[i].op == 'W' && registers_log[i].offset == 0x050 &&
		     registers_log[i].value == 4;
	return n;
}

/* A port that has said PORT_OPEN to a device that takes its time. */
static struct rig *opening(void)
{
	struct rig *rig = qemu(1);
	struct qga_channel *channel = &rig->console.channel;

	assert_true(rig_start(rig));
	rig_settle(rig);
	rig->fake.deferred = true;
	fake_host_plug(&rig->fake, 1, RIG_PORT);
	while (!rig_console(rig)->open_sent) {
		fake_console_run(&rig->fake);
		channel->ops->poll(channel);
	}
	registers_clear();
	for (unsigned i = 0; i < 3; i++)
		channel->ops->poll(channel);
	assert_false(rig->fake.ports[1].guest_open);
	assert_int_equal(kicks(), 0);
	return rig;
}

/* Bytes that wait for PORT_OPEN come with a kick after it, of which one before would be lost. */
static void test_kick_after_port_open(void **state)
{
	struct rig *rig = opening();

	(void)state;
	rig_settle(rig);
	assert_true(rig->fake.ports[1].guest_open);
	assert_int_equal(kicks(), 1);
	fake_host_connect(&rig->fake, 1);
	assert_talks(rig);
	rig_free(rig);
}

/* A port that goes while PORT_OPEN is on its way wants no kick: the next one's queue gets its own. */
static void test_no_kick_for_a_port_that_went(void **state)
{
	struct rig *rig = opening();

	(void)state;
	fake_host_unplug(&rig->fake, 1);
	rig_settle(rig);
	assert_int_equal(rig_console(rig)->state, VIRTIO_CONSOLE_ABSENT);
	assert_int_equal(kicks(), 0);
	fake_host_plug(&rig->fake, 1, RIG_PORT);
	rig_settle(rig);
	assert_int_equal(kicks(), 1);
	fake_host_connect(&rig->fake, 1);
	assert_talks(rig);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kick_after_port_open),
		cmocka_unit_test(test_no_kick_for_a_port_that_went),
		cmocka_unit_test(test_legacy_accesses),
		cmocka_unit_test(test_modern_accesses),
		cmocka_unit_test(test_any_number),
		cmocka_unit_test(test_opens_when_told),
		cmocka_unit_test(test_two_ports_of_the_name),
		cmocka_unit_test(test_names_that_are_not_ours),
		cmocka_unit_test(test_second_device),
		cmocka_unit_test(test_port_on_two_devices),
		cmocka_unit_test(test_no_device),
		cmocka_unit_test(test_crosvm),
		cmocka_unit_test(test_kvmtool),
		cmocka_unit_test(test_single_port_of_qemu),
		cmocka_unit_test(test_queue_sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
