/* SPDX-License-Identifier: MIT */
/* session.c - see session.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "print.h"
#include "session.h"
#include "session_parts.h"

/* An answer slower than this, in bytes a second, and later than the timeout, counts as none. */
#define SLOWEST 1024

int session_begin(struct session *s, const char *target, double timeout)
{
	*s = (struct session){.fd = -1, .timeout = timeout};
	return target_parse(&s->target, target);
}

void session_drop(struct session *s)
{
	if (s->fd >= 0 && (s->waiting > 0 || !s->in_step))
		target_leave(s->fd);
	else if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	s->in_step = false;
	s->waiting = 0;
	reader_free(&s->reader);
	s->out.len = 0;
}

void session_end(struct session *s)
{
	session_drop(s);
	buffer_free(&s->out);
	target_free(&s->target);
}

void session_trace(const struct session *s, const char *arrow, const char *text, size_t len)
{
	if (!s->trace)
		return;
	fprintf(stderr, "%s ", arrow);
	for (size_t i = 0; i < len && i < 400; i++)
		if (text[i] >= ' ' && text[i] < 0x7f)
			fputc(text[i], stderr);
		else if (text[i] != '\n')
			fprintf(stderr, "\\x%02x", (unsigned char)text[i]);
	fprintf(stderr, len > 400 ? "... %zu bytes\n" : "\n", len);
}

/* --- Bytes --- */

static int gone(struct session *s)
{
	session_drop(s);
	return fail(FAIL_GONE, "%s: the other end has closed the connection", s->target.text);
}

/* Who has gone may have said something before: only reading finds out that nothing comes any more.
 */
