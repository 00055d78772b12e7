/* SPDX-License-Identifier: MIT */
/*
 * board_rig.h - a machine to boot a board on: a device tree that is written node by node, and devices that are
 * nothing but memory. Include it behind cmocka.h, in a test whose cases each run alone (alone.h).
 */
#ifndef BOARD_RIG_H
#define BOARD_RIG_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "fake_arch.h"
#include "fdt_tree.h"
#include "registers.h"
#include "shared/machine.h"

/* --- Registers that keep what was written to them --- */

struct cells {
	struct registers registers;
	uint8_t *bytes;
};

static inline uint32_t cells_read(void *context, unsigned offset, unsigned width)
{
	struct cells *cells = context;
	uint32_t value = 0;

	memcpy(&value, cells->bytes + offset, width);
	return value;
}

static inline void cells_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	struct cells *cells = context;

	memcpy(cells->bytes + offset, &value, width);
}

static inline uint32_t *rig_cells(uintptr_t base, size_t size)
{
	static struct cells all[REGISTERS_DEVICES];
	static unsigned n;
	struct cells *cells = &all[n++];

	cells->bytes = calloc(1, size);
	cells->registers = (struct registers){base, size, cells_read, cells_write, cells};
	registers_attach(&cells->registers);
	return (uint32_t *)(void *)cells->bytes;
}

/* A virtio-mmio slot with a device of this number, 0: an empty one. Nothing starts such a device. */
static inline void rig_slot(uintptr_t base, uint32_t id)
{
	rig_cells(base, 0x200)[2] = id;
}

/* What is behind the image. */
char __image_end[64 << 10] __attribute__((aligned(4096)));

/* --- The tree: two cells for addresses and for sizes --- */

static struct fdt_tree rig_tree;

static inline void rig_text(const char *name, const char *text)
{
	fdt_tree_prop(&rig_tree, name, text, (uint32_t)strlen(text) + 1);
}

#define RIG_CELLS(name, ...) FDT_TREE_CELLS(&rig_tree, name, __VA_ARGS__)

static inline void rig_reg(uint64_t base, uint64_t size)
{
	RIG_CELLS("reg", (uint32_t)(base >> 32), (uint32_t)base, (uint32_t)(size >> 32),
	          (uint32_t)size);
}

static inline void rig_begin(const char *name)
{
	fdt_tree_begin(&rig_tree, name);
}

static inline void rig_end(void)
{
	fdt_tree_end(&rig_tree);
}

/* The beginning of a device's node, which rig_end() ends. */
static inline void rig_node(const char *name, const char *compatible, uint64_t base, uint64_t size)
{
	rig_begin(name);
	rig_text("compatible", compatible);
	rig_reg(base, size);
}

static inline void rig_start(void)
{
	fdt_tree_start(&rig_tree);
	rig_begin("");
	RIG_CELLS("#address-cells", 2);
	RIG_CELLS("#size-cells", 2);
}

/* 48 MiB of memory that the image lies in; returns its end. */
static inline uint64_t rig_memory(void)
{
	uint64_t base = ((uint64_t)(uintptr_t)__image_end & ~UINT64_C(0xffffff)) - (1 << 24);

	rig_begin("memory");
	rig_text("device_type", "memory");
	rig_reg(base, UINT64_C(3) << 24);
	rig_end();
	return base + (UINT64_C(3) << 24);
}

/* Ends the tree, with this cell; it is where the loader says, far from the image. */
static inline void rig_seal_with(uint32_t cell)
{
	uint32_t size;
	void *blob;

	rig_end();
	fdt_tree_cell(&rig_tree, cell);
	size = fdt_tree_seal(&rig_tree);
	blob = mmap(NULL, sizeof rig_tree.blob, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
	            -1, 0); /* a heap may be near */
	memcpy(blob, rig_tree.blob, size);
	arch_boot.fdt = (uintptr_t)blob;
}

static inline void rig_seal(void)
{
	rig_seal_with(9);
}

/* What the board has said, each line ended by LF; "" if nothing. */
static inline const char *rig_said(void)
{
	return machine.board.said ? machine.board.said : "";
}

#endif
