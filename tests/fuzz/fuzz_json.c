/* SPDX-License-Identifier: MIT */
/*
 * fuzz_json.c - libFuzzer: one document, echoed as an id, is what it was. What comes back is asked
 * for again, and must come back unchanged: writing and reading agree.
 */
#include <stdlib.h>
#include <string.h>

#include "bareqga.h"

#define ROOM 65536

static size_t ask(struct qga *agent, const char *id, size_t len, char *answer)
{
	static const char head[] = "{\"execute\":\"guest-ping\",\"id\":", tail[] = "}\xFF\n";
	static char request[ROOM * 8];
	size_t at = 0, n = 0, total = 0;

	memcpy(request, head, sizeof(head) - 1);
	memcpy(request + sizeof(head) - 1, id, len);
	memcpy(request + sizeof(head) - 1 + len, tail, sizeof(tail) - 1);
	total = sizeof(head) - 1 + len + sizeof(tail) - 1;
	while (at < total) {
		at += qga_feed(agent, request + at, total - at);
		while (qga_pending(agent)) {
			size_t part = qga_pull(agent, answer + n, ROOM * 8 - n);

			/*
			 * Only the first answer is of interest, unless the id was more than one
			 * value.
			 */
			n += part;
			if (n > ROOM * 7)
				n = 0;
		}
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char head[] = "{\"return\": {}, \"id\": ",
			  tail[] = "}\n{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON "
				   "parse error, stray '\\uFFFD'\"}}\n";
	static const struct qga_env env;
	static struct qga agent;
	static char request[ROOM], first[ROOM * 8], second[ROOM * 8];
	static int tokens[6 * 2048];
	const struct qga_config config = {.env = &env,
	                                  .version = "fuzz",
	                                  .request = request,
	                                  .request_size = ROOM,
	                                  .tokens = tokens,
	                                  .tokens_size = sizeof(tokens)};
	size_t n, m;

	if (len > 4096 || qga_init(&agent, &config))
		return 0;
	n = ask(&agent, (const char *)data, len, first);
	/* The id may have been no value, or more than one. */
	if (n < sizeof(head) + sizeof(tail) || memcmp(first, head, sizeof(head) - 1) ||
	    memcmp(first + n - (sizeof(tail) - 1), tail, sizeof(tail) - 1) ||
	    memchr(first, '\n', n - sizeof(tail)))
		return 0;
	m = ask(&agent, first + sizeof(head) - 1, n - (sizeof(head) - 1) - (sizeof(tail) - 1),
	        second);
	if (m != n || memcmp(first, second, n))
		abort();
	return 0;
}
