/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"
#include "commands.h"
#include "lookup.h"
#include "policy.h"

#if !QGA_TINY

/* What all built-in names begin with. */
#define LOOKUP_PREFIX ((int)sizeof("guest-") - 1)

/* Not among what every request needs. */
#define COLD __attribute__((noinline, cold))

/* Command number i, which is there. */
static inline const struct qga_command *lookup_row(const struct agent *agent, size_t i)
{
	return i < qga_commands_count ? &qga_commands[i]
	                              : &agent->config->commands[i - qga_commands_count];
}

const struct qga_command *qga_lookup_command(const struct agent *agent, unsigned i)
{
	return i < qga_commands_count + agent->config->n_commands ? lookup_row(agent, i) : NULL;
}

void qga_lookup_init(struct agent *agent)
{
	const struct qga_config *config = agent->config;
	size_t n = qga_commands_count + config->n_commands, i;

	if (!QGA_WITH_OWN || (!config->allow_rpcs && !config->block_rpcs))
		return;
	for (i = 0; i < n; i++)
		if (qga_policy_blocks(config, lookup_row(agent, i)->name))
			agent->lookup.blocked[i / 8] |= (uint8_t)(1U << i % 8);
}

static inline bool lookup_is_offered(const struct agent *agent, const struct qga_command *command)
{
	return !command->needs.size || qga_command_offered(command, agent->config->env);
}

/*
 * The row of this name, if it is offered, or -1. All names of the table begin with the same
 * `prefix` characters, so that these are compared once. From the end, where those rows stand that
 * are asked for all day.
 */
static int lookup_search(const struct agent *agent, const struct qga_span *name,
                         const struct qga_command *table, size_t n, int prefix)
{
	const char *const end = name->ptr + name->len;
	int same = 0;

	while (n-- > 0) {
		const char *p = name->ptr + same, *known = table[n].name + same;

		while (p < end && *p == *known && *known)
			p++, known++;
		if (p == end && !*known && lookup_is_offered(agent, &table[n]))
			return (int)n;
		if (p - name->ptr < prefix)
			break;
		same = prefix;
	}
	return -1;
}

const struct qga_command *qga_lookup_find(const struct agent *agent, const struct qga_span *name,
                                          unsigned *number)
{
	const struct qga_config *config = agent->config;
	int i = lookup_search(agent, name, qga_commands, qga_commands_count, LOOKUP_PREFIX);

	*number = (unsigned)i;
	if (i >= 0)
		return &qga_commands[i];
	if (!QGA_WITH_OWN)
		return NULL;
	/* Where one is not offered, there may be the application's own of that name. */
	i = lookup_search(agent, name, config->commands, config->n_commands, 0);
	*number = (unsigned)i + qga_commands_count;
	return i < 0 ? NULL : &config->commands[i];
}

bool qga_lookup_offered(const struct agent *agent, unsigned i)
{
	return lookup_is_offered(agent, lookup_row(agent, i));
}

static bool lookup_is_frozen(const struct agent *agent)
{
#if QGA_WITH_FREEZE
	return agent->freeze.frozen;
#else
	(void)agent;
	return false;
#endif
}

const char *qga_lookup_disabled(const struct agent *agent, const struct qga_command *command,
                                unsigned number)
{
	if (agent->lookup.blocked[number / 8] >> number % 8 & 1)
		return "";
	if (lookup_is_frozen(agent) && !(command->flags & QGA_WHEN_FROZEN))
		return ": the agent is in frozen state";
	return NULL;
}

#endif
