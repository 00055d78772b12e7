/* SPDX-License-Identifier: MIT */
/* exec_stream.h - output of a program of the guest while it runs. */
#ifndef QGACTL_EXEC_STREAM_H
#define QGACTL_EXEC_STREAM_H

#include "command.h"
#include "program.h"

/* As program_start() and program_wait(), and copies output to stdout and stderr meanwhile. */
int exec_stream(struct context *c, const struct program *p, double until, long long *pid,
                json_t **ended);

#endif
