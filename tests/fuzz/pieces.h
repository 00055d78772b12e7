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
 * like: what both are given; sizes of it are the small pieces'. Returns the big one, to be ended.
 */
static inline struct talk pieces_talk(const struct talk *like, size_t request, size_t tokens,
                                      const uint8_t *data, size_t len)
{
	struct talk big = *like, small = *like;
	struct talk *talk[] = {&big, &small};

	big.chunk = 0;
	big.pull = 8192;
	for (unsigned i = 0; i < 2; i++) {
		talk_begin(talk[i], request, tokens);
		talk_say(talk[i], (const char *)data, len);
		talk_say(talk[i], PIECES_FENCE, strlen(PIECES_FENCE));
	}
	if (big.len != small.len || memcmp(big.answer, small.answer, big.len))
		abort();
	if (big.len < strlen(PIECES_SYNCED) || memcmp(big.answer + big.len - strlen(PIECES_SYNCED),
	                                              PIECES_SYNCED, strlen(PIECES_SYNCED)))
		abort();
	talk_end(&small);
	return big;
}

#endif
