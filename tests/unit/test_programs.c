/* SPDX-License-Identifier: MIT */
/* test_programs.c - the programs of guest-exec over a fake board: as coreutils' where these exist. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "env/env.h"
#include "env/log.h"
#include "env/programs.h"
#include "fake_board.h"
#include "fake_job.h"

#define FOR_EVER (UINT64_MAX / 4)

static _Alignas(16) char spare[1 << 20];
static char board_said[64] = "";
static const struct board board = {
	.name = "fake", .spare = spare, .spare_size = sizeof spare, .said = board_said};
static const struct qga_env *env;

#define RUN(...)        job_run(env->exec, "in\n", (char *[]){__VA_ARGS__, NULL})
#define WITH(text, ...) job_run(env->exec, text, (char *[]){__VA_ARGS__, NULL})

/* A run: its status, and all that it printed. */
#define SAYS(status, output, error, ...)                    \
	do {                                                \
		assert_int_equal(RUN(__VA_ARGS__), status); \
		assert_string_equal(ran.out, output);       \
		assert_string_equal(ran.err, error);        \
	} while (0)

static void write_file(const char *path, const char *text)
{
	const struct qga_files *files = env->files;
	size_t len = strlen(text);
	void *file;

	assert_int_equal(files->open(files->context, path, strlen(path),
	                             QGA_OPEN_WRITE | QGA_OPEN_CREATE | QGA_OPEN_TRUNCATE, &file),
	                 0);
	assert_int_equal(files->write(files->context, file, 0, text, len), len);
	files->close(files->context, file);
}

static bool there(const char *path)
{
	const struct qga_files *files = env->files;
	void *file;
	int error = files->open(files->context, path, strlen(path), QGA_OPEN_READ, &file);

	if (error == 0)
		files->close(files->context, file);
	return error == 0;
}

/* By a name in PATH, and by all that leads to it. */
static void finding(void **state)
{
	static char *const found[] = {"true",           "/bin/true",           "/usr/bin/true",
	                              "/bin//true",     "/bin/../bin/./true",  "/usr//bin/true",
	                              "//usr/bin/true", "/usr/../usr/bin/true"};
	static char *const missing[] = {"",           "tru",        "truer",           "./true",
	                                "/true",      "/bin/",      "/bin/true/",      "/usr/true",
	                                "bin/true",   "/etc//true", "/usr/bin/x/true", "/bin//tru",
	                                "/usr/bin//", "/abc/true",  "/xyz/abc/true"};

	(void)state;
	for (size_t i = 0; i < sizeof found / sizeof found[0]; i++)
		assert_int_equal(RUN(found[i]), 0);
	for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
		assert_int_equal(RUN(missing[i]), -1);
}

static void least(void **state)
{
	(void)state;
	SAYS(0, "", "", "true", "--nonsense");
	SAYS(1, "", "", "false");
	SAYS(0, "A=1\nB=two\n", "", "env");
	SAYS(0, "A=1\nB=two\n", "", "env", "--");
	SAYS(127, "", "env: 'ls': No such file or directory\n", "env", "ls");
	SAYS(125, "", "env: invalid option -- 'i'\n", "env", "-i");
	SAYS(125, "", "env: unrecognized option '--help'\n", "env", "--help");
}

static void echo(void **state)
{
	(void)state;
	SAYS(0, "\n", "", "echo");
	SAYS(0, "a  b c\n", "", "echo", "a ", "b", "c");
	SAYS(0, "a", "", "echo", "-n", "a");
	SAYS(0, "a\\n\n", "", "echo", "a\\n");
	SAYS(0, "a\n\n", "", "echo", "-e", "a\\n");
	SAYS(0, "a\n", "", "echo", "-ne", "a\\n");
	SAYS(0, "a\n", "", "echo", "-e", "-n", "a\\n");
	SAYS(0, "a\\n\n", "", "echo", "-eE", "a\\n");
	SAYS(0, "a\n\n", "", "echo", "-E", "-e", "a\\n");
	/* What is no option is text, and so is all behind it. */
	SAYS(0, "- -n\n", "", "echo", "-", "-n");
	SAYS(0, "-nx a\n", "", "echo", "-nx", "a");
	SAYS(0, "-- -e", "", "echo", "-n", "--", "-e");
}

