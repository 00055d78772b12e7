/* SPDX-License-Identifier: MIT */
/*
 * virtio_console.h - one port of a virtio console as a channel (Virtual I/O Device 1.2,
 * section 5.3).
 *
 *     -device virtio-serial-device -chardev socket,id=c,path=SOCK,server=on,wait=off
 *     -device virtserialport,chardev=c,name=org.qemu.guest_agent.0
 *
 *     host      port "org.qemu.guest_agent.0" = nr 1     control
 *                 |  ^                                     |  ^
 *                 v  |                                     v  |
 *     queues    rx 4  tx 5 (port n: 2n+2, 2n+3; 0: 0, 1)  rx 2  tx 3
 *                 |  ^                                     |  ^
 *     buffers   rx_count  tx_count                         32  1
 *
 * The port is found by its name, whatever its number, on the first of the given devices that has
 * it, beside any other ports and consoles. Only the queues that are needed are set up, all of them
 * before DRIVER_OK as 3.1.1 demands. The number is not known then: 1 is tried, which it nearly
 * always is; if not, the device is reset and started again with the right one. That costs
 * nothing in the common case and breaks no rule in the other.
 *
 * A device that breaks the rules, or asks for it, is reset a bounded number of times, then left
 * alone. So is one that has lost too many of our TX buffers: QEMU (7.2 to 10.0 at least) forgets
 * one each time a client goes that has left answers unread.
 *
 * Left out on purpose: console size and emergency write (5.3.4), more than one port at a time.
 */
#ifndef BAREQGA_VIRTIO_VIRTIO_CONSOLE_H
#define BAREQGA_VIRTIO_VIRTIO_CONSOLE_H

#include "bareqga.h"
#include "virtio_mmio.h"
#include "virtqueue.h"

/* 5.3.6.2: host and driver talk about ports. */
enum virtio_console_event {
	VIRTIO_CONSOLE_DEVICE_READY = 0, /* driver -> device */
	VIRTIO_CONSOLE_PORT_ADD = 1,     /*           device -> driver */
	VIRTIO_CONSOLE_PORT_REMOVE = 2,  /*           device -> driver */
	VIRTIO_CONSOLE_PORT_READY = 3,   /* driver -> device */
	VIRTIO_CONSOLE_CONSOLE_PORT =
		4,                 /*           device -> driver, must be answered by PORT_OPEN */
	VIRTIO_CONSOLE_RESIZE = 5, /*           device -> driver */
	VIRTIO_CONSOLE_PORT_OPEN = 6, /* both */
	VIRTIO_CONSOLE_PORT_NAME = 7, /*           device -> driver, name follows */
};

struct virtio_console_control {
	uint32_t id;
	uint16_t event;
	uint16_t value;
};
static_assert(sizeof(struct virtio_console_control) == 8, "5.3.6.2");

#define VIRTIO_CONSOLE_F_MULTIPORT (1ull << 1) /* 5.3.3 */
#define VIRTIO_CONSOLE_PORTS       512         /* port numbers from here on are ignored */
#define VIRTIO_CONSOLE_NAME_MAX    64          /* longer names are not ours */

/* QEMU drops what it cannot place at once; a device may announce 31 ports in one go. */
#define VIRTIO_CONSOLE_CONTROL_COUNT 32
#define VIRTIO_CONSOLE_CONTROL_SIZE  (8 + VIRTIO_CONSOLE_NAME_MAX)

/* Bytes of VIRTQ_ALIGN-aligned memory that a configuration needs: rings, then buffers. */
#define VIRTIO_CONSOLE_RINGS                                                      \
	(2 * VIRTQ_BYTES(VIRTQ_MAX) + VIRTQ_BYTES(VIRTIO_CONSOLE_CONTROL_COUNT) + \
	 VIRTQ_BYTES(VIRTQ_MIN))
#define VIRTIO_CONSOLE_MEMORY(rx_count, rx_size, tx_count, tx_size)                                \
	(VIRTIO_CONSOLE_RINGS + (VIRTIO_CONSOLE_CONTROL_COUNT + 1) * VIRTIO_CONSOLE_CONTROL_SIZE + \
	 (rx_count) * (rx_size) + (tx_count) * (tx_size))

