/* SPDX-License-Identifier: MIT */
/* clock.h - seconds that only go forward, and points in time that one waits until. */
#ifndef QGACTL_CLOCK_H
#define QGACTL_CLOCK_H

#include <stdbool.h>

/* Seconds since some time in the past. */
double now(void);

/* What poll() is told to wait until that time: milliseconds, at least 0, at most an hour. */
int ms_until(double when);

/* Waits, unless stopped. */
void doze(double seconds);

/* Set by the user's Ctrl-C, and by a polite kill; whatever waits then gives up. */
extern volatile int stopped;

#endif
