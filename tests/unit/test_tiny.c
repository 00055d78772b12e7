/* SPDX-License-Identifier: MIT */
/*
 * The smallest agent (proto/tiny/). tests/diff holds it to qemu-ga; here are its memory, its limits
 * and pieces of every size, under the eyes of ASan.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>

#include "core/agent.h"
#include "failing.h"
#include "talk.h"

#define PING        "{\"execute\":\"guest-ping\"}"
#define DONE        "{\"return\": {}}\n"
#define ERROR(text) "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}\n"
#define UNKNOWN     "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no such command\"}}\n"
#define JSON        ERROR("JSON parse error")
#define REQUEST     ERROR("invalid request")
#define ARGUMENT    ERROR("invalid argument")
#define REQUEST_ID \
	"{\"error\": {\"class\": \"GenericError\", \"desc\": \"invalid request\"}, \"id\": 3}\n"
#define LIMIT      ERROR("limit exceeded")
#define ID(id)     "{\"execute\":\"guest-ping\",\"id\":" id "}"
#define SYNC(args) "{\"execute\":\"guest-sync\",\"arguments\":{" args "}}"
#define TIME(args) "{\"execute\":\"guest-set-time\",\"arguments\":{" args "}}"
#define DOWN(mode) "{\"execute\":\"guest-shutdown\",\"arguments\":{\"mode\":" mode "}}"

static const struct exchange {
	const char *said, *heard;
} exchanges[] = {
	/* Ids come back as they were sent, but in ASCII and in double quotes. */
	{ID("7"), "{\"return\": {}, \"id\": 7}\n"},
	{ID("-1.5e+3"), "{\"return\": {}, \"id\": -1.5e+3}\n"},
	{ID("\"\""), "{\"return\": {}, \"id\": \"\"}\n"},
	{ID("'a\"b\\'c\\\"'"), "{\"return\": {}, \"id\": \"a\\\"b'c\\\"\"}\n"},
	{ID("\"\x7F\xC3\xA9\xF0\x9F\x98\x80\""),
         "{\"return\": {}, \"id\": \"\\u007F\\u00E9\\uD83D\\uDE00\"}\n"},
	{ID("{ 'a' : [ 1, {} ] , \"b\" : null }"),
         "{\"return\": {}, \"id\": {\"a\":[1,{}],\"b\":null}}\n"},
	{"{\"id\":[1],\"execute\":\"x\"}",
         "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no such command\"}, \"id\": "
         "[1]}\n"},
	/* Names are what they say. */
	{"{\"\\u0065xecute\":'guest\\u002dping'}", DONE},
	{"{\"execute\":\"guest-ping\",'execut\\u0065':1}", JSON},
	{"{\"execute\":\"guest\\u002d\\u0070ing\"}", DONE},
	{"{\"execute\":\"guest-ping\\u0000x\"}{\"execute\":\"guest-ping\\u0000\"}",
         UNKNOWN UNKNOWN},
	{ID("\"\\ud83d\\ude00\""), "{\"return\": {}, \"id\": \"\\ud83d\\ude00\"}\n"},
	{ID("\"\\ud83d\\u0041\"") ID("\"\\ud83d\"") ID("\"\\ude00\""), JSON JSON JSON},
	{"{\"id\":{\"a\":1,\"b\":{\"a\":2},\"\\u0061\":3}}", JSON},
	{ID("{\"\\ud83d\\ude00\":1,\"\\ud83d\\ude01\":2,\"\\ud83e\\ude00\":3}"),
         "{\"return\": {}, \"id\": "
         "{\"\\ud83d\\ude00\":1,\"\\ud83d\\ude01\":2,\"\\ud83e\\ude00\":3}}\n"},
	{ID("{\"\\ud83d\\ude00\":1,\"\xF0\x9F\x98\x80\":2}"), JSON},
	/* Requests */
	{"[]1\"x\"", REQUEST REQUEST REQUEST},
	{"{}{\"execute\":1}", REQUEST REQUEST},
	{"{\"execute\":\"guest-ping\",\"arguments\":[]}", REQUEST},
	{"{\"execute\":\"guest-ping\",\"x\":1}", REQUEST},
	{"{\"execute\":\"\"}{\"execute\":\"guest-pin\"}{\"execute\":\"guest-pings\"}",
         UNKNOWN UNKNOWN UNKNOWN},
	/* Arguments */
	{SYNC("\"id\":-9223372036854775808"), "{\"return\": -9223372036854775808}\n"},
	{SYNC("\"id\":9223372036854775808"), ARGUMENT},
	{SYNC("\"id\":-9223372036854775809"), ARGUMENT},
	{SYNC("\"id\":18446744073709551616"), ARGUMENT},
	{SYNC("\"id\":1.0") SYNC("\"id\":1e2") SYNC("\"id\":true") SYNC("\"id\":\"1\""),
         ARGUMENT ARGUMENT ARGUMENT ARGUMENT},
	{SYNC("") SYNC("\"id\":1,\"x\":1") SYNC("\"id\":[1]"), ARGUMENT ARGUMENT ARGUMENT},
	{TIME("\"time\":1000"), DONE},
	{TIME("\"time\":-1"), ERROR("command failed")},
	{DOWN("\"nap\""), ERROR("command failed")},
	{DOWN("1") DOWN("\"halt\",\"x\":1"), ARGUMENT ARGUMENT},
	{DOWN("\"h\\u0061lt\"") PING, DONE},
	/* The first of the table. */
	{"{\"execute\":\"guest-suspend-ram\"}" PING, DONE},
	/* A byte astray, and what may begin anew behind it. */
	{"~~\t~ ~" PING, JSON DONE},
	{"~~\n~" PING, JSON JSON DONE},
	{"~\xFE~\xFF" PING, JSON JSON JSON DONE},
	{"\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":5}}",
         JSON "\xFF{\"return\": 5}\n"},
	{"{\"a\":01}x" PING, JSON JSON JSON DONE},
	{"\"a\n" PING, JSON DONE},
	{"1e}" PING, JSON DONE},
	{"{\"execute\":}" PING "[1 2]tru " PING, JSON DONE JSON JSON DONE},
};

