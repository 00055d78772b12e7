/* SPDX-License-Identifier: MIT */
/*
 * test_mem.c - the copies by words (hal/arch/mem.c) against copies byte by byte: every
 * alignment of both sides, every length around the sizes where the way changes, every overlap, and
 * nothing around the target is touched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define memcpy  word_memcpy
#define memmove word_memmove
#define memset  word_memset
void *word_memcpy(void *restrict to, const void *restrict from, size_t n);
void *word_memmove(void *to, const void *from, size_t n);
void *word_memset(void *to, int byte, size_t n);
#include "arch/mem.c"

enum {
	ROOM = 256,
	LONGEST = 100
};

static uint8_t got[ROOM] __attribute__((aligned(16))), want[ROOM];

static void prepare(void)
{
	for (size_t i = 0; i < ROOM; i++)
		got[i] = want[i] = (uint8_t)(i * 7 + 1);
}

static void compare(void)
{
	assert_memory_equal(got, want, ROOM);
}

static void copies(void **state)
{
	static const uint8_t source[ROOM] __attribute__((aligned(16))) = "0123456789abcdefghijklm";

	(void)state;
	for (size_t to = 16; to < 24; to++) {
		for (size_t from = 0; from < 8; from++) {
			for (size_t n = 0; n < LONGEST; n++) {
				prepare();
				for (size_t i = 0; i < n; i++)
					want[to + i] = source[from + i];
				assert_ptr_equal(memcpy(got + to, source + from, n), got + to);
				compare();
			}
		}
	}
}

static void moves(void **state)
{
	uint8_t before[ROOM];

	(void)state;
	for (size_t to = 32; to < 80; to++) {
		for (size_t from = 48; from < 56; from++) {
			for (size_t n = 0; n < LONGEST; n++) {
				prepare();
				for (size_t i = 0; i < ROOM; i++)
					before[i] = want[i];
				for (size_t i = 0; i < n; i++)
					want[to + i] = before[from + i];
				assert_ptr_equal(memmove(got + to, got + from, n), got + to);
				compare();
			}
		}
	}
}

static void fills(void **state)
{
	(void)state;
	for (size_t to = 16; to < 24; to++) {
		for (size_t n = 0; n < LONGEST; n++) {
			prepare();
			for (size_t i = 0; i < n; i++)
				want[to + i] = 0xa5;
			assert_ptr_equal(memset(got + to, 0x7a5, n), got + to);
			compare();
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies),
		cmocka_unit_test(moves),
		cmocka_unit_test(fills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
