/* SPDX-License-Identifier: MIT */
/* commands.h - the table of built-in commands; its order is guest-info's. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "command.h"

extern const struct command commands[];
extern const unsigned commands_count;

#endif
