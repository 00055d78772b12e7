/* SPDX-License-Identifier: MIT */
/* test_ram_files.c - files in RAM, against a plain copy of what they should hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bareqga.h"
#include "env/ram_files.h"

#define BLOCKS 8
#define SIZE   RAM_FOR(BLOCKS *RAM_BLOCK)

static _Alignas(8) uint8_t memory[SIZE];
static struct ram_files ram;

static int setup(void **state)
{
	(void)state;
	memset(&ram, 0, sizeof(ram));
	memset(memory, 0xaa, sizeof(memory));
	ram_init(&ram, memory, sizeof(memory));
	return 0;
}

static struct ram_file *open_file(const char *name, bool create, bool truncate)
{
	struct ram_file *file = NULL;

	assert_int_equal(ram_open(&ram, name, strlen(name), create, truncate, &file), 0);
	return file;
}

static void test_names(void **state)
{
	char longest[RAM_NAME_MAX + 1];
	struct ram_file *file, *again;

	(void)state;
	memset(longest, 'n', sizeof(longest));
	assert_int_equal(ram_open(&ram, "/ram/a", 6, false, false, &file), QGA_ENOENT);
	assert_int_equal(ram_open(&ram, longest, sizeof(longest), true, false, &file),
	                 QGA_ENAMETOOLONG);
	assert_int_equal(ram_open(&ram, longest, RAM_NAME_MAX, true, false, &file), 0);
	file = open_file("/ram/a", true, false);
	again = open_file("/ram/a", false, false);
	assert_ptr_equal(file, again);
	assert_int_equal(ram_open(&ram, "/ram/", 5, false, false, &file), QGA_ENOENT);
	for (size_t i = 2; i < RAM_FILES_MAX; i++) {
		char name[16] = "/ram/x";

		name[6] = (char)('0' + i);
		open_file(name, true, false);
	}
	assert_int_equal(ram_open(&ram, "/ram/more", 9, true, false, &file), QGA_ENOSPC);
}

/* A name that is none is not found, and not made; what was removed keeps its place until it is closed. */
static void test_no_names(void **state)
{
	char longer[RAM_NAME_MAX + 1];
	struct ram_file *file, *other;

	(void)state;
	memset(longer, 'n', sizeof(longer));
	assert_int_equal(ram_open(&ram, "", 0, false, false, &file), QGA_ENOENT);
	assert_int_equal(ram_open(&ram, "", 0, true, false, &file), QGA_ENAMETOOLONG);
	assert_int_equal(ram_open(&ram, longer, sizeof(longer), false, false, &file), QGA_ENOENT);
	assert_int_equal(ram_remove(&ram, "", 0), QGA_ENOENT);
	assert_int_equal(ram_remove(&ram, longer, sizeof(longer)), QGA_ENOENT);
	file = open_file("/ram/a", true, false);
	assert_int_equal(ram_remove(&ram, "/ram/a", 6), 0);
	other = open_file("/ram/b", true, false);
	assert_ptr_not_equal(file, other);
	ram_close(&ram, file);
	assert_ptr_equal(open_file("/ram/c", true, false), file);
}

/* There is never a block whose number means none. */
static void test_most_blocks(void **state)
{
	(void)state;
	ram_init(&ram, memory, (size_t)1 << 46);
	assert_int_equal(ram.n_blocks, UINT32_MAX - 1);
	assert_true(ram_total(&ram) == (uint64_t)(UINT32_MAX - 1) * RAM_BLOCK);
	ram_init(&ram, memory, 100);
	assert_int_equal(ram_total(&ram), 0);
}

static void test_full_changes_nothing(void **state)
{
	static uint8_t data[BLOCKS * RAM_BLOCK + 1];
	struct ram_file *a = open_file("/ram/a", true, false),
			*b = open_file("/ram/b", true, false);
	uint8_t byte = 0;

	(void)state;
	memset(data, 7, sizeof(data));
	assert_int_equal(ram_write(&ram, a, 0, data, 3 * RAM_BLOCK), 3 * RAM_BLOCK);
	assert_int_equal(ram_write(&ram, b, 0, data, 6 * RAM_BLOCK), QGA_ENOSPC);
	assert_int_equal(ram_write(&ram, b, (uint64_t)1 << 43, data, 1), QGA_ENOSPC);
	assert_int_equal(b->size, 0);
	assert_int_equal(ram_used(&ram), 3 * RAM_BLOCK);
	assert_int_equal(ram_write(&ram, b, 0, data, 5 * RAM_BLOCK), 5 * RAM_BLOCK);
	assert_int_equal(ram_write(&ram, a, 3 * RAM_BLOCK - 1, &byte, 1), 1);
	assert_int_equal(ram_write(&ram, a, 3 * RAM_BLOCK, &byte, 1), QGA_ENOSPC);
	/* Room comes back by truncating and by removing, the latter when the last user has gone. */
	open_file("/ram/a", false, true);
	assert_int_equal(a->size, 0);
	assert_int_equal(ram_write(&ram, b, 5 * RAM_BLOCK, data, 3 * RAM_BLOCK), 3 * RAM_BLOCK);
	assert_int_equal(ram_remove(&ram, "/ram/b", 6), 0);
	assert_int_equal(ram_remove(&ram, "/ram/b", 6), QGA_ENOENT);
	assert_int_equal(ram_used(&ram), ram_total(&ram));
	assert_int_equal(ram_total(&ram), BLOCKS * RAM_BLOCK);
	assert_int_equal(ram_read(&ram, b, 0, &byte, 1), 1);
	ram_close(&ram, b);
	assert_int_equal(ram_used(&ram), 0);
}

/* Random writes and reads of two files at once. */
static void test_random_access(void **state)
{
	enum {
		MAX = 3 * RAM_BLOCK
	};
	static uint8_t want[2][MAX], got[MAX], data[MAX];
	struct ram_file *file[2] = {open_file("/ram/a", true, false),
	                            open_file("/ram/b", true, false)};
	size_t size[2] = {0, 0};

	(void)state;
	srand(2);
	memset(want, 0, sizeof(want));
	for (int round = 0; round < 3000; round++) {
		size_t f = (size_t)rand() % 2, at = (size_t)rand() % MAX;
		size_t len = (size_t)rand() % (MAX - at + 1);

		if (rand() % 64 == 0) {
			open_file(f ? "/ram/b" : "/ram/a", false, true);
			memset(want[f], 0, MAX);
			size[f] = 0;
		}
		if (rand() % 2) {
			for (size_t i = 0; i < len; i++)
				data[i] = (uint8_t)rand();
			assert_int_equal(ram_write(&ram, file[f], at, data, len), len);
			memcpy(want[f] + at, data, len);
			if (len > 0 && at + len > size[f])
				size[f] = at + len;
		}
		assert_int_equal(file[f]->size, size[f]);
		len = at < size[f] ? (len < size[f] - at ? len : size[f] - at) : 0;
		assert_int_equal(ram_read(&ram, file[f], at, got, len), len);
		assert_memory_equal(got, want[f] + at, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_names, setup),
		cmocka_unit_test_setup(test_no_names, setup),
		cmocka_unit_test_setup(test_most_blocks, setup),
		cmocka_unit_test_setup(test_full_changes_nothing, setup),
		cmocka_unit_test_setup(test_random_access, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
