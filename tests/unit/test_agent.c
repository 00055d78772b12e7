/* SPDX-License-Identifier: MIT */
/*
 * What is asked, and what is answered: as qemu-ga 7.2 would, however the bytes come in and go out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "talk.h"

#define ERROR(text) "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}\n"
#define PARSE(text) ERROR("JSON parse error, " text)
#define UNKNOWN(text)                                                                \
	"{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command " text \
	" has not been found\"}}\n"
#define PING        "{\"execute\":\"guest-ping\"}"
#define DONE        "{\"return\": {}}\n"
#define WITH_ID(id) "{\"execute\":\"guest-ping\",\"id\":" id "}"
#define DONE_ID(id) "{\"return\": {}, \"id\": " id "}\n"
#define SYNC(id)    "{\"execute\":\"guest-sync\",\"arguments\":{\"id\":" id "}}"
#define NO_INTEGER  ERROR("Invalid parameter type for 'id', expected: integer")

static const struct {
	const char *asked, *answered;
} lines[] = {
	/* Framing: documents end with their brackets, not with a line. */
	{PING, DONE},
	{" {\t\"execute\" :\r\n\n \"guest-ping\" }\n", DONE},
	{PING PING "\n" PING, DONE DONE DONE},
	{"{'execute':'guest-ping'}", DONE},
	{"}," PING, PARSE("expecting value") PARSE("expecting value") DONE},
	{"{]" PING, PARSE("expecting value") DONE},
	{"[}" PING, PARSE("expecting value") DONE},
	{"{\"a\":[}" PING "]" PING, PARSE("expecting value") DONE},
	{"5 true\n\"x\"[]" PING,
         ERROR("QMP input must be a JSON object") ERROR("QMP input must be a JSON object") ERROR(
		 "QMP input must be a JSON object") ERROR("QMP input must be a JSON object") DONE},
	{"tru" PING, PARSE("invalid keyword 'tru'") DONE},

	/* Nearly plain requests (plain.h): as good or bad as the parser finds them. */
	{"{\"execute\": \"guest-sync\",  \"arguments\": {\"id\": -5} } ", "{\"return\": -5}\n"},
	{SYNC("999999999999999999") SYNC("-999999999999999999"),
         "{\"return\": 999999999999999999}\n{\"return\": -999999999999999999}\n"},
	{SYNC("9223372036854775807") SYNC("-9223372036854775808"),
         "{\"return\": 9223372036854775807}\n{\"return\": -9223372036854775808}\n"},
	{SYNC("9223372036854775808"), NO_INTEGER},
	{SYNC("0") SYNC("-0"), "{\"return\": 0}\n{\"return\": 0}\n"},
	{SYNC("1.0") SYNC("1e3") SYNC("null"), NO_INTEGER NO_INTEGER NO_INTEGER},
	{SYNC("7,\"id\":7"), PARSE("duplicate key")},
	{SYNC("7,\"ix\":7"), ERROR("Parameter 'ix' is unexpected")},
	{SYNC("7,"), PARSE("expecting value")},
	{"{\"execute\":\"guest-sync\"}", ERROR("Parameter 'id' is missing")},
	{"{\"execute\":\"guest-sync\",\"arguments\":{}}", ERROR("Parameter 'id' is missing")},
	{"{\"execute\":\"guest-ping\",\"arguments\":{}}" PING, DONE DONE},
	{"{\"execute\":\"guest-ping\",\"arguments\":{\"id\":1}}",
         ERROR("Parameter 'id' is unexpected")},
	{"{\"execute\":\"guest-ping\"]}" PING,
         PARSE("expected separator in dict") PARSE("expecting value") DONE},
	{"{ \"execute\": \"guest-ping\"}{  \"execute\":  \"guest-ping\"}", DONE DONE},
	{"{\"execute\" :\"guest-ping\"}{\"execute\":\"guest-ping\" }", DONE DONE},
	{"{\"execute\":\"guest-ping\",}" PING, PARSE("expecting value") DONE},
	{"{\"execute\":\"guest-ping\\u0021\"}", UNKNOWN("guest-ping!")},
	{"{\"execute\":\"guest-ping \"}", UNKNOWN("guest-ping ")},
	{"{\"execute\":\"guest-pin\"}", UNKNOWN("guest-pin")},
	{"{\"execute\":\"guest-pings\"}", UNKNOWN("guest-pings")},
	{"{\"execute\":\"guest-\"}{\"execute\":\"guest\"}", UNKNOWN("guest-") UNKNOWN("guest")},
	{"{\"execute\":\"\"}", UNKNOWN("")},
	{"[" PING "]" PING, ERROR("QMP input must be a JSON object") DONE},
	{"\xFF" PING "\xFF " PING, PARSE("stray '\\uFFFD'") DONE PARSE("stray '\\uFFFD'") DONE},

	/* Resynchronisation. */
	{"\xFF", PARSE("stray '\\uFFFD'")},
	{"\xFF\xFF", PARSE("stray '\\uFFFD'") PARSE("stray '\\uFFFD'")},
	{"\xFF junk 5 \"x\" true " PING, PARSE("stray '\\uFFFD'") DONE},
	{"{\"execute\":\"gue\xFF" PING, PARSE("stray '\\\"gue\\uFFFD'") DONE},
	{"{\"a\":'x\n" PING, PARSE("stray ''x\\n'") DONE},
	{"[1,2\xFF" PING, PARSE("stray '\\uFFFD'") DONE},
	{"123\xFF", ERROR("QMP input must be a JSON object") PARSE("stray '\\uFFFD'")},
	{"\x1B\n" PING, PARSE("stray '\\u001B'") DONE},
	{"\"abc\\\xFF" PING, PARSE("stray '\\\"abc\\\\\\uFFFD'") DONE},
	{"\xEF\xBB\xBF" PING, PARSE("stray '\\uFFFD'") DONE},
	{"{\"execute\":\"guest-ping\",\"id\":@,\"x\":[1,2]}\n",
         PARSE("stray '@'") PARSE("expecting value") ERROR("QMP input must be a JSON object")
                 PARSE("expecting value") ERROR("QMP input must be a JSON object")
                         PARSE("expecting value")},
	{WITH_ID("1."), PARSE("stray '1.}'")},
	{"{\"id\":01}", PARSE("stray '01'") PARSE("expecting value")},
	{"\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":7}}\n",
         PARSE("stray '\\uFFFD'") "\xFF{\"return\": 7}\n"},

	/* Grammar: one error for the whole document. */
	{"{\"execute\":}" PING, PARSE("expecting value") DONE},
	{"{\"a\" 1}", PARSE("missing : in object pair")},
	{"{\"a\":1 \"b\":2}", PARSE("expected separator in dict")},
	{"{\"a\":[1 2]}", PARSE("expected separator in list")},
	{"{\"a\":1,}", PARSE("expecting value")},
	{"{5:1}", PARSE("key is not a string in object")},
	{"{[1,{}]:1}", PARSE("key is not a string in object")},
	{"{{\"a\":1,\"a\":2}:1}", PARSE("duplicate key")},
	{"{bogus:1}", PARSE("invalid keyword 'bogus'")},
	{"{\"a\":bogus,\"b\":[}]", PARSE("invalid keyword 'bogus'")},
	{"{\"a\":1,\"\\u0061\":2}", PARSE("duplicate key")},
	{"[{\"x\":{\"a\":1,'a':2}}]", PARSE("duplicate key")},
	{"{\"a\":1,\"a\":2 oops}", PARSE("duplicate key")},
	{"{\"a\":1,\"a\":oops}", PARSE("invalid keyword 'oops'")},
	{"{\"a\":1,\"a\":\"\\q\"}", PARSE("invalid escape sequence in string")},
	{"{\"a\":0e1}", PARSE("expected separator in dict")},
	{"{\"a\":\"\\q\"}", PARSE("invalid escape sequence in string")},
	{"{\"a\":\"\\u12\"}", PARSE("\\\\u12\\\" is not a valid Unicode character")},
	{"{\"a\":\"\\uD800\\u0041\"}", PARSE("\\\\uD800 is not a valid Unicode character")},
	{"{\"a\":\"\\uD83F\\uDFFE\"}",
         PARSE("\\\\uD83F\\\\uDFFE is not a valid Unicode character")},
	{"{\"a\":\"\xC3(\"}", PARSE("invalid UTF-8 sequence in string")},

	/* The envelope: the first bad member of the request is told. */
	{"{}", ERROR("QMP input lacks member 'execute'")},
	{"{\"execute\":1}", ERROR("QMP input member 'execute' must be a string")},
	{"{\"arguments\":null,\"execute\":1}",
         ERROR("QMP input member 'arguments' must be an object")},
	{"{\"execute\":1,\"arguments\":null}",
         ERROR("QMP input member 'execute' must be a string")},
	{"{\"execute\":\"guest-ping\",\"arguments\":null}",
         ERROR("QMP input member 'arguments' must be an object")},
	{"{\"foo\":1,\"exec-oob\":\"x\"}", ERROR("QMP input member 'foo' is unexpected")},
	{"{\"execute\":\"nothing\"}", UNKNOWN("nothing")},
	{"{\"execute\":\"\"}", UNKNOWN("")},
	{"{\"execute\":\"\\u0000\xC3\xA4\\ud83d\\ude00\"}",
         UNKNOWN("\\u0000\\u00E4\\uD83D\\uDE00")},
	{"{\"\\u0065xecute\":\"guest\\u002dping\"}", DONE},
	{"{\"execute\":\"guest-ping\",\"arguments\":{}}", DONE},
	{"{\"execute\":\"guest-ping\",\"arguments\":{\"x\":1}}",
         ERROR("Parameter 'x' is unexpected")},

	/* Ids: any value, written in QEMU's form. */
	{WITH_ID("null"), DONE_ID("null")},
	{WITH_ID("[ 1 , {\"a\" :[],\"b\":{}} ,\"x\"]"),
         DONE_ID("[1, {\"a\": [], \"b\": {}}, \"x\"]")},
	{WITH_ID("[[[]],{\"a\":{\"b\":[1]}},2]"), DONE_ID("[[[]], {\"a\": {\"b\": [1]}}, 2]")},
	{WITH_ID("'it\\'s \"\\/\\t\x7F'"), DONE_ID("\"it's \\\"/\\t\\u007F\"")},
	{WITH_ID("-0"), DONE_ID("0")},
	{WITH_ID("-9223372036854775808"), DONE_ID("-9223372036854775808")},
	{WITH_ID("18446744073709551615"), DONE_ID("18446744073709551615")},
	{WITH_ID("[true,false,1.5,2]"), DONE_ID("[true, false, 1.5, 2]")},
	{"{\"id\":[1],\"execute\":\"nothing\"}",
         "{\"id\": [1], \"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command "
         "nothing has not been found\"}}\n"},
	{"{\"id\":1}", "{\"id\": 1, \"error\": {\"class\": \"GenericError\", \"desc\": \"QMP input "
                       "lacks member 'execute'\"}}\n"},

	/* Arguments. */
	{SYNC("9223372036854775807"), "{\"return\": 9223372036854775807}\n"},
	{SYNC("-9223372036854775808"), "{\"return\": -9223372036854775808}\n"},
	{SYNC("9223372036854775808"), NO_INTEGER},
	{SYNC("1.0"), NO_INTEGER},
	{SYNC("1e0"), NO_INTEGER},
	{SYNC("\"1\""), NO_INTEGER},
	{SYNC("null"), NO_INTEGER},
	{SYNC("true"), NO_INTEGER},
	{SYNC("1,\"x\":2"), ERROR("Parameter 'x' is unexpected")},
	{"{\"execute\":\"guest-sync\"}", ERROR("Parameter 'id' is missing")},
	{"{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":[]}}", NO_INTEGER},
};

