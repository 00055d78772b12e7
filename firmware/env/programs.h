/* SPDX-License-Identifier: MIT */
/*
 * programs.h - programs that are called as coreutils' are: the same operands, exit statuses and
 * complaints. Options are few; what a program does not know it refuses, as any other.
 */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include "bareqga.h"

enum {
	STDOUT = 1,
	STDERR = 2
};

/* Where the programs find files and time; either may be NULL. */
void program_files_init(const struct qga_files *files);
void program_clock_init(const struct qga_clock *clock);

/* Writes a text to STDOUT or STDERR. */
void program_put(struct qga_job *job, int stream, const char *text);

/* The whole part of value / 10^decimals, and what stands behind it. */
void program_put_number(struct qga_job *job, uint64_t value, unsigned decimals, const char *after);

/* "PATH: " of the program, the three texts, and what an error is called, unless it is 0; returns 1. */
int program_complain(struct qga_job *job, const char *before, const char *word, const char *after,
                     int error);

/* True, after a complaint, if there is an option other than the one-letter ones in `known`. */
bool program_refuses(struct qga_job *job, const char *known);

/* Operand number n, or NULL: a word that is no option, or anything behind "--". */
const char *program_operand(const struct qga_job *job, size_t n);

int program_true(struct qga_job *job);
int program_false(struct qga_job *job);
int program_echo(struct qga_job *job);
int program_env(struct qga_job *job);
int program_sleep(struct qga_job *job);
int program_cat(struct qga_job *job);
int program_ls(struct qga_job *job);
int program_rm(struct qga_job *job);

#endif
