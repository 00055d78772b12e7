/* SPDX-License-Identifier: MIT */
/*
 * Requests that are too much for their buffer, their tokens or the nesting; and how cheap they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "talk.h"

#define PING        "{\"execute\":\"guest-ping\"}"
#define DONE        "{\"return\": {}}\n"
#define ERROR(text) "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}\n"

/* text, n times over */
static void say_many(struct talk *talk, const char *text, size_t n)
{
	while (n--)
		talk_say(talk, text, strlen(text));
}

static void request_buffer(void **state)
{
	const size_t room = 512 - strlen("{'a':''}");
	struct talk talk = {0};
	size_t n;

	(void)state;
	talk_begin(&talk, 512, 24);
	/* White space costs nothing. */
	say_many(&talk, " \r\n\t", 1000);
	talk_ask(&talk, "{ \"execute\" :");
	say_many(&talk, " ", 1000);
	assert_string_equal(talk_ask(&talk, " \"guest-ping\" } "), DONE);

	for (n = room - 40; n < room + 40; n++) {
		bool fits;

		talk_ask(&talk, "{\"a\":\"");
		say_many(&talk, "x", n);
		fits = strstr(talk_ask(&talk, "\"}"), "QMP input member 'a'") != NULL;
		/* A parked string has its head beside it. */
		assert_true(fits || n > room - 16);
		assert_true(!fits || n <= room);
		assert_string_equal(talk_ask(&talk, PING), DONE);
	}
	/* One answer, with the first byte that is too much; the rest is skipped. */
	talk_ask(&talk, "{\"a\":[{\"b\":\"");
	say_many(&talk, "x", 512 - strlen("{'a':[{'b':'") - 14);
	assert_string_equal(talk_heard(&talk), "");
	say_many(&talk, "x", 15);
	assert_string_equal(talk_heard(&talk), ERROR("JSON token size limit exceeded"));
	say_many(&talk, "x", 5000);
	assert_string_equal(talk_ask(&talk, "\", \"c\":[bogus,{]},"), "");
	say_many(&talk, "[\"]\",1]", 500);
	assert_string_equal(talk_ask(&talk, "]}"), "");
	assert_string_equal(talk_ask(&talk, "]" PING), DONE);
	/* Whatever is wrong with the rest, but a byte that no JSON can have. */
	talk_ask(&talk, "[\"");
	say_many(&talk, "x", 600);
	assert_string_equal(talk_ask(&talk, "\\q\" 1:{]}"),
	                    ERROR("JSON token size limit exceeded"));
	assert_string_equal(talk_ask(&talk, PING), DONE);
	/* What was wrong before it is the first fault. */
	talk_ask(&talk, "[,\"");
	say_many(&talk, "x", 600);
	assert_string_equal(talk_heard(&talk), "");
	assert_string_equal(talk_ask(&talk, "\"]" PING),
	                    ERROR("JSON parse error, expecting value") DONE);
	talk_end(&talk);
}

static void tokens(void **state)
{
	struct talk talk = {0};

	(void)state;
	talk_begin(&talk, 4096, 24);
	talk_ask(&talk, "{\"id\":[0");
	say_many(&talk, ",1", 20);
	assert_string_equal(
		talk_ask(&talk, "]}"),
		"{\"id\": [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], "
		"\"error\": "
		"{\"class\": \"GenericError\", \"desc\": \"QMP input lacks member 'execute'\"}}\n");
	talk_ask(&talk, "{\"id\":[0");
	say_many(&talk, ",1", 21);
	talk_say(&talk, ",", 1); /* ends the number */
	assert_string_equal(talk_heard(&talk), ERROR("JSON token count limit exceeded"));
	say_many(&talk, ",1", 5000);
	assert_string_equal(talk_ask(&talk, "]}" PING), DONE);
	talk_end(&talk);
}

