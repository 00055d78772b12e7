/* SPDX-License-Identifier: MIT */
/* Configurations and devices that are refused, each with its reason; DMA hooks; a bus of one's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mmio.h"
#include "rig_talk.h"

/* --- Refused --- */

static void without_devices(struct rig *rig)
{
	rig->config.devices = NULL;
}
static void of_no_device(struct rig *rig)
{
	rig->config.n_devices = 0;
}
static void of_too_many_devices(struct rig *rig)
{
	rig->config.n_devices = QGA_VIRTIO_DEVICES_MAX + 1;
}
static void without_bus(struct rig *rig)
{
	rig->devices[0].bus = NULL;
}
static void without_port(struct rig *rig)
{
	rig->config.port = NULL;
}
static void with_empty_port(struct rig *rig)
{
	rig->config.port = "";
}
static void with_long_port(struct rig *rig)
{
	rig->config.control_size = sizeof(RIG_PORT) - 1 + 9;
}
static void without_memory(struct rig *rig)
{
	rig->config.memory = NULL;
}
static void with_odd_memory(struct rig *rig)
{
	rig->config.memory = rig->memory + 64;
}
static void with_little_memory(struct rig *rig)
{
	rig->config.memory_size--;
}
static void without_rx(struct rig *rig)
{
	rig->config.rx_count = 0;
}
static void with_much_rx(struct rig *rig)
{
	rig->config.rx_count = QGA_VIRTQ_MAX + 1;
}
static void without_tx(struct rig *rig)
{
	rig->config.tx_count = 0;
}
static void with_much_tx(struct rig *rig)
{
	rig->config.tx_count = QGA_VIRTQ_MAX + 1;
}
static void with_much_control(struct rig *rig)
{
	rig->config.control_count = QGA_VIRTQ_MAX + 1;
}
static void with_empty_rx(struct rig *rig)
{
	rig->config.rx_size = 0;
}
static void with_empty_tx(struct rig *rig)
{
	rig->config.tx_size = 0;
}
static void with_huge_tx(struct rig *rig)
{
	rig->config.tx_size = QGA_VIRTIO_SIZE_MAX + 1;
}
static void of_version_3(struct rig *rig)
{
	rig->fake.mmio.version = 3;
}
static void that_is_a_disk(struct rig *rig)
{
	rig->fake.mmio.device_id = 2;
}
static void that_is_empty(struct rig *rig)
{
	rig->fake.mmio.device_id = 0;
}
static void that_does_not_reset(struct rig *rig)
{
	rig->fake.mmio.stuck = true;
}
static void without_version_1(struct rig *rig)
{
	rig->fake.mmio.features_high = 0;
}
static void that_takes_no_features(struct rig *rig)
{
	rig->fake.mmio.refuses = true;
}
static void with_a_queue_in_use(struct rig *rig)
{
	rig->fake.mmio.busy_queue = 5;
}
static void with_small_queues(struct rig *rig)
{
	rig->fake.mmio.queue_max = 2;
}
static void that_insists_on_large_queues(struct rig *rig)
{
	rig->fake.mmio.vendor = 0x4d564b4c;
}
static void without_names(struct rig *rig)
{
	rig->fake.mmio.features &= ~2u;
}

static uint64_t nowhere(void *context, const volatile void *memory, size_t size)
{
	(void)context;
	(void)memory;
	return size == QGA_VIRTIO_CONTROL_SIZE ? UINT64_MAX : RIG_ADDRESS;
}

static uint64_t odd(void *context, const volatile void *memory, size_t size)
{
	(void)context;
	(void)size;
	return (uintptr_t)memory + 64;
}

static uint64_t high(void *context, const volatile void *memory, size_t size)
{
	(void)context;
	(void)size;
	return ((uint64_t)1 << 40) + (uintptr_t)memory % 4096;
}

static void that_reaches_no_buffer(struct rig *rig)
{
	rig->dma.address = nowhere;
}
static void that_sees_odd_rings(struct rig *rig)
{
	rig->dma.address = odd;
}
static void that_is_legacy_and_too_low(struct rig *rig)
{
	rig->fake.mmio.version = 1;
	rig->fake.mmio.features_high = 0;
	rig->dma.address = high;
}

