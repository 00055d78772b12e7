/* SPDX-License-Identifier: MIT */
/*
 * plain.h - a short way for the requests that come all day.
 *
 *     {"execute":NAME}        {"execute":NAME,"arguments":{KEY:INTEGER,...}}
 *
 * in one piece, with a blank at most behind punctuation: what sync, ping, and readers of files
 * send. Nothing is decided here but that a request is good: one that is not just so, down to an
 * unknown name, is left to the parser (lexer.h, grammar.h, request.h), which reads it from its
 * first byte.
 */
#ifndef BAREQGA_CORE_PLAIN_H
#define BAREQGA_CORE_PLAIN_H

#include <stddef.h>
#include <stdint.h>

struct agent;

/*
 * Begins the answer to the plain request that data begins with, and returns how long it is; or
 * returns 0 and has done nothing. Between documents only.
 */
size_t qga_plain_request(struct agent *agent, const uint8_t *data, size_t len);

#endif
