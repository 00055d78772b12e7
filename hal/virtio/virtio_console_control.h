/* SPDX-License-Identifier: MIT */
/* virtio_console_control.h - the control queues; see virtio_console_state.h for who knows whom. */
#ifndef BAREQGA_VIRTIO_VIRTIO_CONSOLE_CONTROL_H
#define BAREQGA_VIRTIO_VIRTIO_CONSOLE_CONTROL_H

#include "virtio_console_state.h"

/* Handles what the device said; returns the number of messages, -1 if it broke a rule. */
int qga_console_control_receive(struct virtio_console *self);

/* Sends the next message that is due, if the one before was taken. True if it sent one. */
bool qga_console_control_send(struct virtio_console *self);

/* True while a message is the device's. */
bool qga_console_control_busy(const struct virtio_console *self);

#endif
