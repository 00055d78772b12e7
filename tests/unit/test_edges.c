/* SPDX-License-Identifier: MIT */
/* test_edges.c - values at the edges of what they may be: 0, the last one, none at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "talk.h"

#define FAILS(text) "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}\n"

/* --- What a machine has --- */

static int route(void *context, size_t index, struct qga_route *item)
{
	(void)context;
	if (index >= 1)
		return 0;
	*item = (struct qga_route){.flags = 0, .version = 4};
	return 1;
}

static int cpustat(void *context, size_t index, struct qga_cpustat *stat)
{
	(void)context;
	if (index >= 2)
		return 0;
	*stat = (struct qga_cpustat){.user_ms = 10 + index, .system_ms = 20, .idle_ms = 30};
	return 1;
}

static int block(void *context, size_t index, struct qga_memory_block *item)
{
	(void)context;
	if (index >= 2)
		return 0;
	*item = (struct qga_memory_block){.phys_index = 7 + index, .online = index == 0};
	return 1;
}

static int load(void *context, struct qga_load *load)
{
	(void)context;
	*load = (struct qga_load){.load1m = 123, .load5m = 7, .load15m = 0};
	return 0;
}

static void each_of_a_list(void **state)
{
	static const struct qga_inventory inventory = {.route = route,
	                                               .cpustat = cpustat,
	                                               .load = load,
	                                               .memory_block = block,
	                                               .memory_block_size = 1 << 20};
	struct talk talk = {.env.inventory = &inventory};

	(void)state;
	talk_begin(&talk, 256, 16);
	assert_string_equal(talk_ask(&talk, "{\"execute\":\"guest-network-get-route\"}"),
	                    "{\"return\": [{\"flags\": 0, \"metric\": 0, \"version\": 4}]}\n");
	assert_string_equal(
		talk_ask(&talk, "{\"execute\":\"guest-get-cpustats\"}"),
		"{\"return\": [{\"cpu\": 0, \"idle\": 30, \"system\": 20, \"nice\": 0, \"type\": \"linux\", "
		"\"user\": 10}, {\"cpu\": 1, \"idle\": 30, \"system\": 20, \"nice\": 0, \"type\": \"linux\", "
		"\"user\": 11}]}\n");
	assert_string_equal(
		talk_ask(&talk, "{\"execute\":\"guest-get-load\"}"),
		"{\"return\": {\"load15m\": 0.00, \"load1m\": 1.23, \"load5m\": 0.07}}\n");
	assert_string_equal(
		talk_ask(&talk, "{\"execute\":\"guest-get-memory-blocks\"}"),
		"{\"return\": [{\"online\": true, \"can-offline\": false, \"phys-index\": 7}, "
		"{\"online\": false, \"can-offline\": false, \"phys-index\": 8}]}\n");
	talk_end(&talk);
}

/* --- Times and freezing --- */

static int reread_result, set_to;

static int reread(void *context)
{
	(void)context;
	return reread_result;
}

static int set_time(void *context, int64_t ns)
{
	(void)context;
	set_to = (int)ns;
	return 0;
}

static void times(void **state)
{
	struct qga_clock clock = {.set = set_time};
	struct talk talk = {.env.clock = &clock};
	const char *again = "{\"execute\":\"guest-set-time\"}";

	(void)state;
	talk_begin(&talk, 256, 32);
	assert_string_equal(talk_ask(&talk, again), FAILS("Failed to read the hardware clock"));
	clock.reread = reread;
	assert_string_equal(talk_ask(&talk, again), "{\"return\": {}}\n");
	reread_result = QGA_EIO;
	assert_string_equal(talk_ask(&talk, again), FAILS("Failed to read the hardware clock"));
	set_to = 5;
	assert_string_equal(
		talk_ask(&talk, "{\"execute\":\"guest-set-time\",\"arguments\":{\"time\":0}}"),
		"{\"return\": {}}\n");
	assert_int_equal(set_to, 0);
	assert_string_equal(
		talk_ask(&talk, "{\"execute\":\"guest-set-time\",\"arguments\":{\"time\":-1}}"),
		FAILS("Invalid time"));
	talk_end(&talk);
}

/* As many as the first character of its name says. */
static int freeze(void *context, const char *mountpoint, size_t len, const char **path)
{
	(void)context, (void)path;
	return len > 1 ? mountpoint[1] - '0' : 0;
}

static int thaw(void *context)
{
	(void)context;
	return 7;
}

#define FREEZE(list) \
	"{\"execute\":\"guest-fsfreeze-freeze-list\",\"arguments\":{\"mountpoints\":[" list "]}}"

