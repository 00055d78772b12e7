/* SPDX-License-Identifier: MIT */
/* guest-file-*: callbacks that fail late, say too much or are missing; arguments out of their range. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cmd/base64.h"
#include "talk.h"

#define SIZE        6000
#define FAILS(text) "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}\n"
#define READ(n)     "guest-file-read", "\"handle\":1000,\"count\":" #n
#define POSITION    "guest-file-seek", "\"handle\":1000,\"offset\":0,\"whence\":\"cur\""
#define AT(n)       "{\"return\": {\"eof\": false, \"position\": " #n "}}\n"
#define OPENED      "{\"return\": 1000}\n"

static uint8_t content[SIZE];
static int64_t then; /* what read() returns when it has read 3 bytes; 0: more bytes */

static int file_open(void *context, const char *path, size_t len, unsigned flags, void **file)
{
	(void)context, (void)path, (void)len, (void)flags;
	*file = content;
	return 0;
}

static void file_close(void *context, void *file)
{
	(void)context, (void)file;
}

static int file_size(void *context, void *file, uint64_t *size)
{
	(void)context, (void)file;
	*size = SIZE;
	return 0;
}

static int64_t file_read(void *context, void *file, uint64_t offset, void *buf, size_t len)
{
	(void)context, (void)file;
	if (then && offset % 9 == 3)
		return then;
	if (then && len > 3)
		len = 3;
	memcpy(buf, content + offset, len);
	return (int64_t)len;
}

static int64_t file_write(void *context, void *file, uint64_t offset, const void *buf, size_t len)
{
	(void)context, (void)file;
	memcpy(content + offset, buf, len);
	return (int64_t)len;
}

static const struct qga_files all = {.open = file_open,
                                     .close = file_close,
                                     .size = file_size,
                                     .read = file_read,
                                     .write = file_write},
			      few = {.open = file_open,
                                     .close = file_close,
                                     .size = file_size,
                                     .read = file_read};

static void begin(struct talk *talk, const struct qga_files *files)
{
	then = 0;
	for (size_t i = 0; i < SIZE; i++)
		content[i] = (uint8_t)(i * 7 + i / 251);
	talk->env.files = files;
	talk_begin(talk, 512, 32);
}

static const char *ask(struct talk *talk, const char *command, const char *arguments)
{
	char request[256];

	snprintf(request, sizeof(request), "{\"execute\":\"%s\",\"arguments\":{%s}}", command,
	         arguments);
	return talk_ask(talk, request);
}

static void open_as(struct talk *talk, const char *mode)
{
	char arguments[64];

	snprintf(arguments, sizeof(arguments), "\"path\":\"/f\",\"mode\":\"%s\"", mode);
	assert_string_equal(ask(talk, "guest-file-open", arguments), OPENED);
}

/* The first bytes came and the next ones cannot: the promised count is kept, with zeros. */
static void read_fails_late(void **state)
{
	static const int64_t late[] = {QGA_EIO, 7, INT64_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(late) / sizeof(late[0]); i++) {
		struct talk talk = {0};

		begin(&talk, &all);
		memcpy(content, "abcdefghi", 9);
		then = late[i]; /* an error, or more than was asked for */
		open_as(&talk, "r");
		assert_string_equal(
			ask(&talk, READ(9)),
			"{\"return\": {\"count\": 9, \"buf-b64\": \"YWJjAAAAAAAA\", \"eof\": false}}\n");
		assert_string_equal(ask(&talk, POSITION), AT(9));
		talk_end(&talk);
	}
}

/* As many bytes as are asked for, through room of any size. */
static void any_count(void **state)
{
	static char expected[2 * SIZE], arguments[64];
	const size_t pulls[] = {1, 700, 4096};
	size_t p, n;

	(void)state;
	for (p = 0; p < sizeof(pulls) / sizeof(pulls[0]); p++) {
		struct talk talk = {.pull = pulls[p]};

		begin(&talk, &all);
		open_as(&talk, "r");
		for (n = 0; n < 3000; n += n < 900 ? 1 : 379) {
			char *to = expected;

			ask(&talk, "guest-file-seek", "\"handle\":1000,\"offset\":0,\"whence\":0");
			to += sprintf(to, "{\"return\": {\"count\": %zu, \"buf-b64\": \"", n);
			to += qga_base64_encode(to, content, n);
			sprintf(to, "\", \"eof\": false}}\n");
			sprintf(arguments, "\"handle\":1000,\"count\":%zu", n);
			assert_string_equal(ask(&talk, "guest-file-read", arguments), expected);
		}
		talk_end(&talk);
	}
}

