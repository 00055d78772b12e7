/* SPDX-License-Identifier: MIT */
/*
 * agent_state.h - what struct agent is made of: complete, so that a caller can own one, and
 * nobody's business outside proto/. All zero is a good beginning; agent_init() does the rest.
 */
#ifndef AGENT_STATE_H
#define AGENT_STATE_H

#include "agent_config.h"

#if AGENT_TINY
#include "tiny/state.h"
#else

#include "answer.h"
#include "cmd/exec.h"
#include "cmd/file.h"
#include "cmd/freeze.h"
#include "args.h"
#include "command.h"
#include "json/grammar.h"
#include "json/json.h"
#include "json/lexer.h"
#include "lookup.h"

struct agent {
	const struct agent_config *config;

	/* One request, from its first byte to the last one of its answer. */
	struct lexer lex;
	struct grammar grammar;
	int braces, brackets; /* open; counted apart, as QEMU does */
	size_t kept;          /* bytes of the request buffer that a fault's text needs */
	bool spoilt;          /* it has a fault, whose text is what is kept */
	bool ended; /* the next byte begins a new document, and the lexer is at its start */
	struct json json;
	struct arg_path path;
	struct call call;
	struct answer answer;

	/* From request to request. */
	struct lookup lookup;
#if AGENT_WITH_FILES
	struct agent_files files;
#endif
#if AGENT_WITH_EXEC
	struct agent_jobs jobs;
#endif
#if AGENT_WITH_FREEZE
	struct agent_freeze freeze;
#endif
};

#endif /* AGENT_TINY */
#endif
