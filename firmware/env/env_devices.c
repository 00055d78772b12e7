/* SPDX-License-Identifier: MIT */
/*
 * env_devices.c - virtio disks and network cards that the board found. They are not driven, only
 * their configuration is read (Virtual I/O Device 1.2, sections 5.1.4 and 5.2.4).
 *
 * An application that drives a card registers an interface with the card's address, which then
 * stands for it. Left out: what a disk's requests would have to tell (its serial number).
 */
#include <string.h>

#include "app.h"
#include "env.h"
#include "virtio/virtio_device.h"

#define VIRTIO_NET_F_MAC (1u << 5) /* 5.1.3: the address is valid */

/* Offsets in the configuration. */
enum {
	VIRTIO_NET_MAC = 0,
	VIRTIO_BLK_CAPACITY = 0, /* in sectors */
};

#define SECTOR 512

static const struct board *board;

void env_devices_init(const struct board *b)
{
	board = b;
}

static void find(void)
{
	if (board->find_idle)
		board->find_idle();
}

int env_disk(void *context, size_t index, struct qga_disk *item)
{
	static char name[BOARD_IDLE_MAX][sizeof("/dev/vda")];
	struct qga_virtio_device device;

	(void)context;
	find();
	if (!BOARD_IDLE_MAX || index >= board->n_disks)
		return 0;
	device = board->disk[index];
	if (qga_virtio_probe(&device) != 0 || device.id == 0)
		return QGA_EIO;
	memcpy(name[index], "/dev/vda", sizeof "/dev/vda");
	name[index][sizeof("/dev/vd") - 1] = (char)('a' + index);
	/* Nobody drives it, so nothing was ever read or written: the counters are true zeros. */
	*item = (struct qga_disk){
		.name = name[index],
		.capacity = qga_virtio_config64(&device, VIRTIO_BLK_CAPACITY) * SECTOR,
		.unit = (uint32_t)index,
		.minor = (uint32_t)index,
	};
	return 1;
}

/* A card as an interface: name and address. */
static int card(size_t index, struct qga_interface *item)
{
	static char name[BOARD_IDLE_MAX][sizeof("eth0")];
	struct qga_virtio_device device;

	device = board->net[index];
	if (qga_virtio_probe(&device) != 0 || device.id == 0)
		return QGA_EIO;
	memcpy(name[index], "eth0", sizeof "eth0");
	name[index][sizeof("eth") - 1] = (char)('0' + index);
	*item = (struct qga_interface){.name = name[index]};
	item->has_mac = device.bus->features(&device, 0) & VIRTIO_NET_F_MAC;
	for (unsigned i = 0; item->has_mac && i < sizeof(item->mac); i++)
		item->mac[i] = (uint8_t)device.bus->config(&device, VIRTIO_NET_MAC + i, 1);
	return 1;
}

static bool same_mac(const struct qga_interface *a, const struct qga_interface *b)
{
	return a->has_mac && b->has_mac && memcmp(a->mac, b->mac, sizeof(a->mac)) == 0;
}

/* The card that an interface of the application stands for, or -1. */
static int card_of(const struct qga_interface *interface)
{
	struct qga_interface found;

	for (size_t i = 0; BOARD_IDLE_MAX && i < board->n_nets; i++)
		if (card(i, &found) == 1 && same_mac(interface, &found))
			return (int)i;
	return -1;
}

/* Cards first, then the application's interfaces that stand for none of them. */
int env_interface(void *context, size_t index, struct qga_interface *item)
{
	size_t i;

	(void)context;
	find();
	if (BOARD_IDLE_MAX && index < board->n_nets) {
		int result = card(index, item);

		for (i = 0; result == 1 && i < app.n_interfaces; i++)
			if (same_mac(&app.interfaces[i], item)) {
				*item = app.interfaces[i];
				break;
			}
		return result;
	}
	index -= BOARD_IDLE_MAX ? board->n_nets : 0;
	for (i = 0; i < app.n_interfaces; i++)
		if (card_of(&app.interfaces[i]) < 0 && index-- == 0) {
			*item = app.interfaces[i];
			return 1;
		}
	return 0;
}
