/* SPDX-License-Identifier: MIT */
/*
 * fdt.h - a bounded reader of flattened device trees.
 *
 * Devicetree Specification 0.4, chapter 5. The blob is read where it lies, once, from its first
 * byte to its last: a node comes with those of its properties that anyone here asks for. Nothing
 * is trusted: every offset is checked, so that a damaged tree ends the walk and no more. Any
 * address will do for the blob, aligned or not.
 *
 * Left out on purpose: writing, overlays, the memory reservation block, and address translation
 * (a bus whose `ranges` is not one to one keeps its devices to itself).
 */
#ifndef BAREQGA_DISCOVER_FDT_H
#define BAREQGA_DISCOVER_FDT_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

/* Nodes inside nodes that a walk follows; deeper ones end it. */
#define FDT_DEPTH_MAX 12

/* The properties that a walk collects; fdt.c has how they are written. */
enum fdt_name {
	FDT_ADDRESS_CELLS,
	FDT_SIZE_CELLS,
	FDT_BOOTARGS,
	FDT_BUS_RANGE,
	FDT_COMPATIBLE,
	FDT_DEVICE_TYPE,
	FDT_INTERRUPT_MAP,
	FDT_INTERRUPT_PARENT,
	FDT_INTERRUPTS,
	FDT_INTERRUPTS_EXTENDED,
	FDT_METHOD,
	FDT_MSI_PARENT,
	FDT_PHANDLE,
	FDT_RANGES,
	FDT_REG,
	FDT_REG_SHIFT,
	FDT_RISCV_CHILDREN,
	FDT_RISCV_GUEST_INDEX_BITS,
	FDT_RISCV_HART_INDEX_BITS,
	FDT_RISCV_NDEV,
	FDT_RISCV_NUM_SOURCES,
	FDT_STATUS,
	FDT_STDOUT_PATH,
	FDT_TIMEBASE_FREQUENCY,
	FDT_NAMES,
	FDT_OTHER = FDT_NAMES, /* what nobody asks for */
	FDT_NODE_NAME,         /* the node's own, kept like a property */
	FDT_PROPS,
};

struct fdt {
	const uint8_t *blob;
	uint32_t node, node_end;     /* structure block: offsets into the blob */
	uint32_t string, string_end; /* strings block; its last byte is NUL */
};

/* A property's value, good as long as the blob; of one that there is not, all is 0. */
struct fdt_prop {
	const uint8_t *value;
	uint32_t len;  /* in bytes */
	uint32_t cell; /* its first big-endian cell; 0: it is shorter than that */
};

struct fdt_node {
	struct fdt_prop prop[FDT_PROPS];
	uint8_t depth;         /* 0: the root */
	uint8_t address_cells; /* that its `reg` is written in */
	uint8_t size_cells;
};

/* Where a walk is. */
struct fdt_walk {
	uint32_t at;
	uint8_t depth;                       /* of the node that comes next */
	uint8_t cells[FDT_DEPTH_MAX + 1][2]; /* #address-cells, #size-cells for nodes at a depth */
	bool damaged;                        /* set when the walk ended before the tree did */
};

/*
 * Looks at a blob of at most max bytes. Returns 0, or -1: this is not a device tree that we can
 * read (magic, version, block bounds).
 */
int fdt_open(struct fdt *fdt, const void *blob, size_t max);

/* Starts a walk, and goes to the next node: parents come before their children. */
void fdt_start(struct fdt_walk *walk, const struct fdt *fdt);
bool fdt_next(struct fdt_walk *walk, const struct fdt *fdt, struct fdt_node *node);

/* A property that is a NUL-ended string; "": there is none. Of a node's: */
const char *fdt_text(const struct fdt_prop *prop);

static inline const char *fdt_string(const struct fdt_node *node, enum fdt_name name)
{
	return fdt_text(&node->prop[name]);
}

/* Entry `index` of a `reg` of so many cells; false: there is none, and what is pointed to stays. Of a node's: */
bool fdt_range(const struct fdt_prop *reg, uint32_t address_cells, uint32_t size_cells,
               uint32_t index, uint64_t *address, uint64_t *size);

static inline bool fdt_reg(const struct fdt_node *node, uint32_t index, uint64_t *address,
                           uint64_t *size)
{
	return fdt_range(&node->prop[FDT_REG], node->address_cells, node->size_cells, index,
	                 address, size);
}

/* True if a property's value, NUL-ended strings one after the other, has this one. */
bool fdt_lists(const struct fdt_prop *prop, const char *string);

/* False if `status` says that the device may not be used. */
bool fdt_enabled(const struct fdt_node *node);

/* A big-endian cell at any address. */
static inline uint32_t fdt_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