static void write_some(struct session *s)
{
	ssize_t n = write(s->fd, s->out.data, s->out.len);

	if (n >= 0)
		buffer_drop(&s->out, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		s->out.len = 0;
}

static int read_some(struct session *s)
{
	enum {
		AT_ONCE = 256 << 10
	};
	ssize_t n = read(s->fd, reader_room(&s->reader, AT_ONCE), AT_ONCE);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? OK : gone(s);
	if (n == 0)
		return gone(s);
	reader_fed(&s->reader, (size_t)n);
	return (int)-n;
}

/* Moves bytes, in both directions, until some have come (a negative number of them) or `deadline`.
 */
int session_flow(struct session *s, double deadline)
{
	for (;;) {
		struct pollfd p = {.fd = s->fd, .events = POLLIN};
		int n, status = OK;

		if (s->out.len > 0)
			p.events |= POLLOUT;
		n = poll(&p, 1, ms_until(deadline));
		if (stopped)
			return fail(FAIL_STOPPED, "stopped");
		if (n == 0)
			return OK;
		if (p.revents & (POLLIN | POLLHUP | POLLERR))
			status = read_some(s);
		if (status == OK && (p.revents & POLLOUT))
			write_some(s);
		if (status)
			return status;
	}
}

/* --- Requests and answers --- */

int session_ready(struct session *s)
{
	int status;

	s->reopened = false;
	if (s->target.kind->ask) {
		s->waiting = 0;
		s->out.len = 0;
		s->in_step = true;
		return OK;
	}
	if (s->fd < 0) {
		s->reopened = true;
		status = s->target.kind->open(&s->target, now() + s->timeout, &s->fd);
		if (status)
			return status;
	}
	/* What was not waited for is not to be taken for an answer to what comes next. */
	return s->in_step && s->waiting == 0 ? OK : session_synchronise(s);
}

int session_send(struct session *s, const char *text, size_t len)
{
	session_trace(s, "->", text, len);
	buffer_add(&s->out, text, len);
	s->waiting++;
	if (s->target.kind->ask) {
		buffer_add(&s->out, "", 1);
		return OK;
	}
	buffer_add(&s->out, "\n", 1);
	write_some(s);
	return OK;
}

/* The oldest request goes to a target that is no stream; its answer goes into the reader. */
static int ask_now(struct session *s)
{
	struct buffer line = {0};
	size_t len = strlen(s->out.data) + 1;
	int status = s->target.kind->ask(&s->target, s->out.data, s->timeout, &line);

	buffer_drop(&s->out, len);
	if (!status) {
		reader_feed(&s->reader, line.data, line.len);
		reader_feed(&s->reader, "\n", 1);
	}
	buffer_free(&line);
	return status;
}

static int late(struct session *s, size_t so_far)
{
	s->in_step = false;
	if (so_far > 0)
		return fail(FAIL_ANSWER,
		            "%s: an answer that does not end: %zu bytes so far; --timeout "
		            "gives it longer",
		            s->target.text, so_far);
	return fail(FAIL_ANSWER, "%s: no answer in %g s; --timeout gives it longer", s->target.text,
	            s->timeout);
}

int session_receive_line(struct session *s, char **line, size_t *len)
{
	double deadline = now() + s->timeout;
	int status;

	if (s->target.kind->ask && (status = ask_now(s)) != OK) {
		s->waiting = 0;
		s->out.len = 0;
		return status;
	}
	for (;;) {
		enum reader_result r = reader_line(&s->reader, line, len);

		if (r == READER_TOO_LONG) {
			session_drop(s);
			return fail(FAIL_ANSWER,
			            "%s: an answer that does not end; this is no agent, or "
			            "a broken one",
			            s->target.text);
		}
		if (r == READER_LINE && answer_is_event(*line, *len)) {
			session_trace(s, "<-", *line, *len);
			continue;
		}
		if (r == READER_LINE)
			break;
		status = session_flow(s, deadline);
		if (status > 0) {
			s->in_step = false;
			return status;
		}
		if (status == 0 || now() > deadline)
			return late(s, reader_rest(&s->reader));
		deadline += (double)-status / SLOWEST;
		if (deadline > now() + s->timeout)
			deadline = now() + s->timeout;
	}
	s->waiting--;
	session_trace(s, "<-", *line, *len);
	return OK;
}

static int no_answer(struct session *s, struct answer *answer, const char *line, size_t len)
{
	char shown[61];

	answer_free(answer);
	s->in_step = false;
	print_clean(shown, sizeof(shown), line, len);
	return fail(FAIL_ANSWER, "%s: this is no answer of an agent: %s", s->target.text, shown);
}

int session_receive(struct session *s, struct answer *answer)
{
	char *line;
	size_t len;
	int status = session_receive_line(s, &line, &len);

	if (status)
		return status;
	return answer_read(answer, line, len) ? OK : no_answer(s, answer, line, len);
}

int session_receive_around(struct session *s, struct answer *answer, const char *name, char **text,
                           size_t *text_len)
{
	char *line;
	size_t len;
	int status = session_receive_line(s, &line, &len);

	if (status)
		return status;
	return answer_read_around(answer, line, len, name, text, text_len)
	               ? OK
	               : no_answer(s, answer, line, len);
}

int session_refused(const struct answer *answer)
{
	bool unknown = strcmp(answer->error_class, "CommandNotFound") == 0;
	char shown[400];

	print_clean(shown, sizeof(shown), answer->desc, strlen(answer->desc));
	return fail(unknown ? FAIL_UNKNOWN : FAIL_AGENT, "%s", shown);
}

char *session_request(const char *command, json_t *arguments)
{
	json_t *request = json_pack("{s:s, s:o*}", "execute", command, "arguments", arguments);
	char *text = request ? json_dumps(request, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	json_decref(request);
	return text;
}

int session_post(struct session *s, const char *command, json_t *arguments)
{
	char *text = session_request(command, arguments);
	int status;

	if (!text)
		return fail(FAIL_USAGE, "an argument is not valid UTF-8, which JSON must be");
	status = session_send(s, text, strlen(text));
	free(text);
	return status;
}

int session_ask(struct session *s, const char *command, json_t *arguments, json_t **value)
{
	struct answer answer;
	int status = session_ready(s);

	if (status) {
		json_decref(arguments);
		return status;
	}
	status = session_post(s, command, arguments);
	if (!status)
		status = session_receive(s, &answer);
	if (status)
		return status;
	if (answer.value)
		*value = json_incref(answer.value);
	else
		status = session_refused(&answer);
	answer_free(&answer);
	return status;
}

int session_try(struct session *s, const char *command, json_t *arguments, json_t **value)
{
	int status = session_ask(s, command, arguments, value);

	if (status)
		*value = NULL;
	return status == FAIL_AGENT || status == FAIL_UNKNOWN ? OK : status;
}
