/* SPDX-License-Identifier: MIT */
/*
 * virtio_console_state.h - what is behind a struct qga_virtio_console (bareqga_virtio.h; Virtual I/O
 * Device 1.2, section 5.3), and what every part of the driver does with it.
 *
 *     host      port "org.qemu.guest_agent.0" = nr 1     control
 *                 |  ^                                     |  ^
 *                 v  |                                     v  |
 *     queues    rx 4  tx 5 (port n: 2n+2, 2n+3; 0: 0, 1)  rx 2  tx 3
 *                 |  ^                                     |  ^
 *     buffers   rx_count  tx_count              control_count  1
 *
 * Only the queues that are needed are set up, all of them before DRIVER_OK as 3.1.1 demands. The
 * port's number is not known then: 1 is tried, which it nearly always is; if not, the device is
 * reset and started again with the right one. That costs nothing in the common case and breaks no
 * rule in the other.
 *
 * A device that has lost too many of our TX buffers is reset, too: QEMU (7.2 to 10.0 at least)
 * forgets one each time a client goes that has left answers unread.
 *
 * Left out on purpose: console size and emergency write (5.3.4), more than one port at a time.
 *
 * The parts, each of which knows those below it only:
 *
 *     virtio_console.c          the port's queues: the channel
 *     virtio_console_work.c     what there is to do between the bytes, recovery
 *     virtio_console_control.c  the control queues: ports, open and close
 *     virtio_console_setup.c    devices: search, start, restart
 *     virtio_console_state.c    this
 */
#ifndef BAREQGA_VIRTIO_VIRTIO_CONSOLE_STATE_H
#define BAREQGA_VIRTIO_VIRTIO_CONSOLE_STATE_H

#include "virtio_device.h"

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

enum virtio_console_state {
	VIRTIO_CONSOLE_STOPPED,    /* no device can be used, or the channel was closed */
	VIRTIO_CONSOLE_SEARCHING,  /* devices are being asked for their ports */
	VIRTIO_CONSOLE_ABSENT,     /* none has the port; it is waited for on the last one asked */
	VIRTIO_CONSOLE_FOUND,      /* the port is there */
	VIRTIO_CONSOLE_RESTARTING, /* the device is to be reset, and started for `port` */
};

struct virtio_console {
	struct qga_channel channel;
	const struct qga_virtio_console_config *config;
	enum virtio_console_state state;
	struct qga_virtio_device *device; /* the one at hand */
	uint8_t interrupted; /* set by interrupt(), whoever calls it; cleared by poll() */
	int fault;           /* of init, or why it has STOPPED; an enum qga_virtio_fault or 0 */

	/* Which device and port. */
	unsigned turn;                          /* of the search, see qga_console_search() */
	unsigned port;                          /* whose queues are set up */
	bool multiport;                         /* else there is one port and no control queue */
	struct qga_virtio_device *named_device; /* the last one that has names, or NULL */
	uint32_t rejected;                      /* a bit for each device that cannot be used */
	uint32_t max_ports;                     /* numbers below this exist */
	bool violation;                         /* RESTARTING because a rule was broken */
	uint8_t restarts;                       /* since a client last went away in peace */
	bool wants_open;                        /* open() was called */
	bool closed;                            /* STOPPED by close() */
	bool duplicate;                         /* was reported */
	bool close_due; /* not reported yet; lending stops where the client's bytes end */

	/* From here on, what ends with a reset of the device. */
	struct virtq rx, tx, control_rx, control_tx;

	/* Control messages that are due, see qga_console_control_send(). */
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
	bool mend; /* saw_close, tx_waiting, quiesce, check_status or tx_lost, since the last look */
};

static_assert(sizeof(struct virtio_console) <= sizeof(struct qga_virtio_console) &&
                      sizeof(struct qga_virtio_console) < sizeof(struct virtio_console) + 64,
              "QGA_VIRTIO_CONSOLE_SIZE is too small, or larger than it need be");
static_assert(QGA_VIRTQ_MAX <= 256, "ids of buffers are of 8 bits here");

/*
 * As qga_virtio_console_init(), for who knows what is wrong with the configuration: 0, if it is made of constants that
 * are right.
 */
void qga_console_begin(struct virtio_console *self, const struct qga_virtio_console_config *config,
                       int fault);

/* The channel's interrupt(). */
void qga_console_interrupt(struct qga_channel *channel);

/* Received bytes are the caller's. */
static inline bool qga_console_is_lent(const struct virtio_console *self)
{
	return self->rx_pos != self->rx_len;
}

/* Tells a person. */
void qga_console_say(const struct virtio_console *self, const char *sentence);

/* Publishes what was given to a queue, if anything was; notifies only a device that may need it. */
void qga_console_publish(struct virtio_console *self, struct virtq *q);

/* Takes back the TX buffers that have left. */
void qga_console_reclaim(struct virtio_console *self);

/* Nothing is sent or lent any more until the device was reset. */
void qga_console_restart_due(struct virtio_console *self);

/* The same because it broke a rule. */
void qga_console_break_off(struct virtio_console *self);

#endif
