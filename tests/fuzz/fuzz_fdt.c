/* SPDX-License-Identifier: MIT */
/*
 * fuzz_fdt.c - any bytes at all as a device tree; with a first byte that is odd, the rest is the
 * structure block of a tree whose header and names are right.
 */
#include <stdlib.h>
#include <string.h>

#include "fdt.h"

#define HEADER 40

static const char names[] = "#address-cells\0#size-cells\0reg\0compatible\0status\0interrupts";

static void put(uint8_t *p, size_t value)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void walk(const uint8_t *blob, size_t size)
{
	uint64_t address, length;
	struct fdt_walk walk;
	struct fdt_node node;
	struct fdt fdt;
	uint32_t value;
	size_t nodes = 0;

	if (fdt_open(&fdt, blob, size))
		return;
	fdt_start(&walk, &fdt);
	while (fdt_next(&walk, &fdt, &node)) {
		if (++nodes > size / 4)
			abort(); /* a node takes two cells at least: it goes in circles */
		fdt_compatible(&fdt, &node, "virtio,mmio");
		fdt_enabled(&fdt, &node);
		fdt_cell(&fdt, &node, "interrupts", 2, &value);
		fdt_reg(&fdt, &node, 1, &address, &length);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t body = (size - !!size) & ~(size_t)3;
	size_t total = HEADER + body + sizeof names;
	uint8_t *blob = calloc(1, total);

	walk(data, size);
	if (size && data[0] & 1) {
		const size_t header[] = {0xd00dfeed, total, HEADER, HEADER + body, 0,
		                         17,         16,    0,      sizeof names,  body};

		for (unsigned i = 0; i < 10; i++)
			put(blob + 4 * i, header[i]);
		memcpy(blob + HEADER, data + 1, body);
		memcpy(blob + HEADER + body, names, sizeof names);
		walk(blob, total);
	}
	free(blob);
	return 0;
}
