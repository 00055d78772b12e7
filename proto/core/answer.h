/* SPDX-License-Identifier: MIT */
/*
 * answer.h - one answer, written step by step into whatever room there is.
 *
 *     success   [FF] {"return": VALUE, "id": ID} LF
 *     failure   {"id": ID, "error": {"class": CLASS, "desc": TEXT}} LF
 *
 * Ids and texts of any length pass through; nothing of an answer is stored but where it stands.
 */
#ifndef BAREQGA_CORE_ANSWER_H
#define BAREQGA_CORE_ANSWER_H

#include <stdarg.h>
#include <string.h>

#include "bareqga.h"
#include "args.h"
#include "json/json_copy.h"

struct agent;

/* Where an answer is. */
enum answer_phase {
	ANSWER_NONE,
	ANSWER_RUN, /* the handler's steps */
	ANSWER_ERROR,
	ANSWER_ERROR_ID,
	ANSWER_ERROR_CLASS,
	ANSWER_ERROR_DESC,
	ANSWER_SUCCESS_ID,
};

/* Values of one error text. */
#define ANSWER_ARGS_MAX 3

/* What the envelope puts before a handler's first step, and behind its last one. */
#define ANSWER_HEAD_MAX (sizeof("\xFF{\"return\": ") - 1)
#define ANSWER_TAIL_MAX (sizeof(", \"id\": ") - 1)

struct answer_arg {
	const char *ptr;
	size_t len;
	int64_t number;
};

struct answer {
	uint8_t phase;           /* enum answer_phase */
	bool begun;              /* the handler has been called */
	bool wrote;              /* and has written something */
	int id;                  /* token of the id, or -1 */
	struct json_copy copy;   /* of the id */
	const char *error_class; /* of an error */
	const char *format;
	struct answer_arg args[ANSWER_ARGS_MAX];
	unsigned n_args;
	size_t at; /* in format */
	unsigned arg, piece;
	size_t cursor; /* in the piece being written */
	struct qga_out out;
	/* A step that found too little room goes here first. */
	size_t staged, sent;
	char stage[ANSWER_HEAD_MAX + QGA_STEP_MAX + ANSWER_TAIL_MAX];
};

/* Begins the answer of agent->call. */
void qga_answer_run(struct agent *agent);

/* Begins an error answer; format as for qga_error(), and %P: where the argument at fault is. */
void qga_answer_error(struct agent *agent, const char *error_class, const char *format, ...);

/* Stores what an error says. */
void qga_answer_describe(struct agent *agent, const char *error_class, const char *format,
                         va_list values);

static inline bool qga_answer_pending(const struct answer *answer)
{
	return answer->phase != ANSWER_NONE || answer->sent < answer->staged;
}

/* As qga_pull(). */
size_t qga_answer_pull(struct agent *agent, char *buf, size_t cap);

/* Drops the rest of the answer. */
void qga_answer_drop(struct answer *answer);

/* The text of an error: writes what fits; true when all of it is written. */
bool qga_answer_text_step(struct answer *answer, const struct arg_path *path);

/* A constant text: in a large image a few stores, in a small one a call. */
#if QGA_SMALL
#define RAW(out, text) qga_out_raw(out, text, sizeof(text) - 1)
#else
#define RAW(out, text)                                            \
	(memcpy((out)->buf + (out)->len, text, sizeof(text) - 1), \
	 (void)((out)->len += sizeof(text) - 1))
#endif

#endif
