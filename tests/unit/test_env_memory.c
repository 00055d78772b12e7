/* SPDX-License-Identifier: MIT */
/*
 * test_env_memory.c - how the image's memory is divided, from a board that has none up; and the settings
 * that go into an agent's configuration.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "env/env.h"
#include "env/log.h"
#include "fake_board.h"

#define MIB (1u << 20)

static char least[512];

static const struct qga_config given = {.request = least,
                                        .request_size = sizeof least,
                                        .tokens = least,
                                        .tokens_size = sizeof least};

static void nothing(void **state)
{
	static const struct board board = {.name = "bare", .cmdline = ""};
	struct qga_config config = given;
	const struct qga_env *env = env_init(&board);

	(void)state;
	assert_null(env->power);
	assert_null(env->files);
	assert_null(env->exec);
	assert_null(env->freeze);
	assert_null(env->clock->get);
	assert_non_null(env->clock->monotonic);
	assert_null(env->inventory->vcpu);
	assert_null(env->inventory->memory_block);
	assert_null(env->inventory->filesystem);
	assert_null(env->inventory->route);
	assert_null(env->inventory->set_vcpu);
	assert_string_equal(env->inventory->host_name(NULL), "localhost");
	assert_non_null(strstr(env->inventory->os_release(NULL), "ID=bareqga\n"));
	env_config(&config);
	assert_ptr_equal(config.env, env);
	assert_ptr_equal(config.request, least);
	assert_ptr_equal(config.tokens, least);
	assert_int_equal(config.jobs_size, 0);
	assert_true(config.torso_ns == 0);
	assert_null(config.allow_rpcs);
	assert_null(config.block_rpcs);
	env_watch(); /* and there is nothing to watch */
	assert_null(fake_board.notice);
	assert_true(env_poll(true) == UINT64_MAX);
}

/* Too little for anything, whatever it begins at. */
static void a_few_bytes(void **state)
{
	static char spare[16];
	static struct board board = {.name = "bare", .spare = spare + 1};

	(void)state;
	for (board.spare_size = 1; board.spare_size < 16; board.spare_size++)
		assert_null(env_init(&board)->files);
}

/* A log, jobs and files, but requests are no larger than what the image brings. */
static void small(void **state)
{
	static char spare[MIB], said[] = "board: hello\n";
	static const struct board board = {.name = "small",
	                                   .said = said,
	                                   .spare = spare,
	                                   .spare_size = sizeof spare,
	                                   .powers = 1};
	struct qga_config config = given;
	const struct qga_env *env = env_init(&board);
	char text[32];
	void *file;

	(void)state;
	env_config(&config);
	assert_ptr_equal(config.request, least);
	assert_ptr_equal(config.tokens, least);
	assert_in_range(config.jobs_size, MIB / 8, MIB / 4);
	assert_non_null(env->exec);
	assert_non_null(env->power);
	assert_non_null(env->freeze);
	assert_non_null(env->inventory->filesystem);
	assert_in_range(env_files_total(), MIB / 2, MIB);
	assert_string_equal(said, ""); /* what the board had said is in the log */
	assert_int_equal(env->files->open(NULL, "/log", 4, QGA_OPEN_READ, &file), 0);
	assert_int_equal(env->files->read(NULL, file, 0, text, sizeof text), 13);
	assert_memory_equal(text, "board: hello\n", 13);
	env->files->close(NULL, file);
}

static void assert_within(const void *part, size_t size, const char *all, size_t all_size)
{
	const char *at = part;

	assert_true(at >= all && size <= all_size && (size_t)(at - all) <= all_size - size);
	assert_int_equal((uintptr_t)at % 16, 0);
}

/* There is room for more than the image brings, unless that is more. */
static void large(void **state)
{
	static struct board board = {.name = "large", .spare_size = 64 * MIB};
	struct qga_config config = given;
	char *spare = malloc(board.spare_size);

	(void)state;
	board.spare = spare + 1;
	board.spare_size -= 1;
	spare[0] = '\0';
	memset(spare, 0, 2 * MIB);
	env_init(&board);
	env_config(&config);
	assert_in_range(config.request_size, 15 * MIB, 16 * MIB);
	assert_in_range(config.tokens_size, 4 * MIB, 6 * MIB + 16);
	assert_in_range(config.jobs_size, 8 * MIB, 16 * MIB);
	assert_within(config.request, config.request_size, spare, 64 * MIB);
	assert_within(config.tokens, config.tokens_size, spare, 64 * MIB);
	assert_within(config.jobs, config.jobs_size, spare, 64 * MIB);
	assert_true(config.request + config.request_size <= (char *)config.tokens);
	assert_true((char *)config.tokens + config.tokens_size <= (char *)config.jobs);
	config = given;
	config.request_size = config.tokens_size = 128 * MIB;
	env_config(&config);
	assert_ptr_equal(config.request, least);
	assert_ptr_equal(config.tokens, least);
	free(spare);
}

