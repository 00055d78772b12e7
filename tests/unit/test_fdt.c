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

#include "fdt.h"

/* A blob being written: header, structure block, strings block. */
static uint8_t blob[2048];
static char strings[256];
static uint32_t at, strings_len;

static void cell(uint32_t value)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		blob[at++] = (uint8_t)(value >> shift);
}

static void bytes(const void *data, uint32_t len)
{
	memcpy(blob + at, data, len);
	at += len;
	while (at % 4)
		blob[at++] = 0;
}

static void begin(const char *name)
{
	cell(1);
	bytes(name, (uint32_t)strlen(name) + 1);
}

static void end(void)
{
	cell(2);
}

static void prop(const char *name, const void *value, uint32_t len)
{
	cell(3);
	cell(len);
	cell(strings_len);
	bytes(value, len);
	strcpy(strings + strings_len, name);
	strings_len += (uint32_t)strlen(name) + 1;
}

static void prop_cells(const char *name, unsigned n, const uint32_t *cells)
{
	uint8_t value[64];

	for (unsigned i = 0; i < n; i++)
		for (unsigned b = 0; b < 4; b++)
			value[i * 4 + b] = (uint8_t)(cells[i] >> (24 - 8 * b));
	prop(name, value, n * 4);
}

#define CELLS(name, ...) \
	prop_cells(name, sizeof((uint32_t[]){__VA_ARGS__}) / 4, (uint32_t[]){__VA_ARGS__})

/* Finishes the blob; returns its size. */
static uint32_t finish(void)
{
	uint32_t struct_end, total;

	cell(9);
	struct_end = at;
	memcpy(blob + at, strings, strings_len);
	total = at + strings_len;
	at = 0;
	cell(0xd00dfeed);
	cell(total);
	cell(56);
	cell(struct_end);
	cell(40);
	cell(17);
	cell(16);
	cell(0);
	cell(strings_len);
	cell(struct_end - 56);
	return total;
}

/* A small machine: what QEMU's trees have that matters here. */
static uint32_t machine(void)
{
	memset(blob, 0, sizeof blob);
	strings_len = 0;
	at = 56;
	begin("");
	CELLS("#address-cells", 2);
	CELLS("#size-cells", 2);
	begin("memory@80000000");
	prop("device_type", "memory", 7);
	CELLS("reg", 0, 0x80000000, 1, 0x8000000);
	end();
	cell(4); /* NOP */
	begin("cpus");
	CELLS("#address-cells", 1);
	CELLS("#size-cells", 0);
	begin("cpu@3");
	CELLS("reg", 3);
	end();
	end();
	begin("soc");
	begin("serial@10000000");
	CELLS("reg", 0x10000000, 0x100, 0x10001000,
	      0x200); /* 2 + 1 cells: as a silent parent says */
	prop("compatible", "acme,uart\0ns16550a", 19);
	CELLS("interrupts", 0, 10, 4);
	prop("status", "disabled", 9);
	end();
	end();
	end();
	return finish();
}

