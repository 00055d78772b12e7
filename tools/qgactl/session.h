/* SPDX-License-Identifier: MIT */
/*
 * session.h - a conversation with an agent, as docs/PROTOCOL.md says: in step with it through
 * guest-sync-delimited before the first request, and again after everything that went wrong.
 *
 * Answers come strictly in the order of the requests. session_send() may be called several times
 * before session_receive(), which then gives the answers one after the other.
 */
#ifndef QGACTL_SESSION_H
#define QGACTL_SESSION_H

#include "reader.h"
#include "target.h"

struct session {
	struct target target;
	double timeout; /* seconds an answer may take */
	bool trace;     /* shows on stderr what is said */

	int fd; /* of a stream, or -1 */
	bool in_step;
	struct reader reader;
	struct buffer out; /* not yet sent; for a target that is no stream: requests, NUL-ended */
	unsigned waiting;  /* requests that were sent and not answered */
	bool reopened;     /* the last session_ready() had to connect anew */
};

/* Takes a target apart; does not connect. */
int session_begin(struct session *s, const char *target, double timeout);
void session_end(struct session *s);

/* Connects and synchronises if need be; requests that were not answered are forgotten. */
int session_ready(struct session *s);

/* Appends a request, JSON text on one line. */
int session_send(struct session *s, const char *text, size_t len);
/* Waits for the next answer; answer_free() it. An error of the agent's is an answer, too. */
int session_receive(struct session *s, struct answer *answer);
/* The same with answer_read_around(); the text stays until the next call. */
int session_receive_around(struct session *s, struct answer *answer, const char *name, char **text,
                           size_t *text_len);
/* The next answer as the line it is; it stays until the next call. */
int session_receive_line(struct session *s, char **line, size_t *len);

/*
 * One request and its answer's value, which the caller owns; arguments may be NULL, and are taken
 * over. An error of the agent's becomes a failure: FAIL_UNKNOWN for CommandNotFound, else
 * FAIL_AGENT.
 */
int session_ask(struct session *s, const char *command, json_t *arguments, json_t **value);
/* The same, for what may be missing: an error of the agent's gives OK and NULL. */
int session_try(struct session *s, const char *command, json_t *arguments, json_t **value);
/* The text of a request, without an end of line; free() it. Takes the arguments over. */
char *session_request(const char *command, json_t *arguments);
/* Sends a request without waiting. */
int session_post(struct session *s, const char *command, json_t *arguments);
/* What an answer that is an error makes of itself. */
int session_refused(const struct answer *answer);

/* Closes the connection; the next session_ready() connects again. */
void session_drop(struct session *s);

#endif
