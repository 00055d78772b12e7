/* SPDX-License-Identifier: MIT */
/*
 * virtio_console_internal.h - what the files of the driver share:
 *
 *     virtio_console_setup.c    devices: search, start, restart
 *     virtio_console_control.c  the control queues: ports, open and close
 *     virtio_console_work.c     what there is to do between the bytes, recovery
 *     virtio_console.c          the port's queues: the channel
 */
#ifndef BAREQGA_VIRTIO_VIRTIO_CONSOLE_INTERNAL_H
#define BAREQGA_VIRTIO_VIRTIO_CONSOLE_INTERNAL_H

#include "virtio_console.h"

enum {
	CONTROL_RX_QUEUE = 2,
	CONTROL_TX_QUEUE = 3
}; /* 5.3.2 */

/* Received bytes are the caller's. */
static inline bool qga_virtio_console_is_lent(const struct qga_virtio_console *self)
{
	return self->rx_pos != self->rx_len;
}

/* Takes back the TX buffers that have left. */
void qga_virtio_console_reclaim(struct qga_virtio_console *self);

/* Nothing is sent or lent any more until the device was reset. */
void qga_virtio_console_restart_due(struct qga_virtio_console *self);

/* The same because it broke a rule. */
void qga_virtio_console_break_off(struct qga_virtio_console *self);

/* Does what there is to do; bounded. False: there is more. */
bool qga_virtio_console_work(struct qga_virtio_console *self);

/* Publishes what was given to a queue, if anything was; notifies only a device that may need it. */
void qga_virtio_console_publish(struct qga_virtio_console *self, struct virtq *q, unsigned index);

/* Tells a person. */
void qga_virtio_console_debug(const struct qga_virtio_console *self, const char *sentence);

/*
 * Goes on with the devices whose turn is `turn` or later: one for each device that has names, one
 * for each that has none, and a last one. False, and STOPPED: there is none.
 */
bool qga_virtio_console_search(struct qga_virtio_console *self, unsigned turn);

/* Every device had its turn; the one at hand is the last that has names. */
bool qga_virtio_console_searched(const struct qga_virtio_console *self);

/* Resets the device at hand, and forgets all that was between it and us. */
void qga_virtio_console_stop(struct qga_virtio_console *self);

/* Resets the device at hand and starts it again, if that was not done too often. */
void qga_virtio_console_restart(struct qga_virtio_console *self);

/* Handles what the device said; returns the number of messages, -1 if it broke a rule. */
int qga_virtio_console_control_receive(struct qga_virtio_console *self);

/* Sends the next message that is due, if the one before was taken. True if it sent one. */
bool qga_virtio_console_control_send(struct qga_virtio_console *self);

/* True while a message is the device's. */
bool qga_virtio_console_control_busy(const struct qga_virtio_console *self);

#endif
