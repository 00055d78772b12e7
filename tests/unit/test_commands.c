/* SPDX-License-Identifier: MIT */
/*
 * Commands of an application: their arguments checked as QEMU checks them, their answers in steps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "talk.h"

#define ERROR(text)         "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}\n"
#define PARAMETER(name, is) ERROR("Parameter '" name "' " is)
#define TYPE(name, type)    ERROR("Invalid parameter type for '" name "', expected: " type)
#define ASK(arguments)      "{\"execute\":\"test-args\",\"arguments\":{" arguments "}}"

static const char *const colours[] = {"red", "green", NULL};
static const char *const mix[] = {"Mix", "red", "green", NULL};
static const char *const whence[] = {"Whence", "red", "green", NULL};
static const struct qga_arg cpu[] = {
	{.name = "logical-id", .type = QGA_ARG_INT},
	{.name = "online", .type = QGA_ARG_BOOL},
	{.name = "phys", .type = QGA_ARG_UINT, .optional = true},
	{0},
};
static const struct qga_arg cpu_item = {.type = QGA_ARG_STRUCT, .members = cpu};
static const struct qga_arg text_item = {.type = QGA_ARG_STR};
static const struct qga_arg args[] = {
	{.name = "n", .type = QGA_ARG_INT, .optional = true},
	{.name = "cpus", .type = QGA_ARG_LIST, .item = &cpu_item, .optional = true},
	{.name = "texts", .type = QGA_ARG_LIST, .item = &text_item, .optional = true},
	{.name = "colour", .type = QGA_ARG_ENUM, .names = colours, .optional = true},
	{.name = "mix", .type = QGA_ARG_ALT_BOOL_ENUM, .names = mix, .optional = true},
	{.name = "whence", .type = QGA_ARG_ALT_INT_ENUM, .names = whence, .optional = true},
	{0},
};

/* Gives back what it was given. */
static enum qga_status echo(struct qga_call *call)
{
	struct qga_value item[3];
	int token = 0;

	qga_out_list(call->out);
	if (call->arg[0].present)
		qga_out_int(call->out, call->arg[0].i);
	while (call->arg[1].present &&
	       qga_list_next(call, &call->arg[1], &cpu_item, &token, item)) {
		qga_out_int(call->out, item[0].i);
		qga_out_bool(call->out, item[1].b);
		if (item[2].present)
			qga_out_uint(call->out, item[2].u);
	}
	for (token = 0;
	     call->arg[2].present && qga_list_next(call, &call->arg[2], &text_item, &token, item);)
		qga_out_strn(call->out, item[0].s.ptr, item[0].s.len);
	if (call->arg[3].present)
		qga_out_str(call->out, colours[call->arg[3].i]);
	if (call->arg[4].present && call->arg[4].type == QGA_ARG_BOOL)
		qga_out_bool(call->out, call->arg[4].b);
	if (call->arg[4].present && call->arg[4].type == QGA_ARG_ENUM)
		qga_out_str(call->out, colours[call->arg[4].i]);
	if (call->arg[5].present)
		qga_out_int(call->out, call->arg[5].i);
	qga_out_list_end(call->out);
	return QGA_DONE;
}

/* Fills all the room there is, n bytes in all. */
static enum qga_status fill(struct qga_call *call)
{
	struct qga_out *out = call->out;
	uint64_t *done = QGA_SCRATCH(uint64_t, call), rest = (uint64_t)call->arg[0].i - *done;
	size_t n = qga_out_room(out) < rest ? qga_out_room(out) : (size_t)rest;

	assert_true(qga_out_room(out) >= QGA_STEP_MAX);
	memset(qga_out_lend(out, n), '7', n);
	*done += n;
	return *done == (uint64_t)call->arg[0].i ? QGA_DONE : QGA_MORE;
}

static enum qga_status failing(struct qga_call *call)
{
	static char text[3000];
	static const struct qga_span span = {text, sizeof(text)};
	const int64_t number = INT64_MIN;

	memset(text, '"', sizeof(text));
	return qga_error(call, "%d%% of %S and %s", &number, &span, "more");
}

static int runs;