enum {
	LINES = sizeof(lines) / sizeof(lines[0])
};

static void expect(struct talk *talk, const char *asked, const char *answered)
{
	/* A fence, so that nothing is still on its way. */
	const char fence[] = "\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":42}}";
	const char *heard, *end = "\xFF{\"return\": 42}\n";
	const char *stray =
		"{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error, stray";
	size_t len;

	talk_say(talk, asked, strlen(asked));
	talk_say(talk, fence, sizeof(fence) - 1);
	heard = talk_heard(talk);
	len = strlen(heard);
	assert_true(len >= strlen(end) && !strcmp(heard + len - strlen(end), end));
	if (strncmp(heard, answered, strlen(answered)))
		fail_msg("asked:    %s\nexpected: %sheard:    %s", asked, answered, heard);
	if (strncmp(heard + strlen(answered), stray, strlen(stray)))
		fail_msg("asked: %s\nheard too: %s", asked, heard + strlen(answered));
	assert_ptr_equal(strchr(heard + strlen(answered), '\n') + 1, heard + len - strlen(end));
}

static void transcripts(void **state)
{
	const size_t chunks[] = {0, 1, 2, 3, 7}, pulls[] = {4096, 1, 5, 700};
	size_t c, p, i;

	(void)state;
	for (c = 0; c < 5; c++) {
		for (p = 0; p < 4; p++) {
			struct talk talk = {.chunk = chunks[c], .pull = pulls[p]};

			talk_begin(&talk, 4096, 64);
			for (i = 0; i < LINES; i++)
				expect(&talk, lines[i].asked, lines[i].answered);
			talk_end(&talk);
		}
	}
}

