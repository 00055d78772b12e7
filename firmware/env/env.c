/* SPDX-License-Identifier: MIT */
/*
 * env.c - see env.h: divides the board's spare memory and joins the groups.
 *
 *     spare memory:  | log and crash record | request | tokens | guest-exec jobs | files in RAM |
 *
 * The log comes first and at a fixed size, so that it is found again after a reset. All others get
 * a share of what there is, up to what is of use: memory that nobody has written to costs the host
 * nothing.
 */
#include <string.h>

#include "app.h"
#include "env.h"
#include "log.h"
#include "ram_files.h"

/* Bytes of the log's ring. */
#ifndef ENV_LOG_SIZE
#define ENV_LOG_SIZE 16384
#endif

/*
 * Most bytes of a request, and tokens: whatever qemu-ga takes, which is 64 MiB, here with the heads
 * of long strings, and 2^21 tokens, here without the punctuation behind each. A guest-exec job has
 * room for its input of that size, and for 16 MiB of each output; files in RAM get most bytes.
 */
#ifndef ENV_REQUEST_MAX
#define ENV_REQUEST_MAX (68 << 20)
#endif
#ifndef ENV_TOKENS_MAX
#define ENV_TOKENS_MAX (1 << 20)
#endif
#ifndef ENV_JOB_MAX
#define ENV_JOB_MAX (80 << 20)
#endif
#ifndef ENV_RAM_FILES_SIZE
#define ENV_RAM_FILES_SIZE RAM_FOR(64 << 20)
#endif

/* With less for a request than this, what main.c has will do. */
#define ENV_REQUEST_MIN (1 << 20)

/* See torso_ns(); unless it is set, 10 s. */
#define TORSO_NS     10000000000u
#define TORSO_DIGITS 5

/* The file tree is for clients and for programs. */
#define WITH_TREE (QGA_WITH_FILES || QGA_WITH_EXEC)

static struct qga_env env;
static const struct board *the_board;
static struct ram_files ram;
static struct log *the_log;
static struct piece {
	void *at;
	size_t size;
} request, tokens, jobs;

void env_say(const char *text)
{
	board_debug(text, strlen(text));
	log_write(the_log, text, strlen(text));
	log_write(the_log, "\n", 1);
}

void env_hear(void)
{
	char *said = the_board->said;

	if (!said)
		return;
	log_write(the_log, said, strlen(said));
	said[0] = '\0';
}

/* Takes up to `most` bytes of what is left, one of so many parts of it if that is less. */
static struct piece carve(struct piece *left, size_t most, unsigned parts)
{
	size_t part = left->size / parts;
	struct piece piece = {left->at, (part < most ? part : most) & ~(size_t)15};

	left->at = (char *)left->at + piece.size;
	left->size -= piece.size;
	return piece;
}

static void divide(const struct board *board)
{
	struct piece left = {(void *)(((uintptr_t)board->spare + 15) & ~(uintptr_t)15),
	                     board->spare_size > 15 ? board->spare_size - 15 : 0};
	struct piece log = carve(&left, ENV_LOG_SIZE + sizeof(struct log), 8);

	the_log = log_open(log.at, log.size);
	if (left.size / 4 >= ENV_REQUEST_MIN) {
		request = carve(&left, ENV_REQUEST_MAX, 4);
		if (!QGA_SMALL)
			tokens = carve(&left, ENV_TOKENS_MAX * QGA_TOKEN_SIZE, 8);
	}
	if (QGA_WITH_EXEC)
		jobs = carve(&left, (size_t)ENV_JOB_MAX * QGA_JOBS_MAX, 4);
	if (WITH_TREE)
		ram_init(&ram, left.at,
		         left.size < ENV_RAM_FILES_SIZE ? left.size : ENV_RAM_FILES_SIZE);
}

const struct qga_env *env_init(const struct board *board)
{
	the_board = board;
	divide(board);
	if (board->said)
		env_hear();
	env_crash_init(board, the_log);
	env_restored_init(board);
	env.clock = env_clock_init(board);
	env.power = env_power_init(board);
	if (WITH_TREE)
		env.files = env_files_init(ram.n_blocks > 0 ? &ram : NULL, the_log);
	if (QGA_WITH_EXEC && jobs.size > 0)
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

/* What the host has set. */
static void settle(struct qga_config *config)
{
	config->allow_rpcs = policy(ENV_SETTING("allow-rpcs"), app.allow_rpcs);
	config->block_rpcs = policy(ENV_SETTING("block-rpcs"), app.block_rpcs);
	if (!app.configure && env_setting(ENV_SETTING("fault"), the_board->cmdline))
		env_say("bareqga: setting fault is not used: it needs an image made with APP=fault");
}

void env_config(struct qga_config *config)
{
	config->env = &env;
	config->commands = app.commands;
	config->n_commands = app.n_commands;
	config->allow_rpcs = app.allow_rpcs;
	config->block_rpcs = app.block_rpcs;
	if (!the_board->nothing_set)
		settle(config);
	if (QGA_WITH_LINE && the_board->is_line)
		config->torso_ns = torso_ns();
	if (request.size > config->request_size) {
		config->request = request.at;
		config->request_size = request.size;
	}
	if (tokens.size > config->tokens_size) {
		config->tokens = tokens.at;
		config->tokens_size = tokens.size;
	}
	config->jobs = jobs.at;
	config->jobs_size = jobs.size;
	if (app.configure)
		app.configure(config);
}

uint64_t env_poll(bool answered)
{
	if (answered) {
		env_watch();
		if (QGA_WITH_INVENTORY)
			env_load_sample();
	}
	if (the_board->poll) {
		uint64_t board = the_board->poll(), own = app.poll ? app.poll() : UINT64_MAX;

		return own < board ? own : board;
	}
	return app.poll ? app.poll() : UINT64_MAX;
}
