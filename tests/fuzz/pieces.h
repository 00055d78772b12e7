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

/*
 * like: what both are given; sizes of it are the small pieces'. Returns what the big one has answered, until the next
 * call: what answers and pieces are kept in lives on.
 */
static inline const struct talk *pieces_talk(const struct talk *like, size_t request, size_t tokens,
                                             const uint8_t *data, size_t len)
{
	static struct talk big, small;
	struct talk *both[] = {&big, &small};

	for (unsigned i = 0; i < 2; i++) {
		struct talk *talk = both[i], before = *talk;

		*talk = *like;
		talk->answer = before.answer;
		talk->cap = before.cap;
		talk->block = before.block;
		talk->block_size = before.block_size;
		if (i == 0) {
			talk->chunk = 0;
			talk->pull = 8192;
		}
		talk_begin(talk, request, tokens);
		talk_say(talk, (const char *)data, len);
		talk_say(talk, PIECES_FENCE, strlen(PIECES_FENCE));
		free(talk->config.request);
		free(talk->config.tokens);
	}
	if (big.len != small.len || memcmp(big.answer, small.answer, big.len))
		abort();
	if (big.len < strlen(PIECES_SYNCED) || memcmp(big.answer + big.len - strlen(PIECES_SYNCED),
	                                              PIECES_SYNCED, strlen(PIECES_SYNCED)))
		abort();
	return &big;
}

#endif
