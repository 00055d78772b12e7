/* SPDX-License-Identifier: MIT */
/* test_files.c - modes, handles, positions and counts of guest-file-*, each at its edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "talk.h"

#define FAILS(text)  "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}\n"
#define LARGEST      (48 << 20)     /* bytes of one read */
#define LAST         17592186040320 /* the last position */
#define AT(position) "{\"return\": {\"eof\": false, \"position\": " position "}}\n"
#define READ(n, data, eof) \
	"{\"return\": {\"count\": " n ", \"buf-b64\": \"" data "\", \"eof\": " eof "}}\n"
#define WROTE(n) "{\"return\": {\"count\": " n ", \"eof\": false}}\n"

static struct {
	unsigned flags;  /* of the last open() */
	char data[4096]; /* of the file; there is one */
	uint64_t size;
	int64_t portion; /* bytes that a read gives at most */
	unsigned reads, writes, opened, closed;
	uint64_t offset; /* of the last write() */
} world;

static int file_open(void *context, const char *path, size_t len, unsigned flags, void **file)
{
	(void)context, (void)path, (void)len;
	world.flags = flags;
	world.opened++;
	*file = NULL;
	return 0;
}

static void file_close(void *context, void *file)
{
	(void)context, (void)file;
	world.closed++;
}

static int file_size(void *context, void *file, uint64_t *size)
{
	(void)context, (void)file;
	*size = world.size;
	return 0;
}

static int64_t file_read(void *context, void *file, uint64_t offset, void *buf, size_t len)
{
	size_t n = offset < world.size ? (size_t)(world.size - offset) : 0;

	(void)context, (void)file;
	world.reads++;
	assert_int_not_equal(len, 0);
	n = n < len ? n : len;
	n = n < (size_t)world.portion ? n : (size_t)world.portion;
	if (offset < sizeof(world.data))
		memcpy(buf, world.data + offset, n);
	return (int64_t)n;
}

static int64_t file_write(void *context, void *file, uint64_t offset, const void *buf, size_t len)
{
	(void)context, (void)file;
	assert_int_not_equal(len, 0);
	world.writes++;
	world.offset = offset;
	if (offset + len <= sizeof(world.data))
		memcpy(world.data + offset, buf, len);
	world.size = offset + len > world.size ? offset + len : world.size;
	return (int64_t)len;
}

static const struct qga_files files = {.open = file_open,
                                       .close = file_close,
                                       .size = file_size,
                                       .read = file_read,
                                       .write = file_write};
static const struct qga_files to_read = {
	.open = file_open, .close = file_close, .size = file_size, .read = file_read};
static struct talk talk;

static void begin(const struct qga_files *of)
{
	memset(&world, 0, sizeof(world));
	memset(&talk, 0, sizeof(talk));
	world.portion = 1 << 20;
	talk.env.files = of;
	talk_begin(&talk, 1024, 64);
}

static int setup(void **state)
{
	(void)state;
	begin(&files);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talk_end(&talk);
	return 0;
}

static const char *ask(const char *command, const char *arguments)
{
	static char request[1024];

	snprintf(request, sizeof(request), "{\"execute\":\"guest-file-%s\",\"arguments\":{%s}}",
	         command, arguments);
	return talk_ask(&talk, request);
}

static const char *open_as(const char *mode)
{
	char arguments[64];

	snprintf(arguments, sizeof(arguments), "\"path\":\"/f\",\"mode\":\"%s\"", mode);
	return ask("open", arguments);
}

enum {
	R = QGA_OPEN_READ,
	W = QGA_OPEN_WRITE,
	C = QGA_OPEN_CREATE,
	T = QGA_OPEN_TRUNCATE
};

