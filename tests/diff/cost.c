/* SPDX-License-Identifier: MIT */
/*
 * cost.c - counts what streams cost the agent: `valgrind --tool=callgrind ... cost FILE...` leaves
 * one count for each file, of the agent's own instructions from the first byte to the last answer.
 * Prints how many bytes were answered to each.
 */
#include <stdio.h>
#include <stdlib.h>

#include <valgrind/callgrind.h>

#include "bareqga.h"

static const struct qga_env env;
static struct qga agent;
static char request[64 << 10];
static int tokens[512 << 10];

static const struct qga_config config = {
	.env = &env,
	.version = "cost",
	.request = request,
	.request_size = sizeof(request),
	.tokens = tokens,
	.tokens_size = sizeof(tokens),
};

/* Reads a file whole; returns its size. */
static size_t slurp(const char *path, unsigned char **data)
{
	FILE *file = fopen(path, "rb");
	long size;

	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0) {
		perror(path);
		exit(1);
	}
	rewind(file);
	*data = malloc((size_t)size + 1);
	if (!*data || fread(*data, 1, (size_t)size, file) != (size_t)size) {
		perror(path);
		exit(1);
	}
	fclose(file);
	return (size_t)size;
}

static size_t play(const unsigned char *data, size_t len)
{
	static char answer[4096];
	size_t at = 0, answered = 0, n;

	while (at < len || qga_pending(&agent)) {
		at += qga_feed(&agent, data + at, len - at);
		while ((n = qga_pull(&agent, answer, sizeof(answer))) > 0)
			answered += n;
	}
	return answered;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		unsigned char *data;
		size_t len = slurp(argv[i], &data), answered;

		if (qga_init(&agent, &config)) {
			fprintf(stderr, "agent_init() refuses the configuration\n");
			return 1;
		}
		CALLGRIND_ZERO_STATS;
		answered = play(data, len);
		CALLGRIND_DUMP_STATS_AT(argv[i]);
		printf("%zu\n", answered);
		free(data);
	}
	return 0;
}