static void nesting(void **state)
{
	struct talk talk = {0};

	(void)state;
	talk_begin(&talk, 4096, 2000);
	talk_ask(&talk, "{\"execute\":\"guest-ping\",\"id\":");
	say_many(&talk, "[", QGA_NESTING_MAX - 1);
	say_many(&talk, "]", QGA_NESTING_MAX - 1);
	talk_say(&talk, "}", 1);
	assert_int_equal(strlen(talk_heard(&talk)),
	                 strlen("{\"return\": {}, \"id\": }\n") + 2 * (QGA_NESTING_MAX - 1));
	say_many(&talk, "[", QGA_NESTING_MAX);
	assert_string_equal(talk_heard(&talk), "");
	assert_string_equal(talk_ask(&talk, "["), ERROR("JSON nesting depth limit exceeded"));
	say_many(&talk, "]", QGA_NESTING_MAX);
	assert_string_equal(talk_heard(&talk), "");
	assert_string_equal(talk_ask(&talk, "]" PING), DONE);

	say_many(&talk, "[", 100000);
	assert_string_equal(talk_ask(&talk, "\xFF" PING),
	                    ERROR("JSON nesting depth limit exceeded")
	                            ERROR("JSON parse error, stray '\\uFFFD'") DONE);
	talk_end(&talk);
}

/* Texts of errors: the stray token and the keyword are cut, a name is not. */
static void echoes(void **state)
{
	struct talk talk = {.pull = 64};
	const char *heard;

	(void)state;
	talk_begin(&talk, 65536, 64);
	talk_ask(&talk, "{\"a\":\"");
	say_many(&talk, "x", 50000);
	assert_int_equal(strlen(talk_ask(&talk, "\xFF")),
	                 strlen(ERROR("JSON parse error, stray ''")) + QGA_ECHO_MAX + 1);
	talk_ask(&talk, "{\"a\":'");
	say_many(&talk, "x", 50000);
	heard = talk_ask(&talk, "\xFF");
	assert_int_equal(strlen(heard), strlen(ERROR("JSON parse error, stray ''")) + QGA_ECHO_MAX);
	assert_non_null(strstr(heard, "stray ''xx"));
	/* One that was too long when it went astray. */
	talk_ask(&talk, "{\"a\":\"");
	say_many(&talk, "x", 100000);
	assert_string_equal(talk_heard(&talk), ERROR("JSON token size limit exceeded"));
	assert_string_equal(talk_ask(&talk, "yz\x01" PING),
	                    ERROR("JSON parse error, stray '\\u0001'") DONE);
	talk_ask(&talk, "[");
	say_many(&talk, "x", 2000);
	assert_int_equal(strlen(talk_ask(&talk, "]")), strlen(ERROR("JSON parse error, ")) + 1023);
	talk_ask(&talk, "{\"execute\":\"");
	say_many(&talk, "\\u00e4", 10000);
	assert_int_equal(strlen(talk_ask(&talk, "\"}")),
	                 strlen("{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The "
	                        "command  has not been found\"}}\n") +
	                         60000);
	talk_end(&talk);
}

/* Where the keyword that is shown loses its closing quote, and from where on it is cut. */
static void echo_limit(void **state)
{
	const size_t longest = 1023 - strlen("invalid keyword ''");
	struct talk talk = {.pull = 64};
	size_t n;

	(void)state;
	talk_begin(&talk, 65536, 64);
	for (n = longest - 2; n <= longest + 3; n++) {
		size_t shown = n <= longest ? n + 2 : longest + 2;
		const char *heard;

		talk_ask(&talk, "[");
		say_many(&talk, "x", n);
		heard = talk_ask(&talk, "]");
		assert_int_equal(strlen(heard),
		                 strlen(ERROR("JSON parse error, invalid keyword ")) + shown);
		assert_string_equal(heard + strlen(heard) - strlen("x'\"}}\n"),
		                    n <= longest ? "x'\"}}\n" : "xx\"}}\n");
	}
	talk_end(&talk);
}

/*
 * What a request of a given length needs of the buffer does not depend on where its bytes lie or on
 * the pieces they come in; where there is no room to park a string, it is not parked.
 */
