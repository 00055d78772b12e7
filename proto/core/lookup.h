/* SPDX-License-Identifier: MIT */
/*
 * lookup.h - finding a command by its name, and whether it may be run.
 *
 * The built-in table and the application's are numbered through, in this order. Names are searched
 * for, not hashed: a table of hashes would have to be built before the first answer.
 */
#ifndef LOOKUP_H
#define LOOKUP_H

#include "agent_config.h"
#include "command.h"

struct lookup {
	uint8_t blocked[(AGENT_COMMANDS_MAX + 7) / 8]; /* by allow_rpcs and block_rpcs */
};

/* Reads the lists; false if there are more commands than AGENT_COMMANDS_MAX, or too long names. */
bool lookup_init(struct agent *agent);

/* Command number i, or NULL past the last. */
const struct command *lookup_command(const struct agent *agent, unsigned i);

/* The command of this name and its number; NULL: there is none, or it is not offered. */
const struct command *lookup_find(const struct agent *agent, const struct span *name,
                                  unsigned *number);

/* Is command number i there at all? */
bool lookup_offered(const struct agent *agent, unsigned i);

/* Why a command may not be run now: the rest of a sentence; NULL: it may. */
const char *lookup_disabled(const struct agent *agent, const struct command *command,
                            unsigned number);

#endif
