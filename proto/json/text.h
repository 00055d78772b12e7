/* SPDX-License-Identifier: MIT */
/*
 * text.h - the body of a JSON string: what stands between its quotes.
 *
 * RFC 8259 section 7, with QEMU's additions: \' is an escape too, and strings may be quoted singly.
 */
#ifndef BAREQGA_JSON_TEXT_H
#define BAREQGA_JSON_TEXT_H

#include "bareqga.h"

enum text_fault {
	TEXT_GOOD,
	TEXT_BAD_ESCAPE,
	TEXT_BAD_UNICODE, /* *where: the escape, six or twelve bytes as they were sent */
	TEXT_BAD_UTF8,
};

/*
 * Judges the body of len bytes; a byte of the closing quote follows it. The first fault counts.
 */
enum text_fault qga_text_check(char *body, size_t len, struct qga_span *where);

/* Replaces the escapes of a good body, in place; returns its new length. */
size_t qga_text_unescape(char *body, size_t len);

/*
 * Rewrites a good body for a tokenizer that knows RFC 8259 alone: \' becomes ' and, in a singly
 * quoted one, " becomes \". Returns the new length, or SIZE_MAX if that is more than room.
 */
size_t qga_text_requote(char *body, size_t len, char quote, size_t room);

#endif