static void park_room(void **state)
{
	const size_t around = strlen("{\"execute\":\"guest-ping\",\"id\":\"\"}"),
		     body = QGA_PARK_MIN;
	static char request[4096], answer[4096];
	size_t size, n, at, chunk;

	(void)state;
	for (size = around + body - 8; size < around + body + 32; size++) {
		for (n = body - 40; n < body + 40; n++) {
			int taken = -1;

			/* White space moves what lies behind it, and takes no room. */
			sprintf(request, "%.*s{\"execute\":\"guest-ping\",\"id\":\"%*s\"}",
			        (int)(n % sizeof(uintptr_t)), "\t\t\t\t\t\t\t", (int)n, "");
			memset(strchr(request, ' '), 'x', n);
			for (chunk = 1; chunk < 5; chunk++) {
				struct talk talk = {.chunk = chunk * 61};

				talk_begin(&talk, size, 16);
				talk_say(&talk, request, strlen(request));
				snprintf(answer, sizeof(answer), "%s", talk_heard(&talk));
				at = strstr(answer, "return") != NULL;
				assert_true(taken < 0 || taken == (int)at);
				taken = (int)at;
				talk_end(&talk);
			}
			if (n < body - 1)
				assert_int_equal(taken, around + n <= size);
			else if (around + n > size)
				assert_int_equal(taken, 0);
		}
	}
}

/* What is parked costs its mark and the widest padding, less the quote behind it, and not a byte more. */
static void park_cost(void **state)
{
	enum {
		LEN = 1000,
		COST = 7 + sizeof(uintptr_t) - 1 - 1
	};
	static const char head[] = "{\"execute\":\"guest-ping\",\"id\":\"";

	(void)state;
	for (size_t room = COST - 1; room <= COST; room++) {
		struct talk talk = {0};
		const char *answer;

		talk_begin(&talk, strlen(head) + LEN + strlen("\"}") + room, 16);
		talk_ask(&talk, head);
		say_many(&talk, "x", LEN);
		answer = talk_ask(&talk, "\"}");
		assert_int_equal(strstr(answer, "JSON token size limit exceeded") == NULL,
		                 room == COST);
		talk_end(&talk);
	}
}

/* A string in single quotes gets longer when it is written in double ones: up to the last byte. */
static void requote_room(void **state)
{
	struct talk talk = {0};

	(void)state;
	talk_begin(&talk, 256, 16);
	for (size_t n = 126; n <= 128; n++) {
		talk_say(&talk, "'", 1);
		say_many(&talk, "\"", n);
		assert_int_equal(strstr(talk_ask(&talk, "'"), "JSON token size limit exceeded") !=
		                         NULL,
		                 2 + 2 * n > 256);
		assert_string_equal(talk_ask(&talk, PING), DONE);
	}
	talk_end(&talk);
}

/* Long strings are parked, with escapes or without; keys as well. */
static void parked(void **state)
{
	static const char *quotes[] = {"\"", "'"};
	struct talk talk = {0};
	char expected[8192];
	size_t i, n, k;

	(void)state;
	talk_begin(&talk, 65536, 64);
	for (i = 0; i < 2; i++) {
		for (n = 1000; n < 1100; n++) {
			char *to = expected;

			talk_ask(&talk, "{\"execute\":\"guest-ping\",\"id\":{");
			say_many(&talk, quotes[i], 1);
			say_many(&talk, "k", n);
			say_many(&talk, quotes[i], 1);
			talk_ask(&talk, ":[1,");
			say_many(&talk, quotes[i], 1);
			say_many(&talk, "\\u0041\\'", n);
			say_many(&talk, quotes[i], 1);
			to += sprintf(to, "{\"return\": {}, \"id\": {\"");
			memset(to, 'k', n);
			to += n;
			to += sprintf(to, "\": [1, \"");
			for (k = 0; k < n; k++)
				to += sprintf(to, "A'");
			sprintf(to, "\", 2], \"b\": 3}}\n");
			assert_string_equal(talk_ask(&talk, ",2],\"b\":3}}"), expected);
		}
	}
	talk_ask(&talk, "{\"id\":{\"");
	say_many(&talk, "k", 2000);
	talk_ask(&talk, "\":1,'");
	say_many(&talk, "\\u006b", 2000);
	assert_string_equal(talk_ask(&talk, "':2}}"), ERROR("JSON parse error, duplicate key"));
	talk_end(&talk);
}

