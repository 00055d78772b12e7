/* SPDX-License-Identifier: MIT */
/*
 * state.h - what struct agent is made of in the smallest images, and what the files of proto/tiny/
 * have of each other.
 *
 * They take the place of most of proto/, at a third of its size. What makes the difference:
 *   - An error is told by its kind alone. So a bad document has but one fault, and nobody asks which
 *     of several came first, or what stood there.
 *   - A string stays as it was sent, but for its quotes. So an id is answered as it stands in the
 *     request, and strings are compared character by character.
 *   - Arguments are numbers, truth values and strings.
 *   - An answer goes through `stage`, whatever room there is.
 */
#ifndef BAREQGA_TINY_STATE_H
#define BAREQGA_TINY_STATE_H

#include <string.h>

#include "bareqga.h"
#include "commands.h"
#include "core/run.h"

#if QGA_WITH_NESTED || QGA_WITH_FILES || QGA_WITH_EXEC || QGA_WITH_FREEZE
#error "QGA_TINY has room for the command families of time and power only"
#endif

_Static_assert(QGA_NESTING_MAX == 31, "a document's brackets are bits of one word");

enum token {
	TOKEN_MORE,  /* none yet: give more bytes */
	TOKEN_STRAY, /* a byte that cannot be here */
	TOKEN_OBJECT,
	TOKEN_OBJECT_END,
	TOKEN_LIST,
	TOKEN_LIST_END,
	TOKEN_COLON,
	TOKEN_COMMA,
	TOKEN_STRING,
	TOKEN_NUMBER,
	TOKEN_KEYWORD,
};

/* What an error says. */
enum fault {
	FAULT_NONE,
	FAULT_JSON,
	FAULT_LIMIT,
	FAULT_REQUEST,
	FAULT_ARGUMENT,
	FAULT_COMMAND,
	FAULT_UNKNOWN, /* class CommandNotFound; all others are GenericError */
	FAULT_TOLD,    /* a limit's, which has been answered: the rest is skipped */
};

/* A document: its bytes without white space, its strings in double quotes. */
struct document {
	uint8_t state;   /* of lexer.c */
	uint8_t quote;   /* that the string began with */
	uint8_t expects; /* of grammar.c */
	uint8_t fault;   /* enum fault: the first one */
	uint32_t lists;  /* a bit for each open bracket, lowest the last: a list? Above them a 1. */
	int open[2];     /* braces and brackets, counted apart as QEMU does */
	char *text;
	size_t size, len, start; /* of the text: room, bytes, where the last token begins */
};

/* What stands before a handler's first step, and behind its last one. */
#define ANSWER_HEAD_MAX (sizeof("\xFF{\"return\": ") - 1)
#define ANSWER_TAIL_MAX sizeof("{}, \"id\": ")

/* Where an answer is. */
enum phase {
	ANSWER_NONE,
	ANSWER_RUN, /* the handler has more */
	ANSWER_ID,
	ANSWER_LAST, /* all that is left is on the stage */
};

/* What a handler may fill of the stage. */
#define STAGE_MAX (ANSWER_HEAD_MAX + QGA_STEP_MAX)

struct answer {
	uint8_t phase;           /* enum phase */
	bool wrote;              /* the handler has written something */
	const char *id, *id_end; /* what of the id is to be written */
	size_t sent;             /* bytes of the stage that were pulled */
	struct qga_out out;      /* writes to the stage */
	char stage[ANSWER_HEAD_MAX + QGA_STEP_MAX + ANSWER_TAIL_MAX];
};

struct agent {
	struct document document;
	bool ended; /* the next byte begins a new document */
	int tokens; /* of the document */
	const struct qga_config *config;
	struct qga_call call;
	struct answer answer;
	struct run run;
};

/* Takes bytes up to `end` from *data until a token is complete: text[start..len). */
enum token qga_lexer_next(struct document *doc, const uint8_t **data, const uint8_t *end);

/* Takes the next token of a document that has no fault; returns its fault. */
enum fault qga_grammar_token(struct document *doc, enum token token);

/*
 * The next character at *p, an escape being one, or -1: none that may stand in a string. There is
 * one before `end`, where a quote stands.
 */
int32_t qga_text_next(const char **p, const char *end);

/* Do two strings say the same? */
bool qga_text_same(struct qga_span a, struct qga_span b);

bool qga_text_is(struct qga_span text, const char *known);

/* Finds the tokens of a document that has no fault; returns its fault. */
enum fault qga_json_read(struct agent *agent);

/* Named as jsmn does. */
enum json_type {
	JSON_OBJECT = 1,
	JSON_LIST,
	JSON_STRING,
	JSON_PRIMITIVE,
};

enum json_type qga_json_type(const struct agent *agent, int token);

/* A string without its quotes, or anything else as it stands. */
struct qga_span qga_json_text(const struct agent *agent, int token);

/* How many members an object has. */
int qga_json_size(const struct agent *agent, int object);

/* The value of a member of an object, or -1. */
int qga_json_member(const struct agent *agent, int object, const char *name);

/* Begins the answer to a document that has no fault. */
void qga_request_dispatch(struct agent *agent);

/* Begins the answer of agent->call. */
void qga_answer_run(struct agent *agent);

/* Drops the rest of the answer. */
void qga_answer_drop(struct answer *answer);

/* Begins an error answer. */
void qga_answer_error(struct agent *agent, enum fault fault);

/* True while there is something to pull. */
static inline bool qga_answer_pending(const struct answer *answer)
{
	return answer->phase != ANSWER_NONE;
}

/* --- For guest-info: as in lookup.h --- */

/* Built-in ones, then the application's; NULL past the last. */
const struct qga_command *qga_lookup_command(const struct agent *agent, unsigned i);

bool qga_lookup_offered(const struct agent *agent, unsigned i);

/* Why a command may not be run: what tells it from the text of others is left out here. */
const char *qga_lookup_disabled(const struct agent *agent, const struct qga_command *command,
                                unsigned number);

#endif