static void escapes(void **state)
{
	static const struct {
		char *text;
		const char *shown;
	} cases[] = {
		{"\\a\\b\\e\\f\\n\\r\\t\\v\\\\", "\a\b\033\f\n\r\t\v\\"},
		{"\\x41\\x4g\\x4A\\xfe", "A\4gJ\xfe"},
		{"\\xg\\x", "\\xg\\x"},
		{"\\0101\\101\\018\\18\\1019", "AA\0018\0018A9"},
		{"\\01011\\1011\\x411", "A1A1A1"},
		{"\\q\\8\\", "\\q\\8\\"},
		{"a\\cb", "a"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(RUN("echo", "-ne", cases[i].text), 0);
		assert_string_equal(ran.out, cases[i].shown);
	}
}

/* A byte of any value. */
static void nul(void **state)
{
	(void)state;
	assert_int_equal(RUN("echo", "-e", "a\\0b"), 0);
	assert_int_equal(ran.out_len, 4);
	assert_memory_equal(ran.out, "a\0b\n", 4);
}

static void sleeping(void **state)
{
	static const struct {
		char *word;
		uint64_t ns;
	} cases[] = {
		{"0", 0},
		{"1", 1000000000},
		{"1.5", 1500000000},
		{".25s", 250000000},
		{"1.0000000019", 1000000001},
		{"2m", 120000000000},
		{"1h", 3600000000000},
		{"1.5d", 129600000000000},
		{"inf", FOR_EVER},
		{"infinity", FOR_EVER},
		{"99999999999999999999", FOR_EVER},
		{"999999999d", FOR_EVER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		SAYS(0, "", "", "sleep", cases[i].word);
		assert_true(ran.waited == cases[i].ns);
		assert_int_equal(ran.calls, 2);
	}
	SAYS(0, "", "", "sleep", "1", "--", "2m");
	assert_true(ran.waited == 121000000000);
	SAYS(0, "", "", "sleep", "inf", "inf");
	assert_true(ran.waited == FOR_EVER);
}

static void no_sleep(void **state)
{
	static char *const wrong[] = {"",      ".",   "m",        "1x",  "1mm",
	                              "1.2.3", "1e3", "infinite", "\xb2"};
	char said[64];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		strcpy(said, "sleep: invalid time interval '");
		strcat(strcat(said, wrong[i]), "'\n");
		SAYS(1, "", said, "sleep", wrong[i], "1");
		assert_true(ran.waited == 0);
	}
	SAYS(1, "", "sleep: missing operand\n", "sleep");
	SAYS(0, "", "", "sleep", "--"); /* as coreutils' */
	SAYS(1, "", "sleep: invalid option -- '1'\n", "sleep", "-1");
}

static void cat(void **state)
{
	char much[700], twice[1400];

	(void)state;
	memset(much, 'x', sizeof much - 1);
	much[sizeof much - 1] = '\0';
	strcat(strcpy(twice, much), much);
	write_file("/ram/much", much);
	write_file("/tmp/one", "1\n");
	write_file("/tmp/none", "");
	SAYS(0, "in\n", "", "cat");
	SAYS(0, "in\n", "", "cat", "-u", "-");
	SAYS(0, "1\nin\n1\n", "", "cat", "one", "-", "/tmp/none", "-", "one");
	SAYS(0, twice, "", "cat", "/ram/much", "--", "/ram/much");
	SAYS(1, "1\n", "cat: /ram/no: No such file or directory\n", "cat", "/ram/no", "one");
	SAYS(1, "", "cat: /ram: Is a directory\n", "cat", "/ram");
	SAYS(1, "", "cat: -u: No such file or directory\n", "cat", "--", "-u");
	SAYS(1, "", "cat: invalid option -- 'v'\n", "cat", "-uv", "one");
	assert_int_equal(WITH("", "cat"), 0);
	assert_string_equal(ran.out, "");
}

static void ls(void **state)
{
	(void)state;
	write_file("/ram/much", "1234567890");
	write_file("/tmp/one", "1\n");
	write_file("/tmp/none", "");
	SAYS(0, "/ram/much 10\n/tmp/one 2\n/tmp/none 0\n", "", "ls");
	SAYS(0, "/ram/much 10\n/tmp/one 2\n/tmp/none 0\n", "", "ls", "-1a", "/");
	SAYS(0, "/ram/much 10\n", "", "ls", "-p", "/ram");
	SAYS(0, "/tmp/one 2\n/tmp/none 0\n", "", "ls", "--", "/tmp/");
	SAYS(0, "one 2\n/ram/much 10\n", "", "ls", "one", "/ram/much");
	write_file("/tmp/z", ""); /* is shorter than where it might be */
	SAYS(0, "", "", "ls", "/fw_cfg");
	SAYS(0, "", "", "rm", "z");
	SAYS(2, "one 2\n", "ls: cannot access '/x': No such file or directory\n", "ls", "/x",
	     "one");
	SAYS(2, "", "ls: invalid option -- 'l'\n", "ls", "-l");
}

static void rm(void **state)
{
	(void)state;
	write_file("/ram/a", "");
	write_file("/tmp/-", "");
	write_file("/tmp/-f", "");
	SAYS(1, "", "rm: missing operand\n", "rm");
	SAYS(0, "", "", "rm", "-f");
	SAYS(1, "", "rm: missing operand\n", "rm", "--");
	SAYS(1, "", "rm: invalid option -- 'r'\n", "rm", "-r", "/ram/a");
	SAYS(1, "", "rm: cannot remove '/ram/b': No such file or directory\n", "rm", "/ram/b",
	     "/ram/a");
	assert_false(there("/ram/a"));
	SAYS(0, "", "", "rm", "-", "--", "-f");
	assert_false(there("/tmp/-") || there("/tmp/-f"));
	SAYS(0, "", "", "rm", "-f", "/ram/b");
	SAYS(1, "", "rm: cannot remove '/ram': Is a directory\n", "rm", "-f", "/ram");
	SAYS(1, "", "rm: cannot remove '/log': Read-only file system\n", "rm", "-f", "/log");
}

static void uptime(void **state)
{
	(void)state;
	fake_board.monotonic = 75999999999;
	SAYS(0, "75 s\n", "", "uptime");
	SAYS(1, "", "uptime: extra operand 'now'\n", "uptime", "now");
	SAYS(1, "", "uptime: invalid option -- 'p'\n", "uptime", "-p");
}

static void dmesg(void **state)
{
	char line[101] = "", first[2] = "a";

	(void)state;
	env_say("first");
	strcpy(board_said, "so\n"); /* which nobody has heard yet */
	SAYS(0, "first\nso\n", "", "dmesg");
	memset(line, '.', sizeof line - 1);
	for (; first[0] < 'h'; first[0]++) { /* more than one piece */
		line[0] = first[0];
		env_say(line);
	}
	assert_int_equal(RUN("dmesg"), 0);
	assert_int_equal(ran.out_len, 9 + 7 * 101);
	assert_memory_equal(ran.out + 9 + 6 * 101, line, 100);
	SAYS(1, "", "dmesg: extra operand 'x'\n", "dmesg", "x");
}

/* --- What is not there --- */

static int open_only(void *context, const char *path, size_t len, unsigned flags, void **file)
{
	(void)context, (void)path, (void)len, (void)flags;
	*file = NULL;
	return 0;
}

static void close_it(void *context, void *file)
{
	(void)context, (void)file;
}

static int no_size(void *context, void *file, uint64_t *size)
{
	(void)context, (void)file, (void)size;
	return QGA_EIO;
}

static int64_t no_read(void *context, void *file, uint64_t offset, void *buf, size_t len)
{
	(void)context, (void)file, (void)offset, (void)buf, (void)len;
	return QGA_EIO;
}

static void without(void **state)
{
	static const struct qga_files broken = {
		.open = open_only, .close = close_it, .size = no_size, .read = no_read};
	static const struct qga_clock stopped = {.get = NULL};

	(void)state;
	program_files_init(&broken);
	SAYS(1, "", "cat: x: Input/output error\n", "cat", "x");
	SAYS(2, "", "ls: cannot access 'x': Input/output error\n", "ls", "x");
	env_exec_init(NULL, NULL, NULL);
	SAYS(1, "", "cat: /log: No such file or directory\n", "cat", "/log");
	SAYS(1, "", "sleep: no clock\n", "sleep", "1");
	SAYS(1, "", "uptime: no clock\n", "uptime");
	SAYS(0, "", "", "dmesg");
	env_exec_init(NULL, &stopped, NULL);
	SAYS(1, "", "sleep: no clock\n", "sleep", "1");
	SAYS(1, "", "uptime: no clock\n", "uptime");
}

static int start(void **state)
{
	(void)state;
	env = env_init(&board);
	return 0;
}

static int no_files(void **state)
{
	(void)state;
	RUN("rm", "-f", "/ram/much", "/tmp/one", "/tmp/none");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dmesg),
		cmocka_unit_test(finding),
		cmocka_unit_test(least),
		cmocka_unit_test(echo),
		cmocka_unit_test(escapes),
		cmocka_unit_test(nul),
		cmocka_unit_test(sleeping),
		cmocka_unit_test(no_sleep),
		cmocka_unit_test_teardown(cat, no_files),
		cmocka_unit_test_teardown(ls, no_files),
		cmocka_unit_test(rm),
		cmocka_unit_test(uptime),
		cmocka_unit_test(without),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
