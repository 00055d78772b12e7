/* SPDX-License-Identifier: MIT */
/*
 * virtio_console_internal.h - what the files of the driver share:
 *
 *     virtio_console_setup.c    devices: search, start, restart
 *     virtio_console_control.c  the control queues: ports, open and close
 *     virtio_console_work.c     what there is to do between the bytes, recovery
 *     virtio_console.c          the port's queues: the channel
 */
#ifndef VIRTIO_CONSOLE_INTERNAL_H
#define VIRTIO_CONSOLE_INTERNAL_H

#include "virtio_console.h"

enum {
	CONTROL_RX_QUEUE = 2,
	CONTROL_TX_QUEUE = 3
}; /* 5.3.2 */

/* 5.3.2: the port's queues. */
static inline unsigned virtio_console_rx_queue(const struct virtio_console *self)
{
	return self->port == 0 ? 0 : 2 * self->port + 2;
}

static inline unsigned virtio_console_tx_queue(const struct virtio_console *self)
{
	return virtio_console_rx_queue(self) + 1;
}

/* Where lending stops: at what the last poll saw, and at the end of a client that has gone. */
static inline uint16_t virtio_console_rx_end(const struct virtio_console *self)
{
	return self->close_due ? self->close_mark : self->rx_end;
}

/* Everything before that has been given back. */
bool virtio_console_rx_drained(const struct virtio_console *self);

/* Takes back the TX buffers that have left. */
void virtio_console_reclaim(struct virtio_console *self);

/* The device broke a rule: nothing is believed any more until it was reset. */
void virtio_console_break_off(struct virtio_console *self);

/* Does what there is to do; bounded. False: there is more. */
bool virtio_console_work(struct virtio_console *self);

/* Publishes what was offered in a receive queue; notifies only a device that may need it. */
void virtio_console_refill(struct virtio_console *self, struct virtq *q, unsigned index);

/* Tells a person. */
void virtio_console_debug(const struct virtio_console *self, const char *sentence);

/*
 * Goes on with device number `index` and those after it, then with what else will do. False, and
 * STOPPED: there is none.
 */
bool virtio_console_search(struct virtio_console *self, unsigned index);

/* Resets the device at hand and starts it again, if that was not done too often. */
void virtio_console_restart(struct virtio_console *self);

/* Handles what the device said; returns the number of messages, -1 if it broke a rule. */
int virtio_console_control_receive(struct virtio_console *self);

/* Sends the next message that is due, if the one before was taken. True if it sent one. */
bool virtio_console_control_send(struct virtio_console *self);

/* True while a message is the device's. */
bool virtio_console_control_busy(const struct virtio_console *self);

#endif