static int set_time(void *context, int64_t ns)
{
	*(int64_t *)context = ns;
	return 0;
}

static int shutdown(void *context, enum qga_power_mode mode)
{
	*(enum qga_power_mode *)context = mode;
	return 0;
}

static int suspend(void *context)
{
	(void)context;
	return 0;
}

static void answers(void **state)
{
	static const size_t sizes[][2] = {{0, 4096}, {1, 1}, {3, 2}, {7, 40}};
	enum qga_power_mode mode = QGA_POWERDOWN;
	int64_t ns = 0;
	const struct qga_clock clock = {.context = &ns, .set = set_time};
	const struct qga_power power = {.context = &mode, .shutdown = shutdown, .suspend = suspend};
	size_t i, k;

	(void)state;
	for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
		struct talk talk = {.chunk = sizes[k][0], .pull = sizes[k][1]};

		talk.env.clock = &clock;
		talk.env.power = &power;
		talk_begin(&talk, 256, 16);
		for (i = 0; i < sizeof(exchanges) / sizeof(exchanges[0]); i++)
			assert_string_equal(talk_ask(&talk, exchanges[i].said), exchanges[i].heard);
		assert_int_equal(ns, 1000);
		assert_int_equal(mode, QGA_HALT);
		talk_end(&talk);
	}
}

/* What stands for no character, with the quote behind it. */
static void no_characters(void **state)
{
	static const char *const texts[] = {
		"\\x\"", "\\u12g4\"", "\\ud83d\"", "\\ud83d\\u0041\"", "\\ude00\"", "\xC3\""};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *p = texts[i];

		assert_int_equal(qga_text_next(&p, p + strlen(p) - 1), -1);
	}
}

static void info(void **state)
{
	struct talk talk = {.pull = 5};

	(void)state;
	talk_begin(&talk, 64, 16);
	assert_string_equal(
		talk_ask(&talk, "{\"execute\":\"guest-info\",\"id\":'"
	                        "\xE2\x82\xAC"
	                        "'}"),
		"{\"return\": {\"version\": \"test\", \"supported_commands\": ["
		"{\"enabled\": true, \"name\": \"guest-info\", \"success-response\": true}, "
		"{\"enabled\": true, \"name\": \"guest-ping\", \"success-response\": true}, "
		"{\"enabled\": true, \"name\": \"guest-sync\", \"success-response\": true}, "
		"{\"enabled\": true, \"name\": \"guest-sync-delimited\", \"success-response\": "
		"true}"
		"]}, \"id\": \"\\u20AC\"}\n");
	talk_end(&talk);
}

