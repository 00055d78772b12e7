/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"
#include "commands.h"
#include "lookup.h"

/* What all built-in names begin with. */
#define PREFIX ((int)sizeof("guest-") - 1)

/* Not among what every request needs. */
#define COLD __attribute__((noinline, cold))

/* Command number i, which is there. */
static inline const struct command *row(const struct agent *agent, size_t i)
{
	return i < commands_count ? &commands[i] : &agent->config->commands[i - commands_count];
}

const struct command *lookup_command(const struct agent *agent, unsigned i)
{
	return i < commands_count + agent->config->n_commands ? row(agent, i) : NULL;
}

/* Is name in a list like "guest-exec,guest-exec-status"? */
static bool listed(const char *list, const char *name)
{
	size_t len = strlen(name), n;

	for (; *list; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n == len && !memcmp(list, name, len))
			return true;
	}
	return false;
}

static bool blocked(const struct agent_config *config, const char *name)
{
	if (config->allow_rpcs && config->allow_rpcs[0] && !listed(config->allow_rpcs, name))
		return true;
	return config->block_rpcs && listed(config->block_rpcs, name);
}

bool lookup_init(struct agent *agent)
{
	const struct agent_config *config = agent->config;
	size_t n = commands_count + config->n_commands, i;

	if (n > AGENT_COMMANDS_MAX)
		return false;
	for (i = commands_count; i < n; i++)
		if (strlen(row(agent, i)->name) > AGENT_NAME_MAX)
			return false;
	if (!config->allow_rpcs && !config->block_rpcs)
		return true;
	for (i = 0; i < n; i++)
		if (blocked(config, row(agent, i)->name))
			agent->lookup.blocked[i / 8] |= (uint8_t)(1U << i % 8);
	return true;
}

static inline bool offered(const struct agent *agent, const struct command *command)
{
	return !command->needs.size || command_offered(command, agent->config->env);
}

/*
 * The row of this name, if it is offered, or -1. All names of the table begin with the same
 * `prefix` characters, so that these are compared once. From the end, where those rows stand that
 * are asked for all day.
 */
static int search(const struct agent *agent, const struct span *name, const struct command *table,
                  size_t n, int prefix)
{
	const char *const end = name->ptr + name->len;
	int same = 0;

	while (n-- > 0) {
		const char *p = name->ptr + same, *known = table[n].name + same;

		while (p < end && *p == *known)
			p++, known++;
		if (p == end && !*known && offered(agent, &table[n]))
			return (int)n;
		if (p - name->ptr < prefix)
			break;
		same = prefix;
	}
	return -1;
}

const struct command *lookup_find(const struct agent *agent, const struct span *name,
                                  unsigned *number)
{
	const struct agent_config *config = agent->config;
	int i = search(agent, name, commands, commands_count, PREFIX);

	*number = (unsigned)i;
	if (i >= 0)
		return &commands[i];
	/* Where one is not offered, there may be the application's own of that name. */
	i = search(agent, name, config->commands, config->n_commands, 0);
	*number = (unsigned)i + commands_count;
	return i < 0 ? NULL : &config->commands[i];
}

bool lookup_offered(const struct agent *agent, unsigned i)
{
	return offered(agent, row(agent, i));
}

static bool frozen(const struct agent *agent)
{
#if AGENT_WITH_FREEZE
	return agent->freeze.frozen;
#else
	(void)agent;
	return false;
#endif
}

const char *lookup_disabled(const struct agent *agent, const struct command *command,
                            unsigned number)
{
	unsigned by_list = agent->lookup.blocked[number / 8] >> number % 8 & 1;
	unsigned by_frost = frozen(agent) & !(command->flags & CMD_WHEN_FROZEN);

	if (!(by_list | by_frost))
		return NULL;
	return by_list ? "" : ": the agent is in frozen state";
}