/* What each mode opens, and what may be done then. */
static void modes(void **state)
{
	static const struct {
		const char *mode;
		unsigned flags;
	} good[] = {
		{"r", R},
		{"rb", R},
		{"r+", R | W},
		{"rb+", R | W},
		{"r+b", R | W},
		{"w", W | C | T},
		{"wb", W | C | T},
		{"w+", W | C | T | R},
		{"wb+", R | W | C | T},
		{"w+b", R | W | C | T},
		{"a", W | C},
		{"ab", W | C},
		{"a+", R | W | C},
		{"a+b", R | W | C},
		{"ab+", R | W | C},
	};
	static const char *const bad[] = {"",    "b",    "+",    "x",  "rr", "rw", "rx", "r++",
	                                  "rbb", "rb+b", "r+b+", "rt", "wx", "br", "+r", "R"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		setup(state);
		world.size = 3;
		memcpy(world.data, "abc", 3);
		assert_string_equal(open_as(good[i].mode), "{\"return\": 1000}\n");
		assert_int_equal(world.flags, good[i].flags);
		assert_string_equal(ask("read", "\"handle\":1000,\"count\":1"),
		                    good[i].flags & R
		                            ? READ("1", "YQ==", "false")
		                            : FAILS("failed to read file: Bad file descriptor"));
		assert_string_equal(
			ask("write", "\"handle\":1000,\"buf-b64\":\"eA==\""),
			good[i].flags & W ? WROTE("1")
					  : FAILS("failed to write to file: Bad file descriptor"));
		if (good[i].flags & W)
			assert_int_equal(world.offset, good[i].mode[0] == 'a' ? 3
			                               : good[i].flags & R    ? 1
			                                                      : 0);
		teardown(state);
	}
	setup(state);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char answer[128];

		sprintf(answer, FAILS("invalid file open mode '%s'"), bad[i]);
		assert_string_equal(open_as(bad[i]), answer);
	}
	assert_string_equal(ask("open", "\"path\":\"/f\""), "{\"return\": 1000}\n");
	assert_int_equal(world.flags, R);
	teardown(state);
}

/* Handles count on, and one that was closed is none, whoever has its place. */
static void handles(void **state)
{
	char text[64], answer[128];

	(void)state;
	for (int i = 0; i < QGA_FILES_MAX; i++) {
		sprintf(answer, "{\"return\": %d}\n", 1000 + i);
		assert_string_equal(open_as("r"), answer);
	}
	assert_string_equal(open_as("r"),
	                    FAILS("failed to open file '/f' (mode: 'r'): Too many open files"));
	for (int i = QGA_FILES_MAX; i < 3 * QGA_FILES_MAX; i++) {
		int old = 1000 + i - QGA_FILES_MAX;

		sprintf(text, "\"handle\":%d", old);
		assert_string_equal(ask("close", text), "{\"return\": {}}\n");
		sprintf(answer, FAILS("handle '%d' has not been found"), old);
		assert_string_equal(ask("close", text), answer);
		assert_string_equal(ask("flush", text), answer);
		assert_string_equal(ask("read", text), answer);
		sprintf(answer, "{\"return\": %d}\n", 1000 + i);
		assert_string_equal(open_as("r"), answer);
	}
	assert_int_equal(world.closed, 2 * QGA_FILES_MAX);
	assert_string_equal(ask("flush", "\"handle\":0"), FAILS("handle '0' has not been found"));
	assert_string_equal(ask("flush", "\"handle\":-1"), FAILS("handle '-1' has not been found"));
	sprintf(text, "\"handle\":%d", 1000 + 3 * QGA_FILES_MAX - 1);
	assert_string_equal(ask("flush", text), "{\"return\": {}}\n");
}

/* From where a file is to the last place that it may be at, and not one further. */
static void seeks(void **state)
{
	static const struct {
		int64_t offset;
		int whence;
		int64_t position; /* -1: an error */
	} rows[] = {
		{LAST, 0, LAST}, {1, 1, -1},         {LAST + 1, 0, -1},   {-LAST, 1, 0},
		{-1, 1, -1},     {-1, 0, -1},        {100, 0, 100},       {LAST - 100, 1, LAST},
		{100, 0, 100},   {LAST - 99, 1, -1}, {-100, 1, 0},        {-5, 2, 0},
		{-6, 2, -1},     {0, 2, 5},          {LAST - 5, 2, LAST}, {LAST - 4, 2, -1},
	};
	char text[160];

	(void)state;
	world.size = 5;
	open_as("r");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *answer;

		sprintf(text, "\"handle\":1000,\"offset\":%lld,\"whence\":%d",
		        (long long)rows[i].offset, rows[i].whence);
		answer = ask("seek", text);
		sprintf(text, AT("%lld"), (long long)rows[i].position);
		assert_string_equal(answer,
		                    rows[i].position >= 0
		                            ? text
		                            : FAILS("failed to seek file: Invalid argument"));
	}
}

