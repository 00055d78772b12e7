/* SPDX-License-Identifier: MIT */
/* virtio_console_setup.h - the devices; see virtio_console_state.h for who knows whom. */
#ifndef BAREQGA_VIRTIO_VIRTIO_CONSOLE_SETUP_H
#define BAREQGA_VIRTIO_VIRTIO_CONSOLE_SETUP_H

#include "virtio_console_state.h"

/*
 * Goes on with the devices whose turn is `turn` or later: one for each device that has names, one
 * for each that has none, and a last one. False, and STOPPED: there is none.
 */
bool qga_console_search(struct virtio_console *self, unsigned turn);

/* Every device had its turn; the one at hand is the last that has names. */
bool qga_console_searched(const struct virtio_console *self);

/* Resets the device at hand, and forgets all that was between it and us. */
void qga_console_stop(struct virtio_console *self);

/* Resets the device at hand and starts it again, if that was not done too often. */
void qga_console_restart(struct virtio_console *self);

#endif