static const struct {
	void (*spoil)(struct rig *rig);
	int fault;
	bool told; /* a device's fault is told to a person */
} refused[] = {
	{without_devices, QGA_VIRTIO_FAULT_NULL, false},
	{of_no_device, QGA_VIRTIO_FAULT_DEVICES, false},
	{of_too_many_devices, QGA_VIRTIO_FAULT_DEVICES, false},
	{without_bus, QGA_VIRTIO_FAULT_NULL, false},
	{without_port, QGA_VIRTIO_FAULT_NULL, false},
	{with_empty_port, QGA_VIRTIO_FAULT_NAME, false},
	{with_long_port, QGA_VIRTIO_FAULT_NAME, false},
	{without_memory, QGA_VIRTIO_FAULT_NULL, false},
	{with_odd_memory, QGA_VIRTIO_FAULT_ALIGNMENT, false},
	{with_little_memory, QGA_VIRTIO_FAULT_MEMORY, false},
	{without_rx, QGA_VIRTIO_FAULT_COUNT, false},
	{with_much_rx, QGA_VIRTIO_FAULT_COUNT, false},
	{without_tx, QGA_VIRTIO_FAULT_COUNT, false},
	{with_much_tx, QGA_VIRTIO_FAULT_COUNT, false},
	{with_much_control, QGA_VIRTIO_FAULT_COUNT, false},
	{with_empty_rx, QGA_VIRTIO_FAULT_SIZE, false},
	{with_empty_tx, QGA_VIRTIO_FAULT_SIZE, false},
	{with_huge_tx, QGA_VIRTIO_FAULT_SIZE, false},
	{of_version_3, QGA_VIRTIO_FAULT_VERSION, true},
	{that_is_a_disk, QGA_VIRTIO_FAULT_NO_CONSOLE, false},
	{that_is_empty, QGA_VIRTIO_FAULT_NO_CONSOLE, false},
	{that_does_not_reset, QGA_VIRTIO_FAULT_RESET, true},
	{without_version_1, QGA_VIRTIO_FAULT_VERSION_1, true},
	{that_takes_no_features, QGA_VIRTIO_FAULT_FEATURES, true},
	{with_a_queue_in_use, QGA_VIRTIO_FAULT_QUEUE_BUSY, true},
	{with_small_queues, QGA_VIRTIO_FAULT_QUEUE_SMALL, true},
	{that_insists_on_large_queues, QGA_VIRTIO_FAULT_QUEUE_LARGE, true},
	{without_names, QGA_VIRTIO_FAULT_UNNAMED, false},
	{that_reaches_no_buffer, QGA_VIRTIO_FAULT_DMA_ADDRESS, true},
	{that_sees_odd_rings, QGA_VIRTIO_FAULT_DMA_ADDRESS, true},
	{that_is_legacy_and_too_low, QGA_VIRTIO_FAULT_TOO_HIGH, true},
};

static void test_refused(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct rig *rig = rig_qemu(2);
		char expected[256] = "";

		refused[i].spoil(rig);
		fake_mmio_memory(&rig->fake.mmio, rig->memory, rig->memory_size, RIG_ADDRESS);
		assert_int_equal(qga_virtio_console_init(&rig->console, &rig->config),
		                 refused[i].fault);
		assert_int_equal(qga_virtio_console_fault(&rig->console), refused[i].fault);
		if (refused[i].told)
			snprintf(expected, sizeof(expected), "%s\n",
			         qga_virtio_strerror(refused[i].fault));
		assert_string_equal(rig->sentences, expected);
		/* Whoever uses it all the same does no harm. */
		rig->console.channel.ops->open(&rig->console.channel);
		assert_int_equal(rig->console.channel.ops->poll(&rig->console.channel), 0);
		rig_interrupt(rig);
		rig->console.channel.ops->close(&rig->console.channel);
		rig_free(rig);
	}
}

static void test_other_build(void **state)
{
	struct rig *rig = rig_qemu(2);

	(void)state;
	assert_int_equal(
		qga_virtio_console_init_build(&rig->console, &rig->config, QGA_VIRTIO_BUILD + 1),
		QGA_VIRTIO_FAULT_BUILD);
	assert_int_equal(qga_virtio_console_init(&rig->console, NULL), QGA_VIRTIO_FAULT_NULL);
	assert_int_equal(registers_count, 0);
	rig_free(rig);
}

/* Each fault has a sentence of its own, every other number the same one. */
static void test_sentences(void **state)
{
	const char *none = qga_virtio_strerror(1);

	(void)state;
	for (int a = QGA_VIRTIO_FAULT_NO_VECTOR; a <= QGA_VIRTIO_FAULT_NULL; a++) {
		assert_string_not_equal(qga_virtio_strerror(a), none);
		for (int b = a + 1; b <= QGA_VIRTIO_FAULT_NULL; b++)
			assert_string_not_equal(qga_virtio_strerror(a), qga_virtio_strerror(b));
	}
	assert_string_equal(qga_virtio_strerror(QGA_VIRTIO_FAULT_NULL + 1), none);
	assert_string_equal(qga_virtio_strerror(QGA_VIRTIO_FAULT_NO_VECTOR - 1), none);
	assert_string_equal(qga_virtio_strerror(0), "nothing is wrong");
}

/* --- 4 KiB hold it all --- */

