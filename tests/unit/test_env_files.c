/* SPDX-License-Identifier: MIT */
/* test_env_files.c - each kind of file in the tree: opened, measured, read, written, frozen, removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "env/env.h"
#include "env/log.h"
#include "env/ram_files.h"
#include "fake_board.h"

#define R QGA_OPEN_READ
#define W (QGA_OPEN_WRITE | QGA_OPEN_CREATE)

static _Alignas(16) char log_memory[LOG_MIN], ram_memory[RAM_FOR(8 * RAM_BLOCK)];
static const struct board plain, ticking = {.has_rtc = true};
static struct ram_files ram;
static struct log *text_log;
static const struct qga_files *files;

static const struct fake_item items[] = {
	{"opt/a", "bytes", 5},
	{"a23456789b123456789c123456789d123456789e123456789f123456", "", 0},
	{"a23456789b123456789c123456789d123456789e123456789f1234567", "", 0},
	{NULL, NULL, 0},
};

static int set_up(void **state)
{
	(void)state;
	memset(&fake_board, 0, sizeof fake_board);
	memset(&ram, 0, sizeof ram);
	memset(log_memory, 0, sizeof log_memory);
	fake_board.items = items;
	text_log = log_open(log_memory, sizeof log_memory);
	memset(ram_memory, 0xaa, sizeof ram_memory);
	ram_init(&ram, ram_memory, sizeof ram_memory);
	files = env_files_init(&ram, text_log);
	env_restored_init(&plain);
	return 0;
}

static int try(const char *path, unsigned flags, void **file)
{
	return files->open(NULL, path, strlen(path), flags, file);
}

static void *opened(const char *path, unsigned flags)
{
	void *file = NULL;

	assert_int_equal(try(path, flags, &file), 0);
	return file;
}

/* What is in it, by its size and by reading it from `offset` on; and nothing is behind its end. */
static void assert_holds(void *file, uint64_t offset, const char *expected)
{
	size_t len = strlen(expected);
	char got[64];
	uint64_t size;

	assert_int_equal(files->size(NULL, file, &size), 0);
	assert_int_equal(size, offset + len);
	assert_int_equal(files->read(NULL, file, offset, got, sizeof got), len);
	assert_memory_equal(got, expected, len);
	assert_int_equal(files->read(NULL, file, size, got, sizeof got), 0);
	if (len > 1) {
		assert_int_equal(files->read(NULL, file, offset, got, 1), 1);
		assert_int_equal(got[0], expected[0]);
	}
}

static void in_ram(void **state)
{
	void *a = opened("/ram/a", W), *again;
	uint64_t size;

	(void)state;
	assert_int_equal(files->write(NULL, a, 0, "hello", 5), 5);
	assert_int_equal(files->write(NULL, a, 7, "you", 3), 3);
	assert_int_equal(files->size(NULL, a, &size), 0);
	assert_int_equal(size, 10);
	again = opened("/ram/./a", R);
	assert_int_equal(files->write(NULL, again, 5, ", ", 2), 2);
	assert_holds(again, 0, "hello, you");
	assert_holds(a, 2, "llo, you");
	files->close(NULL, again);
	again = opened("/ram/a", W | QGA_OPEN_TRUNCATE);
	assert_holds(a, 0, "");
	files->close(NULL, again);
	files->close(NULL, a);
	assert_int_equal(env_files_total(), 8 * RAM_BLOCK);
	assert_int_equal(env_files_used(), 0);
}

static void closed(void **state)
{
	void *file = opened("/ram/a", W);
	uint64_t size;
	char byte;

	(void)state;
	files->close(NULL, file);
	assert_int_equal(files->size(NULL, file, &size), QGA_EBADF);
	assert_int_equal(files->read(NULL, file, 0, &byte, 1), QGA_EBADF);
	assert_int_equal(files->write(NULL, file, 0, &byte, 1), QGA_EROFS);
}

