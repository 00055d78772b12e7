/* SPDX-License-Identifier: MIT */
/* latency.h - the last times that answers took, and what can be said of them. */
#ifndef QGACTL_LATENCY_H
#define QGACTL_LATENCY_H

#include <stddef.h>

#include "session.h"

enum {
	LATENCIES = 4096
};

struct latency {
	float seconds[LATENCIES]; /* a ring; below 0: no answer came */
	size_t n;                 /* ever added */
};

void latency_add(struct latency *l, double seconds);
/* The one that was added `back` before the last, or 0 if there are not so many. */
double latency_at(const struct latency *l, size_t back);
/* Of those kept and answered: the value that the fraction p of them does not exceed; 0 if there are
 * none. */
double latency_percentile(const struct latency *l, double p);
/* Asks for guest-ping, and adds the time. */
int latency_ping(struct latency *l, struct session *s);

#endif