static void test_small(void **state)
{
	(void)state;
	for (unsigned version = 1; version <= 2; version++) {
		struct rig *rig = rig_qemu(version);
		char much[2 * 512];

		rig->config.rx_count = rig->config.tx_count = 2;
		rig->config.rx_size = rig->config.tx_size = 512;
		rig->config.control_count = 16;
		rig->config.control_size = 32;
		rig_resize(rig, 4096);
		for (unsigned other = 2; other < 17; other++)
			fake_console_port(&rig->fake, other, RIG_PORT "0");
		assert_true(rig_start(rig));
		assert_int_equal(rig->fake.lost_messages, 0);
		assert_string_equal(rig->sentences, "");
		memset(much, 'x', sizeof(much));
		for (unsigned i = 0; i < 10; i++) {
			rig_forget(rig);
			fake_host_send(&rig->fake, 1, much, sizeof(much));
			rig_settle(rig);
			assert_int_equal(rig->received[0] == '<' ? rig->received_len - 1
			                                         : rig->received_len,
			                 sizeof(much));
			assert_int_equal(rig_write(rig, much, sizeof(much)), sizeof(much));
			rig_flush(rig);
			assert_talks(rig);
		}
		rig_free(rig);
	}
}

/* --- A device that sees other memory than our cache does --- */

/*
 * The device's view is a copy, which clean() and invalidate() alone bring up to date: what is not
 * cleaned the device does not see, what is not invalidated we do not.
 */
static struct {
	struct rig *rig;
	uint8_t *view;
	unsigned cleaned, invalidated;
} dma;

static size_t offset_of(const volatile void *memory, size_t size)
{
	size_t offset = (size_t)((const volatile uint8_t *)memory - dma.rig->memory);

	assert_true(offset < dma.rig->memory_size && size <= dma.rig->memory_size - offset);
	return offset;
}

static void clean(void *context, const volatile void *memory, size_t size)
{
	size_t offset = offset_of(memory, size);

	assert_ptr_equal(context, &dma);
	memcpy(dma.view + offset, dma.rig->memory + offset, size);
	dma.cleaned++;
}

static void invalidate(void *context, const volatile void *memory, size_t size)
{
	size_t offset = offset_of(memory, size);

	assert_ptr_equal(context, &dma);
	memcpy(dma.rig->memory + offset, dma.view + offset, size);
	dma.invalidated++;
}

static uint64_t bus_address(void *context, const volatile void *memory, size_t size)
{
	assert_ptr_equal(context, &dma);
	return RIG_ADDRESS + offset_of(memory, size);
}

static void test_not_coherent(void **state)
{
	(void)state;
	for (unsigned version = 1; version <= 2; version++) {
		struct rig *rig = rig_qemu(version);
		char much[RIG_RX_COUNT * RIG_RX_SIZE * 2];

		dma.rig = rig;
		dma.view = malloc(rig->memory_size);
		memset(dma.view, 0x5a, rig->memory_size);
		rig->dma = (struct qga_virtio_dma){&dma, bus_address, clean, invalidate};
		fake_mmio_memory(&rig->fake.mmio, dma.view, rig->memory_size, RIG_ADDRESS);
		assert_int_equal(qga_virtio_console_init(&rig->console, &rig->config), 0);
		rig->console.channel.ops->open(&rig->console.channel);
		rig_settle(rig);
		assert_string_equal(rig->received, "<");
		for (unsigned i = 0; i < 300; i++) {
			dma.cleaned = dma.invalidated = 0;
			assert_talks(rig);
			assert_true(dma.cleaned >= 4 && dma.invalidated >= 3);
		}
		rig_forget(rig);
		for (unsigned i = 0; i < sizeof(much); i++)
			much[i] = (char)('a' + i % 26);
		fake_host_send(&rig->fake, 1, much, sizeof(much));
		rig_settle(rig);
		assert_int_equal(rig->received_len, sizeof(much));
		assert_memory_equal(rig->received, much, sizeof(much));
		fake_host_disconnect(&rig->fake, 1);
		fake_host_connect(&rig->fake, 1);
		assert_talks(rig);
		/* Open already: nothing is said, and one look is enough to know it. */
		rig->console.channel.ops->open(&rig->console.channel);
		dma.invalidated = 0;
		rig->console.channel.ops->poll(&rig->console.channel);
		assert_int_equal(dma.invalidated, 3);
		assert_string_equal(rig->sentences, "");
		free(dma.view);
		rig_free(rig);
	}
}

/* --- A bus of one's own: the same device behind functions that know it --- */

static unsigned bus_calls;

static int own_probe(struct qga_virtio_device *device)
{
	assert_ptr_equal(device->context, &bus_calls);
	device->id = mmio_read32(RIG_BASE + 8);
	return 0;
}

