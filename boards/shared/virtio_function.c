/* SPDX-License-Identifier: MIT */
/* virtio_function.c - see virtio_function.h. */
#include "virtio_function.h"
#include "arch.h"
#include "virtio/virtio_pci.h"

unsigned virtio_function_id(const struct pci_function *function)
{
	if (function->vendor != VIRTIO_PCI_VENDOR_ID)
		return 0;
	switch (function->device) {
	case VIRTIO_PCI_TRANSITIONAL:
	case VIRTIO_PCI_MODERN + VIRTIO_ID_NET:
		return VIRTIO_ID_NET;
	case VIRTIO_PCI_TRANSITIONAL + 1:
	case VIRTIO_PCI_MODERN + VIRTIO_ID_BLOCK:
		return VIRTIO_ID_BLOCK;
	case VIRTIO_PCI_TRANSITIONAL + 3:
	case VIRTIO_PCI_MODERN + VIRTIO_ID_CONSOLE:
		return VIRTIO_ID_CONSOLE;
	case VIRTIO_PCI_MODERN + VIRTIO_ID_VSOCK:
		return VIRTIO_ID_VSOCK;
	case VIRTIO_PCI_MODERN + VIRTIO_ID_RTC:
		return VIRTIO_ID_RTC;
	default:
		return 0;
	}
}

/* --- Registers --- */

static const struct pci_function *function_of(void *context)
{
	return (const struct pci_function *)context;
}

static uint32_t config_read(void *context, unsigned offset, unsigned width)
{
	return pci_read(function_of(context), offset, width);
}

static void config_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	pci_write(function_of(context), offset, width, value);
}

/* Registers that are reached without a window that has other uses; of those that are far off, a page. */
static uintptr_t reach_bar(uint64_t at, uint64_t size)
{
	if (at <= UINT32_MAX)
		return (uintptr_t)at;
	return machine_board.message ? arch_reach(at, size) : 0;
}

/* Where firmware has put it, if we can reach that. */
static uintptr_t config_bar(void *context, unsigned n)
{
	return reach_bar(pci_bar(function_of(context), n), 1);
}

/* Again after each reset: see bareqga_virtio.h. */
static int place_vector(void *context)
{
	const struct virtio_function *kept = (const struct virtio_function *)context;
	struct pci_message message;

	if (!machine_board.message || !kept->msix.entry)
		return -1;
	machine_board.message(&message);
	pci_msix_send(&kept->function, &kept->msix, &message);
	return 0;
}

/* --- Of those that are kept --- */

/* Of a struct virtio_function. */
static const struct qga_pci_access kept_access = {
	.read = config_read,
	.write = config_write,
	.bar = config_bar,
	.vector = place_vector,
};

void virtio_function_keep(struct virtio_function *kept, const struct pci_function *function)
{
	kept->function = *function;
	kept->pci.access = &kept_access;
	kept->pci.context = kept;
}

struct virtio_function *virtio_function_of(const struct qga_virtio_device *device)
{
	return (struct virtio_function *)((struct qga_virtio_pci *)device->context)->context;
}

int virtio_function_start(struct qga_virtio_device *device, struct machine_irq irq)
{
	struct virtio_function *kept = virtio_function_of(device);
	bool wakes = machine_board.message && irq.number == 0 &&
	             pci_msix_find(&kept->function, reach_bar, &kept->msix);

	if (!wakes && !machine_enable(&machine, irq)) {
		device->context = NULL; /* so that it is told of once */
		return QGA_VIRTIO_FAULT_NO_DEVICE;
	}
	pci_enable(&kept->function);
	device->bus = &qga_virtio_pci;
	return qga_virtio_pci.probe(device);
}

/* --- Of those that are idle --- */

static const struct qga_pci_access idle_access = {
	.read = config_read,
	.write = config_write,
	.bar = config_bar,
};

static struct qga_virtio_pci asked; /* the one that was probed last */

static int idle_probe(struct qga_virtio_device *device)
{
	asked.access = &idle_access;
	asked.context = device->context;
	device->context = &asked;
	device->bus = &qga_virtio_pci;
	return qga_virtio_pci.probe(device);
}

const struct qga_virtio_bus virtio_function_idle = {.probe = idle_probe};
