/* SPDX-License-Identifier: MIT */
/*
 * agent_port.c - where the agent answers: a virtio console port, a socket device's, or a serial port.
 *
 * What is asked for is taken: by the setting `channel` (virtio, vsock, uart, or a serial port's name
 * as Linux has it, ttyS0 or ttyAMA0; setting.c), or in the build (BOARD_CHANNEL). Else it is the named
 * port of a virtio console; a socket device (vsock_port.c); a console without that port, for it may be
 * plugged in later, or one without names; and a serial port (serial_port.c) if the machine has none of them.
 */
#include "machine.h"
#include "pci_devices.h"

#include <string.h>

#include "bareqga_virtio.h"
#include "virtio/virtio_console_state.h"

#define PORT_NAME "org.qemu.guest_agent.0"

/* "virtio", "vsock", "uart", "ttyS0" and the like, or "": whichever there is. */
#ifndef BOARD_CHANNEL
#define BOARD_CHANNEL ""
#endif

/* Buffers of the virtio port; QEMU is at its best with many of 4 KiB. */
#ifndef BOARD_RX_COUNT
#define BOARD_RX_COUNT 64
#endif
#ifndef BOARD_TX_COUNT
#define BOARD_TX_COUNT 64
#endif
#ifndef BOARD_BUFFER_SIZE
#define BOARD_BUFFER_SIZE 4096
#endif

/* A console tells of its ports at once, if it has any. */
#define PORTS_PATIENCE_NS 50000000

/* One behind an IOMMU that lets nothing pass never does; one that only might be, has as long. */
#define PLATFORM_PATIENCE_NS 2000000000

#define NOINIT __attribute__((section(".noinit")))

/* What most devices need, and kvmtool's. */
#define CONSOLE_MEMORY                                                               \
	QGA_VIRTIO_CONSOLE_MEMORY(BOARD_RX_COUNT, BOARD_BUFFER_SIZE, BOARD_TX_COUNT, \
	                          BOARD_BUFFER_SIZE, QGA_VIRTIO_CONTROL_COUNT,       \
	                          QGA_VIRTIO_CONTROL_SIZE)
#define CONSOLE_MEMORY_KVMTOOL                                                             \
	QGA_VIRTIO_CONSOLE_MEMORY_FIXED(BOARD_RX_COUNT, BOARD_BUFFER_SIZE, BOARD_TX_COUNT, \
	                                BOARD_BUFFER_SIZE, 128)

static __attribute__((section(".noinit.port"), aligned(QGA_VIRTIO_ALIGN))) union {
	uint8_t console[CONSOLE_MEMORY], kvmtool[CONSOLE_MEMORY_KVMTOOL];
	uint8_t vsock[BOARD_WITH_VSOCK ? BOARD_VSOCK_MEMORY : 1];
} port_memory; /* of the one that the agent is on */
static NOINIT struct qga_virtio_console console;

/* Fills text with what was asked for, "" if nothing was. */
static void asked_for(const struct machine *m, char *text, size_t size)
{
	int len = board_setting("opt/bareqga/channel", m->board.cmdline, text, size);

	if (len < 0)
		strcpy(text, "?"); /* as long as that no channel's name is */
	if (len == 0)
		strcpy(text, BOARD_CHANNEL);
}

/* False, after a line of text: nothing would wake us when the device has something to say. */
bool machine_enable(struct machine *m, struct machine_irq irq)
{
	if (irq.number && m->irqchip->ops->enable(m->irqchip, irq.number, irq.edge))
		return true;
	machine_log(
		"bareqga: interrupts of the agent's device do not reach this processor; it is not "
		"used");
	return false;
}

/* Consoles whose interrupts do not come are none; what is on PCI has its places behind them. */
static void enable_consoles(struct machine *m)
{
	for (unsigned i = 0; i < MACHINE_CONSOLES_MAX; i++)
		if (i >= m->n_consoles || !machine_enable(m, m->console_irq[i]))
			machine_consoles[i].bus = &pci_devices_place;
}

