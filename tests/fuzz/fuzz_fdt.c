/* SPDX-License-Identifier: MIT */
/*
 * fuzz_fdt.c - any bytes at all as a device tree; with a first byte that is odd, the rest is the
 * structure block of a tree whose header and names are right.
 */
#include <string.h>

#include "fdt_tree.h"

static const char names[] =
	"#address-cells\0#size-cells\0reg\0compatible\0status\0interrupts\0device_type";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fdt_tree tree;

	fdt_tree_use(data, size);
	if (size && data[0] & 1 && size < sizeof(tree.blob) / 2) {
		fdt_tree_start(&tree);
		fdt_tree_bytes(&tree, data + 1, (uint32_t)(size - 1));
		memcpy(tree.strings, names, sizeof(names));
		tree.strings_len = sizeof(names);
		fdt_tree_use(tree.blob, fdt_tree_seal(&tree));
	}
	return 0;
}
