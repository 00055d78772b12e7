/* SPDX-License-Identifier: MIT */
/*
 * json_copy.h - a JSON value of a document, written again as QEMU would, into whatever room there
 * is: white space its way, strings in ASCII; numbers that are no integers with their own digits.
 */
#ifndef BAREQGA_JSON_JSON_COPY_H
#define BAREQGA_JSON_JSON_COPY_H

#include "json.h"

struct json_copy {
	int value;     /* the token that is copied */
	int token;     /* next to be written */
	int end;       /* behind the last one; 0: not known yet */
	int open;      /* the container that is being written; -1: none */
	size_t cursor; /* in the token */
};

/* Begins to copy the value of a member, at a token; what is written first stands behind no comma. */
void qga_json_copy_begin(struct json_copy *copy, int value, struct qga_out *out);

/* Writes what fits; true when all of it is written. */
bool qga_json_copy_step(struct json_copy *copy, const struct json *json, struct qga_out *out);

#endif