static void of_fw_cfg(void **state)
{
	void *file = opened("/fw_cfg/opt/a", R);
	uint64_t size = 77;
	char path[80];

	(void)state;
	assert_holds(file, 0, "bytes");
	assert_holds(file, 3, "es");
	assert_int_equal(files->write(NULL, file, 0, "x", 1), QGA_EROFS);
	fake_board.items = NULL; /* it has gone */
	assert_int_equal(files->size(NULL, file, &size), QGA_EIO);
	assert_int_equal(size, 0);
	files->close(NULL, file);
	/* The longest name that an item may have, and one longer. */
	fake_board.items = items;
	strcat(strcpy(path, "/fw_cfg/"), items[1].name);
	files->close(NULL, opened(path, R));
	strcat(strcpy(path, "/fw_cfg/"), items[2].name);
	assert_int_equal(try(path, R, &file), QGA_ENOENT);
}

/* The log as it was when it was opened, and what came later. */
static void of_the_log(void **state)
{
	static char said[16] = "board\n";
	static struct board board = {.said = said};
	void *file;

	(void)state;
	env_init(&board);
	files = env_files_init(&ram, text_log);
	log_write(text_log, "one\n", 4);
	file = opened("/log", R);
	assert_holds(file, 0, "one\n");
	log_write(text_log, "two\n", 4);
	assert_holds(file, 4, "two\n");
	files->close(NULL, file);
	assert_string_equal(said, ""); /* into the log of the image, which is not ours */
}

static void of_the_crash(void **state)
{
	void *file;

	(void)state;
	assert_int_equal(try("/crash", R, &file), QGA_ENOENT);
	log_crash_add(text_log, "crashed", 7);
	file = opened("/crash", R);
	assert_holds(file, 0, "crashed\n");
	assert_holds(file, 6, "d\n");
	files->close(NULL, file);
	assert_int_equal(try("/crash", R | QGA_OPEN_WRITE, &file), QGA_EROFS);
	assert_int_equal(env_files_remove("/crash", 6), QGA_EROFS);
}

/* Of a machine that can know it. */
static void of_the_generation(void **state)
{
	char text[ENV_GENERATION_SIZE];
	void *file;
	size_t len;

	(void)state;
	assert_int_equal(try("/run/generation", R, &file), QGA_ENOENT);
	assert_int_equal(env_generation(text), 0);
	env_restored_init(&ticking);
	len = env_generation(text);
	text[len] = '\0';
	file = opened("/run/generation", R);
	assert_holds(file, 0, text);
	files->close(NULL, file);
	assert_int_equal(try("/run", R, &file), QGA_EISDIR);
}

/* Who has it open for writing finds it frozen, too. */
static void frozen(void **state)
{
	void *file = opened("/ram/a", W), *other;

	(void)state;
	env_files_freeze(true);
	assert_int_equal(files->write(NULL, file, 0, "x", 1), QGA_EBUSY);
	assert_int_equal(try("/ram/a", W, &other), QGA_EBUSY);
	assert_int_equal(try("/ram/b", W, &other), QGA_EBUSY);
	assert_int_equal(env_files_remove("/ram/a", 6), QGA_EBUSY);
	files->close(NULL, opened("/ram/a", R));
	env_files_freeze(false);
	assert_int_equal(files->write(NULL, file, 0, "x", 1), 1);
	assert_int_equal(env_files_remove("/ram/a", 6), 0);
	assert_holds(file, 0, "x"); /* until it is closed */
	files->close(NULL, file);
	assert_int_equal(try("/ram/a", R, &file), QGA_ENOENT);
}

static void removed(void **state)
{
	const char *path;
	size_t size;

	(void)state;
	files->close(NULL, opened("/ram/a", W));
	files->close(NULL, opened("/tmp/bb", W));
	assert_int_equal(env_files_list(0, &path, &size), 6);
	assert_int_equal(env_files_list(1, &path, &size), 7);
	assert_memory_equal(path, "/tmp/bb", 7);
	assert_int_equal(env_files_list(2, &path, &size), 0);
	assert_int_equal(env_files_remove("/ram/a", 6), 0);
	assert_int_equal(env_files_list(0, &path, &size), 7);
	assert_int_equal(env_files_list(1, &path, &size), 0);
	assert_int_equal(env_files_remove("", 0), QGA_ENOENT);
	assert_int_equal(env_files_remove("/ram/a", 6), QGA_ENOENT);
	assert_int_equal(env_files_remove("/ram", 4), QGA_EISDIR);
	assert_int_equal(env_files_remove("/tmp/bb/", 8), QGA_ENOTDIR);
	assert_int_equal(env_files_remove("bb", 2), 0);
}