/* head, n times `text`, tail: the answer is as expected, and a ping behind it is answered. */
static void repeated(struct talk *talk, const char *head, const char *text, size_t n,
                     const char *tail, const char *answer)
{
	talk_ask(talk, head);
	while (n--)
		talk_say(talk, text, strlen(text));
	assert_string_equal(talk_ask(talk, tail), answer);
	assert_string_equal(talk_ask(talk, PING), DONE);
}

/* Beyond a limit there is one answer. */
static void limits(void **state)
{
	const size_t size = 128, brackets = strlen("[\"\"]");
	struct talk talk = {.pull = 9};
	char text[4 * 128];
	size_t n;

	(void)state;
	talk_begin(&talk, size, 40);
	for (n = size - brackets - 20; n < size - brackets + 20; n++) {
		const char *answer = n + brackets > size ? LIMIT : REQUEST;
		const char *quoted = 2 * (n / 2) + brackets > size ? LIMIT : REQUEST;

		repeated(&talk, "  [ '", "x", n, "' ]", answer);
		repeated(&talk, "[\"", "\\n", n / 2, "\"]", quoted);
		repeated(&talk, "['", "\"", n / 2, "']", quoted);
		repeated(&talk, "['", "\\'", n, "']", answer);
	}
	repeated(&talk, "['", "\\'", 1000, "',{'}':[]}]", LIMIT);
	repeated(&talk, "[1", ",1", 38, "]", REQUEST);
	repeated(&talk, "[1", ",1", 39, "]", LIMIT);
	repeated(&talk, "[", "[", 30, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", REQUEST);
	repeated(&talk, "[", "[", 31, "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", LIMIT);
	repeated(&talk, "", "[", 100000, "\xFF", LIMIT JSON);
	/* As soon as it is known, and then no more. */
	talk_ask(&talk, "[\"");
	for (n = 0; n < 2 * size; n++)
		talk_say(&talk, "x", 1);
	assert_string_equal(talk_heard(&talk), LIMIT);
	assert_string_equal(talk_ask(&talk, "\",1:]" PING), DONE);
	/* In one piece: no byte behind it is taken before that. */
	memset(text, ' ', sizeof(text));
	memset(text, 'x', 2 * size);
	memcpy(text, "[\"", 2);
	n = qga_feed(&talk.agent, text, sizeof(text));
	assert_in_range(n, size, size + 2);
	assert_string_equal(talk_ask(&talk, "\"]" PING), LIMIT DONE);
	talk_end(&talk);
}

/* As many tokens as there is memory for, and a member that is not among them. */
static void last_token(void **state)
{
	struct talk talk = {.pull = 9};

	(void)state;
	talk_begin(&talk, 128, 9);
	assert_string_equal(talk_ask(&talk, SYNC("\"id\":1,\"x\":2")), ARGUMENT);
	assert_string_equal(talk_ask(&talk, SYNC("\"x\":1,\"id\":2")), ARGUMENT);
	assert_string_equal(talk_ask(&talk, "{\"x\":1,\"arguments\":{},\"execute\":\"\",\"id\":3}"),
	                    REQUEST_ID);
	talk_end(&talk);
}

/* An id of any length, in a stage that is shorter. */
static void long_id(void **state)
{
	struct talk talk = {.pull = 3};
	char expected[3000];
	size_t n = 0;
	int i;

	(void)state;
	talk_begin(&talk, 1024, 16);
	n = (size_t)sprintf(expected, "{\"return\": {}, \"id\": \"");
	for (i = 0; i < 190; i++)
		n += (size_t)sprintf(expected + n, "x\\uD83D\\uDE00");
	sprintf(expected + n, "\"}\n");
	repeated(&talk, "{\"execute\":\"guest-ping\",\"id\":'", "x\xF0\x9F\x98\x80", 190, "'}",
	         expected);
	talk_end(&talk);
}

static void closed(void **state)
{
	struct talk talk = {.pull = 64};

	(void)state;
	talk_begin(&talk, 64, 16);
	talk_ask(&talk, "{\"execute\":\"guest-pi");
	qga_host_closed(&talk.agent);
	assert_string_equal(talk_ask(&talk, "5 " PING), REQUEST DONE);
	talk_ask(&talk, "\"\\");
	qga_host_closed(&talk.agent);
	assert_string_equal(talk_ask(&talk, PING), DONE);
	qga_feed(&talk.agent, PING, strlen(PING));
	assert_true(qga_pending(&talk.agent));
	qga_host_closed(&talk.agent);
	assert_false(qga_pending(&talk.agent));
	assert_string_equal(talk_ask(&talk, PING), DONE);
	talk_end(&talk);
}

static void bad_config(void **state)
{
	struct qga agent;
	struct qga_env env = {0};
	char request[64];
	int areas[5 * 256];
	const struct qga_command own = {.name = "x"};
	const struct qga_config good = {.env = &env,
	                                .version = "test",
	                                .request = request,
	                                .request_size = sizeof(request),
	                                .tokens = areas,
	                                .tokens_size = sizeof(areas)};
	struct qga_config config = good;

	(void)state;
	assert_int_equal(qga_init(&agent, &config), 0);
	config.tokens_size += QGA_TOKEN_SIZE;
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_TOKENS);
	config.tokens_size = QGA_TOKENS_MIN * QGA_TOKEN_SIZE - 1;
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_TOKENS);
	config = good;
	config.request_size--;
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_REQUEST);
	config = good;
	config.version = NULL;
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_NULL);
	config = good;
	config.commands = &own;
	config.n_commands = 1;
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_RUN);
}

