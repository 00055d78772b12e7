/* SPDX-License-Identifier: MIT */
/*
 * test_base64.c - base64 both ways: round trips at every alignment, and what qemu-ga made of odd
 * input.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cmd/base64.h"

/* Answers of qemu-ga 7.2.22 to guest-file-write with this buf-b64, read back; n < 0: refused. */
static const struct {
	const char *text;
	int n;
	const char *bytes;
} seen[] = {
	{"", 0, ""},
	{"a", 0, ""},
	{"aaa", 0, ""},
	{"aa=", 0, ""},
	{"==", 0, ""},
	{"\n", 0, ""},
	{"aaaa", 3, "\x69\xa6\x9a"},
	{"aaaaa", 3, "\x69\xa6\x9a"},
	{"aaaa=", 3, "\x69\xa6\x9a"},
	{"a===", 1, "\x68"},
	{"aa==", 1, "\x69"},
	{"====", 1, "\0"},
	{"=a==", 1, "\x01"},
	{"aa=a", 2, "\x69\x1a"},
	{"/w=w", 2, "\xff\x30"},
	{"=aa=", 2, "\x01\xa6"},
	{"a=aa", 3, "\x68\x06\x9a"},
	{"=aaa", 3, "\x01\xa6\x9a"},
	{"aa==aa==", 2, "\x69\x69"},
	{"aaa=aaa", 2, "\x69\xa6"},
	{"a=a=a=", 2, "\x68\x06"},
	{"aGVs\nbG8=", 5, "hello"},
	{"a\na\na\na\n", 3, "\x69\xa6\x9a"},
	{"aGVsbG8=aGVsbG8=", 10, "hellohello"},
	{"+/+/", 3, "\xfb\xff\xbf"},
	{"@@", -1, NULL},
	{"aGVs bG8=", -1, NULL},
	{"aGVs\rbG8=", -1, NULL},
	{"aGVsbG8-", -1, NULL},
	{"\xc3\xa9", -1, NULL},
	{"aaaa\xc0\x80", -1, NULL}, /* \u0000, as requests carry it */
};

static void test_decode_as_qemu_ga(void **state)
{
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof(seen) / sizeof(seen[0]); i++) {
		assert_int_equal(qga_base64_decode(out, seen[i].text, strlen(seen[i].text)),
		                 seen[i].n);
		if (seen[i].n > 0)
			assert_memory_equal(out, seen[i].bytes, (size_t)seen[i].n);
	}
}

static void test_encode_known(void **state)
{
	static const char *const vectors[][2] = {
		/* RFC 4648, section 10 */
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
	};
	char out[16];

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t n = qga_base64_encode(out, vectors[i][0], strlen(vectors[i][0]));

		assert_int_equal(n, strlen(vectors[i][1]));
		assert_memory_equal(out, vectors[i][1], n);
	}
}

/* In place, or decoded to just below, at every alignment, every length up to some bulk rounds. */
static void test_round_trip_in_place(void **state)
{
	static char buf[8 + 16 + BASE64_CHARS(200)];
	uint8_t raw[200];

	(void)state;
	srand(1);
	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = (uint8_t)rand();
	for (size_t shift = 0; shift < 16; shift++)
		for (size_t n = 0; n <= sizeof(raw); n++) {
			char *at = buf + 8 + shift;
			size_t chars = BASE64_CHARS(n);

			memcpy(at + chars - n, raw, n);
			assert_int_equal(qga_base64_encode(at, at + chars - n, n), chars);
			assert_int_equal(qga_base64_decode(at - n % 9, at, chars), n);
			assert_memory_equal(at - n % 9, raw, n);
		}
}

/* A bad character is found wherever it stands, also inside the bulk. */
static void test_bad_character_anywhere(void **state)
{
	_Alignas(8) char text[128], out[128];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		memset(text, 'Q', sizeof(text));
		text[i] = '.';
		assert_int_equal(qga_base64_decode(out, text, sizeof(text)), -1);
		text[i] = '\n';
		assert_int_equal(qga_base64_decode(out, text, sizeof(text)), 31 * 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode_as_qemu_ga),
		cmocka_unit_test(test_encode_known),
		cmocka_unit_test(test_round_trip_in_place),
		cmocka_unit_test(test_bad_character_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
