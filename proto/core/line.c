/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent.h"

#if QGA_WITH_LINE

/* So long a silence ends what was there before the agent. */
#define LINE_EARLY_NS 10000000u

/*
 * How requests begin that are the first of their client: what comes first, in the texts of clients
 * that send none of the sentinel 0xFF. No command has an argument of such a name.
 */
static const char *const line_beginnings[] = {"{\"execute\"", "{ \"execute\"", "{\"arguments\"",
                                              "{ \"arguments\""};

#define LINE_BEGINNINGS (sizeof line_beginnings / sizeof line_beginnings[0])

/* Is the next byte that of a beginning, which is then held? Not: then nothing has changed. */
static bool line_goes_on(struct line *line, uint8_t byte)
{
	for (size_t i = 0; i < LINE_BEGINNINGS; i++) {
		const char *text = line_beginnings[i];

		if (line->n_held > 0 && strncmp(text, line->held, line->n_held) != 0)
			continue;
		if ((uint8_t)text[line->n_held] != byte)
			continue;
		line->held = text;
		line->n_held++;
		return true;
	}
	return false;
}

/* Watches bytes for a beginning as long as they may be one; returns how many it has taken. */
static size_t line_watch(struct qga *qga, struct line *line, const uint8_t *data, size_t len)
{
	size_t used = 0;

	while (line->watching && used < len) {
		bool blank = data[used] == '\n' || data[used] == '\r';

		/* A line end is nothing to a torso, and may come first. */
		if (!(blank && line->n_held == 0) && !line_goes_on(line, data[used]))
			break;
		used++;
		if (line->n_held > 0 && line->held[line->n_held] == '\0') {
			qga_host_closed(qga);
			line->watching = false;
		}
	}
	if (used < len)
		line->watching = false;
	return used;
}

/* Gives the agent what is held, as far as it takes it. */
static void line_let_go(struct qga *qga, struct line *line)
{
	size_t n = qga_feed(qga, line->held, line->n_held);

	line->held += n;
	line->n_held -= (uint8_t)n;
}

/* A line end, or the first byte of a beginning: after a silence, what is held is a torso as well. */
static bool line_begins(uint8_t byte)
{
	return byte == '{' || byte == '\n' || byte == '\r';
}

size_t qga_line_feed(struct qga *qga, const uint8_t *data, size_t len)
{
	struct agent *agent = qga_agent(qga);
	const struct qga_config *config = agent->config;
	struct line *line = &agent->run.line;
	uint64_t now = config->env->clock->monotonic(config->env->clock->context);
	uint64_t silence = now - line->heard;
	bool silent = silence >= (line->settled ? config->torso_ns : LINE_EARLY_NS);
	size_t used = 0;

	if (qga_pending(qga))
		return 0;
	if (silent && line->n_held > 0 && line_begins(data[0])) {
		line_let_go(qga, line);
		if (line->n_held > 0)
			return 0; /* there is an answer first; it was silent all the same */
	}
	line->heard = now;
	if (!agent->ended && line->n_held == 0)
		line->watching |= silent;
	if (line->watching)
		used = line_watch(qga, line, data, len);
	if (!line->watching && line->n_held > 0)
		line_let_go(qga, line);
	if (!line->watching && line->n_held == 0)
		used += qga_feed(qga, data + used, len - used);
	line->settled |= agent->ended;
	return used;
}

#endif
