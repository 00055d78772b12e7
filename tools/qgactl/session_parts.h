/* SPDX-License-Identifier: MIT */
/* session_parts.h - what the files of a session share. */
#ifndef QGACTL_SESSION_PARTS_H
#define QGACTL_SESSION_PARTS_H

#include "session.h"

/* Moves bytes, in both directions, until some have come (a negative number of them) or `deadline`.
 */
int session_flow(struct session *s, double deadline);
/* Sends guest-sync-delimited until it is answered. */
int session_synchronise(struct session *s);
/* Shows what is said, if the session has it shown. */
void session_trace(const struct session *s, const char *arrow, const char *text, size_t len);

#endif
