/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "discover/fdt.h"
#include "fdt_tree.h"

enum {
	BEGIN_NODE = 1,
	END_NODE = 2,
	PROP = 3
};

void fdt_tree_start(struct fdt_tree *tree)
{
	memset(tree, 0, sizeof(*tree));
	tree->at = FDT_TREE_STRUCTURE;
}

void fdt_tree_cell(struct fdt_tree *tree, uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		tree->blob[tree->at++] = (uint8_t)(value >> shift);
}

void fdt_tree_bytes(struct fdt_tree *tree, const void *data, uint32_t len)
{
	memcpy(tree->blob + tree->at, data, len);
	tree->at += len;
	while (tree->at % 4)
		tree->blob[tree->at++] = 0;
}

void fdt_tree_begin(struct fdt_tree *tree, const char *name)
{
	fdt_tree_cell(tree, BEGIN_NODE);
	fdt_tree_bytes(tree, name, (uint32_t)strlen(name) + 1);
}

void fdt_tree_end(struct fdt_tree *tree)
{
	fdt_tree_cell(tree, END_NODE);
}

void fdt_tree_prop(struct fdt_tree *tree, const char *name, const void *value, uint32_t len)
{
	fdt_tree_cell(tree, PROP);
	fdt_tree_cell(tree, len);
	fdt_tree_cell(tree, tree->strings_len);
	fdt_tree_bytes(tree, value, len);
	strcpy(tree->strings + tree->strings_len, name);
	tree->strings_len += (uint32_t)strlen(name) + 1;
}

void fdt_tree_prop_cells(struct fdt_tree *tree, const char *name, unsigned n, const uint32_t *cells)
{
	uint8_t value[64];

	for (unsigned i = 0; i < n; i++)
		for (unsigned b = 0; b < 4; b++)
			value[i * 4 + b] = (uint8_t)(cells[i] >> (24 - 8 * b));
	fdt_tree_prop(tree, name, value, n * 4);
}

uint32_t fdt_tree_seal(struct fdt_tree *tree)
{
	uint32_t strings = tree->at, total = strings + tree->strings_len;
	const uint32_t header[] = {0xd00dfeed,
	                           total,
	                           FDT_TREE_STRUCTURE,
	                           strings,
	                           40,
	                           17,
	                           16,
	                           0,
	                           tree->strings_len,
	                           strings - FDT_TREE_STRUCTURE};

	memcpy(tree->blob + strings, tree->strings, tree->strings_len);
	tree->at = 0;
	for (unsigned i = 0; i < sizeof(header) / sizeof(header[0]); i++)
		fdt_tree_cell(tree, header[i]);
	return total;
}

/* What is outside the blob, a sanitizer sees. */
static unsigned last_byte(const struct fdt_prop *prop)
{
	return prop->len ? prop->value[prop->len - 1] : 0;
}

static volatile size_t sum;

static void walk(const uint8_t *blob, size_t size)
{
	uint64_t address, length;
	struct fdt_walk walk;
	struct fdt_node node;
	struct fdt fdt;
	size_t nodes = 0;

	if (fdt_open(&fdt, blob, size))
		return;
	fdt_start(&walk, &fdt);
	while (fdt_next(&walk, &fdt, &node)) {
		/* A node takes two cells at least. */
		if (++nodes > size / 4 || node.depth >= FDT_DEPTH_MAX)
			abort();
		for (unsigned i = 0; i < FDT_PROPS; i++)
			sum += last_byte(&node.prop[i]);
		sum += strlen(fdt_string(&node, FDT_DEVICE_TYPE));
		fdt_lists(&node.prop[FDT_COMPATIBLE], "ns16550a");
		fdt_enabled(&node);
		fdt_reg(&node, 1, &address, &length);
	}
}

void fdt_tree_use(const void *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (size)
		memcpy(copy, data, size);
	walk(copy, size);
	free(copy);
}
