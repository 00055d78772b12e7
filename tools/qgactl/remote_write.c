/* SPDX-License-Identifier: MIT */
/*
 * remote_write.c - see remote.h: writing with several requests under way.
 *
 * How much of a request an agent takes is not to be asked for: qemu-ga 64 MiB, bareqga 96 KiB, on
 * its smallest boards 2 KiB or less. What is too long is refused as a whole, so the first piece
 * goes alone, and smaller until it is taken; the others then are as long, or shorter.
 */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "fail.h"
#include "print.h"
#include "remote.h"

enum {
	PIECE_MIN = 96,
	WINDOW_MAX = 64
};

struct writing {
	struct remote *remote;
	remote_source *source;
	void *context;
	unsigned char *data;     /* a piece */
	size_t lens[WINDOW_MAX]; /* of the pieces under way, a ring */
	unsigned sent, stored;
	bool end;
};

static int send_piece(struct remote *r, const void *data, size_t len)
{
	struct buffer text = {0};
	int status;

	buffer_printf(
		&text,
		"{\"execute\":\"guest-file-write\",\"arguments\":{\"handle\":%lld,\"buf-b64\":\"",
		r->handle);
	base64_encode(buffer_room(&text, BASE64_CHARS(len)), data, len);
	text.len += BASE64_CHARS(len);
	buffer_text(&text, "\"}}");
	status = session_send(r->session, text.data, text.len);
	buffer_free(&text);
	return status;
}

/* Whether the answer says that all of a piece was stored. */
static int take(struct remote *r, size_t len)
{
	struct answer answer;
	int status = session_receive(r->session, &answer);

	if (status)
		return status;
	if (!answer.value)
		status = session_refused(&answer);
	else if (member_number(answer.value, "count") != (long long)len)
		status = fail(FAIL_AGENT,
		              "%s: only %lld of %zu bytes were stored; is the file system full?",
		              r->path, member_number(answer.value, "count"), len);
	answer_free(&answer);
	return status;
}

/* Writes a piece in parts that become smaller until one is taken; *piece is then how long it was.
 */
static int probe(struct remote *r, const unsigned char *data, size_t len, size_t *piece)
{
	size_t done = 0;
	int status = OK;

	while (!status && done < len) {
		size_t n = len - done < *piece ? len - done : *piece;

		status = send_piece(r, data + done, n);
		if (!status)
			status = take(r, n);
		if (!status)
			done += n;
		else if (status == FAIL_AGENT && n / 2 >= PIECE_MIN) {
			*piece = n / 2 / 3 * 3;
			status = session_ready(r->session);
		}
	}
	return status;
}

static int send_next(struct writing *w, size_t piece)
{
	long n = w->source(w->context, w->data, piece);

	if (n < 0)
		return (int)-n;
	if (n == 0) {
		w->end = true;
		return OK;
	}
	w->lens[w->sent++ % WINDOW_MAX] = (size_t)n;
	return send_piece(w->remote, w->data, (size_t)n);
}

static int stream(struct writing *w, size_t piece, unsigned window, long long *at,
                  void (*told)(void *context, long long at))
{
	struct session *s = w->remote->session;
	int status = OK, first = OK;

	while (!status && (!w->end || s->waiting > 0)) {
		while (!status && !w->end && s->waiting < window)
			status = send_next(w, piece);
		if (!status && s->waiting > 0) {
			size_t len = w->lens[w->stored++ % WINDOW_MAX];

			status = take(w->remote, len);
			if (!status) {
				*at += (long long)len;
				told(w->context, *at);
			}
		}
	}
	/* What is under way may still be stored, behind a hole: wait for it, but believe none of
	 * it. */
	first = status;
	while (first == FAIL_AGENT && s->waiting > 0) {
		char kept[512];

		snprintf(kept, sizeof(kept), "%s", failure());
		status = take(w->remote, w->lens[w->stored++ % WINDOW_MAX]);
		fail(first, "%s", kept);
		if (status && status != FAIL_AGENT)
			break;
	}
	return first;
}

int remote_write(struct remote *r, remote_source *source, void *context, long long *at,
                 void (*told)(void *context, long long at))
{
	const struct target_kind *kind = r->session->target.kind;
	size_t piece = r->piece ? (r->piece + 2) / 3 * 3 : kind->write_piece;
	struct writing w = {.remote = r, .source = source, .context = context};
	int status = session_ready(r->session);
	long n;

	w.data = grow(NULL, piece);
	n = status ? 0 : source(context, w.data, piece);
	if (n < 0)
		status = (int)-n;
	if (!status && n > 0)
		status = probe(r, w.data, (size_t)n, &piece);
	if (!status && n > 0) {
		*at += n;
		told(context, *at);
		status = stream(&w, piece, kind->window, at, told);
	}
	free(w.data);
	return status;
}
