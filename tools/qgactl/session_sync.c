/* SPDX-License-Identifier: MIT */
/*
 * session_sync.c - see session.h: coming into step with an agent, whatever was said before and by
 * whom.
 *
 *     0xFF guest-sync-delimited, a number  ->
 *                  <-  anything, a byte 0xFF, and the number: all that follows is for us
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "print.h"
#include "session_parts.h"

/* It is sent again after so many seconds: what comes while a guest boots is lost on a UART. */
#define SYNC_AGAIN 0.5

static uint64_t chance(void)
{
	static uint64_t last;
	uint64_t number;

	if (getentropy(&number, sizeof(number)) < 0)
		number = (uint64_t)(now() * 1e9) ^ (uint64_t)getpid() << 32;
	/* Never the same twice, and exact in a double: agents are written in all languages. */
	last = (number ^ last) >> 12 | (uint64_t)1 << 51;
	return last & ~(uint64_t)0xffff;
}

static void queue_sync(struct session *s, uint64_t number)
{
	size_t before = s->out.len;

	buffer_printf(&s->out,
	              "\xff{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":%llu}}\n",
	              (unsigned long long)number);
	session_trace(s, "->", s->out.data + before, s->out.len - before);
}

static bool heard(const struct session *s, const char *text)
{
	return memmem(s->reader.heard, s->reader.heard_len, text, strlen(text)) != NULL;
}

/* Says what it is that answers, but not as an agent. */
static int not_in_step(struct session *s)
{
	char shown[61];

	if (s->reader.heard_len == 0)
		return fail(FAIL_ANSWER,
		            "%s: no answer in %g s; is the agent running in the guest, and "
		            "does nobody else (libvirt?) use the socket?",
		            s->target.text, s->timeout);
	if (heard(s, "{\"QMP\":"))
		return fail(FAIL_ANSWER,
		            "%s: this is QEMU's monitor (QMP); the agent has a socket of its own",
		            s->target.text);
	if (heard(s, "\"guest-sync-delimited\""))
		return fail(FAIL_ANSWER, "%s: only sends back what it is sent; is it a terminal?",
		            s->target.text);
	print_clean(shown, sizeof(shown), s->reader.heard, s->reader.heard_len);
	return fail(FAIL_ANSWER, "%s: this is no guest agent; it says: %s", s->target.text, shown);
}

int session_synchronise(struct session *s)
{
	uint64_t first = chance(), last = first, number = 0;
	double deadline = now() + s->timeout, again = now() + SYNC_AGAIN;
	bool known = false; /* an earlier number came back: the last one will, too */

	s->waiting = 0;
	s->out.len = 0;
	s->reader.delimited = false;
	s->reader.heard_len = 0;
	queue_sync(s, last);
	while (number != last) {
		double until = known || again > deadline ? deadline : again;
		int status = session_flow(s, until);

		if (status > 0)
			return status;
		while (number != last) {
			enum reader_result r = reader_sync(&s->reader, first, last, &number);

			if (r == READER_MORE)
				break;
			if (r == READER_TOO_LONG)
				return not_in_step(s);
			known = true;
		}
		if (number == last)
			break;
		if (now() >= deadline || heard(s, "{\"QMP\":"))
			return not_in_step(s);
		if (now() < until)
			continue;
		queue_sync(s, ++last);
		again = now() + SYNC_AGAIN;
	}
	session_trace(s, "<-", "(in step)", 9);
	s->in_step = true;
	return OK;
}
