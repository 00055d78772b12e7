/* SPDX-License-Identifier: MIT */
/*
 * args.h - are the arguments of a request those that the command's row asks for?
 *
 * The order of checks and the wording are those of QEMU's qobject-input-visitor: members in the
 * order of the row, nested ones when their turn comes, unexpected ones last.
 */
#ifndef BAREQGA_CORE_ARGS_H
#define BAREQGA_CORE_ARGS_H

#include <stdbool.h>

#include "bareqga.h"

struct agent;

/* How deep an argument may nest: member, list, struct, member of it. */
#define ARGS_DEPTH_MAX (QGA_WITH_NESTED ? 4 : 1)

/* Where the check is: in a struct, at `row`; or in a list, at item `index`. */
struct arg_frame {
	const struct qga_arg *rows; /* of the struct; or the one row of the list's items */
	const struct qga_arg *row;
	int token; /* the struct; or the list's item */
	int end;   /* the token behind the list */
	int index; /* -1: a struct */
};

struct arg_path {
	struct arg_frame frame[ARGS_DEPTH_MAX];
	unsigned depth;
};

/*
 * Writes where the check is, as `vcpus[0].online`; *piece and *cursor start at 0 and are kept by
 * the writer. True when all of it is written.
 */
bool qga_args_path_text(const struct arg_path *path, struct qga_out *out, unsigned *piece,
                        size_t *cursor);

/*
 * Checks the members of token `arguments` (-1: none were given) against the rows, and fills values.
 * False: an error answer has begun.
 */
bool qga_args_check(struct agent *agent, const struct qga_arg *rows, int arguments,
                    struct qga_value *values);

#endif
