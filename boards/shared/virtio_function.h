/* SPDX-License-Identifier: MIT */
/*
 * virtio_function.h - a function of PCI that is a virtio device, as its driver reaches it: the registers, and the
 * interrupt, which comes by a line or by a message.
 */
#ifndef VIRTIO_FUNCTION_H
#define VIRTIO_FUNCTION_H

#include "machine.h"
#include "pci/msix.h"

/* One that the agent may be on. Zero before virtio_function_keep(). */
struct virtio_function {
	struct pci_function function; /* first: an access's context is one */
	struct qga_virtio_pci pci;    /* of it; what a device's context is */
	struct pci_msix msix;         /* if it has no line */
};

/*
 * What virtio device a function is, 0: none that is kept. By its number, modern or transitional
 * (Virtual I/O Device 1.2, 4.1.2); never by its class.
 */
unsigned virtio_function_id(const struct pci_function *function);

/* Copies the function. *kept stays where it is from here on. */
void virtio_function_keep(struct virtio_function *kept, const struct pci_function *function);

/* The one that a device is on. */
struct virtio_function *virtio_function_of(const struct qga_virtio_device *device);

/*
 * Its interrupt ends waits, by this line, or if it has none by a message; and the device answers for itself
 * from here on, on qga_virtio_pci, whose probe() this returns. Or it is none any more: a fault, context NULL.
 */
int virtio_function_start(struct qga_virtio_device *device, struct machine_irq irq);

/*
 * The bus of devices that are asked and not driven; their context is the struct pci_function. Who asks one probes a
 * copy of it, which then is on qga_virtio_pci, till the next one is probed: nobody asks two at once.
 */
extern const struct qga_virtio_bus virtio_function_idle;

#endif