static enum qga_status twice(struct qga_call *call)
{
	if (call->arg[1].present && qga_value_is(&call->arg[1], "no"))
		return qga_error(call, "no");
	qga_out_int(call->out, 2 * call->arg[0].i);
	return QGA_DONE;
}

/* More than a step has room for. */
static enum qga_status flood(struct qga_call *call)
{
	for (int i = 0; i < QGA_STEP_MAX; i++)
		qga_out_int(call->out, i);
	return QGA_DONE;
}

/* A step that writes, one that does not, and one that floods if it was asked to. */
static enum qga_status in_steps(struct qga_call *call)
{
	switch (call->step++) {
	case 0:
		qga_out_put(call->out, "\"ab");
		return QGA_MORE;
	case 1:
		return QGA_MORE;
	}
	if (call->arg[0].present && call->arg[0].b)
		return flood(call);
	qga_out_put(call->out, "c\"");
	return QGA_DONE;
}

static const struct qga_arg step_args[] = {
	{.name = "flood", .type = QGA_ARG_BOOL, .optional = true},
	{.name = NULL},
};
/* The same in one piece: nothing of it is there when it does not fit. */
static enum qga_status blob(struct qga_call *call)
{
	static const char text[2 * QGA_STEP_MAX];

	qga_out_raw(call->out, text, sizeof(text));
	return QGA_DONE;
}

static enum qga_status yes_or_no(struct qga_call *call)
{
	qga_out_bool(call->out, !call->arg[0].b);
	return QGA_DONE;
}

static const struct qga_arg yes_args[] = {{.name = "yes", .type = QGA_ARG_BOOL}, {.name = NULL}};
static const struct qga_arg twice_args[] = {
	{.name = "n", .type = QGA_ARG_INT},
	{.name = "may", .type = QGA_ARG_STR, .optional = true},
	{.name = NULL},
};

static const struct qga_command own_commands[] = {
	{.name = "test-fails", .run = fails},
	{.name = "test-silent", .run = fails, .flags = QGA_NO_RESPONSE},
	{.name = "test-astray", .run = astray},
	{.name = "test-twice", .run = twice, .args = twice_args},
	{.name = "test-flood", .run = flood},
	{.name = "test-steps", .run = in_steps, .args = step_args},
	{.name = "test-blob", .run = blob},
	{.name = "test-not", .run = yes_or_no, .args = yes_args},
};

#define N_OWN               (sizeof(own_commands) / sizeof(own_commands[0]))
#define NOT(yes)            "{\"execute\":\"test-not\",\"arguments\":{\"yes\":" yes "}}"
#define FAILED(class, desc) "{\"error\": {\"class\": \"" class "\", \"desc\": \"" desc "\"}}\n"

