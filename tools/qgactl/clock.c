/* SPDX-License-Identifier: MIT */
/* clock.c - see clock.h. */
#include <poll.h>
#include <time.h>

#include "clock.h"

volatile int stopped;

double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int ms_until(double when)
{
	double left = when - now();

	if (!(left > 0))
		return 0;
	return left > 3600 ? 3600000 : (int)(left * 1000) + 1;
}

void doze(double seconds)
{
	double until = now() + seconds;

	while (!stopped && now() < until)
		poll(NULL, 0, ms_until(until));
}
