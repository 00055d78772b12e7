/* SPDX-License-Identifier: MIT */
/*
 * test_plain.c - which requests are taken the short way, of which answers say nothing: what it
 * leaves alone is answered by the parser, later but alike.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/agent.h"
#include "core/plain.h"
#include "talk.h"

#define PING       "{\"execute\":\"guest-ping\"}"
#define SYNC(id)   "{\"execute\":\"guest-sync\",\"arguments\":{\"id\":" id "}}"
#define OWN(wants) "{\"execute\":\"own\",\"arguments\":{" wants "}}"

/* An application's command: a, which must be given, b and c, and a text. It answers with their sum. */
enum {
	A,
	B,
	C,
	TEXT
};

static const struct qga_arg own_args[] = {
	[A] = {.name = "a", .type = QGA_ARG_INT},
	[B] = {.name = "b", .type = QGA_ARG_INT, .optional = true},
	[C] = {.name = "c", .type = QGA_ARG_INT, .optional = true},
	[TEXT] = {.name = "text", .type = QGA_ARG_STR, .optional = true},
	{0}};

static enum qga_status own_run(struct qga_call *call)
{
	int64_t sum = 0;

	for (int i = A; i <= C; i++)
		if (call->arg[i].present)
			sum += call->arg[i].i;
	qga_out_int(call->out, sum);
	return QGA_DONE;
}

static const struct qga_command own[] = {{.name = "own", .run = own_run, .args = own_args}};

/* How much is taken of a request, and what is answered to that. */
struct taken {
	const char *asked;
	size_t len; /* 0: nothing; ALL of it */
	const char *answered;
};

#define ALL SIZE_MAX

static const struct taken rows[] = {
	{PING, ALL, "{\"return\": {}}\n"},
	{"{ \"execute\": \"guest-ping\"}", ALL, "{\"return\": {}}\n"},
	{PING "\n" PING, sizeof(PING) - 1, "{\"return\": {}}\n"},
	{SYNC("7"), ALL, "{\"return\": 7}\n"},
	{"{\"execute\": \"guest-sync\", \"arguments\": {\"id\": 12}}", ALL, "{\"return\": 12}\n"},
	{"{ \"execute\": \"guest-sync\", \"arguments\": { \"id\": -5} }", ALL,
         "{\"return\": -5}\n"},
	{SYNC("0"), ALL, "{\"return\": 0}\n"},
	{SYNC("-0"), ALL, "{\"return\": 0}\n"},
	{SYNC("1234567890"), ALL, "{\"return\": 1234567890}\n"},
	{SYNC("999999999999999999"), ALL, "{\"return\": 999999999999999999}\n"},
	{SYNC("-999999999999999999"), ALL, "{\"return\": -999999999999999999}\n"},
	{OWN("\"a\":1"), ALL, "{\"return\": 1}\n"},
	{OWN("\"a\":1,\"b\":20"), ALL, "{\"return\": 21}\n"},
	{OWN("\"c\":300, \"a\":1, \"b\":20"), ALL, "{\"return\": 321}\n"},
	{"{\"execute\":\"guest-ping\",\"arguments\":{}}", ALL, "{\"return\": {}}\n"},

	/* More blanks, another order, or what QEMU takes beside JSON. */
	{" " PING, 0, NULL},
	{"{  \"execute\":\"guest-ping\"}", 0, NULL},
	{"{\"execute\" :\"guest-ping\"}", 0, NULL},
	{"{\"execute\":\"guest-ping\" }", 0, NULL},
	{"{'execute':'guest-ping'}", 0, NULL},
	{"{\"execute\":\"guest-ping\",\"id\":1}", 0, NULL},
	{"{\"arguments\":{},\"execute\":\"guest-ping\"}", 0, NULL},
	{"{\"execute\":\"guest-sync\",\"arguments\":{\"id\" :1}}", 0, NULL},
	{"{\"execute\":\"guest-sync\",\"arguments\":{\"id\":1},\"id\":1}", 0, NULL},
	{"{\"execute\":\"guest-sync\",\"arguments\":{\"id\":1}]", 0, NULL},

	/* Integers that may not fit, or are none. */
	{SYNC("1000000000000000000"), 0, NULL},
	{SYNC("-1000000000000000000"), 0, NULL},
	{SYNC("01"), 0, NULL},
	{SYNC("00"), 0, NULL},
	{SYNC("-"), 0, NULL},
	{SYNC(""), 0, NULL},
	{SYNC("1.5"), 0, NULL},
	{SYNC("1/"), 0, NULL},
	{SYNC(":"), 0, NULL},
	{SYNC("true"), 0, NULL},
	{SYNC("\"1\""), 0, NULL},

	/* What the parser has to find fault with. */
	{"{\"execute\":\"guest-pin\"}", 0, NULL},
	{"{\"execute\":\"guest-ping \"}", 0, NULL},
	{"{\"execute\":\"guest-\\u0070ing\"}", 0, NULL},
	{"{\"execute\":\"guest-file-close\",\"arguments\":{\"handle\":1}}", 0, NULL},
	{"{\"execute\":\"guest-sync\"}", 0, NULL},
	{"{\"execute\":\"guest-sync\",\"arguments\":{}}", 0, NULL},
	{"{\"execute\":\"guest-ping\",\"arguments\":{\"id\":1}}", 0, NULL},
	{OWN("\"b\":1"), 0, NULL},
	{OWN("\"a\":1,\"a\":1"), 0, NULL},
	{OWN("\"a\":1,\"d\":1"), 0, NULL},
	{OWN("\"a\":1,\"text\":1"), 0, NULL},
	{OWN("\"a\":1,\"text\":\"x\""), 0, NULL},
	{OWN("\"a\":1 \"b\":1"), 0, NULL},
	{OWN("\"a\":1,"), 0, NULL},
	{OWN(",\"a\":1"), 0, NULL},
	{OWN("\"a\""), 0, NULL},
	{OWN("\"a\":1,,\"b\":1"), 0, NULL},
};

