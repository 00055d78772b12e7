/* SPDX-License-Identifier: MIT */
/*
 * The writer never writes past what it was given, says so and stays so; and no version, name, mount
 * point or handler, however long, gets past the memory that an answer passes through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/agent.h"
#include "failing.h"
#include "talk.h"

#define PING      "{\"execute\":\"guest-ping\"}"
#define ASK(name) "{\"execute\":\"" name "\"}"
#define DONE      "{\"return\": {}}\n"
#define NO_ROOM                                                                                  \
	"{\"error\": {\"class\": \"GenericError\", \"desc\": \"the command's answer has a part " \
	"that does not fit\"}}\n"
#define LONGEST    64
#define FAR_LONGER 3000

/* --- Each function of the writer --- */

static void raw(struct qga_out *out)
{
	qga_out_raw(out, "raw text", 8);
}

static void put(struct qga_out *out)
{
	qga_out_put(out, "put text");
}

static void containers(struct qga_out *out)
{
	qga_out_list(out);
	qga_out_object(out);
	qga_out_key(out, "a key");
	qga_out_list(out);
	qga_out_list_end(out);
	qga_out_object_end(out);
	qga_out_object(out);
	qga_out_object_end(out);
	qga_out_list_end(out);
}

static void numbers(struct qga_out *out)
{
	qga_out_int(out, INT64_MIN);
	qga_out_uint(out, UINT64_MAX);
}

static void fixed(struct qga_out *out)
{
	qga_out_fixed(out, -5, 2);
	qga_out_fixed(out, INT64_MIN, 2);
	qga_out_fixed(out, 0, 3);
}

static void bools(struct qga_out *out)
{
	qga_out_bool(out, true);
	qga_out_bool(out, false);
}

static void strings(struct qga_out *out)
{
	qga_out_str(out, "\"\n\\");
	qga_out_str(out, "\xC3\xA4\xF0\x9F\x98\x80");
	qga_out_strn(out, "\x7F\xFF", 2);
}

static void lent(struct qga_out *out)
{
	qga_out_str_begin(out);
	if (qga_out_room(out) >= 4)
		memcpy(qga_out_lend(out, 4), "lent", 4);
	else
		qga_out_raw(out, "lent", 4);
	qga_out_str_end(out);
}

static void members(struct qga_out *out)
{
	qga_out_member_str(out, "s", "t");
	qga_out_member_int(out, "i", -1);
	qga_out_member_uint(out, "u", 1);
	qga_out_member_bool(out, "b", true);
}

static const struct {
	void (*write)(struct qga_out *out);
	const char *text;
} writers[] = {
	{raw, "raw text"},
	{put, "put text"},
	{containers, "[{\"a key\": []}, {}]"},
	{numbers, "-9223372036854775808, 18446744073709551615"},
	{fixed, "-0.05, -92233720368547758.08, 0.000"},
	{bools, "true, false"},
	{strings, "\"\\\"\\n\\\\\", \"\\u00E4\\uD83D\\uDE00\", \"\\u007F\\uFFFD\""},
	{lent, "\"lent\""},
	{members, "\"s\": \"t\", \"i\": -1, \"u\": 1, \"b\": true"},
};

/*
 * Everything of a size, in memory of exactly that size: the sanitizer sees one byte more. What is
 * there is the beginning of the whole text, and after the first piece that did not fit comes none.
 */
static void bounded(void **state)
{
	size_t i, k, cap;

	(void)state;
	for (i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		for (cap = 0; cap <= LONGEST; cap++) {
			size_t len = strlen(writers[i].text), stopped;
			struct qga_out out = {.buf = malloc(cap), .cap = cap};

			writers[i].write(&out);
			assert_int_equal(out.full, cap < len);
			assert_true(out.len <= cap && (!out.full || out.len < len));
			assert_true(out.len == 0 || !memcmp(out.buf, writers[i].text, out.len));
			assert_true(out.full || out.len == len);
			stopped = out.len;
			for (k = 0; out.full && k < sizeof(writers) / sizeof(writers[0]); k++) {
				writers[k].write(&out);
				assert_true(out.full && out.len == stopped);
				assert_int_equal(qga_out_room(&out), 0);
			}
			free(out.buf);
		}
	}
}

/* A string in portions, through rooms of every size: the same text, and never full. */
static void portions(void **state)
{
	static const char text[] = "plain \"quoted\" \xC3\xA4 \xF0\x9F\x98\x80\n the end";
	char whole[256], joined[256];
	struct qga_out out = {.buf = whole, .cap = sizeof(whole)};
	size_t cap;

	(void)state;
	qga_out_str(&out, text);
	for (cap = QGA_OUT_CHAR_MAX + 2; cap <= LONGEST; cap++) {
		size_t cursor = 0, len = 0;
		bool done = false;

		while (!done) {
			struct qga_out part = {.buf = malloc(cap), .cap = cap};

			done = qga_out_str_part(&part, text, strlen(text), &cursor);
			assert_false(part.full);
			assert_true(done || part.len > 0);
			memcpy(joined + len, part.buf, part.len);
			len += part.len;
			free(part.buf);
		}
		assert_int_equal(len, out.len);
		assert_memory_equal(joined, whole, len);
	}
}