static bool find(const struct fdt *fdt, const char *name, struct fdt_node *node)
{
	struct fdt_walk walk;

	fdt_start(&walk, fdt);
	while (fdt_next(&walk, fdt, node))
		if (strcmp(node->name, name) == 0)
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
	assert_int_equal(fdt_open(&fdt, blob, machine()), 0);
	fdt_start(&walk, &fdt);
	for (unsigned i = 0; i < 6; i++) {
		assert_true(fdt_next(&walk, &fdt, &node));
		assert_string_equal(node.name, names[i]);
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
	uint32_t value, len;

	(void)state;
	assert_int_equal(fdt_open(&fdt, blob, machine()), 0);
	assert_true(find(&fdt, "memory@80000000", &node));
	assert_true(fdt_reg(&fdt, &node, 0, &address, &size));
	assert_true(address == 0x80000000 && size == 0x108000000);
	assert_false(fdt_reg(&fdt, &node, 1, &address, &size));
	assert_string_equal(fdt_string(&fdt, &node, "device_type"), "memory");
	assert_null(fdt_string(&fdt, &node, "reg@")); /* no such name */
	assert_true(fdt_enabled(&fdt, &node));

	assert_true(find(&fdt, "cpu@3", &node));
	assert_true(fdt_reg(&fdt, &node, 0, &address, &size));
	assert_true(address == 3 && size == 0);

	assert_true(find(&fdt, "serial@10000000", &node));
	assert_true(fdt_reg(&fdt, &node, 0, &address, &size));
	assert_true(address == 0x1000000000000100 && size == 0x10001000);
	assert_true(fdt_compatible(&fdt, &node, "ns16550a"));
	assert_true(fdt_compatible(&fdt, &node, "acme,uart"));
	assert_false(fdt_compatible(&fdt, &node, "ns16550"));
	assert_false(fdt_compatible(&fdt, &node, "uart"));
	assert_false(fdt_enabled(&fdt, &node));
	assert_true(fdt_cell(&fdt, &node, "interrupts", 2, &value) && value == 4);
	assert_false(fdt_cell(&fdt, &node, "interrupts", 3, &value));
	assert_non_null(fdt_prop(&fdt, &node, "compatible", &len));
	assert_int_equal(len, 19);
}

/* Uses everything; what it finds does not matter. */
static void use(const uint8_t *data, size_t size)
{
	uint64_t address, length;
	struct fdt_walk walk;
	struct fdt_node node;
	struct fdt fdt;
	uint32_t value;
	unsigned nodes = 0;

	if (fdt_open(&fdt, data, size))
		return;
	fdt_start(&walk, &fdt);
	while (fdt_next(&walk, &fdt, &node)) {
		assert_true(++nodes <= size / 4);
		assert_true(node.depth < FDT_DEPTH_MAX);
		fdt_compatible(&fdt, &node, "ns16550a");
		fdt_enabled(&fdt, &node);
		fdt_string(&fdt, &node, "device_type");
		fdt_cell(&fdt, &node, "interrupts", 1, &value);
		fdt_reg(&fdt, &node, 1, &address, &length);
	}
}

/* The copy has just its own size, so that reading past it is seen. */
static void use_copy(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	memcpy(copy, data, size);
	use(copy, size);
	free(copy);
}

static void test_truncated(void **state)
{
	uint32_t size = machine();

	(void)state;
	for (uint32_t len = 0; len < size; len++)
		use_copy(blob, len); /* the header says more than there is: refused */
	for (uint32_t len = 56; len < size; len += 4) {
		at = 36;
		cell(len - 56); /* the structure block ends early */
		use_copy(blob, size);
	}
}

static void test_flipped(void **state)
{
	uint32_t size = machine();

	(void)state;
	for (uint32_t bit = 0; bit < size * 8; bit++) {
		blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
		use_copy(blob, size);
		blob[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void test_damage_is_told(void **state)
{
	struct fdt_walk walk;
	struct fdt_node node;
	uint32_t size = machine();
	struct fdt fdt;

	(void)state;
	at = 36;
	cell(100);
	assert_int_equal(fdt_open(&fdt, blob, size), 0);
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
	memset(blob, 0, sizeof blob);
	strings_len = 0;
	at = 56;
	for (unsigned i = 0; i < 40; i++)
		begin("n");
	for (unsigned i = 0; i < 40; i++)
		end();
	assert_int_equal(fdt_open(&fdt, blob, finish()), 0);
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
	blob[0] = 0;
	assert_int_equal(fdt_open(&fdt, blob, size), -1);
	size = machine();
	blob[23] = 16; /* version */
	assert_int_equal(fdt_open(&fdt, blob, size), -1);
	size = machine();
	blob[27] = 18; /* compatible with later ones only */
	assert_int_equal(fdt_open(&fdt, blob, size), -1);
	assert_int_equal(fdt_open(&fdt, blob, 39), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),           cmocka_unit_test(test_properties),
		cmocka_unit_test(test_truncated),      cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_damage_is_told), cmocka_unit_test(test_too_deep),
		cmocka_unit_test(test_not_a_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
