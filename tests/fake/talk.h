/* SPDX-License-Identifier: MIT */
/* talk.h - an agent on plain memory, for tests: what is said to it, and what it answers. */
#ifndef TALK_H
#define TALK_H

#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bareqga.h"

struct talk {
	struct qga agent;
	struct qga_config config;
	struct qga_env env;
	size_t pull;  /* bytes pulled at once */
	size_t chunk; /* bytes fed at once; 0: all */
	char *answer;
	size_t len, cap;
	char *block; /* whose end is lent to the agent */
	size_t block_size;
};

/* Begins, in the areas that config holds. */
static inline void talk_begin_there(struct talk *talk)
{
	int fault;

	talk->config.env = &talk->env;
	if (!talk->config.version)
		talk->config.version = "test";
	if (!talk->pull)
		talk->pull = 4096;
	fault = qga_init(&talk->agent, &talk->config);

	if (fault) {
		fprintf(stderr, "%s\n", qga_strerror(fault));
		abort();
	}
}

/*
 * Begins; what config holds already is kept. Areas are of exactly the size asked for (ASan looks
 * on), but for tokens, of which a small agent takes no more.
 */
static inline void talk_begin(struct talk *talk, size_t request, size_t tokens)
{
	talk->config.request_size = request;
	talk->config.request = malloc(request);
	if (QGA_SMALL && tokens > QGA_SMALL_TOKENS)
		tokens = QGA_SMALL_TOKENS;
	talk->config.tokens_size = tokens * QGA_TOKEN_SIZE;
	talk->config.tokens = malloc(talk->config.tokens_size);
	talk_begin_there(talk);
}

static inline void talk_end(struct talk *talk)
{
	free(talk->config.request);
	free(talk->config.tokens);
	free(talk->answer);
	free(talk->block);
}

static inline void talk_listen(struct talk *talk)
{
	while (qga_pending(&talk->agent)) {
		if (talk->cap - talk->len < talk->pull) {
			talk->cap = talk->cap * 2 + talk->pull;
			talk->answer = realloc(talk->answer, talk->cap);
		}
		talk->len += qga_pull(&talk->agent, talk->answer + talk->len, talk->pull);
	}
}

/*
 * A copy of their own of some bytes, at the block's end and hidden: who is fed a part of it is seen reading past its
 * end, or later.
 */
static inline const char *talk_copy(struct talk *talk, const char *data, size_t len)
{
	char *copy;

	if (len > talk->block_size) {
		free(talk->block);
		talk->block = malloc(talk->block_size = len);
	}
	copy = talk->block + talk->block_size - len;
	ASAN_UNPOISON_MEMORY_REGION(copy, len);
	memcpy(copy, data, len);
	ASAN_POISON_MEMORY_REGION(talk->block, talk->block_size);
	return copy;
}

static inline void talk_say(struct talk *talk, const char *data, size_t len)
{
	const char *copy = len > 0 ? talk_copy(talk, data, len) : data, *end = copy + len;

	while (copy < end) {
		size_t rest = (size_t)(end - copy);
		size_t part = talk->chunk && talk->chunk < rest ? talk->chunk : rest;
		const char *lent = copy;

		ASAN_UNPOISON_MEMORY_REGION(lent, part);
		copy += qga_feed(&talk->agent, lent, part);
		ASAN_POISON_MEMORY_REGION(lent, part);
		talk_listen(talk);
	}
}

/* What was answered since the last call, as a string. */
static inline const char *talk_heard(struct talk *talk)
{
	talk->answer = realloc(talk->answer, talk->cap = talk->len + 1);
	talk->answer[talk->len] = 0;
	talk->len = 0;
	return talk->answer;
}

static inline const char *talk_ask(struct talk *talk, const char *text)
{
	talk_say(talk, text, strlen(text));
	return talk_heard(talk);
}

#endif
