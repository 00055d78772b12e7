/* SPDX-License-Identifier: MIT */
/*
 * fuzz_commands.c - libFuzzer: requests of all commands on an environment where anything may fail.
 * Whatever is answered is JSON; what is open and frozen is what the agent says; and in the end
 * 0xFF and guest-sync-delimited get their own answer.
 *
 * The first bytes choose the luck of the environment and the sizes of pieces fed and pulled; the
 * rest is the stream, and the text of the guest's os-release, and at times a list of what is not
 * offered, too.
 */
#include "chance_env.h"
#include "talk.h"

#define FENCE    "\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":4711}}\n"
#define SYNCED   "'\"}}\n\xFF{\"return\": 4711}\n"
#define STATUS   "{\"execute\":\"guest-fsfreeze-status\"}"
#define FROZEN   "{\"return\": \"frozen\"}\n"
#define THAWED   "{\"return\": \"thawed\"}\n"
#define DISABLED "has been disabled"
#define PONG     "{\"return\": {}, \"id\": "
#define LIMIT    "limit exceeded"

/* An answer, as an id to another agent, comes back: it is JSON. */
static void check_line(struct talk *judge, const char *line, size_t len)
{
	if (*line == '\xFF') {
		line++;
		len--;
	}
	talk_ask(judge, "{\"execute\":\"guest-ping\",\"id\":");
	talk_say(judge, line, len);
	judge->len = 0;
	talk_say(judge, "}", 1);
	if (strncmp(talk_heard(judge), PONG, strlen(PONG)) && !strstr(judge->answer, LIMIT))
		abort();
}

static void check_lines(const char *text, size_t len)
{
	struct talk judge = {0};
	const char *end;

	talk_begin(&judge, 1 << 16, 8192);
	for (; len > 0; len -= (size_t)(end + 1 - text), text = end + 1) {
		end = memchr(text, '\n', len);
		if (!end)
			abort();
		check_line(&judge, text, (size_t)(end - text));
	}
	talk_end(&judge);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static _Alignas(16) char jobs[QGA_JOBS_MAX * 512];
	struct talk talk = {.config = {.jobs = jobs, .jobs_size = sizeof(jobs)}};
	const char *heard;
	char *text;

	if (len < 3)
		return 0;
	text = strndup((const char *)data + 3, len - 3);
	talk.env = *chance_env(data[0], text);
	talk.pull = 1U + data[2];
	if (data[0] > 240)
		talk.config.block_rpcs = text;
	talk_begin(&talk, 8192, 1024);
	for (size_t at = 3, part; at < len; at += part) {
		part = len - at < 1U + data[1] ? len - at : 1U + data[1];
		talk_say(&talk, (const char *)data + at, part);
		qga_poll(&talk.agent);
	}
	talk_say(&talk, FENCE, strlen(FENCE));
	if (talk.len < strlen(SYNCED) ||
	    memcmp(talk.answer + talk.len - strlen(SYNCED), SYNCED, strlen(SYNCED)))
		abort();
	check_lines(talk.answer, talk.len);
	talk.len = 0;
	heard = talk_ask(&talk, STATUS);
	if ((strcmp(heard, chance_env_frozen() ? FROZEN : THAWED) && !strstr(heard, DISABLED)) ||
	    chance_env_open() > QGA_FILES_MAX)
		abort();
	talk_end(&talk);
	free(text);
	return 0;
}