/* Asks the short way alone; the request is in memory of its own size. */
static size_t take(struct talk *talk, const char *text, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	size_t taken;

	memcpy(copy, text, len);
	taken = qga_plain_request(qga_agent(&talk->agent), copy, len);
	free(copy);
	return taken;
}

static void begin(struct talk *talk, size_t request, size_t tokens)
{
	*talk = (struct talk){.config = {.commands = own, .n_commands = 1}};
	talk_begin(talk, request, tokens);
}

static void each_is_taken_or_left(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct taken *row = &rows[i];
		struct talk talk;
		size_t len = strlen(row->asked);

		begin(&talk, 256, 32);
		if (take(&talk, row->asked, len) != (row->len == ALL ? len : row->len))
			fail_msg("%s", row->asked);
		assert_int_equal(qga_pending(&talk.agent), row->len != 0);
		talk_listen(&talk);
		assert_string_equal(talk_heard(&talk), row->answered ? row->answered : "");
		talk_end(&talk);
	}
}

/* All in one piece, or not at all. */
static void no_part_is_taken(void **state)
{
	struct talk talk;

	(void)state;
	begin(&talk, 256, 32);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t len = 0; rows[i].len == ALL && rows[i].asked[len]; len++)
			assert_int_equal(take(&talk, rows[i].asked, len), 0);
	talk_end(&talk);
}

/* It needs as much memory as the parser would: as many tokens, as many bytes. */
static void memory_is_as_the_parsers(void **state)
{
	static const struct {
		const char *asked;
		int tokens;
	} needs[] = {{PING, 3},
	             {"{\"execute\":\"guest-ping\",\"arguments\":{}}", 5},
	             {SYNC("1"), 7},
	             {OWN("\"a\":1,\"b\":2"), 9}};

	(void)state;
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
		size_t len = strlen(needs[i].asked);
		struct talk talk;

		/* Fewer than an agent may be given, too. */
		begin(&talk, 256, 32);
		qga_agent(&talk.agent)->json.max = needs[i].tokens - 1;
		assert_int_equal(take(&talk, needs[i].asked, len), 0);
		qga_agent(&talk.agent)->json.max = needs[i].tokens;
		assert_int_equal(take(&talk, needs[i].asked, len), len);
		talk_end(&talk);
	}
	for (size_t room = 72; room < 77; room++) {
		const char *text = OWN("\"a\":1,\"b\":222222222,\"c\":333333333333333333");
		struct talk talk;

		assert_int_equal(strlen(text), 74);
		begin(&talk, room, 32);
		assert_int_equal(take(&talk, text, 74), room < 74 ? 0 : 74);
		talk_end(&talk);
	}
}

/* What was given before is not there any more. */
static void arguments_are_of_one_request(void **state)
{
	struct talk talk;

	(void)state;
	begin(&talk, 256, 32);
	assert_string_equal(talk_ask(&talk, OWN("\"a\":1,\"b\":20,\"c\":300")),
	                    "{\"return\": 321}\n");
	assert_string_equal(talk_ask(&talk, OWN("\"a\":1")), "{\"return\": 1}\n");
	/* One that was left in the midst of it. */
	assert_int_equal(take(&talk, OWN("\"a\":1,\"b\":20,\"d\":1"), 46), 0);
	assert_string_equal(talk_ask(&talk, OWN("\"a\":2")), "{\"return\": 2}\n");
	/* An identity neither. */
	assert_string_equal(talk_ask(&talk, "{\"execute\":\"guest-ping\",\"id\":5}"),
	                    "{\"return\": {}, \"id\": 5}\n");
	assert_string_equal(talk_ask(&talk, PING), "{\"return\": {}}\n");
	talk_end(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_taken_or_left),
		cmocka_unit_test(no_part_is_taken),
		cmocka_unit_test(memory_is_as_the_parsers),
		cmocka_unit_test(arguments_are_of_one_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
