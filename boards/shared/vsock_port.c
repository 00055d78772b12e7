/* SPDX-License-Identifier: MIT */
/*
 * vsock_port.c - the agent's port on a socket device.
 *
 * It is 1234, where clients of the agents of other guests look for it, or what the setting
 * `vsock-port` says; `none` switches it off.
 *
 * The setting `ready`, vsock:CID:PORT, names a program of the host that is told "READY=1" when the agent
 * can answer, and "STOPPING=1" when the guest will be switched off: as systemd tells it
 * (vmm.notify_socket), each by a connection of its own. Who is not there is waited for no longer than
 * CALL_NS, and the agent does not wait at all.
 */
#include "machine.h"
#include "pci_devices.h"
#include "discover/number.h"

#include <string.h>

#include "virtio/virtio_vsock.h"

#if BOARD_WITH_VSOCK

#define PORT_DEFAULT 1234u

/* A call takes some microseconds of the host; some do not say that nobody is there (vhost-device-vsock). */
#define CALL_NS      1000000000u
#define LAST_CALL_NS 200000000u

static struct {
	uint32_t cid, port;
	bool told;         /* READY=1, or tried to */
	bool going;        /* the end of a call is waited for ... */
	uint64_t deadline; /* ... till then */
} ready;

static struct qga_virtio_vsock_config config;
static __attribute__((section(".noinit"))) struct qga_virtio_vsock vsock;

/* A decimal number from 0 to 2^32 - 2, which is all of the text; -1: it is none. */
static int64_t decimal(const char *text)
{
	uint32_t n;

	return number_read(&text, 10, UINT32_MAX - 1, &n) && *text == '\0' ? (int64_t)n : -1;
}

static void call(const char *text, uint64_t ns)
{
	ready.going = true;
	ready.deadline = board_monotonic() + ns;
	qga_virtio_vsock_call(&vsock, ready.cid, ready.port, text);
}

/* Looks after a call; returns for how long. */
static uint64_t poll_ready(void)
{
	enum qga_virtio_call state;
	uint64_t now;

	if (!ready.told) {
		ready.told = true;
		call("READY=1\n", CALL_NS);
	}
	if (!ready.going)
		return UINT64_MAX;
	state = qga_virtio_vsock_called(&vsock);
	now = board_monotonic();
	if (state == QGA_VIRTIO_CALL_GOING && now < ready.deadline)
		return ready.deadline - now;
	if (state == QGA_VIRTIO_CALL_GOING)
		qga_virtio_vsock_hang_up(&vsock);
	if (state != QGA_VIRTIO_CALL_TOLD)
		machine_log("bareqga: nobody listens where bareqga.ready says");
	ready.going = false;
	return UINT64_MAX;
}

static void stopping(void)
{
	call("STOPPING=1\n", LAST_CALL_NS);
}

/* vsock:CID:PORT, or as systemd has it, vsock-stream:CID:PORT. False: it is not. */
static bool read_ready(char *text)
{
	char *cid = strchr(text, ':'), *port = cid ? strchr(cid + 1, ':') : NULL;
	int64_t numbers[2];

	if (!port)
		return false;
	*cid++ = *port++ = '\0';
	numbers[0] = decimal(cid);
	numbers[1] = decimal(port);
	ready.cid = (uint32_t)numbers[0];
	ready.port = (uint32_t)numbers[1];
	return numbers[0] >= 0 && numbers[1] >= 0 &&
	       (strcmp(text, "vsock") == 0 || strcmp(text, "vsock-stream") == 0);
}

static void set_ready(struct machine *m)
{
	char text[48];
	int len = board_setting("opt/bareqga/ready", m->board.cmdline, text, sizeof text);

	if (len == 0)
		return;
	if (len < 0 || !read_ready(text)) {
		machine_log("bareqga: bareqga.ready is not vsock:CID:PORT and not used");
		return;
	}
	m->board.poll = poll_ready;
	m->board.stopping = stopping;
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

__attribute__((noinline)) bool machine_wants_vsock(const struct machine *m)
{
	return port_set(m) != -1;
}

static void acknowledge(void)
{
	vsock.channel.ops->interrupt(&vsock.channel);
	/* 5.10.6.7: the only event is that the machine was moved, or restored. */
	if (qga_virtq_has_news(&((const struct virtio_vsock *)&vsock)->event))
		machine_say_disturbed();
}

static void say(void *context, const char *sentence)
{
	(void)context;
	machine_log(sentence);
}

static uint64_t monotonic(void *context)
{
	(void)context;
	return board_monotonic();
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
	config.monotonic = monotonic;
	if (!m->n_vsocks || qga_virtio_vsock_init(&vsock, &config) != 0)
		return NULL;
	m->irqchip->acknowledge = acknowledge;
	m->board.disturbed = machine_disturbed;
	set_ready(m);
	return &vsock.channel;
}

#endif