static enum qga_status quiet(struct qga_call *call)
{
	runs++;
	return call->arg[0].present ? qga_error(call, "loud") : QGA_DONE;
}

static const struct qga_command app[] = {
	{.name = "test-args", .run = echo, .args = args},
	{.name = "test-fill", .run = fill, .args = args},
	{.name = "test-fail", .run = failing},
	{.name = "test-quiet", .run = quiet, .args = args, .flags = QGA_NO_RESPONSE},
	{.name = "test-never", .run = echo, .needs = QGA_NEED(power, suspend)},
	/* The agent has one of this name, which nobody here backs. */
	{.name = "guest-suspend-ram", .run = failing},
};

static void begin(struct talk *talk)
{
	talk->config.commands = app;
	talk->config.n_commands = sizeof(app) / sizeof(app[0]);
	talk_begin(talk, 4096, 64);
}

static void arguments(void **state)
{
	static const struct {
		const char *asked, *answered;
	} lines[] = {
		{ASK(""), "{\"return\": []}\n"},
		{ASK("\"texts\":[\"a\",'\\u00e4']"), "{\"return\": [\"a\", \"\\u00E4\"]}\n"},
		{ASK("\"cpus\":[{\"online\":true,\"logical-id\":3},{\"logical-id\":4,\"online\":"
	             "false,\"phys\":-1}],\"n\":7"),
	         "{\"return\": [7, 3, true, 4, false, 18446744073709551615]}\n"},
		{ASK("\"cpus\":[],\"texts\":[],\"colour\":\"green\",\"mix\":true,\"whence\":-5"),
	         "{\"return\": [\"green\", true, -5]}\n"},
		{ASK("\"mix\":\"red\",\"whence\":\"green\""), "{\"return\": [\"red\", 1]}\n"},
		{ASK("\"cpus\":[{\"logical-id\":1,\"online\":true,\"phys\":18446744073709551615}]"),
	         "{\"return\": [1, true, 18446744073709551615]}\n"},
		{ASK("\"n\":null"), TYPE("n", "integer")},
		{ASK("\"cpus\":{}"), TYPE("cpus", "array")},
		{ASK("\"cpus\":[1]"), TYPE("cpus[0]", "object")},
		{ASK("\"cpus\":[{\"logical-id\":1,\"online\":true},{\"logical-id\":\"x\"}]"),
	         TYPE("cpus[1].logical-id", "integer")},
		{ASK("\"cpus\":[{\"logical-id\":1}]"), PARAMETER("cpus[0].online", "is missing")},
		{ASK("\"cpus\":[{\"logical-id\":1,\"online\":1}]"),
	         TYPE("cpus[0].online", "boolean")},
		{ASK("\"cpus\":[{\"logical-id\":1,\"online\":true,\"phys\":1.5}]"),
	         PARAMETER("cpus[0].phys", "expects uint64")},
		{ASK("\"cpus\":[{\"logical-id\":1,\"online\":true,\"x\\n\":0}]"),
	         PARAMETER("cpus[0].x\\n", "is unexpected")},
		{ASK("\"texts\":[\"a\",5]"), TYPE("texts[1]", "string")},
		{ASK("\"colour\":\"blue\""), PARAMETER("colour", "does not accept value 'blue'")},
		{ASK("\"colour\":1"), TYPE("colour", "string")},
		{ASK("\"mix\":\"blue\""), PARAMETER("mix", "does not accept value 'blue'")},
		{ASK("\"mix\":1"), TYPE("mix", "Mix")},
		{ASK("\"whence\":1.5"), TYPE("whence", "integer")},
		{ASK("\"whence\":true"), TYPE("whence", "Whence")},
		/* In the order of the rows; unexpected ones last. */
		{ASK("\"z\":1,\"texts\":1,\"n\":\"\""), TYPE("n", "integer")},
		{ASK("\"z\":1,\"texts\":1"), TYPE("texts", "array")},
		{ASK("\"z\":1"), PARAMETER("z", "is unexpected")},
	};
	struct talk talk = {0};
	size_t i;

	(void)state;
	begin(&talk);
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_string_equal(talk_ask(&talk, lines[i].asked), lines[i].answered);
	talk_end(&talk);
}

