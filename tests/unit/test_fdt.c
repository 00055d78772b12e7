/* SPDX-License-Identifier: MIT */
/*
 * test_fdt.c - device trees, whole and damaged: every truncation and every flipped bit of one must
 * end in a walk that ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "discover/fdt.h"
#include "fdt_tree.h"

static struct fdt_tree tree;

static uint32_t finish(void)
{
	fdt_tree_cell(&tree, 9);
	return fdt_tree_seal(&tree);
}

/* A small machine: what QEMU's trees have that matters here. */
static uint32_t machine(void)
{
	fdt_tree_start(&tree);
	fdt_tree_begin(&tree, "");
	FDT_TREE_CELLS(&tree, "#address-cells", 2);
	FDT_TREE_CELLS(&tree, "#size-cells", 2);
	fdt_tree_begin(&tree, "memory@80000000");
	fdt_tree_prop(&tree, "device_type", "memory", 7);
	FDT_TREE_CELLS(&tree, "reg", 0, 0x80000000, 1, 0x8000000);
	fdt_tree_end(&tree);
	fdt_tree_cell(&tree, 4); /* NOP */
	fdt_tree_begin(&tree, "cpus");
	FDT_TREE_CELLS(&tree, "#address-cells", 1);
	FDT_TREE_CELLS(&tree, "#size-cells", 0);
	fdt_tree_begin(&tree, "cpu@3");
	FDT_TREE_CELLS(&tree, "reg", 3);
	fdt_tree_end(&tree);
	fdt_tree_end(&tree);
	fdt_tree_begin(&tree, "soc");
	fdt_tree_begin(&tree, "serial@10000000");
	FDT_TREE_CELLS(&tree, "reg", 0x10000000, 0x100, 0x10001000,
	               0x200); /* 2 + 1 cells: as a silent parent says */
	fdt_tree_prop(&tree, "compatible", "acme,uart\0ns16550a", 19);
	FDT_TREE_CELLS(&tree, "interrupts", 0, 10, 4);
	fdt_tree_prop(&tree, "status", "disabled", 9);
	fdt_tree_end(&tree);
	fdt_tree_end(&tree);
	fdt_tree_end(&tree);
	return finish();
}

static bool find(const struct fdt *fdt, const char *name, struct fdt_node *node)
{
	struct fdt_walk walk;

	fdt_start(&walk, fdt);
	while (fdt_next(&walk, fdt, node))
		if (strcmp(fdt_string(node, FDT_NODE_NAME), name) == 0)
			return true;
	return false;
}

static void test_walk(void **state)
{
	static const char *const names[] = {"",    "memory@80000000", "cpus", "cpu@3",
	                                    "soc", "serial@10000000"};
	static const uint8_t depths[] = {0, 1, 1, 2, 1, 2};
	struct fdt_walk walk;
	struct fdt_node node;
	struct fdt fdt;

	(void)state;
	assert_int_equal(fdt_open(&fdt, tree.blob, machine()), 0);
	fdt_start(&walk, &fdt);
	for (unsigned i = 0; i < 6; i++) {
		assert_true(fdt_next(&walk, &fdt, &node));
		assert_string_equal(fdt_string(&node, FDT_NODE_NAME), names[i]);
		assert_int_equal(node.depth, depths[i]);
	}
	assert_false(fdt_next(&walk, &fdt, &node));
	assert_false(walk.damaged);
}

static void test_properties(void **state)
{
	uint64_t address, size;
	struct fdt_node node;
	struct fdt fdt;

	(void)state;
	assert_int_equal(fdt_open(&fdt, tree.blob, machine()), 0);
	assert_true(find(&fdt, "memory@80000000", &node));
	assert_true(fdt_reg(&node, 0, &address, &size));
	assert_true(address == 0x80000000 && size == 0x108000000);
	assert_false(fdt_reg(&node, 1, &address, &size));
	assert_true(address == 0x80000000 && size == 0x108000000);
	assert_false(fdt_reg(&node, UINT32_MAX, &address, &size));
	assert_string_equal(fdt_string(&node, FDT_DEVICE_TYPE), "memory");
	assert_string_equal(fdt_string(&node, FDT_METHOD), "");
	assert_int_equal(node.prop[FDT_METHOD].len, 0);
	assert_true(fdt_enabled(&node));

	assert_true(find(&fdt, "cpu@3", &node));
	assert_true(fdt_reg(&node, 0, &address, &size));
	assert_true(address == 3 && size == 0);
	assert_int_equal(node.prop[FDT_REG].cell, 3);
	assert_int_equal(node.prop[FDT_STATUS].len, 0); /* not one of the node before */

	assert_true(find(&fdt, "serial@10000000", &node));
	assert_true(fdt_reg(&node, 0, &address, &size));
	assert_true(address == 0x1000000000000100 && size == 0x10001000);
	assert_false(fdt_enabled(&node));
	assert_int_equal(node.prop[FDT_COMPATIBLE].len, 19);
	assert_int_equal(node.prop[FDT_INTERRUPTS].len, 12);
	assert_int_equal(node.prop[FDT_INTERRUPTS].cell, 0);
	assert_int_equal(fdt_be32(node.prop[FDT_INTERRUPTS].value + 8), 4);
}

