/* SPDX-License-Identifier: MIT */
/* The list of memory, and settings of the host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "board.h"
#include "fake_board.h"

#define N 6

/* clang-format off */
static const struct {
	struct board_ram add[N], list[N];
} rams[] = {
	{{{0x80000000, 0x8000000}}, {{0x80000000, 0x8000000}}},
	/* Two that touch, in either order; behind one another; one inside the other; the same twice. */
	{{{0x80000000, 0x4000000}, {0x84000000, 0x4000000}}, {{0x80000000, 0x8000000}}},
	{{{0x84000000, 0x4000000}, {0x80000000, 0x4000000}}, {{0x80000000, 0x8000000}}},
	{{{0x1000, 0x3000}, {0x2000, 0x3000}}, {{0x1000, 0x4000}}},
	{{{0x1000, 0x9000}, {0x2000, 0x1000}, {0x1000, 0x9000}}, {{0x1000, 0x9000}}},
	{{{0x2000, 0x1000}, {0x1000, 0x9000}}, {{0x1000, 0x9000}}},
	/* A hole stays; what fills it joins both sides, and more than two. */
	{{{0x100000, 0xbff00000}, {0x100000000, 0x80000000}, {0, 0x9fc00}},
	 {{0, 0x9fc00}, {0x100000, 0xbff00000}, {0x100000000, 0x80000000}}},
	{{{0, 1}, {2, 1}, {1, 1}}, {{0, 3}}},
	{{{0, 1}, {2, 1}, {4, 1}, {6, 1}, {1, 5}}, {{0, 7}}},
	/* What cannot be. */
	{{{5, 0}, {0xfffffffffffff000, 0x2000}, {1, 1}}, {{1, 1}}},
	{{{0xfffffffffffff000, 0x1000}}, {{0xfffffffffffff000, 0x1000}}},
};
/* clang-format on */

static void test_rams(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rams / sizeof rams[0]; i++) {
		struct board board = {0};
		unsigned n = 0;

		for (unsigned j = 0; j < N; j++)
			board_add_ram(&board, rams[i].add[j].base, rams[i].add[j].size);
		while (n < N && rams[i].list[n].size)
			n++;
		assert_int_equal(board.n_ram, n);
		assert_memory_equal(board.ram, rams[i].list, n * sizeof board.ram[0]);
	}
}

static void test_full_list(void **state)
{
	struct board board = {0};

	(void)state;
	for (uint64_t i = 0; i < BOARD_RAM_MAX + 3; i++)
		board_add_ram(&board, i * 16, 8);
	assert_int_equal(board.n_ram, BOARD_RAM_MAX);
	board_add_ram(&board, 0, UINT64_MAX);
	assert_int_equal(board.n_ram, 1);
	assert_true(board.ram[0].size == UINT64_MAX);
}

/* --- Settings --- */

/* clang-format off */
static const struct {
	const char *item, *cmdline, *value; /* item: NULL: there is none; value: "-": too long */
} settings[] = {
	{NULL, NULL, ""},
	{NULL, "", ""},
	{NULL, "quiet", ""},
	{NULL, "bareqga.name=word", "word"},
	{NULL, " quiet  bareqga.name=word ro", "word"},
	/* fw_cfg wins, unless it is empty. */
	{"item", "bareqga.name=word", "item"},
	{"", "bareqga.name=word", "word"},
	{"\r\n", "bareqga.name=word", "word"},
	{"item\n", NULL, "item"},
	{"two\nlines\r\n\n", NULL, "two\nlines"},
	{"\"item\"", NULL, "\"item\""},
	/* The last word counts, also when it is empty. */
	{NULL, "bareqga.name=a bareqga.name=b", "b"},
	{NULL, "bareqga.name=a bareqga.name=", ""},
	/* Quotes, of the value or of the word; a closing one may be missing. */
	{NULL, "bareqga.name=\"two words\" x", "two words"},
	{NULL, "\"bareqga.name=two words\" x", "two words"},
	{NULL, "bareqga.name=a\" b\"c", "a bc"},
	{NULL, "bareqga.name=\"open end", "open end"},
	{NULL, "bareqga.name=\"\"", ""},
	{NULL, "bareqga.name=\"a=\\\"b c\\\" d\" x", "a=\"b c\" d"},
	{NULL, "bareqga.name=\\\"a b", "\"a"},
	{NULL, "bareqga.name=\"a\\b\\\\\\\" c\" x", "a\\b\\\\\" c"},
	{NULL, "bareqga.name=\"\\", "\\"},
	{NULL, "bareqga.name=\"\\\"", "\""},
	{NULL, "x=\"y bareqga.name=inside\"", ""},
	/* Blanks of all kinds end a word, so does a newline at the end of a file. */
	{NULL, "bareqga.name=word\n", "word"},
	{NULL, "quiet\tbareqga.name=word\r\nro", "word"},
	/* Names that only begin or end so. */
	{NULL, "other.bareqga.name=word", ""},
	{NULL, "xbareqga.name=word", ""},
	{NULL, "bareqga.names=word bareqga.nam=word bareqga.name", ""},
	{NULL, "BAREQGA.name=word", ""},
	/* 15 bytes fit. */
	{NULL, "bareqga.name=123456789012345", "123456789012345"},
	{NULL, "bareqga.name=\"123456789012345\"", "123456789012345"},
	{NULL, "bareqga.name=1234567890123456", "-"},
	{"123456789012345", NULL, "123456789012345"},
	{"1234567890123456", "bareqga.name=word", "-"},
};
/* clang-format on */

static void test_settings(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
		const char *item = settings[i].item, *want = settings[i].value;
		const struct fake_item items[] = {
			{"opt/bareqga/name", item, item ? (int64_t)strlen(item) : -1},
			{NULL, NULL, 0},
		};
		char value[16] = "unchanged";
		int len;

		fake_board.items = items;
		len = board_setting("opt/bareqga/name", settings[i].cmdline, value, sizeof value);
		fake_board.items = NULL;
		if (strcmp(want, "-") == 0) {
			assert_int_equal(len, -1);
			want = "";
		} else {
			assert_int_equal(len, strlen(want));
		}
		assert_string_equal(value, want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rams),
		cmocka_unit_test(test_full_list),
		cmocka_unit_test(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