/* An empty string is no parked one, though what follows it looks like a length: an empty one again, and then one that is. */
static void empty_before_parked(void **state)
{
	enum {
		LEN = 400 * 256
	};
	static char expected[LEN + 100];
	struct talk talk = {0};
	int n = sprintf(expected, "{\"return\": {}, \"id\": [\"\", \"");

	(void)state;
	memset(expected + n, 'x', LEN);
	sprintf(expected + n + LEN, "\", \"\"]}\n");
	talk_begin(&talk, 2 * LEN, 16);
	talk_ask(&talk, "{\"execute\":\"guest-ping\",\"id\":[\"\",\"");
	talk_say(&talk, expected + n, LEN);
	assert_string_equal(talk_ask(&talk, "\",\"\"]}"), expected);
	talk_end(&talk);
}

/* Any byte anywhere in a long string means what it means to an agent fed byte by byte. */
static void any_byte_anywhere(void **state)
{
	struct talk whole = {0}, bytes = {.chunk = 1};
	char request[256];
	size_t at, n, head;
	int byte;

	(void)state;
	talk_begin(&whole, 4096, 24);
	talk_begin(&bytes, 4096, 24);
	n = (size_t)sprintf(request, "{\"execute\":\"guest-ping\",\"id\":\"%0150d\"}\xff" PING, 0);
	head = (size_t)(strchr(request, '0') - request);
	for (at = head + 50; at < head + 150; at++) {
		for (byte = 0; byte < 256; byte++) {
			request[at] = (char)byte;
			talk_say(&whole, request, n);
			talk_say(&bytes, request, n);
			assert_string_equal(talk_heard(&whole), talk_heard(&bytes));
		}
		request[at] = '0';
	}
	talk_end(&whole);
	talk_end(&bytes);
}

/* Many keys: the duplicate is found, and nothing else is. */
static void keys(void **state)
{
	struct talk talk = {0};
	char text[32];
	int twice, i;

	(void)state;
	talk_begin(&talk, 65536, 8192);
	for (twice = 0; twice < 3; twice++) {
		talk_ask(&talk, "{\"id\":[{\"k7\":0},{");
		for (i = 0; i < 2000; i++) {
			snprintf(text, sizeof(text), "\"k%d\":{\"k7\":0},", i);
			talk_say(&talk, text, strlen(text));
		}
		snprintf(text, sizeof(text), "\"k%d\":1}]}",
		         twice == 0   ? 2000
		         : twice == 1 ? 7
		                      : 1999);
		assert_int_equal(
			!strcmp(talk_ask(&talk, text), ERROR("JSON parse error, duplicate key")),
			twice > 0);
		assert_string_equal(talk_ask(&talk, PING), DONE);
	}
	talk_end(&talk);
}

/* A number that is longer than a piece of an answer comes back whole, before an error and behind what is returned. */
static void long_number(void **state)
{
	struct talk talk = {.pull = 7};
	char digits[2000], text[sizeof(digits) + 100];

	(void)state;
	talk_begin(&talk, 4096, 400);
	memset(digits, '7', sizeof(digits));
	memcpy(digits, "1.", 2);
	digits[sizeof(digits) - 1] = '\0';
	snprintf(text, sizeof(text), "{\"return\": {}, \"id\": [%s, 5]}\n", digits);
	talk_ask(&talk, "{\"execute\":\"guest-ping\",\"id\":[");
	talk_ask(&talk, digits);
	assert_string_equal(talk_ask(&talk, ",5]}"), text);
	/* And so does a list, wherever a piece ends in it. */
	for (size_t n = 1; n < 64; n++) {
		char *to = text + snprintf(text, sizeof(text), "{\"return\": {}, \"id\": [\"%.*s\"",
		                           (int)n, digits);

		talk_ask(&talk, "{\"execute\":\"guest-ping\",\"id\":[\"");
		talk_say(&talk, digits, n);
		talk_ask(&talk, "\"");
		for (int i = 0; i < 300; i++) {
			talk_ask(&talk, ",7");
			to += sprintf(to, ", 7");
		}
		sprintf(to, "]}\n");
		assert_string_equal(talk_ask(&talk, "]}"), text);
	}
	snprintf(text, sizeof(text), "{\"id\": %s, \"error\": {", digits);
	talk_ask(&talk, "{\"execute\":\"none\",\"id\":");
	talk_ask(&talk, digits);
	assert_memory_equal(talk_ask(&talk, "}"), text, strlen(text));
	talk_end(&talk);
}

