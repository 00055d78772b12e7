/* SPDX-License-Identifier: MIT */
/*
 * pieces.h - the same stream to two agents, fed and pulled in big and in small pieces: they answer
 * alike, and nothing is left over: 0xFF and guest-sync-delimited get their own answer at the end.
 */
#ifndef PIECES_H
#define PIECES_H

#include "talk.h"

#define PIECES_FENCE  "\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":4711}}"
#define PIECES_SYNCED "\"}}\n\xFF{\"return\": 4711}\n" /* behind the error for 0xFF */

/* What lives on from run to run, for a fuzzer makes thousands of them in a second. */
struct pieces_area {
	void *block;
	size_t room;
};

/* So much of it, each time the same bytes: the sanitizer sees one byte more. */
static inline void *pieces_area(struct pieces_area *area, size_t size)
{
	if (size > area->room) {
		free(area->block);
		area->block = malloc(area->room = size);
	}
	ASAN_UNPOISON_MEMORY_REGION(area->block, size);
	memset(area->block, 0xbe, size);
	ASAN_POISON_MEMORY_REGION((char *)area->block + size, area->room - size);
	return area->block;
}

/*
 * like: what both are given; sizes of it are the small pieces'. Returns what the big one has answered, until the next
 * call.
 */
static inline const struct talk *pieces_talk(const struct talk *like, size_t request, size_t tokens,
                                             const uint8_t *data, size_t len)
{
	static struct talk big, small;
	static struct pieces_area areas[2][2];
	struct talk *both[] = {&big, &small};

	for (unsigned i = 0; i < 2; i++) {
		struct talk *talk = both[i];

		talk->env = like->env;
		talk->config = like->config;
		talk->config.request_size = request;
		talk->config.request = pieces_area(&areas[i][0], request);
		talk->config.tokens_size = tokens * QGA_TOKEN_SIZE;
		talk->config.tokens = pieces_area(&areas[i][1], talk->config.tokens_size);
		talk->chunk = i == 0 ? 0 : like->chunk;
		talk->pull = i == 0 ? 8192 : like->pull;
		talk->len = 0;
		talk_begin_there(talk);
		talk_say(talk, (const char *)data, len);
		talk_say(talk, PIECES_FENCE, strlen(PIECES_FENCE));
	}
	if (big.len != small.len || memcmp(big.answer, small.answer, big.len))
		abort();
	if (big.len < strlen(PIECES_SYNCED) || memcmp(big.answer + big.len - strlen(PIECES_SYNCED),
	                                              PIECES_SYNCED, strlen(PIECES_SYNCED)))
		abort();
	return &big;
}

#endif