/* Where names that begin with a dot, or are one too many, lead. */
static void dots(void **state)
{
	static const struct {
		const char *name, *path;
	} cases[] = {
		{"/..", "/"},           {"/../..", "/"},        {"/ram/..", "/"},
		{"/ram/.a", "/ram/.a"}, {"/ram/a.", "/ram/a."}, {"/ram/..a", "/ram/..a"},
		{".", "/tmp"},          {"x", "/tmp/x"},        {"/ram/ab", "/ram/ab"},
	};
	const char *path;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int n = env_path(cases[i].name, strlen(cases[i].name), env_files_step, &path);

		assert_int_equal(n, strlen(cases[i].path));
		assert_memory_equal(path, cases[i].path, (size_t)n);
	}
}

/* Without an application the RAM files are all there is. */
static void frozen_alone(void **state)
{
	const struct qga_freeze *all = env_freeze_init();
	struct qga_filesystem item;
	const char *path;

	(void)state;
	assert_null(all->trim);
	assert_int_equal(env_filesystem(NULL, 0, &item), 1);
	assert_string_equal(item.mountpoint, "/ram");
	assert_int_equal(env_filesystem(NULL, 1, &item), 0);
	assert_int_equal(all->freeze(NULL, NULL, 0, &path), 1);
	assert_int_equal(all->freeze(NULL, NULL, 0, &path), 0);
	assert_int_equal(all->thaw(NULL), 1);
	assert_int_equal(all->thaw(NULL), 0);
	env_files_init(NULL, NULL);
	assert_null(env_freeze_init());
}

/* Each part may be as long, but not both. */
static void too_long(void **state)
{
	char name[] =
		"/fw_cfg/0123456789012345678901234567890123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789012345678901234567890123456789"
		"/0123456789012345678901234567890123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789012345678901234567890123456789";
	char longest[8 + 256] = "/fw_cfg/";
	const char *path;

	(void)state;
	memset(longest + 8, 'x', 256);
	assert_int_equal(env_path(longest, 8 + 255, env_files_step, &path), 8 + 255);
	assert_int_equal(env_path(longest, 8 + 256, env_files_step, &path), QGA_ENAMETOOLONG);
	assert_int_equal(env_path(name, sizeof name - 1, env_files_step, &path), QGA_ENAMETOOLONG);
	assert_int_equal(env_path(name, ENV_PATH_MAX + 1, env_files_step, &path), QGA_ENAMETOOLONG);
	assert_int_equal(env_path(name, ENV_PATH_MAX, env_files_step, &path), ENV_PATH_MAX);
}

/* No room for files, or for a log, or for either. */
static void none(void **state)
{
	const char *path;
	size_t size;
	void *file;

	(void)state;
	files = env_files_init(NULL, text_log);
	assert_int_equal(try("/ram/a", W, &file), QGA_ENOENT);
	files->close(NULL, opened("/log", R));
	assert_int_equal(env_files_total(), 0);
	assert_int_equal(env_files_used(), 0);
	assert_int_equal(env_files_list(0, &path, &size), 0);
	files = env_files_init(&ram, NULL);
	assert_int_equal(try("/log", R, &file), QGA_ENOENT);
	assert_int_equal(try("/crash", R, &file), QGA_ENOENT);
	files->close(NULL, opened("/ram/a", W));
	assert_null(env_files_init(NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(in_ram, set_up),
		cmocka_unit_test_setup(closed, set_up),
		cmocka_unit_test_setup(of_fw_cfg, set_up),
		cmocka_unit_test_setup(of_the_log, set_up),
		cmocka_unit_test_setup(of_the_crash, set_up),
		cmocka_unit_test_setup(of_the_generation, set_up),
		cmocka_unit_test_setup(frozen, set_up),
		cmocka_unit_test_setup(frozen_alone, set_up),
		cmocka_unit_test_setup(removed, set_up),
		cmocka_unit_test_setup(dots, set_up),
		cmocka_unit_test_setup(too_long, set_up),
		cmocka_unit_test_setup(none, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