static void acknowledge(void)
{
	qga_console_interrupt(&console.channel);
}

static void say(void *context, const char *sentence)
{
	(void)context;
	machine_log(sentence);
}

static const struct virtio_console *console_state(void)
{
	return (const struct virtio_console *)&console;
}

/* Until the console at hand has told of its ports, but no longer than that. */
static void wait_for_ports(uint64_t patience_ns)
{
	uint64_t start = board_monotonic();

	while (console_state()->state == VIRTIO_CONSOLE_SEARCHING &&
	       board_monotonic() - start < patience_ns)
		console.channel.ops->poll(&console.channel);
}

/* Whether the console at hand has the port; asked when there is somewhere else to go. */
static bool has_named_port(void)
{
	wait_for_ports(PORTS_PATIENCE_NS);
	return console_state()->state == VIRTIO_CONSOLE_FOUND && console_state()->multiport;
}

/*
 * Does the console at hand reach our memory? What an IOMMU keeps from it looks to it like queues that
 * are empty, and then it is silent for ever. Only one that says that it may be behind one is waited for.
 */
static bool reaches_memory(void)
{
	struct qga_virtio_device *device = console_state()->device;

	if (device->bus != &qga_virtio_pci ||
	    !(device->bus->features(device, 1) & VIRTIO_F_ACCESS_PLATFORM >> 32))
		return true;
	wait_for_ports(PLATFORM_PATIENCE_NS);
	return console_state()->state != VIRTIO_CONSOLE_SEARCHING;
}

/* It is none from here on: a place that nothing has taken. */
static void discard_console(void)
{
	struct qga_virtio_device *device = console_state()->device;

	console.channel.ops->close(&console.channel);
	device->bus = &pci_devices_place;
	device->context = NULL;
	machine_log("bareqga: the virtio console does not reach our memory, as behind an IOMMU "
	            "that translates; it is not used");
}

static const struct qga_virtio_console_config console_config = {
	.devices = machine_consoles,
	.n_devices = MACHINE_CONSOLES_MAX,
	.port = PORT_NAME,
	.unnamed = true,
	.rx_count = BOARD_RX_COUNT,
	.tx_count = BOARD_TX_COUNT,
	.rx_size = BOARD_BUFFER_SIZE,
	.tx_size = BOARD_BUFFER_SIZE,
	.control_count = QGA_VIRTIO_CONTROL_COUNT,
	.control_size = QGA_VIRTIO_CONTROL_SIZE,
	.memory = &port_memory,
	.memory_size = sizeof port_memory,
	.debug = say,
};
/* So that nobody need look at it when the machine boots. */
_Static_assert(BOARD_RX_COUNT >= 1 && BOARD_RX_COUNT <= QGA_VIRTQ_MAX, "BOARD_RX_COUNT");
_Static_assert(BOARD_TX_COUNT >= 1 && BOARD_TX_COUNT <= QGA_VIRTQ_MAX, "BOARD_TX_COUNT");
_Static_assert(BOARD_BUFFER_SIZE >= 1 && BOARD_BUFFER_SIZE <= QGA_VIRTIO_SIZE_MAX,
               "BOARD_BUFFER_SIZE");
_Static_assert(sizeof PORT_NAME + 9 <= QGA_VIRTIO_CONTROL_SIZE, "PORT_NAME");
_Static_assert(MACHINE_CONSOLES_MAX <= QGA_VIRTIO_DEVICES_MAX, "MACHINE_CONSOLES_MAX");

/* Starts the search for a console; false: none can be used. */
static bool begin(void)
{
	qga_console_begin((struct virtio_console *)&console, &console_config, 0);
	return console_state()->fault == 0;
}

