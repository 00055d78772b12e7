/* SPDX-License-Identifier: MIT */
/*
 * answer.h - one answer, written step by step into whatever room there is.
 *
 *     success   [FF] {"return": VALUE, "id": ID} LF
 *     failure   {"id": ID, "error": {"class": CLASS, "desc": TEXT}} LF
 *
 * Ids and texts of any length pass through; nothing of an answer is stored but where it stands.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <stdarg.h>

#include "agent_config.h"
#include "command.h"
#include "json_out.h"

/* Values of one error text. */
#define ANSWER_ARGS_MAX 3

/* What the envelope adds to a handler's first step. */
#define ANSWER_HEAD_MAX 16

struct answer_arg {
	const char *ptr;
	size_t len;
	int64_t number;
};

struct answer {
	uint8_t phase;	   /* enum answer_phase; 0: no answer */
	bool begun;	   /* the handler has been called */
	bool wrote;	   /* and has written something */
	int id;		   /* token of the id, or -1 */
	int token, open;   /* the id: next to be written, and the container it is in */
	const char *class; /* of an error */
	const char *format;
	struct answer_arg args[ANSWER_ARGS_MAX];
	unsigned n_args;
	size_t at; /* in format */
	unsigned arg, piece;
	size_t cursor; /* in the piece being written */
	struct json_out out;
	/* A step that found too little room goes here first. */
	size_t staged, sent;
	char stage[AGENT_STEP_MAX + ANSWER_HEAD_MAX];
};

/* Begins the answer of agent->call. */
void answer_run(struct agent *agent);

/* Begins an error answer; format as for call_error(), and %P: where the argument at fault is. */
void answer_error(struct agent *agent, const char *class, const char *format, ...);

/* Stores what an error says. */
void answer_describe(struct agent *agent, const char *class, const char *format, va_list values);

static inline bool answer_pending(const struct answer *answer)
{
	return answer->phase != 0 || answer->sent < answer->staged;
}

/* As agent_pull(). */
size_t answer_pull(struct agent *agent, char *buf, size_t cap);

/* Drops the rest of the answer. */
void answer_drop(struct answer *answer);

#endif
