/* SPDX-License-Identifier: MIT */
/*
 * line.h - a serial line: nobody tells the agent that a client has left, so that the torso of a
 * request would wait for its end for ever, and swallow all that others send.
 *
 * After a silence in the midst of a request, what begins as requests do is a new one, and the torso
 * is forgotten. Until that is told, no byte of it gets to the torso, which it could end.
 */
#ifndef BAREQGA_CORE_LINE_H
#define BAREQGA_CORE_LINE_H

#include "bareqga.h"

struct line {
	uint64_t heard;   /* when bytes came last, in monotonic time */
	const char *held; /* what is held back: n_held bytes of a text of ours */
	uint8_t n_held;
	bool watching; /* a silence was before; what comes may be a beginning */
	bool settled;  /* a request has come to its end since the start */
};

/*
 * As qga_feed(), for a channel that is such a line: qga_config.torso_ns is not 0. There is a byte at
 * least.
 */
size_t qga_line_feed(struct qga *qga, const uint8_t *data, size_t len);

#endif
