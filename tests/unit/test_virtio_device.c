/* SPDX-License-Identifier: MIT */
/* What every driver does with its device: what is no device, a configuration that changes, sizes of rings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rig.h"
#include "virtio/virtio_device.h"

static uint32_t registers_of_nothing(void *context, unsigned offset, unsigned width)
{
	(void)width;
	assert_int_equal(offset, 0);
	return *(uint32_t *)context;
}

/* Whatever else is at the address is not touched. */
static void test_no_magic(void **state)
{
	static uint32_t values[] = {0, UINT32_MAX, 0x74726977, 0x76697274};

	(void)state;
	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct registers nothing = {RIG_BASE, 0x200, registers_of_nothing, NULL,
		                            &values[i]};
		struct qga_virtio_device device = {.bus = &qga_virtio_mmio, .base = RIG_BASE};

		registers_detach_all();
		registers_attach(&nothing);
		assert_int_equal(qga_virtio_probe(&device), QGA_VIRTIO_FAULT_NO_DEVICE);
		assert_int_equal(device.id, 0);
		assert_int_equal(registers_count, 1);
	}
	registers_detach_all();
}

/* --- A configuration of 64 bits that changes while it is read --- */

static struct {
	uint64_t value, step;
	unsigned changes, reads;
} changing;

static uint32_t config_read(void *context, unsigned offset, unsigned width)
{
	static uint32_t generation;

	assert_int_equal(width, 4);
	switch (offset) {
	case 0x000:
		return 0x74726976;
	case 0x004:
		return *(uint32_t *)context;
	case 0x008:
		return 1;
	case 0x00c:
		return 0;
	case 0x0fc:
		return generation;
	case 0x108:
		changing.reads++;
		return (uint32_t)changing.value;
	case 0x10c:
		if (changing.changes > 0) {
			changing.changes--;
			changing.value += changing.step;
			generation++;
		}
		return (uint32_t)(changing.value >> 32);
	default:
		fail();
		return 0;
	}
}

static void test_halves_of_one_time(void **state)
{
	static const struct {
		uint32_t version;
		unsigned changes, reads;
	} cases[] = {{2, 0, 1}, {2, 1, 2}, {2, 5, 6}, {2, 1000, 8}, {1, 0, 1}};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t version = cases[i].version;
		struct registers registers = {RIG_BASE, 0x200, config_read, NULL, &version};
		struct qga_virtio_device device = {.bus = &qga_virtio_mmio, .base = RIG_BASE};
		uint64_t value;

		registers_detach_all();
		registers_attach(&registers);
		assert_int_equal(qga_virtio_probe(&device), 0);
		changing.value = 0x1ffffffff;
		changing.step = 1;
		changing.changes = cases[i].changes;
		changing.reads = 0;
		value = qga_virtio_config64(&device, 8);
		assert_int_equal(changing.reads, cases[i].reads);
		/* One that never keeps still is not waited for. */
		if (cases[i].changes < 8)
			assert_true(value == changing.value);
	}
	registers_detach_all();
}

/* --- Sizes --- */

static void test_sizes_of_rings(void **state)
{
	(void)state;
	for (unsigned n = 1; n <= 256; n++) {
		size_t size = 4;

		while (size < n)
			size *= 2;
		assert_int_equal(QGA_VIRTQ_SIZE(n), size);
	}
}

/* What the macro says is enough, for any configuration, and not a byte less. */
static void test_memory(void **state)
{
	static const uint16_t counts[] = {1, 4, 5, 31, 64, 65, QGA_VIRTQ_MAX};
	struct rig *rig = rig_new();

	(void)state;
	fake_console_qemu(&rig->fake, RIG_BASE, 2);
	fake_console_port(&rig->fake, 1, RIG_PORT);
	for (unsigned i = 0; i < 7 * 7; i++) {
		rig->config.rx_count = counts[i % 7];
		rig->config.tx_count = counts[i / 7];
		rig->config.control_count = counts[(i + i / 7) % 7];
		rig->config.rx_size = 100 + i;
		rig_resize(rig, QGA_VIRTIO_CONSOLE_MEMORY(rig->config.rx_count, rig->config.rx_size,
		                                          rig->config.tx_count, rig->config.tx_size,
		                                          rig->config.control_count,
		                                          QGA_VIRTIO_CONTROL_SIZE));
		assert_true(rig_start(rig));
		rig->config.memory_size--;
		assert_int_equal(qga_virtio_console_init(&rig->console, &rig->config),
		                 QGA_VIRTIO_FAULT_MEMORY);
	}
	assert_int_equal(qga_virtio_console_init(NULL, &rig->config), QGA_VIRTIO_FAULT_NULL);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_magic),
		cmocka_unit_test(test_halves_of_one_time),
		cmocka_unit_test(test_sizes_of_rings),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
