/* SPDX-License-Identifier: MIT */
/*
 * remote_write.c - see remote.h: writing with several requests under way.
 *
 * How much of a request an agent takes is not to be asked for: qemu-ga 64 MiB, bareqga 96 KiB, on its
 * smallest boards 2 KiB or less. Nor is how fast the way to it is. So pieces begin small, go alone, and
 * double until one is refused (as a whole, then nothing was stored) or takes long. From there on they
 * are as long as one that was taken, so that none is refused among others and leaves a hole.
 */
#include <stdlib.h>
#include <string.h>

#include "base64.h"
#include "clock.h"
#include "fail.h"
#include "print.h"
#include "remote.h"

enum {
	PIECE_MIN = 96,
	PIECE_FIRST = 3072,
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

/* How long pieces may be. */
struct sizes {
	size_t try, cap; /* the next; none may be longer */
	size_t taken;    /* the longest that was */
};

/* Writes `len` bytes, in parts if they are refused. */
static int write_alone(struct writing *w, struct sizes *z, size_t len, long long *at)
{
	size_t done = 0;
	int status = OK;

	while (!status && done < len) {
		size_t n = len - done < z->try ? len - done : z->try;
		double start = now();

		status = send_piece(w->remote, w->data + done, n);
		if (!status)
			status = take(w->remote, n);
		if (!status) {
			done += n;
			*at += (long long)n;
			z->taken = n > z->taken ? n : z->taken;
			if (now() - start > w->remote->session->timeout / 10)
				z->cap = z->taken;
		} else if (status == FAIL_AGENT && n / 2 >= PIECE_MIN) {
			z->cap = z->try = n / 2 / 3 * 3;
			status = session_ready(w->remote->session);
		}
	}
	return status;
}

/* Writes pieces one by one until their best length is known, *piece, or nothing is left. */
static int settle(struct writing *w, size_t *piece, long long *at,
                  void (*told)(void *context, long long at))
{
	struct sizes z = {.try = *piece < PIECE_FIRST ? *piece : PIECE_FIRST, .cap = *piece};
	int status = OK;

	while (!status && !w->end && z.taken < z.cap) {
		long n = w->source(w->context, w->data, z.try);

		if (n < 0)
			return (int)-n;
		w->end = n == 0;
		status = write_alone(w, &z, (size_t)n, at);
		told(w->context, *at);
		z.try = z.try * 2 < z.cap ? z.try * 2 : z.cap;
	}
	*piece = z.taken;
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

	w.data = grow(NULL, piece);
	if (!status)
		status = settle(&w, &piece, at, told);
	if (!status && !w.end)
		status = stream(&w, piece, kind->window, at, told);
	free(w.data);
	return status;
}