static void counts_of_a_read(void **state)
{
	char text[64], answer[128];

	(void)state;
	memcpy(world.data, "abcde", 5);
	world.size = 5;
	open_as("r");
	assert_string_equal(ask("read", "\"handle\":1000,\"count\":0"), READ("0", "", "false"));
	assert_int_equal(world.reads, 0);
	assert_string_equal(ask("read", "\"handle\":1000,\"count\":1"), READ("1", "YQ==", "false"));
	/* As often as it takes, and not once more. */
	world.reads = 0;
	world.portion = 1;
	assert_string_equal(ask("read", "\"handle\":1000,\"count\":4"),
	                    READ("4", "YmNkZQ==", "false"));
	assert_int_equal(world.reads, 4);
	assert_string_equal(ask("read", "\"handle\":1000,\"count\":1"), READ("0", "", "true"));
	assert_int_equal(world.reads, 4);
	ask("seek", "\"handle\":1000,\"offset\":3,\"whence\":0");
	sprintf(text, "\"handle\":1000,\"count\":%d", LARGEST);
	assert_string_equal(ask("read", text), READ("2", "ZGU=", "true"));
	sprintf(text, "\"handle\":1000,\"count\":%d", LARGEST + 1);
	sprintf(answer, FAILS("value '%d' is invalid for argument count"), LARGEST + 1);
	assert_string_equal(ask("read", text), answer);
	assert_string_equal(ask("read", "\"handle\":1000,\"count\":-1"),
	                    FAILS("value '-1' is invalid for argument count"));
}

/* Through buffers of any size, whatever part of the answer just fills one. */
static void reads_through_any_room(void **state)
{
	static char expected[8192], text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(world.data); i++)
		world.data[i] = 'f';
	open_as("r");
	for (talk.pull = 1000; talk.pull < 1008; talk.pull++)
		for (size_t n = 500; n < 760; n++) {
			size_t at = (size_t)sprintf(
				expected, "{\"return\": {\"count\": %zu, \"buf-b64\": \"", n);

			world.size = n;
			for (size_t i = 0; i < n / 3; i++)
				at += (size_t)sprintf(expected + at, "ZmZm");
			sprintf(expected + at, "%s\", \"eof\": true}}\n",
			        n % 3 == 1   ? "Zg=="
			        : n % 3 == 2 ? "ZmY="
			                     : "");
			ask("seek", "\"handle\":1000,\"offset\":0,\"whence\":0");
			sprintf(text, "\"handle\":1000,\"count\":%zu", n + 1);
			assert_string_equal(ask("read", text), expected);
		}
}

static void counts_of_a_write(void **state)
{
	(void)state;
	open_as("w");
	assert_string_equal(ask("write", "\"handle\":1000,\"buf-b64\":\"\""), WROTE("0"));
	assert_string_equal(ask("write", "\"handle\":1000,\"buf-b64\":\"YWJj\",\"count\":0"),
	                    WROTE("0"));
	assert_int_equal(world.writes, 0);
	assert_string_equal(ask("write", "\"handle\":1000,\"buf-b64\":\"YWJj\",\"count\":1"),
	                    WROTE("1"));
	assert_string_equal(ask("write", "\"handle\":1000,\"buf-b64\":\"YWJj\",\"count\":3"),
	                    WROTE("3"));
	assert_memory_equal(world.data, "aabc", 4);
	assert_int_equal(world.size, 4);
	assert_string_equal(ask("write", "\"handle\":1000,\"buf-b64\":\"YWJj\",\"count\":4"),
	                    FAILS("value '4' is invalid for argument count"));
	assert_string_equal(ask("write", "\"handle\":1000,\"buf-b64\":\"YWJj\",\"count\":-1"),
	                    FAILS("value '-1' is invalid for argument count"));
	assert_string_equal(ask("seek", "\"handle\":1000,\"offset\":0,\"whence\":1"), AT("4"));
	/* To the last byte that there may be. */
	ask("seek", "\"handle\":1000,\"offset\":17592186040319,\"whence\":0");
	assert_string_equal(ask("write", "\"handle\":1000,\"buf-b64\":\"YWI=\""),
	                    FAILS("failed to write to file: File too large"));
	assert_string_equal(ask("write", "\"handle\":1000,\"buf-b64\":\"YQ==\""), WROTE("1"));
	/* Nowhere at all. */
	teardown(state);
	begin(&to_read);
	open_as("w");
	assert_string_equal(ask("write", "\"handle\":1000,\"buf-b64\":\"YQ==\""),
	                    FAILS("failed to write to file: Read-only file system"));
	assert_string_equal(ask("write", "\"handle\":1000,\"buf-b64\":\"\""), WROTE("0"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes),
		TEST(handles),
		TEST(seeks),
		TEST(counts_of_a_read),
		TEST(reads_through_any_room),
		TEST(counts_of_a_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
