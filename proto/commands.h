/* SPDX-License-Identifier: MIT */
/* commands.h - the table of built-in commands; its order is guest-info's. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "command.h"

extern const struct command commands[];
extern const unsigned commands_count;

/* Does the environment have what the command needs? */
bool command_offered(const struct command *command, const struct agent_env *env);

#endif
