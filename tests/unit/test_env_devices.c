/* SPDX-License-Identifier: MIT */
/* test_env_devices.c - disks and network cards on a bus of the test's own, and the application's interfaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app.h"
#include "env/env.h"
#include "virtio/virtio_device.h"

/* What is in a slot; a device's context. */
struct slot {
	uint32_t id;
	bool broken;
	uint32_t features;
	uint8_t config[8];
};

static int probe(struct qga_virtio_device *device)
{
	struct slot *slot = device->context;

	device->id = slot->id;
	return slot->broken ? -1 : 0;
}

static uint32_t features(struct qga_virtio_device *device, unsigned word)
{
	return word ? 0 : ((struct slot *)device->context)->features;
}

static uint32_t config(struct qga_virtio_device *device, unsigned offset, unsigned width)
{
	uint32_t value = 0;

	assert_in_range(offset + width, 1, 8);
	memcpy(&value, ((struct slot *)device->context)->config + offset, width);
	return value;
}

static uint32_t generation(struct qga_virtio_device *device)
{
	(void)device;
	return 0;
}

static const struct qga_virtio_bus bus = {
	.probe = probe, .features = features, .config = config, .generation = generation};

#define MAC_VALID (1u << 5)

static struct slot disks[] = {{.id = VIRTIO_ID_BLOCK, .config = {3}},
                              {.id = VIRTIO_ID_BLOCK, .config = {0, 0, 0, 0, 1}}};
static struct slot nets[] = {
	{.id = VIRTIO_ID_NET, .features = MAC_VALID, .config = {0x52, 0x54, 0, 0, 0, 1}},
	{.id = VIRTIO_ID_NET, .features = ~MAC_VALID, .config = {0x52, 0x54, 0, 0, 0, 2}},
	{.id = VIRTIO_ID_NET, .features = MAC_VALID, .config = {0x52, 0x54, 0, 0, 0, 3}}};
static struct board board;

/* Only when they are asked for it is looked for them. */
static void find_idle(void)
{
	board.n_disks = board.n_nets = 0;
	for (size_t i = 0; i < sizeof disks / sizeof disks[0]; i++)
		board.disk[board.n_disks++] =
			(struct qga_virtio_device){.bus = &bus, .context = &disks[i]};
	for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++)
		board.net[board.n_nets++] =
			(struct qga_virtio_device){.bus = &bus, .context = &nets[i]};
}

/* The first stands for the first card, the others for none: another address, and none at all. */
static const struct qga_interface interfaces[] = {
	{.name = "lan", .has_mac = true, .mac = {0x52, 0x54, 0, 0, 0, 1}},
	{.name = "other", .has_mac = true, .mac = {0x52, 0x54, 0, 0, 0, 4}},
	{.name = "lo"},
};

const struct app app = {.interfaces = interfaces,
                        .n_interfaces = sizeof interfaces / sizeof interfaces[0]};

static int set_up(void **state)
{
	(void)state;
	board = (struct board){.find_idle = find_idle};
	env_devices_init(&board);
	for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++)
		nets[i].broken = false;
	return 0;
}

static void of_disks(void **state)
{
	struct qga_disk disk;

	(void)state;
	assert_int_equal(env_disk(NULL, 0, &disk), 1);
	assert_string_equal(disk.name, "/dev/vda");
	assert_int_equal(disk.capacity, 3 * 512);
	assert_int_equal(disk.unit, 0);
	assert_int_equal(env_disk(NULL, 1, &disk), 1);
	assert_string_equal(disk.name, "/dev/vdb");
	assert_true(disk.capacity == (uint64_t)512 << 32);
	assert_int_equal(disk.unit, 1);
	assert_int_equal(disk.minor, 1);
	assert_int_equal(env_disk(NULL, 2, &disk), 0);
}

/* It was there when it was found, and answers no more, or has gone. */
static void gone(void **state)
{
	struct qga_interface card;
	struct qga_disk disk;

	(void)state;
	disks[0].broken = nets[0].broken = true;
	assert_int_equal(env_disk(NULL, 0, &disk), QGA_EIO);
	assert_int_equal(env_interface(NULL, 0, &card), QGA_EIO);
	disks[0].broken = nets[0].broken = false;
	disks[0].id = nets[0].id = 0;
	assert_int_equal(env_disk(NULL, 0, &disk), QGA_EIO);
	assert_int_equal(env_interface(NULL, 0, &card), QGA_EIO);
	disks[0].id = VIRTIO_ID_BLOCK;
	nets[0].id = VIRTIO_ID_NET;
}

static void of_cards(void **state)
{
	struct qga_interface item;

	(void)state;
	assert_int_equal(env_interface(NULL, 0, &item), 1);
	assert_string_equal(item.name, "lan");
	assert_int_equal(env_interface(NULL, 1, &item), 1);
	assert_string_equal(item.name, "eth1");
	assert_false(item.has_mac);
	assert_int_equal(env_interface(NULL, 2, &item), 1);
	assert_string_equal(item.name, "eth2");
	assert_true(item.has_mac);
	assert_memory_equal(item.mac, nets[2].config, 6);
	assert_int_equal(env_interface(NULL, 3, &item), 1);
	assert_string_equal(item.name, "other");
	assert_int_equal(env_interface(NULL, 4, &item), 1);
	assert_string_equal(item.name, "lo");
	assert_int_equal(env_interface(NULL, 5, &item), 0);
	/* A card that does not answer is nobody's. */
	nets[0].broken = true;
	assert_int_equal(env_interface(NULL, 3, &item), 1);
	assert_string_equal(item.name, "lan");
}

/* A board that has all it will ever have from the start on. */
static void found_before(void **state)
{
	struct qga_interface item;
	struct qga_disk disk;

	(void)state;
	board.find_idle = NULL;
	assert_int_equal(env_disk(NULL, 0, &disk), 0);
	assert_int_equal(env_interface(NULL, 0, &item), 1);
	assert_string_equal(item.name, "lan");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(of_disks, set_up),
		cmocka_unit_test_setup(gone, set_up),
		cmocka_unit_test_setup(of_cards, set_up),
		cmocka_unit_test_setup(found_before, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
