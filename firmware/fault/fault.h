/* SPDX-License-Identifier: MIT */
/*
 * fault.h - an agent that misbehaves when the host asks for it: what the files of this folder share.
 *
 * A rule is NAME[=VALUE][@COMMAND][*TIMES]; see docs/FAULTS.md, which has them all.
 */
#ifndef FAULT_H
#define FAULT_H

#include "bareqga.h"

/* Bytes of all rules as text, of a command's name in one, and of an error's class. */
#define FAULT_TEXT_MAX    256
#define FAULT_COMMAND_MAX 40
#define FAULT_CLASS_MAX   24

enum fault_kind {
	FAULT_LATE,   /* the answer waits for `value` ms */
	FAULT_PIECES, /* it goes out `value` bytes at a time, FAULT_PAUSE_NS apart */
	FAULT_CUT,    /* it ends behind `value` bytes, without a newline */
	FAULT_DROP,   /* it is lost, and the port is closed for `value` ms */
	FAULT_STALE,  /* `value` answers that nobody has asked for go before it */
	FAULT_ERROR,  /* the command is not run, and answered by an error of class `class` */
	FAULT_FREEZE, /* freezing fails */
	FAULT_HANG,   /* a program that is started never ends */
	FAULT_CLOCK,  /* the time told is off by `value` s, until it is set */
	FAULT_KINDS
};

#define FAULT_PAUSE_NS 10000000u
#define FAULT_FOREVER  UINT32_MAX

struct fault_rule {
	uint8_t kind;  /* enum fault_kind */
	uint32_t left; /* how often it will still apply */
	int64_t value;
	char command[FAULT_COMMAND_MAX]; /* "": any */
	char class[FAULT_CLASS_MAX];
};

/* --- rules.c --- */

/*
 * Replaces all rules by those of the text, which are apart by commas or white space. Returns NULL, or
 * where the text is not understood; then there are none.
 */
const char *fault_rules_set(const char *text, size_t len);

/* A rule of that kind for a command, which has then applied once more; or NULL. */
const struct fault_rule *fault_rule_take(enum fault_kind kind, const char *command);

/* --- request.c: which command a request is for, byte by byte --- */

struct fault_request {
	unsigned depth; /* open braces and brackets */
	uint8_t quote;  /* inside of a string that ends with this one; 0: outside */
	bool escaped;   /* the byte before was a backslash */
	bool value;     /* the next string at depth 1 is the name of the command */
	size_t len;     /* of the string at depth 1 */
	char string[FAULT_COMMAND_MAX];
	char command[FAULT_COMMAND_MAX]; /* NUL-ended; "" until it is known */
};

enum fault_seen {
	FAULT_NOTHING,
	FAULT_NAME, /* that quote ends the name of the command */
	FAULT_END   /* that bracket ends the request */
};

enum fault_seen fault_request_byte(struct fault_request *request, uint8_t byte);

/* --- channel.c --- */

/* A channel that is the other one with faults. One only. */
struct qga_channel *fault_channel(struct qga_channel *real);

/* Nanoseconds until it has something to do, or UINT64_MAX. */
uint64_t fault_channel_wait(void);

#endif