static void split_everywhere(void **state)
{
	struct talk talk = {0};
	size_t i, at;

	(void)state;
	talk_begin(&talk, 4096, 64);
	for (i = 0; i < LINES; i++) {
		for (at = 0; at <= strlen(lines[i].asked); at++) {
			talk_say(&talk, lines[i].asked, at);
			expect(&talk, lines[i].asked + at, lines[i].answered);
		}
	}
	talk_end(&talk);
}

#define ESCAPES "\\a\\a\\a\\a\\a\\a\\a\\a\\a\\a"

/* What is too much is told where it is, before a byte that ends it and cannot be there, in whatever portions. */
static void too_long_and_astray(void **state)
{
	static const struct {
		const char *head, *tail, *stray;
	} tails[] = {{"\"", "\n", "\\n"},
	             {"\"", "\\\n", "\\n"},
	             {"", ".x", "x"},
	             {"0.", "e+]", "]"},
	             {"\"" ESCAPES ESCAPES ESCAPES ESCAPES, "\n", "\\n"}};
	char asked[256], answered[256];

	(void)state;
	for (unsigned i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		for (size_t chunk = 0; chunk < 3; chunk++) {
			struct talk talk = {.chunk = chunk};

			snprintf(asked, sizeof(asked), "%s%080d%s%s", tails[i].head, 1,
			         tails[i].tail, PING);
			if (tails[i].head[0] == '\0')
				asked[0] = '1';
			snprintf(answered, sizeof(answered),
			         ERROR("JSON token size limit exceeded")
			                 ERROR("JSON parse error, stray '%s'") DONE,
			         tails[i].stray);
			talk_begin(&talk, QGA_REQUEST_MIN, QGA_TOKENS_MIN);
			expect(&talk, asked, answered);
			talk_end(&talk);
		}
	}
}