/* No more than is of use is taken: all that a machine of 4 GiB has left is not the files'. */
static void more_than_enough(void **state)
{
	static struct board board = {.name = "huge", .spare_size = (size_t)8 << 30};
	struct qga_config config = given;
	char *spare = calloc(1, MIB);

	(void)state;
	board.spare = spare;
	env_init(&board); /* touches nothing but the log */
	env_config(&config);
	assert_int_equal(config.request_size, 68 * MIB);
	assert_int_equal(config.tokens_size, MIB * QGA_TOKEN_SIZE);
	assert_int_equal(env_files_total(), 64 * MIB);
	free(spare);
}

/* --- Settings --- */

static void torso(void **state)
{
	static const struct {
		const char *cmdline;
		uint64_t seconds;
		bool understood;
	} cases[] = {
		{"", 10, true},
		{"bareqga.torso=0", 0, true},
		{"bareqga.torso=30", 30, true},
		{"bareqga.torso=99999", 99999, true},
		{"bareqga.torso=100000", 10, false},
		{"bareqga.torso=5s", 10, false},
		{"bareqga.torso=-5", 10, false},
	};
	struct board board = {.name = "line", .is_line = true};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct qga_config config = given;

		board.cmdline = cases[i].cmdline;
		env_init(&board);
		fake_board.said[0] = '\0';
		env_config(&config);
		assert_true(config.torso_ns == cases[i].seconds * 1000000000);
		assert_string_equal(fake_board.said,
		                    cases[i].understood
		                            ? ""
		                            : "bareqga: setting torso is no number of seconds and "
		                              "not used\n");
	}
}

static void lists(void **state)
{
	static const struct board board = {
		.name = "lists",
		.cmdline = "bareqga.allow-rpcs=a,b bareqga.block-rpcs=c bareqga.fault=late=1"};
	struct qga_config config = given;

	(void)state;
	env_init(&board);
	fake_board.said[0] = '\0';
	env_config(&config);
	assert_string_equal(config.allow_rpcs, "a,b");
	assert_string_equal(config.block_rpcs, "c");
	assert_string_equal(
		fake_board.said,
		"bareqga: setting fault is not used: it needs an image made with APP=fault\n");
}

static uint64_t often(void)
{
	return 5;
}

static void poll_of_the_board(void **state)
{
	static const struct board board = {.name = "polls", .poll = often};

	(void)state;
	env_init(&board);
	assert_int_equal(env_poll(false), 5);
}

/* Values are kept as long as there is room for them. */
static void too_many(void **state)
{
	static char long_one[] = "bareqga.a=0123456789012345678901234567890123456789", line[256];
	const char *value;
	unsigned n = 0;

	(void)state;
	while ((value = env_setting(ENV_SETTING("a"), long_one))) {
		assert_string_equal(value, long_one + 10);
		assert_in_range(++n, 1, ENV_SETTINGS_SIZE / 40);
	}
	/* What is left is filled to the last byte, and then there is no room at all. */
	fake_board.said[0] = '\0';
	for (size_t len = 40; len > 0; len--) {
		memcpy(line, long_one, 10 + len);
		line[10 + len] = '\0';
		env_setting(ENV_SETTING("a"), line);
	}
	fake_board.said[0] = '\0';
	assert_null(env_setting(ENV_SETTING("a"), "bareqga.a=1"));
	assert_string_equal(fake_board.said, "bareqga: setting a is too long and not used\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),
		cmocka_unit_test(a_few_bytes),
		cmocka_unit_test(small),
		cmocka_unit_test(large),
		cmocka_unit_test(more_than_enough),
		cmocka_unit_test(torso),
		cmocka_unit_test(lists),
		cmocka_unit_test(poll_of_the_board),
		cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
