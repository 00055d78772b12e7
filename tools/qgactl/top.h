/* SPDX-License-Identifier: MIT */
/* top.h - what `top` knows of a guest: gathered by top_look.c, drawn by top_draw.c. */
#ifndef QGACTL_TOP_H
#define QGACTL_TOP_H

#include <stdbool.h>
#include <stddef.h>

#include "latency.h"

enum {
	TOP_CPUS = 256,
	TOP_ROWS = 24,
	TOP_NAME = 48
};

/* Something that flows both ways: read and written, received and sent. */
struct flow {
	char name[TOP_NAME];
	double in, out;           /* bytes, ever */
	double in_rate, out_rate; /* a second, since the last look */
};

struct flows {
	struct flow row[TOP_ROWS];
	size_t n;
};

struct filling {
	char name[TOP_NAME];
	double used, total; /* bytes */
};

struct picture {
	char host[64], system[80];
	bool has_load;
	double load[3];
	size_t n_cpus;
	struct cpu {
		double busy, all; /* time, ever, in the agent's units */
		double part;      /* of the time since the last look */
	} cpu[TOP_CPUS];
	double memory_total, memory_used; /* used below 0: not known */
	struct flows disks, nets;
	struct filling systems[TOP_ROWS];
	size_t n_systems;
	double at;         /* time of the look */
	double lost_since; /* no answer since, or 0 */
	char trouble[160];
	struct latency latency;
	size_t lost;
	unsigned lacking; /* commands that the agent does not have, a bit each */
	bool no_meminfo;
};

/* Asks for everything. A guest that does not answer is noted in the picture, and is no failure. */
int top_look(struct picture *p, struct session *s);
/* One ping, likewise. */
int top_ping(struct picture *p, struct session *s);

/* Draws with curses on the whole screen, of any size. */
void top_draw(const struct picture *p, const char *target, double delay, bool paused);
/* Once, before: colours. */
void top_draw_begin(void);

#endif