static void as_many_as_were_frozen(void **state)
{
	static const struct qga_freeze freezing = {.freeze = freeze, .thaw = thaw};
	struct talk talk = {.env.freeze = &freezing};

	(void)state;
	talk_begin(&talk, 256, 32);
	assert_string_equal(talk_ask(&talk, FREEZE("\"/0\"")), "{\"return\": 0}\n");
	assert_string_equal(talk_ask(&talk, "{\"execute\":\"guest-fsfreeze-thaw\"}"),
	                    "{\"return\": 0}\n");
	assert_string_equal(talk_ask(&talk, FREEZE("\"/1\",\"/0\",\"/2\",\"/1\"")),
	                    "{\"return\": 4}\n");
	assert_string_equal(talk_ask(&talk, "{\"execute\":\"guest-fsfreeze-thaw\"}"),
	                    "{\"return\": 7}\n");
	talk_end(&talk);
}

/* --- Handlers --- */

static enum qga_status says_nothing(struct qga_call *call)
{
	return ++call->step < 3 ? QGA_MORE : QGA_DONE;
}

static enum qga_status says_late(struct qga_call *call)
{
	if (++call->step < 3)
		return QGA_MORE;
	qga_out_int(call->out, 5);
	return QGA_DONE;
}

static enum qga_status says_first(struct qga_call *call)
{
	if (++call->step > 1)
		return QGA_DONE;
	qga_out_int(call->out, 5);
	return QGA_MORE;
}

static const struct qga_command own[] = {{.name = "nothing", .run = says_nothing},
                                         {.name = "late", .run = says_late},
                                         {.name = "first", .run = says_first}};

/* A handler that has written nothing has returned {}, however many steps it took. */
static void steps_that_say_nothing(void **state)
{
	struct talk talk = {.config = {.commands = own, .n_commands = 3}};

	(void)state;
	for (talk.pull = 1; talk.pull <= 4096; talk.pull *= 4096) {
		talk_begin(&talk, 256, 16);
		assert_string_equal(talk_ask(&talk, "{\"execute\":\"nothing\"}"),
		                    "{\"return\": {}}\n");
		assert_string_equal(talk_ask(&talk, "{\"execute\":\"nothing\",\"id\":0}"),
		                    "{\"return\": {}, \"id\": 0}\n");
		assert_string_equal(talk_ask(&talk, "{\"execute\":\"late\"}"), "{\"return\": 5}\n");
		assert_string_equal(talk_ask(&talk, "{\"execute\":\"first\"}"),
		                    "{\"return\": 5}\n");
		talk_end(&talk);
		talk.answer = NULL;
		talk.len = talk.cap = 0;
	}
}

/* --- Documents --- */

#define KEYS 60

/* Many keys, in as many tokens as there are: the first, the last, and one between are given twice. */
static void many_keys(void **state)
{
	char text[2048];

	(void)state;
	for (int twice = -2; twice < KEYS; twice++) {
		struct talk talk = {0};
		size_t n = (size_t)sprintf(text, "{\"execute\":\"guest-ping\",\"id\":{");

		for (int i = 0; i < KEYS; i++)
			n += (size_t)sprintf(text + n, "\"k%d\":\"\",", i);
		sprintf(text + n, "\"k%d\":0}%s}", twice < 0 ? KEYS : twice,
		        twice == -1 ? ",\"execute\":1" : "");
		talk_begin(&talk, 2048, 5 + 2 * (KEYS + 1) + (twice == -1 ? 2 : 0));
		talk_ask(&talk, text);
		talk_ask(&talk, "{\"execute\":\"guest-ping\"}");
		if (twice == -2)
			assert_non_null(
				strstr(talk_ask(&talk, text), "{\"return\": {}, \"id\": {"));
		else
			assert_string_equal(talk_ask(&talk, text),
			                    FAILS("JSON parse error, duplicate key"));
		talk_end(&talk);
	}
}

/* Long strings end at the quote that they began with, wherever that is, and hold the other one. */
static void long_strings(void **state)
{
	static const char *const quotes[] = {"'", "\""};
	char text[1024], answer[1024];
	struct talk talk = {0};

	(void)state;
	talk_begin(&talk, 2048, 80);
	for (size_t n = 1; n < 300; n++)
		for (int kind = 0; kind < 2; kind++) {
			sprintf(text, "{\"execute\":\"guest-ping\",\"id\":[%s%0*d%s,%s%0*d%s]}",
			        quotes[kind], (int)n, 0, quotes[kind], quotes[!kind], (int)n, 0,
			        quotes[!kind]);
			sprintf(answer, "{\"return\": {}, \"id\": [\"%0*d\", \"%0*d\"]}\n", (int)n,
			        0, (int)n, 0);
			assert_string_equal(talk_ask(&talk, text), answer);
		}
	talk_end(&talk);
}

/* A string that begins where the request's memory ends. */
static void a_string_at_the_end(void **state)
{
	char text[256];

	(void)state;
	for (size_t before = 20; before < 80; before++) {
		struct talk talk = {0};

		talk_begin(&talk, 64, 80);
		text[0] = '[';
		for (size_t i = 1; i < before; i++)
			text[i] = i % 2 ? '1' : ',';
		sprintf(text + before, "%s\"01234567890123456789012345678901234567890123456789\"]",
		        before % 2 ? "" : ",");
		assert_string_equal(talk_ask(&talk, text), FAILS("JSON token size limit exceeded"));
		assert_string_equal(talk_ask(&talk, "{\"execute\":\"guest-ping\"}"),
		                    "{\"return\": {}}\n");
		talk_end(&talk);
	}
}

