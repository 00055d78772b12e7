/* SPDX-License-Identifier: MIT */
/*
 * fdt.h - a bounded reader of flattened device trees.
 *
 * Devicetree Specification 0.4, chapter 5. The blob is read where it lies, in one walk; nothing is
 * trusted: every offset is checked, so that a damaged tree ends the walk and no more. Any address
 * will do for the blob, aligned or not.
 *
 * Left out on purpose: writing, overlays, the memory reservation block, and address translation
 * (a bus whose `ranges` is not one to one keeps its devices to itself).
 */
#ifndef FDT_H
#define FDT_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

/* Nodes inside nodes that a walk follows; deeper ones end it. */
#define FDT_DEPTH_MAX 12

struct fdt {
	const uint8_t *blob;
	uint32_t node, node_end;     /* structure block: offsets into the blob */
	uint32_t string, string_end; /* strings block */
};

/* One node, good as long as the blob. */
struct fdt_node {
	const char *name;      /* with its unit address: "serial@10000000" */
	uint32_t props;        /* where its properties start */
	uint32_t initials;     /* a bit for each letter modulo 32 that a property begins with */
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

/* A property's value and, if len is not NULL, its length in bytes; NULL: there is none. */
const uint8_t *fdt_prop(const struct fdt *fdt, const struct fdt_node *node, const char *name,
                        uint32_t *len);

/* A property that is one NUL-ended string; NULL: there is none. */
const char *fdt_string(const struct fdt *fdt, const struct fdt_node *node, const char *name);

/* Cell `index` of a property of big-endian 32-bit cells; false: there is none. */
bool fdt_cell(const struct fdt *fdt, const struct fdt_node *node, const char *name, uint32_t index,
              uint32_t *value);

/* Entry `index` of `reg`; false: there is none. */
bool fdt_reg(const struct fdt *fdt, const struct fdt_node *node, uint32_t index, uint64_t *address,
             uint64_t *size);

/* True if a property's value, NUL-ended strings one after the other, has this one. */
bool fdt_lists(const uint8_t *list, uint32_t len, const char *name);

/* True if `compatible` lists this name. */
bool fdt_compatible(const struct fdt *fdt, const struct fdt_node *node, const char *name);

/* False if `status` says that the device may not be used. */
bool fdt_enabled(const struct fdt *fdt, const struct fdt_node *node);

/* A big-endian cell at any address. */
static inline uint32_t fdt_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
