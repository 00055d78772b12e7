/* SPDX-License-Identifier: MIT */
/* test_fault_rules.c - what a host asks of an agent that is to misbehave, and which command a request is for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fault/fault.h"

static const char *set(const char *text)
{
	return fault_rules_set(text, strlen(text));
}

/* One rule that is understood, and what it means. */
static void understood(void **state)
{
	static const struct {
		const char *text;
		enum fault_kind kind;
		int64_t value;
		const char *command, *class;
		uint32_t times;
	} cases[] = {
		{"late=3000", FAULT_LATE, 3000, "", "", FAULT_FOREVER},
		{"late=999999999@guest-get-time*7", FAULT_LATE, 999999999, "guest-get-time", "", 7},
		{"pieces", FAULT_PIECES, 1, "", "", FAULT_FOREVER},
		{"pieces=20@a_b.C9-z", FAULT_PIECES, 20, "a_b.C9-z", "", FAULT_FOREVER},
		{"cut=0", FAULT_CUT, 0, "", "", FAULT_FOREVER},
		{"drop*1", FAULT_DROP, 2000, "", "", 1},
		{"drop=5", FAULT_DROP, 5, "", "", FAULT_FOREVER},
		{"stale", FAULT_STALE, 1, "", "", FAULT_FOREVER},
		{"error=GenericError@x*2", FAULT_ERROR, 0, "x", "GenericError", 2},
		{"freeze", FAULT_FREEZE, 0, "", "", FAULT_FOREVER},
		{"hang*3", FAULT_HANG, 0, "", "", 3},
		{"clock=-60", FAULT_CLOCK, -60, "", "", FAULT_FOREVER},
		{" ,\r\n\tclock=60,\n", FAULT_CLOCK, 60, "", "", FAULT_FOREVER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct fault_rule *rule;

		assert_null(set(cases[i].text));
		rule = fault_rule_take(cases[i].kind, cases[i].command);
		assert_non_null(rule);
		assert_int_equal(rule->value, cases[i].value);
		assert_string_equal(rule->command, cases[i].command);
		assert_string_equal(rule->class, cases[i].class);
		assert_int_equal(rule->left, cases[i].times == FAULT_FOREVER ? FAULT_FOREVER
		                                                             : cases[i].times - 1);
	}
}

/* Refused from where it is not understood, and then there is none, not even those before. */
static void refused(void **state)
{
	static const char *const cases[] = {
		"late",
		"late=",
		"late=x",
		"late=-1",
		"late=1234567890",
		"late=1x",
		"late=1@",
		"late=1@x*",
		"late=1@x*y",
		"late=x@y",
		"late=1@a/b",
		"pieces=0",
		"error",
		"error=",
		"error=A1",
		"error=A_b",
		"freeze=1",
		"freeze@x",
		"hang@x",
		"clock=1@x",
		"clock=-",
		"clock=",
		"nothing",
		"verylongname=1",
		"=1",
		"late=1;late=2",
		"LATE=1",
		"[late=1]",
		"{late=1}",
		"late=1@0123456789012345678901234567890123456789",
		"error=Abcdefghijklmnopqrstuvwxyz",
		"late=1**2",
	};
	char text[128] = "freeze, ";

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		strcpy(text + 8, cases[i]);
		assert_ptr_equal(set(text), text + 8);
		assert_null(fault_rule_take(FAULT_FREEZE, ""));
	}
}

/* What stands behind the text is none of it. */
static void ends(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		enum fault_kind kind;
		int64_t value;
		const char *command;
	} cases[] = {
		{"pieces=0", 6, FAULT_PIECES, 1, ""}, {"hangx", 4, FAULT_HANG, 0, ""},
		{"hang*0", 4, FAULT_HANG, 0, ""},     {"freeze@x", 6, FAULT_FREEZE, 0, ""},
		{"clock=12", 7, FAULT_CLOCK, 1, ""},  {"clock=-12", 8, FAULT_CLOCK, -1, ""},
		{"cut=1@ab", 7, FAULT_CUT, 1, "a"},   {"cut=1x", 5, FAULT_CUT, 1, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct fault_rule *rule;

		assert_null(fault_rules_set(cases[i].text, cases[i].len));
		rule = fault_rule_take(cases[i].kind, "a");
		assert_non_null(rule);
		assert_int_equal(rule->value, cases[i].value);
		assert_string_equal(rule->command, cases[i].command);
	}
}