/* Memory ends anywhere, also before the first byte of what is astray then: portions make no difference. */
static void full_and_astray(void **state)
{
	static const char *const tails[] = {"00", "-x", "tru\x01", "'\n", "\"\n", "\"\\\n", "1e+]"};

	(void)state;
	for (int pad = 1; pad < QGA_REQUEST_MIN + 4; pad++) {
		for (unsigned i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
			struct talk whole = {0}, bytes = {.chunk = 1};
			char asked[256];

			snprintf(asked, sizeof(asked), "[%0*d,%s%s", pad, 0, tails[i], PING);
			asked[1] = '1';
			talk_begin(&whole, QGA_REQUEST_MIN, QGA_TOKENS_MIN);
			talk_begin(&bytes, QGA_REQUEST_MIN, QGA_TOKENS_MIN);
			assert_string_equal(talk_ask(&whole, asked), talk_ask(&bytes, asked));
			talk_end(&whole);
			talk_end(&bytes);
		}
	}
}

static void burst(void **state)
{
	char asked[100 * sizeof(PING)] = "", answered[100 * sizeof(DONE)] = "";
	struct talk talk = {0};
	int i;

	(void)state;
	for (i = 0; i < 100; i++) {
		strcat(asked, PING);
		strcat(answered, DONE);
	}
	talk_begin(&talk, 4096, 64);
	assert_string_equal(talk_ask(&talk, asked), answered);
	talk_end(&talk);
}

