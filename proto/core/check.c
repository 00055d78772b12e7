/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "args.h"
#include "check.h"
#include "commands.h"

static bool is_aligned(const void *memory, size_t to)
{
	return (uintptr_t)memory % to == 0;
}

/* Will it stand in an answer as it is? From `min` to QGA_NAME_MAX characters. */
static bool is_plain(const char *text, size_t min)
{
	size_t n = 0;

	for (; n <= QGA_NAME_MAX && text[n]; n++)
		if (text[n] < 0x20 || text[n] > 0x7E || text[n] == '"' || text[n] == '\\')
			return false;
	return n >= min && n <= QGA_NAME_MAX;
}

static int check_memory(const struct qga_config *c)
{
	size_t tokens = c->tokens_size / QGA_TOKEN_SIZE;
	size_t most = QGA_SMALL || QGA_TINY ? QGA_SMALL_TOKENS : INT32_MAX;

	if (!c->env || !c->version || !c->request || !c->tokens || (c->channel && !c->channel->ops))
		return QGA_FAULT_NULL;
	if (c->request_size < QGA_REQUEST_MIN || c->request_size > QGA_REQUEST_MAX)
		return QGA_FAULT_REQUEST;
	if (tokens < QGA_TOKENS_MIN || tokens > most)
		return QGA_FAULT_TOKENS;
	if (!is_aligned(c->tokens, _Alignof(int)) || !is_aligned(c->jobs, _Alignof(void *)))
		return QGA_FAULT_ALIGNMENT;
	return is_plain(c->version, 0) ? 0 : QGA_FAULT_VERSION;
}

static int check_env(const struct qga_config *c)
{
	const struct qga_env *env = c->env;
	bool monotonic = env->clock && env->clock->monotonic;

	if (c->torso_ns && (!monotonic || !QGA_WITH_LINE))
		return QGA_FAULT_CLOCK;
	if (env->power && env->power->off && !monotonic)
		return QGA_FAULT_CLOCK;
#if QGA_WITH_FREEZE
	if (env->freeze && env->freeze->freeze && !env->freeze->thaw)
		return QGA_FAULT_ENV;
	if (env->freeze && env->freeze->watchdog_ns && !monotonic)
		return QGA_FAULT_CLOCK;
#endif
#if QGA_WITH_FILES
	if (env->files && env->files->open &&
	    (!env->files->close || !env->files->size || !env->files->read))
		return QGA_FAULT_ENV;
#endif
#if QGA_WITH_INVENTORY && QGA_WITH_HOOKS
	if (env->inventory && env->inventory->set_vcpu && !env->inventory->vcpu)
		return QGA_FAULT_ENV;
#endif
#if QGA_WITH_EXEC
	if (env->exec && env->exec->find && (!c->jobs || !c->jobs_size))
		return QGA_FAULT_JOBS;
#endif
	return 0;
}

/* --- The application's commands --- */

#if QGA_WITH_OWN

/* Has one of the rows after this one the same name? It would never be given a value. */
static bool is_repeated(const struct qga_arg *row)
{
	const struct qga_arg *other;

	for (other = row + 1; other->name; other++)
		if (strcmp(other->name, row->name) == 0)
			return true;
	return false;
}

#if QGA_WITH_NESTED

/* What follows an argument's type; *inner: the rows that are inside of it, or NULL. */
static int check_type(const struct qga_arg *row, const struct qga_arg **inner)
{
	*inner = NULL;
	switch (row->type) {
	case QGA_ARG_INT:
	case QGA_ARG_UINT:
	case QGA_ARG_BOOL:
	case QGA_ARG_STR:
		return 0;
	case QGA_ARG_ENUM:
	case QGA_ARG_ALT_INT_ENUM:
	case QGA_ARG_ALT_BOOL_ENUM:
		return row->names && row->names[0] ? 0 : QGA_FAULT_ARG;
	case QGA_ARG_LIST:
		*inner = row->item;
		return row->item ? 0 : QGA_FAULT_ARG;
	case QGA_ARG_STRUCT:
		*inner = row->members;
		return row->members ? 0 : QGA_FAULT_ARG;
	default:
		return QGA_FAULT_ARG;
	}
}

/* Goes through all rows, and those in them; a list's item is one row and needs no name. */
static int check_nested(const struct qga_arg *args)
{
	const struct qga_arg *at[ARGS_DEPTH_MAX] = {args}, *inner;
	bool item[ARGS_DEPTH_MAX] = {false};
	int depth = 0, fault;

	while (depth >= 0) {
		const struct qga_arg *row = at[depth];

		if (!row || (!row->name && !item[depth])) {
			depth--;
			continue;
		}
		if (!item[depth] && is_repeated(row))
			return QGA_FAULT_DUPLICATE;
		at[depth] = item[depth] ? NULL : row + 1;
		fault = check_type(row, &inner);
		if (fault)
			return fault;
		if (!inner)
			continue;
		if (++depth == ARGS_DEPTH_MAX)
			return QGA_FAULT_NESTING;
		at[depth] = inner;
		item[depth] = row->type == QGA_ARG_LIST;
	}
	return 0;
}

#else

static int check_nested(const struct qga_arg *args)
{
	for (; args && args->name; args++) {
		if (args->type > QGA_ARG_STR)
			return QGA_FAULT_NESTING;
		if (is_repeated(args))
			return QGA_FAULT_DUPLICATE;
	}
	return 0;
}

#endif

/*
 * Does a command of this name come before number n? One of a built-in's name is good: it is there
 * where the built-in is not offered.
 */
static bool is_name_taken(const struct qga_config *c, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(c->commands[i].name, c->commands[n].name) == 0)
			return true;
	return false;
}

static int check_command(const struct qga_config *c, size_t n)
{
	const struct qga_command *command = &c->commands[n];
	size_t args = 0;

	if (!command->name || !is_plain(command->name, 1))
		return QGA_FAULT_NAME;
	if (!command->run)
		return QGA_FAULT_RUN;
	if (is_name_taken(c, n))
		return QGA_FAULT_DUPLICATE;
	while (command->args && command->args[args].name)
		if (++args > QGA_ARGS_MAX)
			return QGA_FAULT_ARGS;
	return check_nested(command->args);
}

static int check_commands(const struct qga_config *c)
{
	int fault = 0;
	size_t i;

	if (c->n_commands > 0 && !c->commands)
		return QGA_FAULT_NULL;
	if (c->n_commands > QGA_COMMANDS_MAX - qga_commands_count)
		return QGA_FAULT_COMMANDS;
	for (i = 0; i < c->n_commands && !fault; i++)
		fault = check_command(c, i);
	return fault;
}

#else

/* There can be none, and no lists. */
static int check_commands(const struct qga_config *c)
{
	return c->n_commands > 0 || c->allow_rpcs || c->block_rpcs ? QGA_FAULT_COMMANDS : 0;
}

#endif

static int check_all(const struct qga_config *config)
{
	int fault;

	/* The smallest image of all: its configuration is constants, and its flash is full. */
	if (QGA_TINY && !QGA_WITH_OWN)
		return 0;
	fault = check_memory(config);
	if (!fault)
		fault = check_env(config);
	return fault ? fault : check_commands(config);
}

int qga_init_build(struct qga *qga, const struct qga_config *config, uint32_t build)
{
	int fault;

	/* Before anything is written: the caller's struct qga may be smaller than ours. */
	if (build != QGA_BUILD)
		return QGA_FAULT_BUILD;
	fault = check_all(config);
	if (!fault)
		qga_init_unchecked(qga, config);
	return fault;
}
