/* SPDX-License-Identifier: MIT */
/*
 * agent.h - what an agent is made of, behind the memory that the caller sees as struct qga. All zero
 * is a good beginning; qga_init() does the rest.
 */
#ifndef BAREQGA_CORE_AGENT_H
#define BAREQGA_CORE_AGENT_H

#include "bareqga.h"

#if QGA_TINY
#include "tiny/state.h"
#else

#include "answer.h"
#include "cmd/exec.h"
#include "cmd/file.h"
#include "cmd/freeze.h"
#include "args.h"
#include "json/grammar.h"
#include "json/json.h"
#include "json/lexer.h"
#include "lookup.h"
#include "run.h"

struct agent {
	const struct qga_config *config;

	/* One request, from its first byte to the last one of its answer. */
	struct lexer lex;
	struct grammar grammar;
	int braces, brackets; /* open; counted apart, as QEMU does */
	size_t kept;          /* bytes of the request buffer that a fault's text needs */
	bool spoilt;          /* it has a fault, whose text is what is kept */
	bool told;            /* that fault has been answered: the rest is skipped */
	bool ended; /* the next byte begins a new document, and the lexer is at its start */
	struct json json;
	struct arg_path path;
	struct qga_call call;
	struct answer answer;

	/* From request to request. */
	struct run run;
	struct lookup lookup;
#if QGA_WITH_FILES
	struct agent_files files;
#endif
#if QGA_WITH_EXEC
	struct agent_jobs jobs;
#endif
#if QGA_WITH_FREEZE
	struct agent_freeze freeze;
#endif
};

#endif /* QGA_TINY */

_Static_assert(sizeof(struct agent) <= sizeof(struct qga) &&
                       sizeof(struct qga) < sizeof(struct agent) + 64,
               "QGA_SIZE in bareqga.h is too small, or larger than it need be");

/* What is behind the caller's struct qga, and the agent whose call that is. */
static inline struct agent *qga_agent(struct qga *qga)
{
	return (struct agent *)&qga->opaque;
}

static inline struct agent *qga_agent_of(struct qga_call *call)
{
	return (struct agent *)((char *)call - offsetof(struct agent, call));
}

#endif