/* An answer of any length through room of any size, with nothing between its bytes. */
static void steps(void **state)
{
	const size_t pulls[] = {1, 2, 100, QGA_STEP_MAX, QGA_STEP_MAX + 30, 4096};
	char asked[120], *expected = malloc(20000);
	size_t p, n;

	(void)state;
	for (p = 0; p < sizeof(pulls) / sizeof(pulls[0]); p++) {
		struct talk talk = {.pull = pulls[p]};

		begin(&talk);
		for (n = 1; n < 10000;
		     n += n < QGA_STEP_MAX - 30 || n > QGA_STEP_MAX + 30 ? 491 : 1) {
			sprintf(asked,
			        "{\"execute\":\"test-fill\",\"arguments\":{\"n\":%zu},\"id\":"
			        "\"x\"}",
			        n);
			memset(expected, '7', 20000);
			memcpy(expected, "{\"return\": ", 11);
			strcpy(expected + 11 + n, ", \"id\": \"x\"}\n");
			assert_string_equal(talk_ask(&talk, asked), expected);
		}
		talk_end(&talk);
	}
	free(expected);
}

static void errors(void **state)
{
	static const char head[] =
		"{\"error\": {\"class\": \"GenericError\", \"desc\": \"-9223372036854775808% of ",
			  tail[] = " and more\"}}\n";
	struct talk talk = {.pull = 37};
	const char *heard;
	size_t i;

	(void)state;
	begin(&talk);
	heard = talk_ask(&talk, "{\"execute\":\"test-fail\"}");
	assert_int_equal(strlen(heard), strlen(head) + 6000 + strlen(tail));
	assert_memory_equal(heard, head, strlen(head));
	for (i = 0; i < 3000; i++)
		assert_memory_equal(heard + strlen(head) + 2 * i, "\\\"", 2);
	assert_string_equal(heard + strlen(head) + 6000, tail);
	talk_end(&talk);
}

static void quiet_ones(void **state)
{
	struct talk talk = {0};

	(void)state;
	begin(&talk);
	runs = 0;
	assert_string_equal(
		talk_ask(&talk,
	                 "{\"execute\":\"test-quiet\",\"id\":1}{\"execute\":\"guest-ping\"}"),
		"{\"return\": {}}\n");
	assert_int_equal(runs, 1);
	assert_string_equal(
		talk_ask(&talk, "{\"execute\":\"test-quiet\",\"id\":1,\"arguments\":{\"n\":1}}"),
		"{\"id\": 1, \"error\": {\"class\": \"GenericError\", \"desc\": \"loud\"}}\n");
	assert_int_equal(runs, 2);
	talk_end(&talk);
}

/* Where the fault is, by names of any length, through room of any size. */
static void long_paths(void **state)
{
	enum {
		LONGEST = 1200
	};
	static char text[LONGEST + 1], asked[LONGEST + 64], answered[3 * LONGEST];
	struct qga_arg inner[] = {{.name = text, .type = QGA_ARG_INT}, {0}};
	struct qga_arg item = {.type = QGA_ARG_STRUCT, .members = inner};
	struct qga_arg outer[] = {{.name = text, .type = QGA_ARG_LIST, .item = &item}, {0}};
	struct qga_command own = {.name = "own", .run = echo, .args = outer};
	const size_t pulls[] = {1, 700, 4096};
	size_t p, n;

	(void)state;
	for (p = 0; p < sizeof(pulls) / sizeof(pulls[0]); p++) {
		struct talk talk = {.pull = pulls[p],
		                    .config = {.commands = &own, .n_commands = 1}};

		memset(text, 'n', LONGEST);
		talk_begin(&talk, 4096, 64);
		for (n = LONGEST; n > 0; n -= n > 560 ? 37 : 1) {
			text[n] = '\0';
			sprintf(asked, "{\"execute\":\"own\",\"arguments\":{\"%s\":[{}]}}", text);
			sprintf(answered,
			        "{\"error\": {\"class\": \"GenericError\", \"desc\": \"Parameter "
			        "'%s[0].%s' is missing\"}}\n",
			        text, text);
			assert_string_equal(talk_ask(&talk, asked), answered);
		}
		talk_end(&talk);
	}
}

