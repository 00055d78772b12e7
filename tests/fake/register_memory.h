/* SPDX-License-Identifier: MIT */
/*
 * register_memory.h - a device that is nothing but memory, for tests that list a driver's accesses.
 * Include it behind cmocka.h, in one file of a program.
 */
#ifndef REGISTER_MEMORY_H
#define REGISTER_MEMORY_H

#include <string.h>

#include "registers.h"

/* Registers that keep what was written to them. */
static uint8_t memory[0x300000];

static uint32_t memory_read(void *context, unsigned offset, unsigned width)
{
	uint32_t value = 0;

	(void)context;
	memcpy(&value, memory + offset, width);
	return value;
}

static void memory_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	(void)context;
	memcpy(memory + offset, &value, width);
}

#define BASE 0x1000000

static int set_up(void **state)
{
	static const struct registers device = {
		.base = BASE, .size = sizeof memory, .read = memory_read, .write = memory_write};

	(void)state;
	memset(memory, 0, sizeof memory);
	registers_detach_all();
	registers_attach(&device);
	registers_clear();
	return 0;
}

/* The accesses since registers_clear(), no more and no less. */
static void assert_accesses(unsigned n, const struct registers_access *expected)
{
	assert_int_equal(registers_count, n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(registers_log[i].op, expected[i].op);
		assert_int_equal(registers_log[i].offset, expected[i].offset);
		assert_int_equal(registers_log[i].value, expected[i].value);
	}
	registers_clear();
}

#define ACCESSES(...)                                                      \
	assert_accesses(sizeof((struct registers_access[]){__VA_ARGS__}) / \
	                        sizeof(struct registers_access),           \
	                (struct registers_access[]){__VA_ARGS__})

#endif