static struct qga_channel *virtio_channel(struct machine *m)
{
	/* Before the devices start: an edge that comes earlier would be lost. */
	enable_consoles(m);
	for (;;) {
		if (!begin())
			return NULL;
		if (reaches_memory())
			break;
		discard_console();
	}
	m->irqchip->acknowledge = acknowledge;
	m->board.power_delay_ns = m->virtio_power_delay_ns;
	return &console.channel;
}

/* As far as was looked. */
static bool has_vsock(const struct machine *m)
{
	return BOARD_WITH_VSOCK && (m->n_vsocks > 0 || pci_devices_found_vsock()) &&
	       machine_wants_vsock(m);
}

static struct qga_channel *vsock_channel(struct machine *m)
{
	if (!has_vsock(m))
		return NULL;
	return machine_vsock_channel(m, &port_memory, sizeof port_memory);
}

/* A named port, a socket device, or whatever console there is. */
static struct qga_channel *either_channel(struct machine *m)
{
	struct qga_channel *channel = virtio_channel(m), *vsock;

	if (!channel)
		return vsock_channel(m);
	if (!has_vsock(m) || has_named_port())
		return channel;
	channel->ops->close(channel);
	vsock = vsock_channel(m);
	if (vsock)
		return vsock;
	return begin() ? channel : NULL;
}

struct machine_irq machine_agent_irq(const struct machine *m)
{
	char asked[16];
	int number;

	asked_for(m, asked, sizeof asked);
	number = machine_tty_number(asked);
	if (number < 0 && strcmp(asked, "uart") != 0) {
		if (m->n_consoles)
			return m->console_irq[0];
		if (m->n_vsocks)
			return m->vsock_irq[0];
		if (pci_devices_have_agent_device())
			return pci_devices_irq();
	}
	return machine_serial_port(m, number)->irq;
}

/* What was looked for in vain, and what would be found. */
static void on_serial(void)
{
	machine_log(pci_devices_present()
	                    ? "bareqga: no virtio console with the port " PORT_NAME
	                      " on PCI or virtio-mmio (-device virtio-serial-pci); the agent is on "
	                      "the serial port"
	                    : "bareqga: no virtio console with the port " PORT_NAME
	                      " on virtio-mmio (-device virtio-serial-device); the agent is on the "
	                      "serial port");
}

struct qga_channel *board_channel(void)
{
	struct machine *m = &machine;
	struct qga_channel *channel = NULL;
	char asked[16] = "";
	bool virtio = false, vsock = false, uart = false;
	int number = -1;

	if (BOARD_CHANNEL[0] != '\0' || !m->board.nothing_set)
		asked_for(m, asked, sizeof asked);
	if (asked[0]) {
		number = machine_tty_number(asked);
		virtio = strcmp(asked, "virtio") == 0;
		vsock = strcmp(asked, "vsock") == 0;
		uart = number >= 0 || strcmp(asked, "uart") == 0;
		if (!virtio && !vsock && !uart)
			machine_log(
				"bareqga: bareqga.channel is none of virtio, vsock, uart or a port "
				"like ttyS0 and not used");
	}
	if (virtio)
		channel = virtio_channel(m);
	else if (vsock) {
		pci_devices_find(m);
		channel = vsock_channel(m);
	} else if (!uart)
		channel = either_channel(m);
	if (!channel && !virtio && !vsock) {
		machine_share_console(m);
		if (!uart && m->n_uarts)
			on_serial();
		channel = machine_serial_channel(m, number);
	}
	if (!channel && number >= 0)
		machine_log("bareqga: there is no serial port of the number that bareqga.channel "
		            "names");
	else if (!channel && vsock)
		machine_log("bareqga: there is no socket device, or bareqga.vsock-port is none");
	else if (!channel)
		machine_log(pci_devices_present()
		                    ? "bareqga: there is no port for the agent; add -device "
		                      "virtio-serial-pci"
		                    : "bareqga: there is no port for the agent; add -device "
		                      "virtio-serial-device");
	return channel;
}
