/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"
#include "commands.h"
#include "lookup.h"

/*
 * Three letters tell commands apart: the first one after "guest-", the last one, and the last but
 * two. With these factors hardly two of the built-in names fall on the same slot.
 */
static size_t hash(const char *name, size_t len)
{
	const uint8_t *p = (const uint8_t *)name;

	if (len < sizeof("guest-"))
		return len;
	return len + p[len - 1] * 3U + p[len - 3] * 9U + p[sizeof("guest-") - 1] * 4U;
}

/* Command number i, which is there. */
static inline const struct command *row(const struct agent *agent, size_t i)
{
	return i < commands_count ? &commands[i] : &agent->config->commands[i - commands_count];
}

const struct command *lookup_command(const struct agent *agent, unsigned i)
{
	return i < agent->lookup.n ? row(agent, i) : NULL;
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
	struct lookup *lookup = &agent->lookup;
	size_t n = commands_count + agent->config->n_commands;
	unsigned i;

	memset(lookup, 0, sizeof(*lookup));
	if (n > AGENT_COMMANDS_MAX)
		return false;
	for (i = 0; i < n; i++) {
		const char *name = row(agent, i)->name;
		size_t len = strlen(name);
		size_t at = hash(name, len);

		if (len > AGENT_NAME_MAX)
			return false;
		while (lookup->slot[at % LOOKUP_SLOTS])
			at++;
		lookup->slot[at % LOOKUP_SLOTS] = (uint8_t)(i + 1);
		if (blocked(agent->config, name))
			lookup->blocked[i / 8] |= (uint8_t)(1U << i % 8);
	}
	lookup->n = i;
	return true;
}

int lookup_find(const struct agent *agent, const struct span *name)
{
	const uint8_t *slots = agent->lookup.slot;
	size_t at = hash(name->ptr, name->len);

	for (; slots[at % LOOKUP_SLOTS]; at++) {
		size_t i = slots[at % LOOKUP_SLOTS] - (size_t)1;
		const char *known = row(agent, i)->name;

		/* Behind one that is not offered there may be the application's own of that name.
		 */
		if (span_is(name, known) && lookup_offered(agent, (unsigned)i))
			return (int)i;
	}
	return -1;
}

bool lookup_offered(const struct agent *agent, unsigned i)
{
	return command_offered(row(agent, i), agent->config->env);
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

const char *lookup_disabled(const struct agent *agent, unsigned i)
{
	if (agent->lookup.blocked[i / 8] >> i % 8 & 1)
		return "";
	if (frozen(agent) && !(row(agent, i)->flags & CMD_WHEN_FROZEN))
		return ": the agent is in frozen state";
	return NULL;
}