/* A string does not begin where its first character may not fit, and its last quote may come alone. */
static void portions_at_the_edge(void **state)
{
	static const char text[] = "\xF0\x9F\x98\x80";
	char room[QGA_OUT_CHAR_MAX + 1];
	struct qga_out out = {.buf = room, .cap = QGA_OUT_CHAR_MAX - 1};
	size_t cursor = 0;

	(void)state;
	assert_false(qga_out_str_part(&out, text, 4, &cursor));
	assert_int_equal(out.len, 0);
	assert_int_equal(cursor, 0);
	assert_false(out.full);

	out.cap = sizeof(room);
	assert_false(qga_out_str_part(&out, text, 4, &cursor));
	assert_int_equal(out.len, sizeof(room));
	assert_memory_equal(room, "\"\\uD83D\\uDE00", sizeof(room));
	out.len = 0;
	assert_true(qga_out_str_part(&out, text, 4, &cursor));
	assert_int_equal(out.len, 1);
	assert_int_equal(room[0], '"');
	assert_true(out.comma);
}

/* --- Handlers that write too much --- */

/* Bytes that a handler's steps write: the last one that is not 0 ends it. */
static size_t steps[3];
static const char *heard;

static enum qga_status flood(struct qga_call *call)
{
	size_t n = steps[call->step++], i;

	if (call->step == 1)
		qga_out_put(call->out, "\"");
	for (i = 0; i < n; i++)
		qga_out_put(call->out, "x");
	if (call->step < 3 && steps[call->step] > 0)
		return QGA_MORE;
	qga_out_put(call->out, "\"");
	return QGA_DONE;
}

/* One that has no answer to write into. */
static enum qga_status silent(struct qga_call *call)
{
	assert_int_equal(qga_out_room(call->out), 0);
	qga_out_put(call->out, "into the buffer of somebody else");
	return QGA_DONE;
}

static const struct qga_command own[] = {
	{.name = "flood", .run = flood},
	{.name = "silent", .run = silent, .flags = QGA_NO_RESPONSE},
	{.name = "fails", .run = fails},
	{.name = "fails-silently", .run = fails, .flags = QGA_NO_RESPONSE},
	{.name = "astray", .run = astray},
};

/*
 * Asks, and looks at the agent's own memory around the stage: what stands behind it is as it was.
 * Answers go out in pieces of every kind: one byte through the stage, or straight into a buffer.
 */
static const char *ask(struct talk *talk, const char *request)
{
	struct agent *agent = qga_agent(&talk->agent);
	const size_t from = offsetof(struct agent, answer) + offsetof(struct answer, stage) +
	                    sizeof(agent->answer.stage);
	unsigned char before[sizeof(struct qga)];

	memcpy(before, &talk->agent, sizeof(before));
	heard = talk_ask(talk, request);
	assert_memory_equal((unsigned char *)&talk->agent + from, before + from,
	                    sizeof(before) - from);
	return heard;
}

static const size_t pulls[] = {1,
                               2,
                               100,
                               sizeof(((struct answer *)0)->stage) - 1,
                               sizeof(((struct answer *)0)->stage),
                               1000,
                               4096};

#define EACH_PULL(i) (i = 0; i < sizeof(pulls) / sizeof(pulls[0]); i++)

static void handlers(void **state)
{
	size_t i, n;

	(void)state;
	for
		EACH_PULL(i)
		{
			struct talk talk = {.pull = pulls[i],
			                    .config = {.commands = own, .n_commands = 2}};

			talk_begin(&talk, 256, 16);
			for (n = QGA_STEP_MAX - 40; n < FAR_LONGER; n = n < 600 ? n + 1 : n + 333) {
				/* In the first step: nothing has been sent, so it is an error. */
				memcpy(steps, (size_t[]){n, 0, 0}, sizeof(steps));
				ask(&talk, ASK("flood"));
				if (strcmp(heard, NO_ROOM) != 0)
					assert_int_equal(strlen(heard),
					                 strlen("{\"return\": \"\"}\n") + n);
				assert_true(n > QGA_STEP_MAX - 2 || strcmp(heard, NO_ROOM) != 0);
				assert_true(n < FAR_LONGER - 400 || pulls[i] > 2000 ||
				            !strcmp(heard, NO_ROOM));
				/* In a later one: the line ends, and is no JSON. */
				memcpy(steps, (size_t[]){10, 10, n}, sizeof(steps));
				ask(&talk, ASK("flood"));
				assert_int_equal(heard[strlen(heard) - 1], '\n');
				if (strlen(heard) != strlen("{\"return\": \"\"}\n") + 20 + n)
					assert_string_equal(
						heard, "{\"return\": \"xxxxxxxxxxxxxxxxxxxx\n");
				assert_string_equal(ask(&talk, PING), DONE);
			}
			talk_end(&talk);
		}
}

