/* SPDX-License-Identifier: MIT */
/*
 * lookup.h - finding a command by its name, and whether it may be run.
 *
 * The built-in table and the application's are numbered through, in this order. Names are searched
 * for, not hashed: a table of hashes would have to be built before the first answer.
 */
#ifndef BAREQGA_CORE_LOOKUP_H
#define BAREQGA_CORE_LOOKUP_H

#include "bareqga.h"

struct lookup {
	uint8_t blocked[(QGA_COMMANDS_MAX + 7) / 8]; /* by allow_rpcs and block_rpcs */
};

/* Reads the lists. */
void qga_lookup_init(struct agent *agent);

/* Command number i, or NULL past the last. */
const struct qga_command *qga_lookup_command(const struct agent *agent, unsigned i);

/* The command of this name and its number; NULL: there is none, or it is not offered. */
const struct qga_command *qga_lookup_find(const struct agent *agent, const struct qga_span *name,
                                          unsigned *number);

/* Is command number i there at all? */
bool qga_lookup_offered(const struct agent *agent, unsigned i);

/* Why a command may not be run now: the rest of a sentence; NULL: it may. */
const char *qga_lookup_disabled(const struct agent *agent, const struct qga_command *command,
                                unsigned number);

#endif
