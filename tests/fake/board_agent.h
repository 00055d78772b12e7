/* SPDX-License-Identifier: MIT */
/*
 * board_agent.h - the agent's port of a board that has booted, what is said of it, and who is heard there. Include it
 * behind board_arm.h.
 */
#ifndef BOARD_AGENT_H
#define BOARD_AGENT_H

#define NAME "org.qemu.guest_agent.0"

#define ON_SERIAL                                                                    \
	"bareqga: no virtio console with the port " NAME " on virtio-mmio (-device " \
	"virtio-serial-device); the agent is on the serial port\n"
#define ON_SERIAL_PCI                                                              \
	"bareqga: no virtio console with the port " NAME " on PCI or virtio-mmio " \
	"(-device virtio-serial-pci); the agent is on the serial port\n"
#define NO_PORT "bareqga: there is no port for the agent; add -device virtio-serial-device\n"

static struct qga_channel *channel;

/* Finds the port and opens it. Time passes while somebody waits for a device. */
static inline void open_channel(void)
{
	fake_arch.step = 1000000;
	channel = board_channel();
	if (channel)
		channel->ops->open(channel);
}

/* Boots, and opens the port; returns what was said. */
static inline const char *boot(void)
{
	arm_boot();
	open_channel();
	return rig_said();
}

/* What the agent hears now. */
static inline const char *heard(void)
{
	static char text[64];
	const uint8_t *data;
	size_t n;

	for (unsigned i = 0; i < 8; i++)
		channel->ops->poll(channel);
	n = channel->ops->rx_get(channel, &data);
	memcpy(text, data, n);
	text[n] = '\0';
	channel->ops->rx_put(channel, n);
	return text;
}

static inline bool hears_console(struct fake_console *fake, unsigned nr)
{
	fake_host_connect(fake, nr);
	fake_host_send(fake, nr, "hello", 5);
	fake_console_run(fake);
	return strcmp(heard(), "hello") == 0;
}

static inline bool hears_uart(struct fake_uart *fake)
{
	fake_uart_send(fake, "{}", 2);
	return strcmp(heard(), "{}") == 0;
}

/* A packet of a program of the host: from its port, to that of ours. */
static inline void host_says(struct fake_vsock *fake, uint32_t from, uint32_t to, uint16_t op)
{
	struct fake_vsock_header header = {.src_cid = 2,
	                                   .dst_cid = 3,
	                                   .src_port = from,
	                                   .dst_port = to,
	                                   .type = 1,
	                                   .op = op,
	                                   .buf_alloc = 4096};

	fake_vsock_send(fake, &header, NULL);
	(void)heard();
}

/* Does the other end of a socket get an answer? */
static inline bool hears_vsock(struct fake_vsock *fake, uint32_t port)
{
	struct fake_vsock_header header;

	host_says(fake, 7777, port, 1);
	channel->ops->tx_flush(channel);
	fake_vsock_run(fake);
	return fake_vsock_hear(fake, &header, NULL, 0) && header.op == 2;
}

#endif
