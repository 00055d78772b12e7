/* SPDX-License-Identifier: MIT */
/* client.c - what a client of a simulation sends, and all that it may see; see simulate.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulate.h"

/* --- What is due --- */

static void forget(struct sim *sim)
{
	for (unsigned i = sim->due_first; i < sim->due_end; i++)
		free(sim->due[i].text);
	sim->due_first = sim->due_end = 0;
}

static void put_due(struct sim *sim, bool until, int count, const char *text, size_t len)
{
	struct sim_due *due;

	if (sim->due_first == sim->due_end)
		sim->due_first = sim->due_end = 0;
	if (sim->due_end == SIM_DUE)
		abort();
	due = &sim->due[sim->due_end++];
	*due = (struct sim_due){.until = until, .count = count, .text = malloc(len), .len = len};
	memcpy(due->text, text, len);
}

static void expect(struct sim *sim, int count, const char *format, ...)
{
	char text[8192];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	put_due(sim, false, count, text, (size_t)len);
}

/* Has the first of what is due come? Takes it, and the bytes. */
static bool judge(struct sim *sim)
{
	struct sim_due *due = &sim->due[sim->due_first];
	size_t n = due->len < sim->heard_len ? due->len : sim->heard_len;
	char *found;

	if (due->until) {
		found = memmem(sim->heard, sim->heard_len, due->text, due->len);
		if (!found)
			return false;
		n = (size_t)(found - sim->heard) + due->len;
	} else {
		if (memcmp(sim->heard, due->text, n) != 0) {
			sim->heard[sim->heard_len < 300 ? sim->heard_len : 300] = '\0';
			fprintf(stderr, "due was %.*s", (int)due->len, due->text);
			sim_fail(sim, "a client sees another answer than is due", sim->heard);
		}
		if (n < due->len)
			return false;
	}
	if (due->count >= 0 && !sim->ran[due->count])
		sim_fail(sim, "a request is answered that was not run", NULL);
	memmove(sim->heard, sim->heard + n, sim->heard_len -= n);
	free(due->text);
	sim->due_first++;
	sim->commands++;
	return true;
}

bool sim_client_hear(struct sim *sim)
{
	size_t n;

	if (!sim->connected)
		return false;
	if (sim->line->lost && sim->line->lost(sim))
		sim_client_lost(sim);
	n = sim->line->hear(sim, sim->heard + sim->heard_len, SIM_OUT - 1 - sim->heard_len);
	sim->heard_len += n;
	while (sim->due_first < sim->due_end && sim->heard_len > 0 && judge(sim))
		;
	if (sim->due_first == sim->due_end) {
		sim->heard[sim->heard_len < 300 ? sim->heard_len : 300] = '\0';
		if (sim->heard_len > 0 && !sim->loose)
			sim_fail(sim, "a client sees what it did not ask for", sim->heard);
		sim->heard_len = 0;
	} else if (sim->heard_len > SIM_OUT / 2) {
		/* Nobody's: of it, only the beginning of what is waited for can be left. */
		memmove(sim->heard, sim->heard + sim->heard_len - 100, 100);
		sim->heard_len = 100;
	}
	return n > 0;
}

/* --- What is sent --- */

static void put(struct sim *sim, const char *data, size_t len)
{
	if (sim->out_len + len > sizeof sim->out)
		abort();
	memcpy(sim->out + sim->out_len, data, len);
	sim->out_len += len;
}

static void say(struct sim *sim, const char *format, ...)
{
	char text[8192];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	put(sim, text, (size_t)len);
}

static void put_many(struct sim *sim, size_t n)
{
	while (n-- > 0)
		put(sim, "x", 1);
}

void sim_client_sync(struct sim *sim)
{
	uint32_t id = ++sim->next_id;
	char mark[64];

	put(sim, "\xff", 1);
	say(sim, "{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":%u}}\n", id);
	put_due(sim, true, -1, mark, (size_t)sprintf(mark, "\xff{\"return\": %u}\n", id));
	sim->loose = false;
}

/*
 * Without 0xFF, as some clients do on a serial line. There two torsos may have come to an end together,
 * which is answered.
 */
static void sync_plainly(struct sim *sim)
{
	uint32_t id = ++sim->next_id;
	char mark[64];

	say(sim, "{\"execute\":\"guest-sync\",\"arguments\":{\"id\":%u}}\n", id);
	put_due(sim, true, -1, mark, (size_t)sprintf(mark, "{\"return\": %u}\n", id));
}

/* Letters, now and then a character that is escaped, or a bracket that is none. */
static void make_text(struct sim *sim, char *text, size_t len)
{
	static const char *const pieces[] = {"}", "{", "]", "\\u00E4", "\\\\", "\\n", ":", ","};
	size_t n = 0;

	while (n < len) {
		const char *piece = pieces[sim_below(sim, 8)];

		if (sim_below(sim, 8) > 0 || n + strlen(piece) > len)
			text[n++] = (char)('a' + sim_below(sim, 26));
		else
			n += (size_t)sprintf(text + n, "%s", piece);
	}
	text[n] = '\0';
}

