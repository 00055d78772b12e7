/* SPDX-License-Identifier: MIT */
/*
 * fuzz_tiny.c - libFuzzer: any bytes at all, to two of the smallest agents (proto/tiny/): one is
 * fed and pulled in big pieces, one in small ones. They must answer alike, and 0xFF and
 * guest-sync-delimited get their own answer at the end.
 *
 * The first four bytes choose the sizes: request buffer, tokens, pieces fed, pieces pulled.
 */
#include <stdlib.h>
#include <string.h>

#include "agent.h"

#define FENCE "\xFF{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":4711}}"
#define ANSWER                                                                             \
	"{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}\n\xFF" \
	"{\"return\": 4711}\n"

struct heard {
	char *text;
	size_t len, cap;
};

static int set_time(void *context, int64_t ns)
{
	(void)context;
	return ns % 2 ? ENV_EIO : 0;
}

static int shutdown(void *context, enum env_power_mode mode)
{
	(void)context;
	return mode == ENV_HALT ? ENV_ENOSYS : 0;
}

static void say(struct agent *agent, struct heard *heard, const void *data, size_t len, size_t feed,
                size_t pull)
{
	size_t at = 0;

	while (at < len) {
		size_t part = feed < len - at ? feed : len - at;
		uint8_t *copy = malloc(part);

		memcpy(copy, (const uint8_t *)data + at, part);
		at += agent_feed(agent, copy, part);
		free(copy);
		while (agent_pending(agent)) {
			if (heard->cap - heard->len < pull) {
				heard->cap = heard->cap * 2 + pull;
				heard->text = realloc(heard->text, heard->cap);
			}
			heard->len += agent_pull(agent, heard->text + heard->len, pull);
		}
	}
}

static struct heard converse(const uint8_t *sizes, const uint8_t *data, size_t len, size_t feed,
                             size_t pull)
{
	static const struct env_clock clock = {.set = set_time};
	static const struct env_power power = {.shutdown = shutdown};
	static const struct agent_env env = {.clock = &clock, .power = &power};
	struct agent *agent = malloc(sizeof(*agent));
	struct heard heard = {0};
	struct agent_config config = {
		.env = &env,
		.version = "fuzz",
		.request_size = AGENT_REQUEST_MIN + 4U * sizes[0],
		.tokens_size = (AGENT_TOKENS_MIN + sizes[1] % 64U) * AGENT_TOKEN_SIZE,
	};

	config.request = malloc(config.request_size);
	config.tokens = malloc(config.tokens_size);
	if (agent_init(agent, &config))
		abort();
	say(agent, &heard, data, len, feed, pull);
	say(agent, &heard, FENCE, strlen(FENCE), feed, pull);
	free(config.request);
	free(config.tokens);
	free(agent);
	return heard;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct heard big, small;

	if (len < 4)
		return 0;
	big = converse(data, data + 4, len - 4, len, 8192);
	small = converse(data, data + 4, len - 4, 1U + data[2], 1U + data[3]);
	if (big.len != small.len || memcmp(big.text, small.text, big.len))
		abort();
	if (big.len < strlen(ANSWER) ||
	    memcmp(big.text + big.len - strlen(ANSWER), ANSWER, strlen(ANSWER)))
		abort();
	free(big.text);
	free(small.text);
	return 0;
}
