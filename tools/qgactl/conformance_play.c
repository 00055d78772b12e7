/* SPDX-License-Identifier: MIT */
/* conformance_play.c - streams to an agent, byte for byte, and its answers, whatever they are. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "conformance.h"

#define PAUSE   0.05      /* seconds that <pause> lasts */
#define SAMPLE  4096      /* bytes by which the channel is measured */
#define FAST    (1 << 20) /* bytes a second that are enough for every stream */
#define ALL_MAX ((size_t)READER_LINE_MAX)
#define FENCE   "\xff{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":%llu}}\n"

const char *answers_line(const struct answers *a, size_t i, size_t *len)
{
	*len = a->at[i + 1] - a->at[i] - 1;
	return a->text.data + a->at[i];
}

void answers_add(struct answers *a, const char *line, size_t len)
{
	a->at = grow(a->at, (a->n + 2) * sizeof(a->at[0]));
	a->at[a->n++] = a->text.len;
	buffer_add(&a->text, line, len);
	buffer_add(&a->text, "\n", 1);
	a->at[a->n] = a->text.len;
}

void answers_free(struct answers *a)
{
	buffer_free(&a->text);
	free(a->at);
	*a = (struct answers){0};
}

static int lost(struct player *p, const char *what)
{
	session_drop(p->session);
	return fail(FAIL_GONE, "%s: %s", p->session->target.text, what);
}

/* Sends, and reads what comes meanwhile. */
static int send_all(struct player *p, const struct buffer *data, bool bytewise, struct buffer *got)
{
	/* Between two bytes that are sent one by one: so that they arrive so. */
	static const struct timespec trickle = {.tv_nsec = 20000};
	double deadline = now() + p->session->timeout;

	for (size_t at = 0; at < data->len;) {
		struct pollfd q = {.fd = p->session->fd, .events = POLLIN | POLLOUT};
		ssize_t n;

		if (poll(&q, 1, ms_until(deadline)) == 0)
			return fail(FAIL_ANSWER, "%s: takes nothing more", p->session->target.text);
		if (stopped)
			return fail(FAIL_STOPPED, "stopped");
		if (q.revents & (POLLIN | POLLHUP | POLLERR)) {
			n = read(q.fd, buffer_room(got, 65536), 65536);
			if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
				return lost(p, "the other end has closed the connection");
			got->len += n > 0 ? (size_t)n : 0;
		}
		if (q.revents & POLLOUT) {
			n = write(q.fd, data->data + at, bytewise ? 1 : data->len - at);
			if (n < 0 && errno != EAGAIN && errno != EINTR)
				return lost(p, "the other end has closed the connection");
			at += n > 0 ? (size_t)n : 0;
			if (n > 0)
				deadline = now() + p->session->timeout;
			if (bytewise)
				nanosleep(&trickle, NULL);
		}
	}
	return OK;
}

/* Where the answer to the fence begins, if it is the last line. */
static bool fence_came(const struct player *p, const struct buffer *got, size_t *at)
{
	char number[24];
	const char *line;

	if (got->len < 2 || got->data[got->len - 1] != '\n')
		return false;
	line = memrchr(got->data, '\n', got->len - 1);
	*at = line ? (size_t)(line + 1 - got->data) : 0;
	snprintf(number, sizeof(number), "%llu", (unsigned long long)p->number);
	return (unsigned char)got->data[*at] == 0xff && got->len - *at < 80 &&
	       memmem(got->data + *at, got->len - *at, number, strlen(number));
}

static int read_to_fence(struct player *p, struct buffer *got, size_t *end)
{
	double deadline = now() + p->session->timeout;

	while (!fence_came(p, got, end)) {
		struct pollfd q = {.fd = p->session->fd, .events = POLLIN};
		int ready = poll(&q, 1, ms_until(deadline));
		ssize_t n;

		if (stopped)
			return fail(FAIL_STOPPED, "stopped");
		if (ready == 0 || got->len > ALL_MAX)
			return fail(FAIL_ANSWER, "%s: no answer in %g s", p->session->target.text,
			            p->session->timeout);
		n = ready > 0 ? read(q.fd, buffer_room(got, 65536), 65536) : -1;
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return lost(p, "the other end has closed the connection");
		if (n > 0) {
			got->len += (size_t)n;
			deadline = now() + p->session->timeout;
		}
	}
	return OK;
}

/* Plays bytes and a fence behind them, appends the answers to the bytes. `got`: what came before. */
static int step(struct player *p, struct buffer *data, bool bytewise, struct buffer *got,
                struct answers *answers)
{
	struct buffer fence = {0};
	size_t end = 0, first = answers->n;
	int status;

	p->number++;
	buffer_printf(&fence, FENCE, (unsigned long long)p->number);
	status = send_all(p, data, bytewise, got);
	if (!status)
		status = send_all(p, &fence, false, got);
	if (!status)
		status = read_to_fence(p, got, &end);
	for (size_t at = 0; !status && at < end;) {
		const char *line = got->data + at, *stop = memchr(line, '\n', end - at);

		answers_add(answers, line, (size_t)(stop - line));
		at += (size_t)(stop - line) + 1;
	}
	if (!status && p->reset_answers && answers->n > first)
		answers->text.len = answers->at[--answers->n];
	if (status == FAIL_ANSWER) {
		p->session->in_step = false;
		session_drop(p->session);
	}
	got->len = data->len = 0;
	buffer_free(&fence);
	return status;
}