static void out_of_range(void **state)
{
	static const struct {
		const char *command, *arguments, *answer;
	} lines[] = {
		{READ(-1), FAILS("value '-1' is invalid for argument count")},
		{READ(50331649), FAILS("value '50331649' is invalid for argument count")},
		{READ(0), "{\"return\": {\"count\": 0, \"buf-b64\": \"\", \"eof\": false}}\n"},
		{"guest-file-seek", "\"handle\":1000,\"offset\":0,\"whence\":-1",
	         FAILS("invalid whence code -1")},
		{"guest-file-seek", "\"handle\":1000,\"offset\":0,\"whence\":3",
	         FAILS("invalid whence code 3")},
		{"guest-file-write", "\"handle\":1000,\"buf-b64\":\"YWJj\",\"count\":-1",
	         FAILS("value '-1' is invalid for argument count")},
		{"guest-file-write", "\"handle\":1000,\"buf-b64\":\"YWJj\",\"count\":4",
	         FAILS("value '4' is invalid for argument count")},
		{POSITION, AT(0)},
		{"guest-file-write", "\"handle\":1000,\"buf-b64\":\"\"",
	         "{\"return\": {\"count\": 0, \"eof\": false}}\n"},
		{"guest-file-write", "\"handle\":1000,\"buf-b64\":\"eHh4\",\"count\":0",
	         "{\"return\": {\"count\": 0, \"eof\": false}}\n"},
		{POSITION, AT(0)},
		{"guest-file-write", "\"handle\":1000,\"buf-b64\":\"eHh4\",\"count\":2",
	         "{\"return\": {\"count\": 2, \"eof\": false}}\n"},
		{POSITION, AT(2)},
	};
	struct talk talk = {0};

	(void)state;
	begin(&talk, &all);
	open_as(&talk, "r+");
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_string_equal(ask(&talk, lines[i].command, lines[i].arguments),
		                    lines[i].answer);
	assert_memory_equal(content, "xx\x0E", 3);
	talk_end(&talk);
}

/* What a handle was not opened for, and what nobody backs. */
static void not_to_be_done(void **state)
{
	struct talk writing = {0}, reading = {0}, lacking = {0};

	(void)state;
	begin(&writing, &all);
	open_as(&writing, "w");
	assert_string_equal(ask(&writing, READ(1)),
	                    FAILS("failed to read file: Bad file descriptor"));
	assert_string_equal(ask(&writing, READ(0)),
	                    "{\"return\": {\"count\": 0, \"buf-b64\": \"\", \"eof\": false}}\n");
	talk_end(&writing);

	begin(&reading, &all);
	open_as(&reading, "r");
	assert_string_equal(
		ask(&reading, "guest-file-write", "\"handle\":1000,\"buf-b64\":\"eHh4\""),
		FAILS("failed to write to file: Bad file descriptor"));
	assert_string_equal(ask(&reading, "guest-file-write", "\"handle\":1000,\"buf-b64\":\"\""),
	                    "{\"return\": {\"count\": 0, \"eof\": false}}\n");
	talk_end(&reading);

	begin(&lacking, &few);
	open_as(&lacking, "r+");
	assert_string_equal(
		ask(&lacking, "guest-file-write", "\"handle\":1000,\"buf-b64\":\"eHh4\""),
		FAILS("failed to write to file: Read-only file system"));
	/* Nothing is kept back, so there is nothing to do. */
	assert_string_equal(ask(&lacking, "guest-file-flush", "\"handle\":1000"),
	                    "{\"return\": {}}\n");
	talk_end(&lacking);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_fails_late),
		cmocka_unit_test(any_count),
		cmocka_unit_test(out_of_range),
		cmocka_unit_test(not_to_be_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
