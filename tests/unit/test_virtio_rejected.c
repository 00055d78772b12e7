/* SPDX-License-Identifier: MIT */
/* Devices that cannot be used: told of once and left, and the next one is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"

static void of_version_3(struct fake_console *fake)
{
	fake->mmio.version = 3;
}

static void without_queues(struct fake_console *fake)
{
	fake->mmio.queue_max = 0;
}

static void with_small_queues(struct fake_console *fake)
{
	fake->mmio.queue_max = 2;
}

static void without_version_1(struct fake_console *fake)
{
	fake->mmio.features_high = 0;
}

static const struct {
	void (*spoil)(struct fake_console *fake);
	const char *sentence;
} cases[] = {
	{of_version_3, "virtio device is of a version that is not known\n"},
	{without_queues, "virtio queue is too small\n"},
	{with_small_queues, "virtio queue is too small\n"},
	{without_version_1, "virtio device of version 2 does not offer VERSION_1\n"},
};

#define N_CASES (sizeof(cases) / sizeof(cases[0]))

/* A spoilt device and, unless it is the only one, a sound one behind it. */
static struct rig *spoilt(unsigned i, bool only)
{
	struct rig *rig = rig_new();

	fake_console_qemu(&rig->fake, RIG_BASE, 2);
	fake_console_qemu(&rig->fake_2, RIG_BASE_2, 2);
	cases[i].spoil(&rig->fake_2);
	rig->devices[0].base = RIG_BASE_2;
	rig->devices[1].base = RIG_BASE;
	rig->config.n_devices = only ? 1 : 2;
	rig->config.unnamed = true;
	return rig;
}

static void assert_found(struct rig *rig, unsigned i, unsigned port)
{
	assert_true(rig_start(rig));
	assert_int_equal(rig_console(rig)->state, VIRTIO_CONSOLE_FOUND);
	assert_int_equal(rig_console(rig)->device - rig->devices, 1);
	assert_int_equal(rig_console(rig)->port, port);
	assert_string_equal(rig->received, "<");
	assert_string_equal(rig->sentences, cases[i].sentence);
	assert_int_equal(rig->fake_2.mmio.status, 0);
	rig_free(rig);
}

static void test_alone(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_CASES; i++) {
		struct rig *rig = spoilt(i, true);

		assert_false(rig_start(rig));
		assert_string_equal(rig->sentences, cases[i].sentence);
		rig_free(rig);
	}
}

static void test_next_has_the_port(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_CASES; i++) {
		struct rig *rig = spoilt(i, false);

		fake_console_port(&rig->fake, 2, RIG_PORT)->host_open = true;
		assert_found(rig, i, 2);
	}
}

/* Consoles without names are looked for in a second round. */
static void test_next_has_no_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < N_CASES; i++) {
		struct rig *rig = spoilt(i, false);

		rig->fake.mmio.features &= ~(uint32_t)VIRTIO_CONSOLE_F_MULTIPORT;
		rig->fake.max_ports = 1;
		fake_console_port(&rig->fake, 0, "")->host_open = true;
		assert_found(rig, i, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_next_has_the_port),
		cmocka_unit_test(test_next_has_no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