/* A command that answers nothing has no buffer; that of the last answer is the caller's again. */
static void no_response(void **state)
{
	size_t i;

	(void)state;
	for
		EACH_PULL(i)
		{
			struct talk talk = {.pull = pulls[i],
			                    .config = {.commands = own, .n_commands = 2}};

			talk_begin(&talk, 256, 16);
			assert_string_equal(ask(&talk, ASK("silent")), "");
			assert_string_equal(ask(&talk, PING), DONE);
			assert_string_equal(ask(&talk, ASK("silent") PING ASK("silent")), DONE);
			assert_string_equal(ask(&talk, PING), DONE);
			talk_end(&talk);
		}
}

#define NO_REASON                                                                                \
	"{\"error\": {\"class\": \"GenericError\", \"desc\": \"the command does not say why it " \
	"failed\"}}\n"

/* A command that fails without a reason is an error, and is not called again. */
static void unexplained(void **state)
{
	size_t i;

	(void)state;
	for
		EACH_PULL(i)
		{
			struct talk talk = {.pull = pulls[i],
			                    .config = {.commands = own, .n_commands = 5}};

			talk_begin(&talk, 256, 16);
			assert_string_equal(ask(&talk, ASK("fails")), NO_REASON);
			assert_string_equal(ask(&talk, ASK("fails-silently")), NO_REASON);
			assert_string_equal(ask(&talk, ASK("astray")), NO_REASON);
			assert_string_equal(ask(&talk, PING), DONE);
			talk_end(&talk);
		}
}

/* --- Texts of the application --- */

static char text[FAR_LONGER + 1];

static void set_text(size_t n)
{
	memset(text, 'v', n);
	text[n] = '\0';
}

static void version(void **state)
{
	size_t i, n;

	(void)state;
	for
		EACH_PULL(i)
		{
			for (n = 0; n <= QGA_NAME_MAX; n++) {
				struct qga_command named = {.name = n ? text : "x", .run = silent};
				struct talk talk = {.pull = pulls[i],
				                    .config = {.version = text,
				                               .commands = &named,
				                               .n_commands = 1}};

				set_text(n);
				talk_begin(&talk, 256, 16);
				ask(&talk, ASK("guest-info"));
				assert_int_equal(strspn(strstr(heard, "\"version\": \"") + 12, "v"),
				                 n);
				assert_string_equal(ask(&talk, PING), DONE);
				talk_end(&talk);
			}
		}
}

static int freeze(void *context, const char *mountpoint, size_t len, const char **path)
{
	(void)context, (void)mountpoint, (void)len;
	*path = text;
	return QGA_EIO;
}

static int thaw(void *context)
{
	(void)context;
	return 0;
}

static int trim(void *context, size_t index, uint64_t minimum, const char **path, uint64_t *trimmed)
{
	(void)context, (void)minimum;
	*path = text;
	*trimmed = 1;
	return index == 0 ? 1 : index == 1 ? QGA_EIO : 0;
}

static int filesystem(void *context, size_t index, struct qga_filesystem *item)
{
	(void)context;
	*item = (struct qga_filesystem){.name = text, .mountpoint = text, .type = text};
	return index < 3;
}

static int disk(void *context, size_t index, struct qga_disk *item)
{
	(void)context;
	*item = (struct qga_disk){.name = text};
	return index < 3;
}

static const char *host_name(void *context)
{
	(void)context;
	return text;
}

/*
 * Longer than they may be: the answer is whole, or an error, or a line that ends; whatever comes
 * after it is answered.
 */
static void names_of_the_world(void **state)
{
	static const struct qga_freeze freezer = {.freeze = freeze, .thaw = thaw, .trim = trim};
	static const char *const asked[] = {
		ASK("guest-fsfreeze-freeze"), ASK("guest-fstrim"),     ASK("guest-get-fsinfo"),
		ASK("guest-get-disks"),       ASK("guest-get-osinfo"), ASK("guest-get-host-name"),
	};
	struct qga_inventory inventory = {.filesystem = filesystem,
	                                  .disk = disk,
	                                  .host_name = host_name,
	                                  .machine = text,
	                                  .kernel_release = text,
	                                  .kernel_version = text};
	size_t i, k, n;

	(void)state;
	for
		EACH_PULL(i)
		{
			struct talk talk = {.pull = pulls[i],
			                    .env = {.freeze = &freezer, .inventory = &inventory}};

			talk_begin(&talk, 256, 16);
			for (n = 0; n < FAR_LONGER; n = n < 600 ? n + 3 : n + 333) {
				set_text(n);
				for (k = 0; k < sizeof(asked) / sizeof(asked[0]); k++) {
					ask(&talk, asked[k]);
					assert_int_equal(heard[strlen(heard) - 1], '\n');
					if (n <= QGA_TEXT_MAX)
						assert_null(strstr(heard, "does not fit"));
				}
				assert_string_equal(ask(&talk, PING), DONE);
			}
			talk_end(&talk);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounded),
		cmocka_unit_test(portions),
		cmocka_unit_test(handlers),
		cmocka_unit_test(no_response),
		cmocka_unit_test(unexplained),
		cmocka_unit_test(version),
		cmocka_unit_test(names_of_the_world),
		cmocka_unit_test(portions_at_the_edge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
