/* SPDX-License-Identifier: MIT */
/* run.h - how far an agent that runs on its channel has come; see qga_run(). */
#ifndef BAREQGA_CORE_RUN_H
#define BAREQGA_CORE_RUN_H

#include "bareqga.h"
#include "line.h"

struct agent;

enum run_phase {
	RUN_CLOSED, /* the channel is to be opened */
	RUN_SERVING,
	RUN_DRAINING, /* guest-shutdown was accepted: the application comes to rest */
	RUN_LEAVING,  /* what was answered leaves */
	RUN_CLOSING,  /* the host is to notice that the channel has closed */
};

struct run {
	uint64_t deadline; /* of the phase, in monotonic time */
#if QGA_WITH_LINE
	struct line line;
#endif
	uint8_t phase; /* enum run_phase */
	uint8_t mode;  /* enum qga_power_mode that was asked for */
	bool asked;    /* for a change of power */
	bool answered;
	uint8_t woken; /* something happened: written by qga_interrupt(), at any time */
};

/* guest-shutdown was accepted. */
void qga_run_shutdown(struct agent *agent, enum qga_power_mode mode);

#endif