/* While an answer waits nothing is taken. */
static void one_at_a_time(void **state)
{
	struct talk talk = {0};
	char byte;

	(void)state;
	talk_begin(&talk, 4096, 64);
	assert_int_equal(qga_feed(&talk.agent, PING PING, 2 * strlen(PING)), strlen(PING));
	assert_true(qga_pending(&talk.agent));
	assert_int_equal(qga_feed(&talk.agent, PING, strlen(PING)), 0);
	assert_int_equal(qga_pull(&talk.agent, &byte, 1), 1);
	assert_int_equal(byte, '{');
	assert_int_equal(qga_feed(&talk.agent, PING, strlen(PING)), 0);
	qga_host_closed(&talk.agent);
	assert_false(qga_pending(&talk.agent));
	assert_int_equal(qga_pull(&talk.agent, &byte, 1), 0);
	assert_string_equal(talk_ask(&talk, PING), DONE);
	talk_end(&talk);
}

static void host_closed(void **state)
{
	const char *halves[] = {"{\"execute\":\"gue", "{\"a\":[[{", "12",
	                        "\xFF junk",          "\"abc\\",    "{\"a\":bogus,"};
	struct talk talk = {0};
	size_t i;

	(void)state;
	talk_begin(&talk, 4096, 64);
	for (i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		talk_ask(&talk, halves[i]);
		qga_host_closed(&talk.agent);
		assert_string_equal(talk_ask(&talk, PING), DONE);
	}
	talk_end(&talk);
}

/* Whatever of an answer is left when its client goes, the next client gets none of it. */
static void dropped(void **state)
{
	static const char *const asked[] = {
		"{\"execute\":\"guest-info\"}",
		"{\"execute\":\"guest-ping\",\"id\":[1,\"two\",{\"three\":3}]}",
		"{\"execute\":\"no-such\",\"id\":[1,\"two\",{\"three\":3}]}",
		"{\"execute\":\"no-such\"}",
	};
	static char some[1 << 16];
	size_t i, n, whole;

	(void)state;
	for (i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		struct talk talk = {0};

		talk_begin(&talk, 4096, 64);
		talk_ask(&talk, asked[i]);
		whole = strlen(talk.answer);
		for (n = 0; n < whole; n += n < 200 ? 1 : 100) {
			size_t got = 0, last = 1;

			assert_int_equal(qga_feed(&talk.agent, asked[i], strlen(asked[i])),
			                 strlen(asked[i]));
			while (got < n && last) {
				last = qga_pull(&talk.agent, some + got, n - got);
				got += last;
			}
			qga_host_closed(&talk.agent);
			assert_false(qga_pending(&talk.agent));
			assert_int_equal(qga_pull(&talk.agent, some, sizeof(some)), 0);
			assert_string_equal(talk_ask(&talk, PING), DONE);
		}
		talk_end(&talk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transcripts),
		cmocka_unit_test(split_everywhere),
		cmocka_unit_test(too_long_and_astray),
		cmocka_unit_test(full_and_astray),
		cmocka_unit_test(burst),
		cmocka_unit_test(one_at_a_time),
		cmocka_unit_test(host_closed),
		cmocka_unit_test(dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