/* Const, owned by the caller, outlives the console. */
struct qga_virtio_console_config {
	const uintptr_t
		*devices;   /* register bases to try, in this order; other devices are skipped */
	unsigned n_devices; /* at most 32 */
	const char *port;   /* its name, shorter than VIRTIO_CONSOLE_NAME_MAX */
	bool unnamed; /* without such a port, take a console that has just one port and no names */
	uint16_t rx_count; /* buffers, 1..VIRTQ_MAX; many of 4096 bytes are best on QEMU */
	uint16_t tx_count;
	uint32_t rx_size; /* bytes of each */
	uint32_t tx_size;
	void *memory; /* VIRTIO_CONSOLE_MEMORY(...) bytes, VIRTQ_ALIGN-aligned, never cleared by us
	                 as a whole */
	uint64_t dma_offset; /* the device's address of a byte of `memory` is ours plus this */
	void (*debug)(const char *sentence); /* something a person should know; may be NULL */
};

enum virtio_console_state {
	VIRTIO_CONSOLE_STOPPED,    /* no device can be used, or the channel was closed */
	VIRTIO_CONSOLE_SEARCHING,  /* devices are being asked for their ports */
	VIRTIO_CONSOLE_ABSENT,     /* none has the port; it is waited for on the last one asked */
	VIRTIO_CONSOLE_FOUND,      /* the port is there */
	VIRTIO_CONSOLE_RESTARTING, /* the device is to be reset, and started for `port` */
};

/* Owned by the caller; fields are the driver's. */
struct qga_virtio_console {
	struct qga_channel channel;
	const struct qga_virtio_console_config *config;
	enum virtio_console_state state;
	struct virtio_mmio mmio;

	/* Which device and port. */
	unsigned turn;     /* of the search, see qga_virtio_console_search() */
	unsigned device;   /* index in config->devices */
	unsigned port;     /* whose queues are set up */
	unsigned rx_queue; /* their numbers: this, and the next one to transmit */
	bool multiport;    /* else there is one port and no control queue */
	bool has_names;    /* named_device has */
	unsigned named_device;
	uint32_t rejected;  /* a bit for each device that cannot be used */
	uint32_t max_ports; /* numbers below this exist */
	bool violation;     /* RESTARTING because a rule was broken */
	uint8_t restarts;   /* since a client last went away in peace */
	bool wants_open;    /* open() was called */
	bool duplicate;     /* was reported */
	bool close_due;     /* not reported yet; lending stops where the client's bytes end */

	/* From here on, what ends with a reset of the device. */
	struct virtq rx, tx, control_rx, control_tx;

	/* Control messages that are due, see qga_virtio_console_control_send(). */
	bool talk; /* there may be such */
	bool ready_sent;
	bool open_sent;
	bool kick_due; /* PORT_OPEN is on its way; the rx queue wants a kick after it */
	bool quiesce;  /* closing our end before a reset, so that no byte is lost in it */
	uint32_t ask[VIRTIO_CONSOLE_PORTS / 32];    /* PORT_READY is due */
	uint32_t answer[VIRTIO_CONSOLE_PORTS / 32]; /* PORT_OPEN is due: it is a console */

	/* What the host's end does. */
	bool host_open;
	bool saw_close; /* in the poll that is going on */
	bool open_due;  /* not reported yet */

	/* The buffer that is lent, or being filled. */
	uint16_t rx_seen; /* entries before this have arrived */
	uint16_t rx_end;  /* entries before this may be lent */
	uint8_t rx_id;
	uint32_t rx_pos, rx_len; /* lent while they differ */
	bool tx_open;
	uint8_t tx_id;
	uint32_t tx_len;
	bool tx_waiting;   /* no room: completions interrupt */
	uint16_t tx_lost;  /* buffers that the device will never give back */
	bool progress;     /* there was news since the last interrupt */
	bool check_status; /* an interrupt without news */
};

extern const struct qga_channel_ops qga_virtio_console_ops;

/*
 * Starts the first device that may have the port; *self must be zero. Returns false if no device
 * can be used. The channel is &self->channel; its poll() does the work, also the rest of the
 * search.
 */
bool qga_virtio_console_init(struct qga_virtio_console *self,
                             const struct qga_virtio_console_config *config);

/*
 * Acknowledges an interrupt at the device, before it is completed at the interrupt controller. Poll
 * the channel between this and the next wait. It may as well be called only after the answer has
 * left: nothing is lost, and the answer leaves earlier.
 */
void qga_virtio_console_irq(struct qga_virtio_console *self);

#endif
