/* SPDX-License-Identifier: MIT */
/* test_os_release.c - reading os-release(5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cmd/os_release.h"

#define MANY_80 "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"

static const struct {
	const char *text, *name, *value; /* NULL: not set */
} cases[] = {
	{"ID=debian\n", "ID", "debian"},
	{"ID=debian", "ID", "debian"},
	{"VERSION_ID=\"12\"\nID=x\n", "VERSION_ID", "12"},
	{"VERSION_ID=12\n", "ID", NULL},
	{"PRETTY_NAME='A b  c'\n", "PRETTY_NAME", "A b  c"},
	{"NAME=\"a \\\"b\\\" \\$c \\n\"\n", "NAME", "a \"b\" $c \\n"},
	{"NAME=\"t \\\"\\'\\$\\`\\\\ and \\\\ etc.\"", "NAME", "t \"'$`\\ and \\ etc."},
	{"NAME='it'\\''s'\n", "NAME", "it's"},
	{"NAME=a;b\n", "NAME", "a"},
	{"NAME=\"a;b\";c\n", "NAME", "a;b"},
	{"NAME=a#b #c\n", "NAME", "a#b"},
	{"NAME='a \\ b'\n", "NAME", "a \\ b"},
	{"NAME=a\\ b c\n", "NAME", "a b"},
	{"NAME=\"a\"'b'c\n", "NAME", "abc"},
	{"# NAME=x\nNAME=y\n", "NAME", "y"},
	{"NAME=x\nNAME=y\n", "NAME", "y"},
	{"\t NAME=x\r\n", "NAME", "x"},
	{"NAME=\n", "NAME", ""},
	{"", "NAME", NULL},
	{"NAME", "NAME", NULL},
	{"NAME=\"open", "NAME", "open"},
	{"NAME=\"end\\", "NAME", "end\\"},
	{"NAME=123456789012345678901234567890", "NAME", "123456789012345678901234567"},
	{"NAME=1234567890123456789012345\xc3\xa9", "NAME", "1234567890123456789012345\xc3\xa9"},
	{"NAME=12345678901234567890123456\xc3\xa9", "NAME", "12345678901234567890123456"},
	{"NAME=1234567890123456789012345\xe2\x82\xac", "NAME", "1234567890123456789012345"},
	{"NAME=1234567890123456789012345\xf0\x9f\x98\x80", "NAME", "1234567890123456789012345"},
	{"NAME=12345678901234567890123\xf0\x9f\x98\x80x", "NAME",
         "12345678901234567890123\xf0\x9f\x98\x80"},
	/* No character at all, of which the whole ones could be kept. */
	{"NAME=" MANY_80 MANY_80 MANY_80, "NAME", MANY_80 MANY_80 "\x80\x80\x80\x80\x80\x80\x80"},
	{"NAME=a\tb\n", "NAME", "a"},
	{"NAME=a b\n", "NAME", "a"},
	{"NAME=a\\\nID=b", "NAME", "a\\"},
};

static void test_cases(void **state)
{
	char buf[28];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int n = qga_os_release_get(cases[i].text, cases[i].name, buf, sizeof(buf));

		if (cases[i].value) {
			assert_int_equal(n, strlen(cases[i].value));
			assert_string_equal(buf, cases[i].value);
		} else {
			assert_int_equal(n, -1);
		}
	}
	assert_int_equal(qga_os_release_get(NULL, "NAME", buf, sizeof(buf)), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