/* Every name is known as it is written, and nothing that only begins or ends like one. */
static void test_names(void **state)
{
	static const char *const written[FDT_NAMES] = {
		"#address-cells",
		"#size-cells",
		"bootargs",
		"bus-range",
		"compatible",
		"device_type",
		"interrupt-map",
		"interrupt-parent",
		"interrupts",
		"interrupts-extended",
		"method",
		"msi-parent",
		"phandle",
		"ranges",
		"reg",
		"reg-shift",
		"riscv,children",
		"riscv,guest-index-bits",
		"riscv,hart-index-bits",
		"riscv,ndev",
		"riscv,num-sources",
		"status",
		"stdout-path",
		"timebase-frequency",
	};
	struct fdt_walk walk;
	struct fdt_node node;
	struct fdt fdt;

	(void)state;
	fdt_tree_start(&tree);
	fdt_tree_begin(&tree, "");
	for (unsigned i = 0; i < FDT_NAMES; i++)
		FDT_TREE_CELLS(&tree, written[i], i + 1, 0);
	fdt_tree_prop(&tree, "re", "", 1);
	fdt_tree_prop(&tree, "regs", "", 1);
	fdt_tree_prop(&tree, "", "", 1);
	fdt_tree_end(&tree);
	assert_int_equal(fdt_open(&fdt, tree.blob, finish()), 0);
	fdt_start(&walk, &fdt);
	assert_true(fdt_next(&walk, &fdt, &node));
	for (unsigned i = 0; i < FDT_NAMES; i++) {
		assert_int_equal(node.prop[i].len, 8);
		assert_int_equal(node.prop[i].cell, i + 1);
	}
	assert_false(fdt_next(&walk, &fdt, &node));
	assert_false(walk.damaged);
}

static void test_strings(void **state)
{
	const struct fdt_prop list = {(const uint8_t *)"acme,uart\0ns16550a", 19, 0};
	const struct fdt_prop open = {(const uint8_t *)"okay", 4, 0}; /* without its NUL */
	struct fdt_node node = {.prop[FDT_STATUS] = open};

	(void)state;
	assert_true(fdt_lists(&list, "ns16550a"));
	assert_true(fdt_lists(&list, "acme,uart"));
	assert_false(fdt_lists(&list, "ns16550"));
	assert_false(fdt_lists(&list, "ns16550ab"));
	assert_false(fdt_lists(&list, "uart"));
	assert_false(fdt_lists(&list, "acme,uart,x"));
	assert_false(fdt_lists(&list, ""));
	assert_false(fdt_lists(&open, "okay"));
	assert_string_equal(fdt_string(&node, FDT_STATUS), "");
	assert_false(fdt_enabled(&node));
	node.prop[FDT_STATUS].len = 5;
	assert_true(fdt_enabled(&node));
	node.prop[FDT_STATUS] = (struct fdt_prop){(const uint8_t *)"ok", 3, 0};
	assert_true(fdt_enabled(&node));
}

static void test_truncated(void **state)
{
	uint32_t size = machine();

	(void)state;
	for (uint32_t len = 0; len < size; len++)
		fdt_tree_use(tree.blob, len); /* the header says more than there is: refused */
	for (uint32_t len = 56; len < size; len += 4) {
		tree.at = 36;
		fdt_tree_cell(&tree, len - 56); /* the structure block ends early */
		fdt_tree_use(tree.blob, size);
	}
}

static void test_flipped(void **state)
{
	uint32_t size = machine();

	(void)state;
	for (uint32_t bit = 0; bit < size * 8; bit++) {
		tree.blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
		fdt_tree_use(tree.blob, size);
		tree.blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void test_damage_is_told(void **state)
{
	struct fdt_walk walk;
	struct fdt_node node;
	uint32_t size = machine();
	struct fdt fdt;

	(void)state;
	tree.at = 36;
	fdt_tree_cell(&tree, 100);
	assert_int_equal(fdt_open(&fdt, tree.blob, size), 0);
	fdt_start(&walk, &fdt);
	while (fdt_next(&walk, &fdt, &node))
		;
	assert_true(walk.damaged);
}

/* Deeper than a walk follows: it ends, and says so. */
static void test_too_deep(void **state)
{
	struct fdt_walk walk;
	struct fdt_node node;
	unsigned nodes = 0;
	struct fdt fdt;

	(void)state;
	fdt_tree_start(&tree);
	for (unsigned i = 0; i < 40; i++)
		fdt_tree_begin(&tree, "n");
	for (unsigned i = 0; i < 40; i++)
		fdt_tree_end(&tree);
	assert_int_equal(fdt_open(&fdt, tree.blob, finish()), 0);
	fdt_start(&walk, &fdt);
	while (fdt_next(&walk, &fdt, &node))
		nodes++;
	assert_int_equal(nodes, FDT_DEPTH_MAX);
	assert_true(walk.damaged);
}

static void test_not_a_tree(void **state)
{
	struct fdt fdt;
	uint32_t size = machine();

	(void)state;
	tree.blob[0] = 0;
	assert_int_equal(fdt_open(&fdt, tree.blob, size), -1);
	size = machine();
	tree.blob[23] = 16; /* version */
	assert_int_equal(fdt_open(&fdt, tree.blob, size), -1);
	size = machine();
	tree.blob[27] = 18; /* compatible with later ones only */
	assert_int_equal(fdt_open(&fdt, tree.blob, size), -1);
	assert_int_equal(fdt_open(&fdt, tree.blob, 39), -1);
	size = machine();
	tree.blob[size - 1] = 'x'; /* the last name does not end */
	assert_int_equal(fdt_open(&fdt, tree.blob, size), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),           cmocka_unit_test(test_properties),
		cmocka_unit_test(test_names),          cmocka_unit_test(test_strings),
		cmocka_unit_test(test_truncated),      cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_damage_is_told), cmocka_unit_test(test_too_deep),
		cmocka_unit_test(test_not_a_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
