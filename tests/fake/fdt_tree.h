/* SPDX-License-Identifier: MIT */
/*
 * fdt_tree.h - device trees to test with: written piece by piece, and read to the last property.
 * Document: Devicetree Specification 0.4, chapter 5.
 */
#ifndef FDT_TREE_H
#define FDT_TREE_H

#include <stddef.h>
#include <stdint.h>

#define FDT_TREE_STRUCTURE 56 /* where the structure block begins */

/* A blob being written: header, structure block, strings block. */
struct fdt_tree {
	uint8_t blob[16384];
	char strings[4096];
	uint32_t at, strings_len;
};

void fdt_tree_start(struct fdt_tree *tree);
void fdt_tree_cell(struct fdt_tree *tree, uint32_t value);
void fdt_tree_bytes(struct fdt_tree *tree, const void *data, uint32_t len); /* and padding */
void fdt_tree_begin(struct fdt_tree *tree, const char *name);
void fdt_tree_end(struct fdt_tree *tree);
void fdt_tree_prop(struct fdt_tree *tree, const char *name, const void *value, uint32_t len);
void fdt_tree_prop_cells(struct fdt_tree *tree, const char *name, unsigned n,
                         const uint32_t *cells);

#define FDT_TREE_CELLS(tree, name, ...)                                        \
	fdt_tree_prop_cells(tree, name, sizeof((uint32_t[]){__VA_ARGS__}) / 4, \
	                    (uint32_t[]){__VA_ARGS__})

/* Puts the header before what there is and the strings behind it; returns the blob's size. */
uint32_t fdt_tree_seal(struct fdt_tree *tree);

/*
 * Walks all of a blob that may be anything, from a copy of just its size; aborts if that never
 * ends.
 */
void fdt_tree_use(const void *data, size_t size);

#endif