int player_begin(struct player *p, struct session *s)
{
	struct answers answers = {0};
	struct buffer nothing = {0}, got = {0};
	int status;

	/* Exact in a double, and more than any stream has. */
	*p = (struct player){.session = s, .number = (uint64_t)1 << 52 | (uint64_t)(now() * 1e3)};
	status = session_ready(s);
	if (!status)
		status = step(p, &nothing, false, &got, &answers);
	p->reset_answers = answers.n > 0;
	answers_free(&answers);
	buffer_free(&got);
	return status;
}

int player_measure(struct player *p)
{
	static const char blank[SAMPLE] = {[0 ... SAMPLE - 1] = ' '};
	int status = OK;

	/* Of a channel that is slow at first, only the machine may have been busy. */
	for (int i = 0; i < 4 && !status && p->rate < FAST; i++) {
		struct buffer data = {0}, got = {0};
		struct answers answers = {0};
		double since = now(), rate;

		buffer_add(&data, blank, sizeof(blank));
		status = step(p, &data, false, &got, &answers);
		rate = SAMPLE / (now() - since + 1e-6);
		p->rate = rate > p->rate ? rate : p->rate;
		answers_free(&answers);
		buffer_free(&data);
		buffer_free(&got);
	}
	return status;
}

/* The last value of that kind that was returned; the one before where none was. */
static long long value(struct player *p, enum part_kind kind, const struct answers *a)
{
	long long *last = kind == PART_HANDLE ? &p->handle : &p->pid;

	for (size_t i = a->n; i > 0; i--) {
		size_t len;
		const char *line = answers_line(a, i - 1, &len);
		json_t *answer = json_read(line, len), *result = json_object_get(answer, "return");
		bool found;

		if (kind != PART_HANDLE)
			result = json_object_get(result, "pid");
		found = json_is_integer(result);
		if (found)
			*last = json_integer_value(result);
		json_decref(answer);
		if (found)
			break;
	}
	return *last;
}

/* Asks for a program's status until it has ended; the last answer is the answer. */
static int until_ended(struct player *p, struct answers *answers)
{
	double deadline = now() + p->session->timeout;
	long long pid = value(p, PART_PID, answers);

	for (;;) {
		struct answers said = {0};
		struct buffer request = {0}, got = {0};
		const char *line;
		size_t len;
		int status;
		bool running;

		buffer_printf(&request,
		              "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":%lld}}",
		              pid);
		status = step(p, &request, false, &got, &said);
		running = !status && said.n == 1 && now() < deadline &&
		          memmem(said.text.data, said.text.len, "\"exited\": false", 15);
		for (size_t i = 0; !running && i < said.n; i++) {
			line = answers_line(&said, i, &len);
			answers_add(answers, line, len);
		}
		buffer_free(&request);
		buffer_free(&got);
		answers_free(&said);
		if (!running)
			return status;
		doze(0.01);
	}
}

/* Behind which all but the last request ends: the one that wants to know a value waits. */
static size_t last_request(const struct buffer *data)
{
	static const char begin[] = "{\"execute\"";
	size_t len = sizeof(begin) - 1;

	for (size_t at = data->len; at > len; at--)
		if (memcmp(data->data + at - len, begin, len) == 0)
			return at - len;
	return 0;
}

static int fill_in(struct player *p, enum part_kind kind, struct buffer *data, struct buffer *got,
                   struct answers *answers)
{
	size_t done = last_request(data);
	struct buffer before = {0};
	int status = OK;

	buffer_add(&before, data->data, done);
	buffer_drop(data, done);
	if (done > 0)
		status = step(p, &before, false, got, answers);
	if (!status)
		buffer_printf(data, "%lld", value(p, kind, answers));
	buffer_free(&before);
	return status;
}

/* Leaves and comes back; QEMU, for one, needs a moment to see that somebody has left. */
static int come_back(struct player *p)
{
	double deadline = now() + p->session->timeout;
	int status;

	session_drop(p->session);
	do {
		status = p->session->target.kind->open(&p->session->target, deadline,
		                                       &p->session->fd);
		if (status == FAIL_TARGET)
			doze(0.002);
	} while (status == FAIL_TARGET && now() < deadline && !stopped);
	p->session->in_step = !status;
	return status;
}

static int play_part(struct player *p, const struct part *part, bool bytewise, struct buffer *data,
                     struct buffer *got, struct answers *answers)
{
	int status = OK;

	switch (part->kind) {
	case PART_BYTES:
		buffer_add(data, part->bytes.data, part->bytes.len);
		return OK;
	case PART_HANDLE:
	case PART_PID:
		return fill_in(p, part->kind, data, got, answers);
	case PART_PAUSE:
		status = send_all(p, data, bytewise, got);
		data->len = 0;
		doze(PAUSE);
		return status;
	default:
		break;
	}
	if (data->len > 0)
		status = step(p, data, bytewise, got, answers);
	if (!status && part->kind == PART_ENDED)
		return until_ended(p, answers);
	return status ? status : come_back(p);
}

int player_play(struct player *p, const struct parts *parts, bool bytewise, struct answers *answers)
{
	struct buffer data = {0}, got = {0};
	int status = session_ready(p->session);

	for (size_t i = 0; i < parts->n && !status; i++)
		status = play_part(p, &parts->part[i], bytewise, &data, &got, answers);
	if (!status)
		status = step(p, &data, bytewise, &got, answers);
	buffer_free(&data);
	buffer_free(&got);
	return status;
}
