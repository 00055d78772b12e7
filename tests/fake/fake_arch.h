/* SPDX-License-Identifier: MIT */
/* fake_arch.h - a processor (hal/arch.h) whose clock, interrupts and reach are the test's. */
#ifndef FAKE_ARCH_H
#define FAKE_ARCH_H

#include <setjmp.h>

#include "arch.h"

/* All of it may be changed at any time; zero at first, but for hz. */
struct fake_arch {
	uint64_t ticks, hz;    /* 1 GHz */
	uint64_t step;         /* by so many it counts on at each look */
	bool pending;          /* an interrupt */
	unsigned waits;        /* calls of arch_wait() */
	uint64_t until;        /* of the last one */
	void (*waiting)(void); /* what happens meanwhile; NULL: time passes, till then */
	uint64_t unreachable;  /* addresses from here on are; 0: none */
	uint64_t reached;      /* the last address that was asked for */
	jmp_buf *halted;       /* where arch_halt() goes on */
};

extern struct fake_arch fake_arch;

#endif
