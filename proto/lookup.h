/* SPDX-License-Identifier: MIT */
/*
 * lookup.h - finding a command by its name, and whether it may be run.
 *
 * The built-in table and the application's are numbered through, in this order. A table of hashes
 * finds a name in a few steps, whatever the number of commands.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "agent_config.h"
#include "command.h"

/* Slots; a power of two, with room to spare so that searches stay short. */
#define LOOKUP_SLOTS (AGENT_COMMANDS_MAX * 2)

_Static_assert((LOOKUP_SLOTS & (LOOKUP_SLOTS - 1)) == 0 && AGENT_COMMANDS_MAX < 255,
               "AGENT_COMMANDS_MAX must be a power of two below 255");

struct lookup {
	unsigned n;
	uint8_t slot[LOOKUP_SLOTS];                    /* number + 1 of a command; 0: free */
	uint8_t blocked[(AGENT_COMMANDS_MAX + 7) / 8]; /* by allow_rpcs and block_rpcs */
};

/* Builds the table; false if there are more commands than AGENT_COMMANDS_MAX. */
bool lookup_init(struct agent *agent);

/* Command number i, or NULL past the last. */
const struct command *lookup_command(const struct agent *agent, unsigned i);

/* The number of the command of this name, or -1. Those that are not offered are not found. */
int lookup_find(const struct agent *agent, const struct span *name);

/* Is command number i there at all? */
bool lookup_offered(const struct agent *agent, unsigned i);

/* Why it may not be run now: the rest of a sentence; NULL: it may. */
const char *lookup_disabled(const struct agent *agent, unsigned i);

#endif
