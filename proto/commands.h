/* SPDX-License-Identifier: MIT */
/* commands.h - the table of built-in commands; its order is guest-info's. */
#ifndef BAREQGA_COMMANDS_H
#define BAREQGA_COMMANDS_H

#include "bareqga.h"

extern const struct qga_command qga_commands[];
extern const unsigned qga_commands_count;

/* Does the environment have what the command needs? */
bool qga_command_offered(const struct qga_command *command, const struct qga_env *env);

#endif
