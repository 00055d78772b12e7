/* SPDX-License-Identifier: MIT */
/* complete.h - what TAB offers at the prompt: commands, options, paths of both sides. */
#ifndef QGACTL_COMPLETE_H
#define QGACTL_COMPLETE_H

#include "command.h"

/* Lets libedit ask us; the context is asked for paths of the guest. */
void complete_begin(struct context *c);

/*
 * What fits to the word at [start, end) of the line, a list as rl_completion_matches() makes it, or
 * NULL. *more: the word may go on, as a directory does.
 */
char **complete_line(struct context *c, const char *line, int start, int end);

#endif