/* Nothing that is a request, or that never ends, or the beginning of a request; then 0xFF. */
static void make_garbage(struct sim *sim)
{
	static const char *const torsos[] = {"{",
	                                     "[[[[[",
	                                     "{\"execute\":",
	                                     "\"",
	                                     "{\"a\":\"\\u00",
	                                     "{\"execute\":\"guest-ping\",\"id\":\"abc",
	                                     "}}]",
	                                     "12e"};
	char text[128], byte;
	uint32_t n = sim_below(sim, 400);
	int len;

	switch (sim_below(sim, 4)) {
	case 0:
		while (n-- > 0) {
			byte = (char)sim_below(sim, 256);
			put(sim, &byte, 1);
		}
		break;
	case 1:
		say(sim, "%s", torsos[sim_below(sim, 8)]);
		break;
	case 2: /* two strings, of which the second comes to lie about the end of the room for both */
		say(sim, "{\"execute\":\"sim-echo\",\"arguments\":{\"text\":%s", n & 1 ? "\"" : "");
		put_many(sim, SIM_REQUEST - QGA_PARK_MIN - 50 - sim_below(sim, 80));
		say(sim, "\",\"b\":\"");
		put_many(sim, 600);
		break;
	default:
		len = sprintf(text,
		              "{\"execute\":\"sim-count\",\"arguments\":{\"n\":%d},\"id\":\"abc\"}",
		              sim->next_count);
		sim->never[sim->next_count++] = true;
		put(sim, text, 1 + sim_below(sim, (uint32_t)len - 1));
	}
}

/* One request with an id, and what is due to it. */
static void ask_one(struct sim *sim)
{
	static const char *const spaces[] = {"", "\n", "\r\n", " ", "\n\n"};
	uint32_t id = ++sim->next_id, n = sim_below(sim, 1000);
	char text[SIM_TEXT + 8];
	int count = -1;

	switch (sim_below(sim, 10)) {
	case 0:
		say(sim, "{\"execute\":\"guest-ping\"}");
		expect(sim, -1, "{\"return\": {}}\n");
		break;
	case 1:
		say(sim, "{\"execute\":\"guest-sync\",\"arguments\":{\"id\":%u}}", id);
		expect(sim, -1, "{\"return\": %u}\n", id);
		break;
	case 2:
		say(sim,
		    "{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":%u},\"id\":%u}", n,
		    id);
		expect(sim, -1, "\xff{\"return\": %u, \"id\": %u}\n", n, id);
		break;
	case 3:
	case 4:
	case 5:
		count = sim->next_count++;
		say(sim, "{\"execute\":\"sim-count\",\"arguments\":{\"n\":%d},\"id\":[%u]}", count,
		    id);
		expect(sim, count, "{\"return\": {}, \"id\": [%u]}\n", id);
		break;
	case 6:
		make_text(sim, text,
		          sim_one_in(sim, 3) ? sim_below(sim, SIM_TEXT) : sim_below(sim, 300));
		say(sim,
		    "{\"arguments\":{\"text\":\"%s\"},\"id\":{\"k\":%u},\"execute\":\"sim-echo\"}",
		    text, id);
		expect(sim, -1, "{\"return\": \"%s\", \"id\": {\"k\": %u}}\n", text, id);
		break;
	case 7: {
		uint32_t len = sim_below(sim, 300);
		char list[300 * 12];
		int at = 0;

		list[0] = '\0';
		for (uint32_t i = 0; i < len; i++)
			at += sprintf(list + at, "%s%u", i ? ", " : "", n + i);
		say(sim,
		    "{ \"execute\" : \"sim-list\", \"id\": \"%u\", \"arguments\": {\"len\":%u, \"n\":%u}}",
		    id, len, n);
		expect(sim, -1, "{\"return\": [%s], \"id\": \"%u\"}\n", list, id);
		break;
	}
	case 8:
		say(sim, "{\"execute\":\"sim-fail\",\"arguments\":{\"n\":%u},\"id\":%u}", n, id);
		expect(sim, -1,
		       "{\"id\": %u, \"error\": {\"class\": \"GenericError\", \"desc\": \"hook %u has failed\"}}\n",
		       id, n);
		break;
	default:
		say(sim, "{\"execute\":\"no-such-%u\",\"id\":%u}", n, id);
		expect(sim, -1,
		       "{\"id\": %u, \"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command no-such-%u "
		       "has not been found\"}}\n",
		       id, n);
	}
	say(sim, "%s", spaces[sim_below(sim, 5)]);
}

void sim_client_ask(struct sim *sim)
{
	uint32_t n = 1 + sim_below(sim, sim_one_in(sim, 10) ? 60 : 8);

	if (sim->patient && (sim->due_first < sim->due_end || sim->out_len > 0))
		return;
	if (sim->patient)
		n = 1;
	if (sim->loose)
		sim_client_sync(sim);
	while (n-- > 0 && sim->out_len < SIM_OUT / 2 && sim->next_count < SIM_COUNTS - 2 &&
	       sim->due_end < SIM_DUE - 4) {
		if (!sim_one_in(sim, 12)) {
			ask_one(sim);
			continue;
		}
		make_garbage(sim);
		sim_client_sync(sim);
	}
}

bool sim_client_send(struct sim *sim, size_t most)
{
	size_t n = sim->out_len < most ? sim->out_len : most;

	if (!sim->connected || n == 0)
		return false;
	n = sim->line->send(sim, sim->out, n);
	memmove(sim->out, sim->out + n, sim->out_len -= n);
	return n > 0;
}

/* --- It comes and goes --- */

void sim_client_come(struct sim *sim, bool strictly)
{
	static const unsigned grains[] = {1, 3, 30, 200, 2000, SIM_OUT};

	sim->connected = sim->reads = true;
	sim->grain = grains[sim_below(sim, 6)];
	sim->patient = sim_one_in(sim, 3);
	sim->loose = !strictly;
	sim->rested = false;
	sim->line->connect(sim);
	if (strictly && sim->line->torso_ns)
		sync_plainly(sim);
}

void sim_client_lost(struct sim *sim)
{
	forget(sim);
	sim->heard_len = 0;
	sim->loose = true;
	sim->out_len = 0;
}

void sim_client_go(struct sim *sim)
{
	sim_client_hear(sim);
	sim->line->disconnect(sim);
	sim->connected = false;
	sim_client_lost(sim);
}