/* What comes behind a fault is not looked at again, whatever it would say at the document's beginning. */
static void behind_a_fault(void **state)
{
	struct talk talk = {0};

	(void)state;
	talk_begin(&talk, 256, 80);
	assert_string_equal(
		talk_ask(&talk, "[{\"aaaaa\":1,\"bbbbb\":2,,'{\"k\":1,\"k\":2,\"zzz\"',[]}]"),
		FAILS("JSON parse error, expecting value"));
	talk_end(&talk);
}

/* White space behind a request is taken with it, whichever way it went. */
static void space_behind(void **state)
{
	static const char *const requests[] = {"{\"execute\":\"guest-ping\"} \r\n",
	                                       "{\"execute\":\"guest-ping\",\"id\":1} \r\n",
	                                       "{\"execute\":1}\t\n"};
	struct talk talk = {0};

	(void)state;
	talk_begin(&talk, 256, 80);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		assert_int_equal(qga_feed(&talk.agent, requests[i], strlen(requests[i])),
		                 strlen(requests[i]));
		talk_listen(&talk);
	}
	talk_end(&talk);
}

/* --- Configurations --- */

static void as_many_arguments_as_there_may_be(void **state)
{
	struct qga_arg rows[QGA_ARGS_MAX + 2] = {{0}};
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	struct qga_command command = {.name = "~", .run = says_nothing, .args = rows};
	static char request[256];
	static int tokens[512];
	struct qga_env env = {0};
	struct qga agent;
	struct qga_config config = {.env = &env,
	                            .version = "~",
	                            .request = request,
	                            .request_size = sizeof(request),
	                            .tokens = tokens,
	                            .tokens_size = sizeof(tokens),
	                            .commands = &command,
	                            .n_commands = 1};

	(void)state;
	_Static_assert(QGA_ARGS_MAX < 8, "names");
	for (size_t i = 0; i < QGA_ARGS_MAX; i++)
		rows[i] = (struct qga_arg){.name = names[i], .type = QGA_ARG_INT};
	assert_int_equal(qga_init(&agent, &config), 0);
	rows[QGA_ARGS_MAX] = (struct qga_arg){.name = "more", .type = QGA_ARG_INT};
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_ARGS);
	command.args = NULL;
	command.name = "\x7f";
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_NAME);
	command.name = " ";
	assert_int_equal(qga_init(&agent, &config), 0);
	command.name = "\x1f";
	assert_int_equal(qga_init(&agent, &config), QGA_FAULT_NAME);
}

/* --- Bytes --- */

/* The first and the last of those that begin no character, or an incomplete one. */
static void bytes_of_no_character(void **state)
{
	static const char *const bad[] = {"\x80",
	                                  "\xBF",
	                                  "\xC0\x81",
	                                  "\xC1\xBF",
	                                  "\xC2",
	                                  "\xE0\x9F\xBF",
	                                  "\xED\xA0\x80",
	                                  "\xEF\xBF\xBF",
	                                  "\xF0\x8F\xBF\xBF",
	                                  "\xF4\x90\x80\x80",
	                                  "\xEF\xB7\x90",
	                                  "\xEF\xB7\xAF",
	                                  "\xFD\xBF\xBF\xBF\xBF\xBF"};
	static const char *const good[] = {"\x7F",         "\xC2\x80",         "\xDF\xBF",
	                                   "\xE0\xA0\x80", "\xED\x9F\xBF",     "\xEE\x80\x80",
	                                   "\xEF\xBF\xBD", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBD",
	                                   "\xEF\xB7\x8F", "\xEF\xB7\xB0"};
	struct talk talk = {0};
	char text[64];

	(void)state;
	talk_begin(&talk, 256, 16);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		sprintf(text, "{\"execute\":\"%s\"}", bad[i]);
		assert_string_equal(talk_ask(&talk, text),
		                    FAILS("JSON parse error, invalid UTF-8 sequence in string"));
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		sprintf(text, "{\"execute\":\"%s\"}", good[i]);
		assert_non_null(strstr(talk_ask(&talk, text), "has not been found"));
	}
	talk_end(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_a_list),
		cmocka_unit_test(times),
		cmocka_unit_test(as_many_as_were_frozen),
		cmocka_unit_test(steps_that_say_nothing),
		cmocka_unit_test(bytes_of_no_character),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(long_strings),
		cmocka_unit_test(a_string_at_the_end),
		cmocka_unit_test(behind_a_fault),
		cmocka_unit_test(space_behind),
		cmocka_unit_test(as_many_arguments_as_there_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
