/* SPDX-License-Identifier: MIT */
/* fake_board.h - a board whose clock, items and power are the test's. */
#ifndef FAKE_BOARD_H
#define FAKE_BOARD_H

#include <setjmp.h>

#include "board.h"

struct fake_item {
	const char *name, *data;
	int64_t size;
};

/* All of it may be changed at any time; zero at first. */
struct fake_board {
	uint64_t monotonic, idle;
	unsigned times_asked;  /* calls of board_monotonic() */
	int64_t rtc, rtc_step; /* the clock shows rtc / rtc_step * rtc_step, if that is set */
	bool rtc_broken;
	const struct fake_item *items; /* ended by one without a name */
	char said[2048];               /* what board_debug() got, lines ended with \n */
	bool disturbed;                /* to be said once */
	void (*notice)(void);          /* what was to be reminded of */
	int power;                     /* 1 + the last enum board_power; 0: none */
	unsigned powers;               /* 1 << each enum board_power that there was */
	unsigned status;               /* of board_exit() */
	unsigned panics;               /* calls of board_panicked() */
	void (*in_last_words)(void);   /* what happens in board_last_words(), once; likewise: */
	void (*in_panicked)(void);
	void (*in_reboot)(void);
	uint64_t waited;             /* for how long board_wait() was asked last */
	void (*wait)(void);          /* and what happens in it, or NULL */
	const struct board *board;   /* of board_init() */
	struct qga_channel *channel; /* of board_channel() */
	bool deaf;                   /* board_debug_ready() says no */
	bool no_build_id;
	jmp_buf *halted; /* where board_power(BOARD_HALT) goes on; NULL: it returns */
};

extern struct fake_board fake_board;

/* For struct board. */
void fake_board_remind(uint64_t ns, void (*notice)(void));
bool fake_board_disturbed(void);

#endif