static void own_commands_and_lists(void **state)
{
	struct talk talk = {.config = {.commands = own_commands,
	                               .n_commands = N_OWN,
	                               .allow_rpcs = "test-twice,guest-ping,guest-info,test-flood,"
	                                             "test-blob,test-not",
	                               .block_rpcs = "guest-ping"}};
	const char *heard;

	(void)state;
	talk_begin(&talk, 512, 16);
	assert_string_equal(
		talk_ask(&talk, "{\"execute\":\"test-twice\",\"arguments\":{\"n\":-21}}"),
		"{\"return\": -42}\n");
	assert_string_equal(talk_ask(&talk, "{\"execute\":\"test-twice\",\"arguments\":{\"n\":1,"
	                                    "\"may\":\"n\\u006f\"}}"),
	                    FAILED("GenericError", "command failed"));
	assert_string_equal(talk_ask(&talk, "{\"execute\":\"test-twice\"}"),
	                    FAILED("GenericError", "invalid argument"));
	assert_string_equal(talk_ask(&talk, "{\"execute\":\"test-flood\"}"),
	                    FAILED("GenericError", "command failed"));
	assert_string_equal(talk_ask(&talk, "{\"execute\":\"test-blob\"}"),
	                    FAILED("GenericError", "command failed"));
	assert_string_equal(talk_ask(&talk, NOT("true") NOT("false")),
	                    "{\"return\": false}\n{\"return\": true}\n");
	assert_string_equal(talk_ask(&talk, NOT("null") NOT("0") NOT("\"f\"")),
	                    ARGUMENT ARGUMENT ARGUMENT);
	assert_string_equal(talk_ask(&talk, "{\"execute\":\"guest-ping\"}"),
	                    FAILED("CommandNotFound", "no such command"));
	assert_string_equal(talk_ask(&talk, "{\"execute\":\"guest-get-time\"}"),
	                    FAILED("CommandNotFound", "no such command"));
	heard = talk_ask(&talk, "{\"execute\":\"guest-info\"}");
	assert_non_null(strstr(heard, "{\"enabled\": true, \"name\": \"test-twice\""));
	assert_non_null(strstr(heard, "{\"enabled\": false, \"name\": \"guest-ping\""));
	talk_end(&talk);
}

static void own_commands_fail(void **state)
{
	static const char *const requests[] = {"{\"execute\":\"test-fails\"}",
	                                       "{\"execute\":\"test-silent\"}",
	                                       "{\"execute\":\"test-astray\"}"};
	struct talk talk = {.config = {.commands = own_commands, .n_commands = N_OWN}};

	(void)state;
	talk_begin(&talk, 512, 16);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		assert_string_equal(talk_ask(&talk, requests[i]),
		                    FAILED("GenericError", "command failed"));
	assert_true(qga_poll(&talk.agent) == QGA_IDLE);
	talk_end(&talk);
}

#define STEPS(flood) "{\"execute\":\"test-steps\",\"arguments\":{\"flood\":" flood "}}"

static void own_commands_in_steps(void **state)
{
	static const size_t pulls[] = {1, 5, 4096};

	(void)state;
	for (size_t i = 0; i < sizeof(pulls) / sizeof(pulls[0]); i++) {
		struct talk talk = {.pull = pulls[i],
		                    .config = {.commands = own_commands, .n_commands = N_OWN}};

		talk_begin(&talk, 512, 16);
		assert_string_equal(talk_ask(&talk, STEPS("false")), "{\"return\": \"abc\"}\n");
		/* What was sent cannot be taken back: the line ends, and is no JSON. */
		assert_string_equal(talk_ask(&talk, STEPS("true")), "{\"return\": \"ab\n");
		assert_string_equal(talk_ask(&talk, STEPS("null") STEPS("1") STEPS("\"true\"")),
		                    ARGUMENT ARGUMENT ARGUMENT);
		assert_true(qga_poll(&talk.agent) == QGA_IDLE);
		talk_end(&talk);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(no_characters),
		cmocka_unit_test(info),
		cmocka_unit_test(limits),
		cmocka_unit_test(last_token),
		cmocka_unit_test(long_id),
		cmocka_unit_test(closed),
		cmocka_unit_test(bad_config),
		cmocka_unit_test(own_commands_and_lists),
		cmocka_unit_test(own_commands_in_steps),
		cmocka_unit_test(own_commands_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
