/* SPDX-License-Identifier: MIT */
/* registers.c - see registers.h. */
#include <stdio.h>
#include <stdlib.h>

#include "mmio.h"
#include "registers.h"

struct registers_access registers_log[REGISTERS_LOG];
unsigned registers_count;
static const struct registers *devices[REGISTERS_DEVICES];

void registers_clear(void)
{
	registers_count = 0;
}

void registers_detach_all(void)
{
	for (unsigned i = 0; i < REGISTERS_DEVICES; i++)
		devices[i] = NULL;
	registers_clear();
}

void registers_attach(const struct registers *device)
{
	for (unsigned i = 0; i < REGISTERS_DEVICES; i++) {
		if (devices[i] == NULL) {
			devices[i] = device;
			return;
		}
	}
	abort();
}

unsigned registers_accesses(char op, unsigned offset)
{
	unsigned n = 0;

	for (unsigned i = 0; i < registers_count && i < REGISTERS_LOG; i++)
		n += registers_log[i].op == op && registers_log[i].offset == offset;
	return n;
}

static void note(char op, unsigned offset, uint32_t value)
{
	if (registers_count < REGISTERS_LOG)
		registers_log[registers_count] = (struct registers_access){op, offset, value};
	registers_count++;
}

static const struct registers *device_at(uintptr_t addr, unsigned width)
{
	for (unsigned i = 0; i < REGISTERS_DEVICES && devices[i] != NULL; i++) {
		if (addr >= devices[i]->base && addr + width <= devices[i]->base + devices[i]->size)
			return devices[i];
	}
	fprintf(stderr, "no device at register address 0x%lx\n", (unsigned long)addr);
	abort();
}

static uint32_t load(uintptr_t addr, unsigned width)
{
	const struct registers *device = device_at(addr, width);
	unsigned offset = (unsigned)(addr - device->base);
	uint32_t value = device->read(device->context, offset, width);

	note('R', offset, value);
	return value;
}

static void store(uintptr_t addr, unsigned width, uint32_t value)
{
	const struct registers *device = device_at(addr, width);
	unsigned offset = (unsigned)(addr - device->base);

	note('W', offset, value);
	device->write(device->context, offset, width, value);
}

uint8_t mmio_read8(uintptr_t addr)
{
	return (uint8_t)load(addr, 1);
}

uint16_t mmio_read16(uintptr_t addr)
{
	return (uint16_t)load(addr, 2);
}

uint32_t mmio_read32(uintptr_t addr)
{
	return load(addr, 4);
}

void mmio_write8(uintptr_t addr, uint8_t value)
{
	store(addr, 1, value);
}

void mmio_write16(uintptr_t addr, uint16_t value)
{
	store(addr, 2, value);
}

void mmio_write32(uintptr_t addr, uint32_t value)
{
	store(addr, 4, value);
}
