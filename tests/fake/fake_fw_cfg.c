/* SPDX-License-Identifier: MIT */
/* fake_fw_cfg.c - see fake_fw_cfg.h. */
#include <stdlib.h>
#include <string.h>

#include "fake_fw_cfg.h"
#include "registers.h"

enum {
	SIGNATURE = 0,
	ID = 1,
	DIRECTORY = 0x19,
	FILES = 0x20,
	FILES_MAX = 16,
};

static struct {
	struct registers registers;
	bool ports;
	struct {
		const void *bytes;
		size_t size;
	} items[FILES + FILES_MAX];
	uint8_t directory[4 + 64 * FILES_MAX];
	uint16_t selected;
	size_t at;
} qemu;

static uint32_t read_register(void *context, unsigned offset, unsigned width)
{
	(void)context;
	if (offset == (qemu.ports ? 4 : 16) && width == 4)
		return 0; /* there is no DMA */
	if (offset != (qemu.ports ? 1 : 0) || width != 1)
		abort();
	if (qemu.at >= qemu.items[qemu.selected].size)
		return 0;
	return ((const uint8_t *)qemu.items[qemu.selected].bytes)[qemu.at++];
}

static void write_register(void *context, unsigned offset, unsigned width, uint32_t value)
{
	(void)context;
	if (offset != (qemu.ports ? 0 : 8) || width != 2)
		abort();
	qemu.selected = (uint16_t)(qemu.ports ? value : __builtin_bswap16((uint16_t)value));
	qemu.at = 0;
	if (qemu.selected >= FILES + FILES_MAX)
		abort();
}

void fake_fw_cfg_start(uintptr_t base, bool ports)
{
	memset(&qemu, 0, sizeof qemu);
	qemu.ports = ports;
	qemu.items[SIGNATURE].bytes = "QEMU";
	qemu.items[SIGNATURE].size = 4;
	qemu.items[ID].bytes = "\1\0\0\0";
	qemu.items[ID].size = 4;
	qemu.items[DIRECTORY].bytes = qemu.directory;
	qemu.items[DIRECTORY].size = 4;
	qemu.registers =
		(struct registers){base, ports ? 12 : 24, read_register, write_register, NULL};
	registers_attach(&qemu.registers);
}

void fake_fw_cfg_add(const char *name, const void *bytes, size_t size)
{
	unsigned n = qemu.directory[3]++;
	uint8_t *entry = qemu.directory + 4 + 64 * n;

	if (n >= FILES_MAX || strlen(name) > 55)
		abort();
	for (unsigned i = 0; i < 4; i++)
		entry[i] = (uint8_t)(size >> (24 - 8 * i));
	entry[5] = (uint8_t)(FILES + n);
	strcpy((char *)entry + 8, name);
	qemu.items[FILES + n].bytes = bytes;
	qemu.items[FILES + n].size = size;
	qemu.items[DIRECTORY].size += 64;
}
