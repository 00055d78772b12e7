/* SPDX-License-Identifier: MIT */
/*
 * kernel.h - what the parts of the example's kernel share. kernel.c is its loop and its agents;
 * world.c what the agents may do in it; port.c how their bytes get in and out.
 */
#ifndef EMBED_KERNEL_H
#define EMBED_KERNEL_H

#include <bareqga.h>

#include "machine.h"

/*
 * How the agents are run:
 *     KERNEL_POLLING    no device interrupts: the loop looks whenever it comes around
 *     (nothing)         a handler calls qga_interrupt() and nothing else
 *     KERNEL_SMP        likewise, but that handler is another processor's
 *     KERNEL_HANDLER    wholly inside of handlers; the loop knows nothing of agents
 * and KERNEL_STREAM: one agent on the serial port, by struct qga_stream.
 */

/* The loop's own work: units that were done, and those that wait. */
struct work {
	uint64_t done, queued;
	bool frozen; /* none is done */
};

extern struct work work;

/* Appends a line to the log, and to the serial port if that is free. */
void say(const char *line);

/* The environment of the agents, and the commands of our own. */
extern const struct qga_env kernel_env;
extern const struct qga_command kernel_commands[];
extern const size_t kernel_n_commands;

/* Prepares the port of agent number n, and enables its interrupt; NULL: there is none. */
struct qga_channel *port_open(unsigned n);

/* Has the interrupt of that number anything to do with agent n's port? */
bool port_is(unsigned n, unsigned irq);

#endif
