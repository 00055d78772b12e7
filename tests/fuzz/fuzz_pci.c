/* SPDX-License-Identifier: MIT */
/*
 * fuzz_pci.c - a configuration space that answers anything at all, differently each time. The walk
 * must end, offsets must stay within a function, and the transport must not touch what it was not
 * given.
 *
 * Answers come from the input; when it is used up, from a generator that it has seeded: so nothing
 * is ever bounded by there being no answers left.
 */
#include <stdlib.h>
#include <string.h>

#include "pci/msix.h"
#include "registers.h"
#include "virtio/virtio_pci.h"

enum {
	BUSES = 8,
	/* Each function of each bus: who, type, pin and line; and of a bridge nine registers more. */
	ACCESSES_MAX = BUSES * 256 * 16,
	FOUND_MAX = BUSES * 256,
	DEVICE_ACCESSES_MAX = 4096,
};

#define ECAM 0x40000000u
#define BAR  0x80000000u

static const uint8_t *input;
static size_t left;
static uint32_t chance;
static unsigned accesses, limit;
static struct pci_msix msix;

static uint32_t answer(unsigned width)
{
	uint32_t value = 0;

	if (left >= width) {
		memcpy(&value, input, width);
		input += width;
		left -= width;
		return value;
	}
	chance = chance * 1664525 + 1013904223;
	/* Bridges, our own devices and nobody are what most is done with. */
	switch (chance >> 28) {
	case 0:
	case 1:
		value = UINT32_MAX;
		break;
	case 2:
	case 3:
		value = 0x10431af4;
		break;
	case 4:
	case 5:
		value = 0x81;
		break;
	case 6:
		value = chance >> 8 & 7;
		break;
	default:
		value = chance >> 4;
	}
	return value;
}

static void count(unsigned offset, unsigned width)
{
	if (++accesses > limit || offset % width != 0)
		abort();
}

static uint32_t config_read(void *context, unsigned offset, unsigned width)
{
	(void)context;
	count(offset, width);
	if ((offset & 0xfff) + width > 256)
		abort();
	return answer(width);
}

static void config_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	(void)context;
	(void)value;
	count(offset, width);
	if ((offset & 0xfff) + width > 256)
		abort();
}

/* Of the registers that somebody has mapped, any may be asked for: that is the device's affair. */
static uint32_t bar_read(void *context, unsigned offset, unsigned width)
{
	(void)context;
	count(width, width);
	(void)offset;
	return answer(width);
}

static void bar_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	(void)context;
	(void)offset;
	(void)value;
	count(width, width);
}

static const struct registers config_device = {ECAM, BUSES << 20, config_read, config_write, NULL};
static const struct registers bar_device = {BAR, 1ull << 33, bar_read, bar_write, NULL};

static uint32_t access_read(void *context, unsigned offset, unsigned width)
{
	return pci_read(context, offset, width);
}

static void access_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	pci_write(context, offset, width, value);
}

static uintptr_t access_bar(void *context, unsigned n)
{
	return pci_bar(context, n) != 0 ? BAR : 0;
}

static uintptr_t reach(uint64_t address, uint64_t size)
{
	if (size != 16 || address > UINT64_MAX - size)
		abort();
	return address % 3 != 0 ? BAR : 0;
}

static int access_vector(void *context)
{
	static const struct pci_message message = {.address = 0xfee00000, .data = 0x20};

	if (!msix.entry)
		return -1;
	pci_msix_send(context, &msix, &message);
	return 0;
}

static const struct qga_pci_access how = {access_read, access_write, access_bar, access_vector};

static struct pci_function last;
static unsigned n_found;

static void note(void *context, const struct pci_function *function)
{
	(void)context;
	last = *function;
	if (++n_found > FOUND_MAX || function->slot > 31 || function->pin > 3)
		abort();
}

static void use_device(void)
{
	struct qga_virtio_pci pci = {.access = &how, .context = &last};
	struct qga_virtio_device device = {.bus = &qga_virtio_pci, .context = &pci};
	struct qga_virtio_queue queue = {.size = 8};
	uint64_t features;

	if (qga_virtio_probe(&device) != 0)
		return;
	qga_virtio_start(&device, UINT64_MAX, &features);
	for (unsigned i = 0; i < 4; i++) {
		queue.index = (uint16_t)i;
		if (qga_virtio_pci.queue_max(&device, i) > 0 &&
		    qga_virtio_pci.queue(&device, &queue) == 0)
			qga_virtio_pci.notify(&device, &queue);
	}
	qga_virtio_config32(&device, 4);
	qga_virtio_config64(&device, 0);
	qga_virtio_pci.acknowledge(&device);
	qga_virtio_reset(&device);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pci_host host = {.ecam = ECAM, .first = 0, .last = BUSES - 1};
	unsigned capabilities = PCI_CAPABILITIES_MAX;

	input = data;
	left = size;
	chance = 1;
	for (size_t i = 0; i < size; i++)
		chance = chance * 31 + data[i];
	registers_detach_all();
	registers_attach(&config_device);
	registers_attach(&bar_device);
	last = (struct pci_function){.host = &host};
	n_found = accesses = 0;
	limit = ACCESSES_MAX;
	pci_scan(&host, note, NULL);
	accesses = 0;
	limit = DEVICE_ACCESSES_MAX;
	pci_capability(&last, 9, 0, &capabilities);
	pci_enable(&last);
	pci_msix_find(&last, reach, &msix);
	/* What is left of the input, once more: the walk may have had all of it. */
	input = data;
	left = size;
	use_device();
	return 0;
}
