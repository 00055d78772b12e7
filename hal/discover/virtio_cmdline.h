/* SPDX-License-Identifier: MIT */
/*
 * virtio_cmdline.h - virtio-mmio devices that the kernel command line names, as Linux has it
 * (drivers/virtio/virtio_mmio.c): virtio_mmio.device=SIZE@ADDRESS:IRQ[:ID], as often as there are
 * devices.
 */
#ifndef BAREQGA_DISCOVER_VIRTIO_CMDLINE_H
#define BAREQGA_DISCOVER_VIRTIO_CMDLINE_H

#include <stdint.h>

/*
 * Takes the next device from *text and moves *text behind it. Returns 1; 0: there is none left; -1:
 * what stands there is not of that form, or its address is not below 4 GiB.
 */
int virtio_cmdline_next(const char **text, uintptr_t *base, uint32_t *irq);

#endif
