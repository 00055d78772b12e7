/* SPDX-License-Identifier: MIT */
/*
 * vsock_port.c - the agent's port on a socket device.
 *
 * It is 1234, where clients of the agents of other guests look for it, or what the setting
 * `vsock-port` says; `none` switches it off.
 */
#include "machine.h"
#include "pci_devices.h"

#include <string.h>

#if BOARD_WITH_VSOCK

#define PORT_DEFAULT 1234u

static struct qga_virtio_vsock_config config;
static __attribute__((section(".noinit"))) struct qga_virtio_vsock vsock;

/* A decimal number from 0 to 2^32 - 2, which is all of the text; -1: it is none. */
static int64_t decimal(const char *text)
{
	int64_t n = 0;

	if (*text == '\0')
		return -1;
	for (; *text >= '0' && *text <= '9' && n < UINT32_MAX; text++)
		n = n * 10 + (*text - '0');
	return *text == '\0' && n < UINT32_MAX ? n : -1;
}

/* The port; -1: none is wanted. -2: what was set cannot be. */
static int64_t port_set(const struct machine *m)
{
	char text[12];
	int len = board_setting("opt/bareqga/vsock-port", m->board.cmdline, text, sizeof text);
	int64_t port;

	if (len == 0)
		return PORT_DEFAULT;
	if (len > 0 && strcmp(text, "none") == 0)
		return -1;
	port = len > 0 ? decimal(text) : -1;
	return port >= 0 ? port : -2;
}

bool machine_has_vsock(const struct machine *m)
{
	return (m->n_vsocks > 0 || pci_devices_found_vsock()) && port_set(m) != -1;
}

static void acknowledge(struct machine *m)
{
	(void)m;
	vsock.channel.ops->interrupt(&vsock.channel);
}

static void say(void *context, const char *sentence)
{
	(void)context;
	machine_log(sentence);
}

struct qga_channel *machine_vsock_channel(struct machine *m, void *memory, size_t size)
{
	int64_t port = port_set(m);

	if (port == -2)
		machine_log(
			"bareqga: bareqga.vsock-port is neither a number nor none and not used");
	/* Before the device starts: an edge that comes earlier would be lost. */
	if (m->n_vsocks && !machine_enable(m, m->vsock_irq[0]))
		m->n_vsocks = 0;
	pci_devices_add_vsock(m);
	config.devices = m->vsock;
	config.n_devices = m->n_vsocks;
	config.port = port >= 0 ? (uint32_t)port : PORT_DEFAULT;
	config.rx_count = config.tx_count = BOARD_VSOCK_COUNT;
	config.rx_size = config.tx_size = BOARD_VSOCK_SIZE;
	config.window = BOARD_VSOCK_WINDOW;
	config.memory = memory;
	config.memory_size = size;
	config.debug = say;
	if (!m->n_vsocks || qga_virtio_vsock_init(&vsock, &config) != 0)
		return NULL;
	m->acknowledge = acknowledge;
	return &vsock.channel;
}

#endif
