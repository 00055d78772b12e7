/* SPDX-License-Identifier: MIT */
/* virtio_console_work.h - between the bytes; see virtio_console_state.h for who knows whom. */
#ifndef BAREQGA_VIRTIO_VIRTIO_CONSOLE_WORK_H
#define BAREQGA_VIRTIO_VIRTIO_CONSOLE_WORK_H

#include "virtio_console_state.h"

/* Does what there is to do; bounded. False: there is more. */
bool qga_console_work(struct virtio_console *self);

#endif
