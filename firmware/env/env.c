/* SPDX-License-Identifier: MIT */
/*
 * env.c - see env.h: divides the board's spare memory and joins the groups.
 *
 *     spare memory:  | log and crash record | guest-exec jobs | files in RAM                    |
 *
 * The log comes first and at a fixed size, so that it is found again after a reset.
 */
#include <string.h>

#include "app.h"
#include "env.h"
#include "log.h"
#include "ram_files.h"

/* Bytes of the log's ring, of all guest-exec jobs, and most for files in RAM. */
#ifndef ENV_LOG_SIZE
#define ENV_LOG_SIZE 16384
#endif
#ifndef ENV_JOBS_SIZE
#define ENV_JOBS_SIZE (QGA_JOBS_MAX * 131072)
#endif
#ifndef ENV_RAM_FILES_SIZE
#define ENV_RAM_FILES_SIZE (64 << 20)
#endif

/* See torso_ns(); unless it is set, 10 s. */
#define TORSO_NS     10000000000u
#define TORSO_DIGITS 5

/* The file tree is for clients and for programs. */
#define WITH_TREE (QGA_WITH_FILES || QGA_WITH_EXEC)

static struct qga_env env;
static const struct board *the_board;
static struct ram_files ram;
static struct log *the_log;
static void *jobs;
static size_t jobs_size;

void env_say(const char *text)
{
	board_debug(text, strlen(text));
	log_write(the_log, text, strlen(text));
	log_write(the_log, "\n", 1);
}

/* Takes up to n bytes of the spare memory, an eighth of what is left if that is less. */
static void *carve(char **at, size_t *left, size_t *n)
{
	char *piece = *at;

	if (*n > *left / 8)
		*n = *left / 8 & ~(size_t)15;
	*at += *n;
	*left -= *n;
	return piece;
}

static void divide(const struct board *board)
{
	char *at = (char *)(((uintptr_t)board->spare + 15) & ~(uintptr_t)15);
	size_t left = board->spare_size > 15 ? board->spare_size - 15 : 0, n;

	n = ENV_LOG_SIZE + sizeof(struct log);
	the_log = log_open(carve(&at, &left, &n), n);
	if (QGA_WITH_EXEC) {
		jobs_size = ENV_JOBS_SIZE;
		jobs = carve(&at, &left, &jobs_size);
	}
	if (WITH_TREE)
		ram_init(&ram, at, left < ENV_RAM_FILES_SIZE ? left : ENV_RAM_FILES_SIZE);
}

const struct qga_env *env_init(const struct board *board)
{
	the_board = board;
	divide(board);
	env_crash_init(board, the_log);
	env.clock = env_clock_init(board);
	env.power = env_power_init(board);
	if (WITH_TREE)
		env.files = env_files_init(ram.n_blocks > 0 ? &ram : NULL, the_log);
	if (QGA_WITH_EXEC && jobs_size > 0)
		env.exec = env_exec_init(env.files, env.clock, the_log);
	if (QGA_WITH_FREEZE)
		env.freeze = env_freeze_init();
	if (QGA_WITH_INVENTORY)
		env.inventory = env_inventory_init(board);
	if (app.init)
		app.init(board);
	return &env;
}

/* The setting `torso`: so many seconds of silence end the torso of a request; 0: none do. */
static uint64_t torso_ns(void)
{
	const char *text = env_setting(ENV_SETTING("torso"), the_board->cmdline);
	uint32_t seconds = 0;
	size_t len = 0;

	if (!text)
		return TORSO_NS;
	for (; text[len] >= '0' && text[len] <= '9' && len < TORSO_DIGITS; len++)
		seconds = seconds * 10 + (uint32_t)(text[len] - '0');
	if (len > 0 && text[len] == '\0')
		return (uint64_t)seconds * 1000000000u;
	env_say("bareqga: setting torso is no number of seconds and not used");
	return TORSO_NS;
}

/* The host's list, or the application's. */
static const char *policy(const char *item, const char *own)
{
	const char *list = env_setting(item, the_board->cmdline);

	return list ? list : own;
}

void env_config(struct qga_config *config)
{
	config->env = &env;
	config->commands = app.commands;
	config->n_commands = app.n_commands;
	config->allow_rpcs = policy(ENV_SETTING("allow-rpcs"), app.allow_rpcs);
	config->block_rpcs = policy(ENV_SETTING("block-rpcs"), app.block_rpcs);
	if (QGA_WITH_LINE && the_board->is_line)
		config->torso_ns = torso_ns();
	config->jobs = jobs;
	config->jobs_size = jobs_size;
}

uint64_t env_poll(bool answered)
{
	if (QGA_WITH_INVENTORY && answered)
		env_load_sample();
	if (the_board->poll) {
		uint64_t board = the_board->poll(), own = app.poll ? app.poll() : UINT64_MAX;

		return own < board ? own : board;
	}
	return app.poll ? app.poll() : UINT64_MAX;
}
