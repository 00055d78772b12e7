/* SPDX-License-Identifier: MIT */
/*
 * conformance.h - the streams of conformance.json, played to an agent, and what its answers are worth.
 *
 *     data     conformance.json, which is part of the program
 *     text     a stream as the data writes it -> bytes, and what only the agent knows
 *     play     a stream -> answers, by a fence: guest-sync-delimited with a number of its own
 *     compare  answers beside those of the real qemu-ga -> a verdict
 *     report   verdicts -> a table, JSON, a page
 */
#ifndef QGACTL_CONFORMANCE_H
#define QGACTL_CONFORMANCE_H

#include "command.h"
#include "print.h"

enum verdict {
	SAME,    /* the answers mean the same as those of a version of qemu-ga */
	WORDING, /* but for the text of an error, which is for people */
	KNOWN,   /* other, in a way that the data names: a limit of the agent's own */
	DIFFERS,
	SKIPPED, /* not played: the agent lacks a command, or it could do harm */
	VERDICTS
};
extern const char *const verdict_names[VERDICTS];

/* --- Text --- */

struct part {
	enum part_kind {
		PART_BYTES,
		PART_HANDLE, /* the last integer that was returned */
		PART_PID,
		PART_ENDED, /* guest-exec-status until it has ended */
		PART_REOPEN,
		PART_PAUSE
	} kind;
	struct buffer bytes;
};

struct parts {
	struct part *part;
	size_t n;
};

/* Takes a text apart; `tmp` is how a file's path begins. False: it is not in the data's language. */
bool parts_read(struct parts *p, const char *text, const char *tmp);
void parts_free(struct parts *p);

/* --- Playing --- */

struct answers {
	struct buffer text; /* lines, each ended by \n */
	size_t *at;         /* where they begin; [n] is the end */
	size_t n;
};

struct player {
	struct session *session;
	uint64_t number;    /* of the last fence */
	bool reset_answers; /* the fence's 0xFF is answered with an error of its own */
	long long handle, pid;
	double rate; /* bytes a second that the channel takes, or 0: not known */
};

/* Begins: finds out how the agent answers a fence. */
int player_begin(struct player *p, struct session *s);
/* Finds out how fast the channel is. */
int player_measure(struct player *p);
/* Plays; the answers are the caller's to free, whatever is returned. FAIL_ANSWER, FAIL_GONE: as a verdict. */
int player_play(struct player *p, const struct parts *parts, bool bytewise,
                struct answers *answers);
const char *answers_line(const struct answers *a, size_t i, size_t *len);
void answers_add(struct answers *a, const char *line, size_t len);
void answers_free(struct answers *a);

/* --- Comparing --- */

/* One answer beside another, without the ends of their lines. mask: "", "return", "integers". */
enum verdict compare_answers(const char *theirs, size_t their_len, const char *ours, size_t our_len,
                             const char *mask);

/* --- Results --- */

struct result {
	const json_t *row; /* of the data */
	enum verdict verdict;
	const char *why; /* why it was skipped, or which known difference it is; or NULL */
	char *expected, *got;
};

struct board {
	json_t *data;
	const char *target, *version;
	struct result *result;
	size_t n;
	size_t count[VERDICTS];
};

/* The data, parsed; json_decref() it. */
json_t *conformance_data(void);
/* Plays a row, unless its stream is too long for the channel. Fails only if the agent is lost. */
int conformance_play(struct board *b, struct player *p, const json_t *row, const char *tmp);
/* How many of a topic, or of all if it is NULL, have that verdict. */
size_t board_count(const struct board *b, const char *topic, enum verdict verdict);

void report_table(const struct board *b);
json_t *report_json(const struct board *b);
void report_page(const struct board *b, FILE *to);

#endif