static void too_many(void **state)
{
	static const char text[] = "hang*1 hang*1 hang*1 hang*1 hang*1 hang*1 hang*1 hang*1 hang*1";

	(void)state;
	assert_ptr_equal(set(text), text + 8 * 7);
	assert_null(fault_rules_set(text, 8 * 7));
	for (unsigned i = 0; i < 8; i++)
		assert_non_null(fault_rule_take(FAULT_HANG, ""));
	assert_null(fault_rule_take(FAULT_HANG, ""));
	assert_null(set(""));
}

/* The first that fits, as often as it may. */
static void taken(void **state)
{
	(void)state;
	assert_null(set("late=1@a*1,cut=2,late=3*1,late=4@b"));
	assert_int_equal(fault_rule_take(FAULT_LATE, "a")->value, 1);
	assert_int_equal(fault_rule_take(FAULT_LATE, "a")->value, 3);
	assert_null(fault_rule_take(FAULT_LATE, "a"));
	assert_int_equal(fault_rule_take(FAULT_LATE, "b")->value, 4);
	assert_int_equal(fault_rule_take(FAULT_LATE, "b")->value, 4);
	assert_int_equal(fault_rule_take(FAULT_CUT, "b")->value, 2);
	assert_null(fault_rule_take(FAULT_DROP, "b"));
}

/* --- Requests --- */

/* What is seen at each byte: nothing, but where one of these is behind it. */
#define NAME "\001"
#define END  "\002"

static void assert_seen(const char *text, const char *command)
{
	struct fault_request request = {.depth = 0};

	while (*text) {
		enum fault_seen seen = fault_request_byte(&request, (uint8_t)*text++);

		assert_int_equal(seen, *text == NAME[0]  ? FAULT_NAME
		                       : *text == END[0] ? FAULT_END
		                                         : FAULT_NOTHING);
		text += seen != FAULT_NOTHING;
	}
	assert_string_equal(request.command, command);
}

#define NAME_39 "012345678901234567890123456789012345678"

static void requests(void **state)
{
	(void)state;
	assert_seen("{\"execute\":\"guest-ping\"" NAME "}" END, "guest-ping");
	assert_seen(" {'execute' : 'a'" NAME "}" END, "a");
	assert_seen("{\"id\":1,\"execute\":\"a\"" NAME ",\"b\":\"c\"}" END, "a");
	/* Elsewhere it is no name. */
	assert_seen("{\"a\":{\"execute\":\"b\",\"c\":[1,2]}}" END, "");
	assert_seen("[\"execute\",\"b\"]" END, "");
	assert_seen("{\"exefute\":\"b\"}" END, "");
	assert_seen("{\"execut\":\"b\"}" END, "");
	/* Quotes behind a backslash, or of the other kind, end nothing; nor do brackets in a string. */
	assert_seen("{\"a\\\"\":\"\\\\\",\"execute\":\"b\"" NAME "}" END, "b");
	assert_seen("{\"a}'\":1}" END, "");
	/* A longest name, and one too long. */
	assert_seen("{\"execute\":\"" NAME_39 "\"" NAME "}" END, NAME_39);
	assert_seen("{\"execute\":\"" NAME_39 "9\"}" END, "");
	/* What ends nothing, and a host that begins anew, inside of a string, too. */
	assert_seen("}" END, "");
	assert_seen("{\"execute\":\"a\xff{\"execute\":\"b\"" NAME "}" END, "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(understood), cmocka_unit_test(refused), cmocka_unit_test(ends),
		cmocka_unit_test(too_many),   cmocka_unit_test(taken),   cmocka_unit_test(requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