static uint32_t own_features(struct qga_virtio_device *device, unsigned word)
{
	(void)device;
	mmio_write32(RIG_BASE + 0x14, word);
	return mmio_read32(RIG_BASE + 0x10);
}

static void own_accept(struct qga_virtio_device *device, unsigned word, uint32_t features)
{
	(void)device;
	mmio_write32(RIG_BASE + 0x24, word);
	mmio_write32(RIG_BASE + 0x20, features);
}

static uint8_t own_status(struct qga_virtio_device *device)
{
	(void)device;
	return (uint8_t)mmio_read32(RIG_BASE + 0x70);
}

static void own_set_status(struct qga_virtio_device *device, uint8_t status)
{
	(void)device;
	mmio_write32(RIG_BASE + 0x70, status);
}

static int own_queue_max(struct qga_virtio_device *device, unsigned index)
{
	(void)device;
	mmio_write32(RIG_BASE + 0x30, index);
	return (int)mmio_read32(RIG_BASE + 0x34);
}

static int own_queue(struct qga_virtio_device *device, struct qga_virtio_queue *queue)
{
	const uint64_t addresses[] = {queue->desc, queue->driver, queue->device};

	(void)device;
	mmio_write32(RIG_BASE + 0x38, queue->size);
	for (unsigned i = 0; i < 3; i++) {
		mmio_write32(RIG_BASE + 0x80 + 16 * i, (uint32_t)addresses[i]);
		mmio_write32(RIG_BASE + 0x84 + 16 * i, (uint32_t)(addresses[i] >> 32));
	}
	mmio_write32(RIG_BASE + 0x44, 1);
	queue->notify = 0x1000u + queue->index;
	return 0;
}

static void own_notify(struct qga_virtio_device *device, const struct qga_virtio_queue *queue)
{
	(void)device;
	assert_int_equal(queue->notify, 0x1000u + queue->index);
	bus_calls++;
	mmio_write32(RIG_BASE + 0x50, queue->index);
}

static void own_acknowledge(struct qga_virtio_device *device)
{
	(void)device;
	bus_calls++;
	mmio_write32(RIG_BASE + 0x64, 3);
}

static uint32_t own_config(struct qga_virtio_device *device, unsigned offset, unsigned width)
{
	(void)device;
	assert_int_equal(width, 4);
	return mmio_read32(RIG_BASE + 0x100 + offset);
}

static uint32_t own_generation(struct qga_virtio_device *device)
{
	(void)device;
	return 0;
}

static void test_bus_of_ones_own(void **state)
{
	static const struct qga_virtio_bus bus = {
		.probe = own_probe,
		.features = own_features,
		.accept = own_accept,
		.status = own_status,
		.set_status = own_set_status,
		.queue_max = own_queue_max,
		.queue = own_queue,
		.notify = own_notify,
		.acknowledge = own_acknowledge,
		.config = own_config,
		.generation = own_generation,
	};
	struct rig *rig = rig_qemu(2);

	(void)state;
	rig->devices[0] =
		(struct qga_virtio_device){.bus = &bus, .context = &bus_calls, .dma = &rig->dma};
	assert_true(rig_start(rig));
	for (unsigned i = 0; i < 100; i++) {
		bus_calls = 0;
		assert_talks(rig);
		assert_true(bus_calls >= 2);
	}
	rig_free(rig);
}

/* The bit of an IOMMU is taken when it is offered, and only then. */
static void test_access_platform(void **state)
{
	(void)state;
	for (unsigned offered = 0; offered < 2; offered++) {
		struct rig *rig = rig_qemu(2);

		rig->fake.mmio.features_high = 0x101 | offered << 1;
		assert_true(rig_start(rig));
		assert_int_equal(rig->fake.mmio.accepted[1], 1 | offered << 1);
		assert_talks(rig);
		rig_free(rig);
	}
}

static unsigned config_offset, config_width;

static uint32_t config_read(void *context, unsigned offset, unsigned width)
{
	(void)context;
	config_offset = offset;
	config_width = width;
	return 0x11223344;
}

/* 4.2.2: each field is read as wide as it is, from 0x100 on. */
static void test_width_of_configuration(void **state)
{
	static const struct registers device = {
		.base = RIG_BASE, .size = 0x200, .read = config_read};
	struct qga_virtio_device mmio = {.bus = &qga_virtio_mmio, .base = RIG_BASE};

	(void)state;
	registers_detach_all();
	registers_attach(&device);
	for (unsigned width = 1; width <= 4; width *= 2) {
		mmio.bus->config(&mmio, 8 + width, width);
		assert_int_equal(config_offset, 0x108 + width);
		assert_int_equal(config_width, width);
	}
	registers_detach_all();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_other_build),
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_not_coherent),
		cmocka_unit_test(test_bus_of_ones_own),
		cmocka_unit_test(test_access_platform),
		cmocka_unit_test(test_width_of_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
