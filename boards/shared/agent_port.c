/* SPDX-License-Identifier: MIT */
/*
 * agent_port.c - where the agent answers: a virtio console port, or a serial port.
 *
 * What is asked for is taken: by the setting `channel` (virtio or uart; setting.c), or in the build
 * (BOARD_CHANNEL). Else it is the
 * virtio console if the machine has one, for a port may be plugged in later, and the serial port
 * if it has not: of two the one that is not for people. A serial port that the agent
 * speaks on carries nothing else, so then there is no log.
 */
#include "machine.h"

#include <string.h>

#include "bareqga_virtio.h"

#define PORT_NAME "org.qemu.guest_agent.0"

/* "virtio", "uart", or "": whichever there is. */
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

#define NOINIT __attribute__((section(".noinit")))

/* What most devices need, and kvmtool's. */
#define CONSOLE_MEMORY                                                               \
	QGA_VIRTIO_CONSOLE_MEMORY(BOARD_RX_COUNT, BOARD_BUFFER_SIZE, BOARD_TX_COUNT, \
	                          BOARD_BUFFER_SIZE, QGA_VIRTIO_CONTROL_COUNT,       \
	                          QGA_VIRTIO_CONTROL_SIZE)
#define CONSOLE_MEMORY_KVMTOOL                                                             \
	QGA_VIRTIO_CONSOLE_MEMORY_FIXED(BOARD_RX_COUNT, BOARD_BUFFER_SIZE, BOARD_TX_COUNT, \
	                                BOARD_BUFFER_SIZE, 128)

static NOINIT __attribute__((aligned(QGA_VIRTIO_ALIGN)))
uint8_t console_memory[CONSOLE_MEMORY > CONSOLE_MEMORY_KVMTOOL ? CONSOLE_MEMORY
                                                               : CONSOLE_MEMORY_KVMTOOL];
static struct qga_virtio_device console_devices[MACHINE_CONSOLES_MAX];
static struct qga_virtio_console_config console_config;
static NOINIT struct qga_virtio_console console;

/* One serial port at most is the agent's. */
static NOINIT uint8_t uart_rx[UART_RX_SIZE], uart_tx[UART_TX_SIZE];

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
static bool enable(struct machine *m, struct machine_irq irq)
{
	if (irq.number && m->irqchip->ops->enable(m->irqchip, irq.number, irq.edge))
		return true;
	machine_log(
		"bareqga: interrupts of the agent's device do not reach this processor; it is not "
		"used");
	return false;
}

/* Keeps those consoles whose interrupts come, in their order. */
static void enable_consoles(struct machine *m)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < m->n_consoles; i++)
		if (enable(m, m->console_irq[i]))
			m->console[kept++] = m->console[i];
	m->n_consoles = kept;
}

static void acknowledge(struct machine *m)
{
	(void)m;
	console.channel.ops->interrupt(&console.channel);
}

static void say(void *context, const char *sentence)
{
	(void)context;
	machine_log(sentence);
}

static struct qga_channel *virtio_channel(struct machine *m)
{
	struct qga_virtio_console_config *config = &console_config;

	/* Before the devices start: an edge that comes earlier would be lost. */
	enable_consoles(m);
	for (unsigned i = 0; i < m->n_consoles; i++) {
		console_devices[i].bus = &qga_virtio_mmio;
		console_devices[i].base = m->console[i];
	}
	config->devices = console_devices;
	config->n_devices = m->n_consoles;
	config->port = PORT_NAME;
	config->unnamed = true;
	config->rx_count = BOARD_RX_COUNT;
	config->tx_count = BOARD_TX_COUNT;
	config->rx_size = BOARD_BUFFER_SIZE;
	config->tx_size = BOARD_BUFFER_SIZE;
	config->memory = console_memory;
	config->memory_size = sizeof console_memory;
	config->debug = say;
	if (!m->n_consoles || qga_virtio_console_init(&console, config) != 0)
		return NULL;
	m->acknowledge = acknowledge;
	m->board.power_delay_ns = m->virtio_power_delay_ns;
	return &console.channel;
}

/* Which serial port is the agent's: of two the one that is not for people. */
static unsigned serial_port(const struct machine *m)
{
	return m->n_uarts > 1 && m->log == &m->uart_device[0];
}

struct machine_irq machine_agent_irq(const struct machine *m)
{
	char asked[16];

	asked_for(m, asked, sizeof asked);
	return m->n_consoles && strcmp(asked, "uart") != 0 ? m->console_irq[0]
	                                                   : m->uart[serial_port(m)].irq;
}

static struct qga_channel *serial_channel(struct machine *m)
{
	unsigned i = serial_port(m);

	if (m->n_uarts == 0)
		return NULL;
	if (!enable(m, m->uart[i].irq))
		return NULL;
	if (m->log == &m->uart_device[i])
		m->log = NULL;
	uart_channel(&m->uart_device[i], uart_rx, uart_tx);
	m->serial = &m->uart_device[i];
	return &m->uart_device[i].channel;
}

struct qga_channel *board_channel(void)
{
	struct machine *m = &machine;
	struct qga_channel *channel = NULL;
	char asked[16];
	bool virtio = false, uart = false;

	asked_for(m, asked, sizeof asked);
	if (asked[0]) {
		virtio = strcmp(asked, "virtio") == 0;
		uart = strcmp(asked, "uart") == 0;
	}
	if (asked[0] && !virtio && !uart)
		machine_log("bareqga: bareqga.channel is neither virtio nor uart and not used");
	if (!uart)
		channel = virtio_channel(m);
	if (!channel && !virtio)
		channel = serial_channel(m);
	if (!channel)
		machine_log("bareqga: there is no port for the agent; add -device "
		            "virtio-serial-device");
	return channel;
}