static enum qga_status name(struct qga_call *call)
{
	qga_out_str(call->out, call->command->name);
	return QGA_DONE;
}

/* The application's may have any names, however near to those of the agent, which go first. */
static void names(void **state)
{
	static const struct qga_command own[] = {
		{.name = "g", .run = name},           {.name = "guest", .run = name},
		{.name = "guest-", .run = name},      {.name = "guest-pin", .run = name},
		{.name = "guest-pings", .run = name}, {.name = "Test_9.x", .run = name},
		{.name = "two words", .run = name},   {.name = "guest-ping", .run = name},
	};
	struct talk talk = {
		.config = {.commands = own, .n_commands = sizeof(own) / sizeof(own[0])}};
	char asked[80], answered[80];
	size_t i;

	(void)state;
	talk_begin(&talk, 4096, 64);
	for (i = 0; i < talk.config.n_commands; i++) {
		bool first = strcmp(own[i].name, "guest-ping") == 0;

		sprintf(asked, "{\"execute\":\"%s\"}", own[i].name);
		sprintf(answered, first ? "{\"return\": {}}\n" : "{\"return\": \"%s\"}\n",
		        own[i].name);
		assert_string_equal(talk_ask(&talk, asked), answered);
		sprintf(asked, "{\"execute\":\"%s\",\"id\":1}", own[i].name);
		sprintf(answered,
		        first ? "{\"return\": {}, \"id\": 1}\n"
		              : "{\"return\": \"%s\", \"id\": 1}\n",
		        own[i].name);
		assert_string_equal(talk_ask(&talk, asked), answered);
	}
	talk_end(&talk);
}

static void policy(void **state)
{
	static const struct {
		const char *allow, *block;
		bool args, fail;
	} cases[] = {
		{NULL, NULL, true, true},
		{"", "", true, true},
		{NULL, "test-args", false, true},
		{NULL, "x,test-args,test-fail", false, false},
		{"test-args,guest-info", NULL, true, false},
		{"test-args,test-fail,guest-info", "test-fail", true, false},
		{NULL, "test-arg,test-args2,est-args", true, true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct talk talk = {
			.config = {.allow_rpcs = cases[i].allow, .block_rpcs = cases[i].block}};
		const char *heard;

		begin(&talk);
		heard = talk_ask(&talk, ASK("\"bogus\":1"));
		assert_string_equal(
			heard, cases[i].args
				       ? PARAMETER("bogus", "is unexpected")
				       : "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": "
					 "\"Command test-args has been disabled\"}}\n");
		heard = talk_ask(&talk, "{\"execute\":\"guest-info\"}");
		assert_int_equal(strstr(heard, "{\"enabled\": true, \"name\": \"test-args\", "
		                               "\"success-response\": true}") != NULL,
		                 cases[i].args);
		assert_int_equal(strstr(heard, "{\"enabled\": false, \"name\": \"test-fail\", "
		                               "\"success-response\": true}") != NULL,
		                 !cases[i].fail);
		assert_null(strstr(heard, "test-never"));
		assert_non_null(strstr(talk_ask(&talk, "{\"execute\":\"test-never\"}"),
		                       "has not been found"));
		talk_end(&talk);
	}
}

/* An application may bring what the agent has and cannot offer. */
static void taken_name(void **state)
{
	struct talk talk = {0};

	(void)state;
	begin(&talk);
	assert_non_null(
		strstr(talk_ask(&talk, "{\"execute\":\"guest-info\"}"), "guest-suspend-ram"));
	assert_non_null(strstr(talk_ask(&talk, "{\"execute\":\"guest-suspend-ram\"}"), "and more"));
	talk_end(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arguments),  cmocka_unit_test(steps),
		cmocka_unit_test(errors),     cmocka_unit_test(quiet_ones),
		cmocka_unit_test(names),      cmocka_unit_test(policy),
		cmocka_unit_test(taken_name), cmocka_unit_test(long_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