static enum qga_status nothing(struct qga_call *call)
{
	(void)call;
	return QGA_DONE;
}

/* What is plain and too much is judged as what comes byte by byte, which never is plain. */
static void plain_limits(void **state)
{
	static const struct qga_arg args[] = {{.name = "a", .type = QGA_ARG_INT, .optional = true},
	                                      {.name = "b", .type = QGA_ARG_INT, .optional = true},
	                                      {.name = "c", .type = QGA_ARG_INT, .optional = true},
	                                      {0}};
	static const struct qga_command own = {.name = "own", .run = nothing, .args = args};
	static const struct {
		const char *asked, *answered;
	} lines[] = {
		{"{\"execute\":\"own\",\"arguments\":{\"a\":1}}", DONE},
		/* 8 tokens are not enough, ... */
		{"{\"execute\":\"own\",\"arguments\":{\"a\":1,\"b\":2}}",
	         ERROR("JSON token count limit exceeded")},
		{"{\"execute\":\"own\",\"arguments\":{\"a\":1,\"b\":2,\"c\":3}}",
	         ERROR("JSON token count limit exceeded")},
		/* ... and 64 bytes are, without the blanks; or with them. */
		{"{ \"execute\": \"guest-sync\", \"arguments\": { \"id\": 123456789012345678} }",
	         "{\"return\": 123456789012345678}\n"},
		{"{ \"execute\": \"guest-sync\", \"arguments\": { \"id\": 1234567890} }",
	         "{\"return\": 1234567890}\n"},
	};
	size_t i, chunk;

	(void)state;
	for (chunk = 0; chunk < 2; chunk++) {
		struct talk talk = {.chunk = chunk, .config = {.commands = &own, .n_commands = 1}};

		talk_begin(&talk, 64, 8);
		for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
			assert_string_equal(talk_ask(&talk, lines[i].asked), lines[i].answered);
		talk_end(&talk);
	}
}

static void bad_config(void **state)
{
	struct qga agent;
	struct qga_env env = {0};
	char request[512];
	int areas[6 * 24];
	struct qga_config config = {.env = &env,
	                            .version = "test",
	                            .request = request,
	                            .request_size = 512,
	                            .tokens = areas,
	                            .tokens_size = sizeof(areas)};
	struct qga_command rows[QGA_COMMANDS_MAX] = {0};
	char longest[QGA_NAME_MAX + 2] = "";
	size_t i;

	(void)state;
	memset(longest, 'y', QGA_NAME_MAX);
	assert_int_equal(qga_init(&agent, &config), 0);
	config.request_size = QGA_REQUEST_MIN - 1;
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_REQUEST);
	config.request_size = 512;
	config.tokens_size = QGA_TOKENS_MIN * QGA_TOKEN_SIZE - 1;
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_TOKENS);
	config.tokens_size = sizeof(areas);
	config.version = NULL;
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_NULL);
	config.version = "test";
	for (i = 0; i < QGA_COMMANDS_MAX; i++)
		rows[i].name = "x";
	config.commands = rows;
	config.n_commands = QGA_COMMANDS_MAX;
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_COMMANDS);
	rows[0] = (struct qga_command){.name = longest, .run = nothing};
	config.n_commands = 1;
	assert_int_equal(qga_init(&agent, &config), 0);
	longest[QGA_NAME_MAX] = 'y';
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_NAME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_buffer),
		cmocka_unit_test(tokens),
		cmocka_unit_test(echo_limit),
		cmocka_unit_test(park_room),
		cmocka_unit_test(park_cost),
		cmocka_unit_test(requote_room),
		cmocka_unit_test(nesting),
		cmocka_unit_test(echoes),
		cmocka_unit_test(parked),
		cmocka_unit_test(empty_before_parked),
		cmocka_unit_test(any_byte_anywhere),
		cmocka_unit_test(keys),
		cmocka_unit_test(long_number),
		cmocka_unit_test(plain_limits),
		cmocka_unit_test(bad_config),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
