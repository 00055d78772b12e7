/* SPDX-License-Identifier: MIT */
/* fake_pci.c - see fake_pci.h. PCI Local Bus 3.0, 3.2.2.3, 6.1, 6.8.2; Virtual I/O Device 1.2, 4.1. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_pci.h"

struct fake_pci fake_pci;

enum {
	COMMON = 0,
	ISR = 0x1000,
	DEVICE = 0x2000,
	NOTIFY = 0x3000,
};

static void put(uint8_t *at, uint32_t value, unsigned width)
{
	memcpy(at, &value, width);
}

static uint32_t get(const uint8_t *at, unsigned width)
{
	uint32_t value = 0;

	memcpy(&value, at, width);
	return value;
}

/* --- Configuration space --- */

static struct fake_pci_function *function_at(unsigned bus, unsigned at)
{
	for (int i = 0; i < fake_pci.n; i++) {
		struct fake_pci_function *f = &fake_pci.function[i];
		unsigned on = f->behind < 0 ? 0 : fake_pci.function[f->behind].config[0x19];

		if (f->at == at && on == bus && (bus != 0 || f->behind < 0))
			return f;
	}
	return NULL;
}

static uint32_t config_read(unsigned bus, unsigned at, unsigned reg, unsigned width)
{
	struct fake_pci_function *f = function_at(bus, at);

	fake_pci.reads++;
	if (reg + width > 256)
		abort();
	return f ? get(f->config + reg, width) : UINT32_MAX >> (32 - 8 * width);
}

static void config_write(unsigned bus, unsigned at, unsigned reg, unsigned width, uint32_t value)
{
	struct fake_pci_function *f = function_at(bus, at);

	if (reg + width > 256)
		abort();
	if (!f)
		return;
	/* Bits of a BAR below its size are constant. */
	if (reg >= 0x10 && reg < 0x28 && f->size[(reg - 0x10) / 4])
		value = (value & ~(f->size[(reg - 0x10) / 4] - 1)) | (f->config[reg] & 15);
	if (reg < 0x10 && reg != 4)
		return;
	put(f->config + reg, value, width);
}

void fake_pci_start(uintptr_t ecam, uintptr_t ports)
{
	memset(&fake_pci, 0, sizeof fake_pci);
	fake_pci.access.read = config_read;
	fake_pci.access.write = config_write;
	pci_access_start(&fake_pci.access, ecam, ports);
}

struct fake_pci_function *fake_pci_add(int behind, unsigned slot, uint32_t id)
{
	struct fake_pci_function *f = &fake_pci.function[fake_pci.n++];

	if (fake_pci.n > FAKE_PCI_FUNCTIONS)
		abort();
	f->behind = behind;
	f->at = (uint8_t)(slot << 3);
	put(f->config, id, 4);
	f->config[0x3d] = 1;
	return f;
}

/* --- virtio registers --- */

/* In the order of 4.1.4.3: the register of virtio-mmio that is the same; 0: there is none. */
static unsigned same(unsigned offset)
{
	static const uint8_t registers[0x38] = {
		[0x00] = 0x14, [0x04] = 0x10, [0x08] = 0x24, [0x0c] = 0x20, [0x14] = 0x70,
		[0x16] = 0x30, [0x18] = 0x34, [0x1c] = 0x44, [0x20] = 0x80, [0x24] = 0x84,
		[0x28] = 0x90, [0x2c] = 0x94, [0x30] = 0xa0, [0x34] = 0xa4,
	};

	return offset < sizeof registers ? registers[offset] : 0;
}

static uint32_t common_read(struct fake_pci_function *f, unsigned offset)
{
	uint32_t isr;

	switch (offset) {
	case 0x10:
	case 0x1a:
		return f->vector;
	case 0x12:
		return 64;
	case 0x15:
		return 0;
	case 0x18:
		if (f->queue_size[f->queue_sel & 255] == 0)
			f->queue_size[f->queue_sel & 255] =
				(uint16_t)f->device->read(f->device->context, 0x34, 4);
		return f->queue_size[f->queue_sel & 255];
	case 0x1e:
		return f->queue_sel;
	case ISR:
		isr = f->device->read(f->device->context, 0x60, 4);
		f->device->write(f->device->context, 0x64, 4, isr);
		return isr;
	default:
		return f->device->read(f->device->context, same(offset), 4);
	}
}

static void common_write(struct fake_pci_function *f, unsigned offset, uint32_t value)
{
	unsigned reg = same(offset);

	if (offset == 0x10 || offset == 0x1a) {
		f->vector = (uint16_t)value;
		return;
	}
	if (offset == 0x16)
		f->queue_sel = (uint16_t)value;
	if (offset == 0x18) {
		f->queue_size[f->queue_sel & 255] = (uint16_t)value;
		reg = 0x38;
	}
	if (offset == 0x14 && value == 0)
		memset(f->queue_size, 0, sizeof f->queue_size);
	if (offset >= NOTIFY)
		reg = 0x50;
	f->device->write(f->device->context, reg, 4, value);
}

static uint32_t bar_read(void *context, unsigned offset, unsigned width)
{
	struct fake_pci_function *f = context;

	if (!f->device || offset >= FAKE_PCI_TABLE)
		return get(f->memory + offset, width);
	if (offset >= DEVICE && offset < NOTIFY)
		return f->device->read(f->device->context, 0x100 + offset - DEVICE, width);
	return common_read(f, offset);
}

static void bar_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	struct fake_pci_function *f = context;

	if (!f->device || offset >= FAKE_PCI_TABLE)
		put(f->memory + offset, value, width);
	else
		common_write(f, offset, value);
}

static void capability(struct fake_pci_function *f, unsigned at, unsigned next, unsigned type,
                       uint32_t offset)
{
	put(f->config + at, 9 | next << 8 | 16u << 16 | type << 24, 4);
	f->config[at + 4] = 4;
	put(f->config + at + 8, offset, 4);
	put(f->config + at + 12, 0x1000, 4);
}

struct fake_pci_function *fake_pci_virtio(int behind, unsigned slot, uint32_t id, uint32_t address,
                                          const struct registers *device, int msix)
{
	struct fake_pci_function *f = fake_pci_add(behind, slot, 0x1af4 | (0x1040 + id) << 16);

	f->device = device;
	f->vector = 0xffff;
	f->registers = (struct registers){address, FAKE_PCI_BAR_SIZE, bar_read, bar_write, f};
	registers_attach(&f->registers);
	f->size[4] = FAKE_PCI_BAR_SIZE;
	put(f->config + 0x20, address, 4);
	f->config[0x04] = 2; /* as firmware leaves it */
	f->config[0x06] = 0x10;
	f->config[0x34] = 0x40;
	put(f->config + 0x2e, 0x1100, 2);
	capability(f, 0x40, 0x50, 1, COMMON);
	capability(f, 0x50, 0x60, 3, ISR);
	capability(f, 0x60, 0x70, 4, DEVICE);
	capability(f, 0x70, msix ? 0x88 : 0, 2, NOTIFY);
	put(f->config + 0x80, 2, 4);
	if (msix) {
		put(f->config + 0x88, 0x11, 2);
		put(f->config + 0x8c, FAKE_PCI_TABLE | 4, 4);
	}
	return f;
}
