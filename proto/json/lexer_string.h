/* SPDX-License-Identifier: MIT */
/* lexer_string.h - strings, which are most of most requests; those that get long are parked. */
#ifndef BAREQGA_JSON_LEXER_STRING_H
#define BAREQGA_JSON_LEXER_STRING_H

#include "lexer.h"

/* A string, whose opening quote has just been taken, ... */
enum lex_token qga_lexer_string_begin(struct lexer *lex, const uint8_t **data, const uint8_t *end,
                                      uint8_t quote);
/* ... or that has begun earlier. */
enum lex_token qga_lexer_string(struct lexer *lex, const uint8_t **data, const uint8_t *end);

/* The body of the string that was just found: what stands between its quotes. */
char *qga_lexer_body(const struct lexer *lex, size_t *len);

/* The body of that string is now so many bytes long. */
void qga_lexer_resize(struct lexer *lex, size_t len);

/* The text of the token that went astray, as it was sent. */
const char *qga_lexer_stray(struct lexer *lex, size_t *len);

#endif
