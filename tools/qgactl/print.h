/* SPDX-License-Identifier: MIT */
/*
 * print.h - what people read: tables, sizes, colours. Text of the guest is never printed as it is:
 * a control character in a host name would otherwise be an order to the terminal.
 */
#ifndef QGACTL_PRINT_H
#define QGACTL_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

/* Copies text for a terminal into `to`, cut to its size: no control characters, no broken UTF-8. */
void print_clean(char *to, size_t size, const char *text, size_t len);

/* Prints text clean, whole. */
void print_text(FILE *to, const char *text);

enum look {
	PLAIN,
	BOLD,
	DIM,
	GOOD,
	BAD
};

/* Whether stdout shows colours; starts false. */
extern bool print_colours;
/* Begins a look, PLAIN ends it; nothing without colours. */
void print_look(FILE *to, enum look look);

/* A table: cells are collected, then printed in columns. */
struct table {
	char **cell;
	size_t n, cap, columns;
	unsigned right; /* bit i: column i is aligned to the right */
};

void table_cell(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints, with the first row as a heading, and frees. Control characters in cells become '?'. */
void table_print(struct table *t);

/* Bytes as people say it: 48.0 KiB. */
const char *print_size(char to[16], double bytes);

/* Prints JSON on one line, and its end. */
void print_json(const json_t *value);

/* Members of objects that may be missing, or of another type than they should be. */
const char *member_text(const json_t *object, const char *name); /* "" */
long long member_number(const json_t *object, const char *name); /* 0 */
double member_real(const json_t *object, const char *name);      /* 0 */
bool member_true(const json_t *object, const char *name);

/* Columns of the terminal that fd is, or 80. */
int print_columns(int fd);

#endif
