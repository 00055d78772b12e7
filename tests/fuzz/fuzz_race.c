/* SPDX-License-Identifier: MIT */
/*
 * fuzz_race.c - a host that writes received bytes while they are read: they lie in memory that the
 * device shares. The agent is compiled so that it tells of each load before it happens
 * (-fsanitize-coverage=trace-loads); between two chosen loads of the input, one byte of it changes.
 *
 * Whatever it says then, the agent reads and writes only what is its own (the sanitizers look on),
 * comes to an end, and answers the next request.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "talk.h"

#define FENCE  "\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":4711}}"
#define SYNCED "\xFF{\"return\": 4711}\n"

/* More is an agent that does not come to an end. */
#define ANSWER_MAX (1U << 20)

/* The changes of one run: four bytes each: loads before it (two), place, what is written there. */
#define CHANGE 4

static struct {
	uint8_t *block; /* what the agent is being fed */
	size_t len;
	unsigned loads; /* of the block, since its last change */
	const uint8_t *next, *end;
} race;

static void load(uintptr_t at)
{
	if (at - (uintptr_t)race.block >= race.len || race.next == race.end)
		return;
	if (race.loads++ < (race.next[0] | (unsigned)race.next[1] << 8))
		return;
	/* The byte that is about to be loaded, or one nearby: it has been, or will be. */
	at = (at - (uintptr_t)race.block + (uintptr_t)(int8_t)race.next[2]) % race.len;
	race.block[at] = race.next[3];
	race.next += CHANGE;
	race.loads = 0;
}

#define LOAD(size)                                       \
	void __sanitizer_cov_load##size(const void *at); \
	void __sanitizer_cov_load##size(const void *at)  \
	{                                                \
		load((uintptr_t)at);                     \
	}

LOAD(1)
LOAD(2)
LOAD(4)
LOAD(8)
LOAD(16)

static void feed(struct talk *talk, const uint8_t *data, size_t len)
{
	size_t at = 0;

	race.block = malloc(len);
	race.len = len;
	memcpy(race.block, data, len);
	while (at < len) {
		at += qga_feed(&talk->agent, race.block + at, len - at);
		talk_listen(talk);
		if (talk->len > ANSWER_MAX)
			abort();
	}
	free(race.block);
	race.len = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct talk talk = {.pull = 4096};
	size_t changes, at, part;

	if (len < 2 || len < 2 + (size_t)(data[0] % 8) * CHANGE)
		return 0;
	changes = (size_t)(data[0] % 8) * CHANGE;
	part = data[1] ? data[1] * 16U : len;
	race.next = data + 2;
	race.end = race.next + changes;
	race.loads = 0;
	talk_begin(&talk, 2048, 64);
	for (at = 2 + changes; at < len; at += part)
		feed(&talk, data + at, part < len - at ? part : len - at);
	race.next = race.end;
	feed(&talk, (const uint8_t *)FENCE, sizeof(FENCE) - 1);
	if (talk.len < sizeof(SYNCED) - 1 ||
	    memcmp(talk.answer + talk.len - (sizeof(SYNCED) - 1), SYNCED, sizeof(SYNCED) - 1))
		abort();
	talk_end(&talk);
	return 0;
}
