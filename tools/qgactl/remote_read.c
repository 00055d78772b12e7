/* SPDX-License-Identifier: MIT */
/*
 * remote_read.c - see remote.h: reading with several requests under way, so that the guest never
 * waits for us. A request that got lost (a UART of a guest that was too slow) is noticed by its
 * time being up; then smaller pieces are read one by one from where the sink is.
 */
#include <stdlib.h>

#include "base64.h"
#include "clock.h"
#include "fail.h"
#include "print.h"
#include "remote.h"

enum {
	PIECE_CAREFUL = 1024,
	TRIES = 3
};

/* The data of an answer, decoded where it is: in the line, or if it has escapes in jansson's own
 * copy. */
static int decode(struct remote *r, const struct answer *answer, char **data, size_t *len)
{
	json_t *value = json_object_get(answer->value, "buf-b64");

	if (!*data && json_is_object(answer->value)) {
		/* Some agents say by silence that nothing was read. */
		*data = value ? (char *)(size_t)json_string_value(value) : "";
		*len = json_string_length(value);
	}
	if (*data && *len == 0)
		return OK;
	if (!*data || !base64_decode(*data, len, *data, *len))
		return fail(FAIL_ANSWER, "%s: what the agent sends is no base64", r->path);
	return OK;
}

static int request(struct remote *r, size_t piece)
{
	char text[128];
	int n = snprintf(
		text, sizeof(text),
		"{\"execute\":\"guest-file-read\",\"arguments\":{\"handle\":%lld,\"count\":%zu}}",
		r->handle, piece);

	return session_send(r->session, text, (size_t)n);
}

/* Takes one answer. *end: nothing is behind it. */
static int take(struct remote *r, remote_sink *sink, void *context, long long *at, bool *end)
{
	struct answer answer;
	char *data;
	size_t len;
	int status = session_receive_around(r->session, &answer, "buf-b64", &data, &len);

	if (status)
		return status;
	if (!answer.value)
		status = session_refused(&answer);
	else
		status = decode(r, &answer, &data, &len);
	if (!status)
		*end = len == 0 || member_true(answer.value, "eof");
	if (!status && len > 0)
		status = sink(context, data, len);
	if (!status)
		*at += (long long)len;
	answer_free(&answer);
	return status;
}

static int drain(struct remote *r, int status)
{
	struct answer answer;
	bool talking = status != FAIL_GONE && status != FAIL_ANSWER && status != FAIL_STOPPED;

	while (talking && r->session->waiting > 0) {
		talking = session_receive(r->session, &answer) == OK;
		if (talking)
			answer_free(&answer);
	}
	return status;
}

/* Reads until the end, or a failure. */
static int stream(struct remote *r, size_t piece, unsigned window, remote_sink *sink, void *context,
                  long long *at)
{
	int status = session_ready(r->session);
	bool end = false;

	while (!status && !end) {
		while (!status && r->session->waiting < window)
			status = request(r, piece);
		if (!status)
			status = take(r, sink, context, at, &end);
	}
	/* The others were read at the end: they are empty, and answered all the same. */
	return drain(r, status);
}

int remote_read(struct remote *r, long long from, remote_sink *sink, void *context, long long *at)
{
	const struct target_kind *kind = r->session->target.kind;
	size_t piece = r->piece ? r->piece : kind->read_piece;
	unsigned window = r->window ? r->window : kind->window;
	int status = stream(r, piece, window, sink, context, at);

	for (int tries = 0; status == FAIL_ANSWER && tries < TRIES; tries++) {
		long long before = *at, position;

		piece = piece > PIECE_CAREFUL ? PIECE_CAREFUL : piece;
		status = remote_seek(r, from + *at, 0, &position);
		if (status != OK && status != FAIL_AGENT)
			return status;
		if (status == FAIL_AGENT || position != from + *at)
			return fail(FAIL_GONE,
			            "%s: the agent has stopped answering, and has since "
			            "forgotten the file: the guest was restarted",
			            r->path);
		status = stream(r, piece, 1, sink, context, at);
		if (*at > before)
			tries = -1;
	}
	return status;
}
