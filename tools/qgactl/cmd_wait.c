/* SPDX-License-Identifier: MIT */
/*
 * cmd_wait.c - until the agent is ready. A request sent to a guest that boots is kept by QEMU, or
 * sent again, so its answer is the event that one waits for. With --qmp, QEMU's own event
 * VSERPORT_CHANGE (qapi/char.json) is waited for first: that costs the guest nothing.
 */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "print.h"

#define TRY_AGAIN 0.02

static int one_try(struct context *c, double until)
{
	double timeout = c->session.timeout;
	json_t *value;
	int status;

	/* A sync is sent again within the time of one try, so that may be long. */
	c->session.timeout = until - now() > 0.001 ? until - now() : 0.001;
	status = session_ready(&c->session);
	if (!status && c->session.target.kind->ask) {
		c->session.timeout = timeout;
		status = session_ask(&c->session, "guest-ping", NULL, &value);
		if (!status)
			json_decref(value);
	}
	c->session.timeout = timeout;
	if (status)
		session_drop(&c->session);
	return status;
}

/* --- QEMU's monitor --- */

/* Reads lines until one is the event; false when it is over. */
static bool read_monitor(int fd, struct reader *r, bool *open)
{
	char *line;
	size_t len;
	ssize_t n = read(fd, reader_room(r, 65536), 65536);

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	reader_fed(r, (size_t)n);
	while (reader_line(r, &line, &len) == READER_LINE) {
		json_t *event = json_read(line, len);

		if (strcmp(member_text(event, "event"), "VSERPORT_CHANGE") == 0 &&
		    member_true(json_object_get(event, "data"), "open"))
			*open = true;
		json_decref(event);
	}
	return true;
}

/* Waits for the event for a while: OK too if it has not come. */
static int listen_for_event(int fd, struct reader *r, const char *path, double until, bool *open)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (!*open && poll(&p, 1, ms_until(until)) != 0) {
		if (stopped)
			return fail(FAIL_STOPPED, "stopped");
		if (!read_monitor(fd, r, open))
			return fail(FAIL_GONE, "%s: QEMU's monitor has gone", path);
	}
	return OK;
}

/*
 * Waits for the event. What happened before is none any more, so the agent is asked, too: seldom,
 * and with more patience each time, for it may be slow.
 */
static int wait_for_event(struct context *c, const char *path, double until)
{
	static const char hello[] = "{\"execute\":\"qmp_capabilities\"}\n";
	struct target t = {.kind = &target_unix, .text = (char *)path, .address = (char *)path};
	struct reader r = {0};
	bool open = false;
	int fd, status;

	while ((status = target_connect_unix(&t, &fd)) != OK) {
		if (now() > until || stopped)
			return status;
		doze(TRY_AGAIN);
	}
	if (write(fd, hello, sizeof(hello) - 1) != sizeof(hello) - 1)
		status = fail(FAIL_GONE, "%s: QEMU's monitor has gone", path);
	for (double patience = 0.2; !status && !open; patience *= 2) {
		if (stopped)
			status = fail(FAIL_STOPPED, "stopped");
		else if (now() > until)
			status =
				fail(FAIL_ANSWER, "%s: no event of the agent's port in time", path);
		else if (one_try(c, fmin(now() + patience, until)) == OK)
			break;
		else
			status = listen_for_event(fd, &r, path, fmin(now() + 2 * patience, until),
			                          &open);
	}
	reader_free(&r);
	close(fd);
	return status;
}

static int wait_ready(struct context *c, double until)
{
	int status;

	while ((status = one_try(c, until)) != OK && now() < until) {
		if (status == FAIL_STOPPED || status == FAIL_USAGE)
			break;
		doze(TRY_AGAIN);
	}
	return status;
}

static int wait_gone(struct context *c, double until)
{
	while (now() < until) {
		double one = now() + 1 < until ? now() + 1 : until;
		json_t *value;
		int status = one_try(c, one);

		if (!status)
			status = session_ask(&c->session, "guest-ping", NULL, &value);
		if (status == FAIL_STOPPED)
			return status;
		if (status)
			return OK;
		json_decref(value);
		doze(0.1);
	}
	return fail(FAIL_ANSWER, "%s: the agent still answers", c->session.target.text);
}

int cmd_wait(struct context *c, const struct args *a)
{
	const char *qmp = args_value(a, OPT_OWN);
	double seconds = 60, start = now();
	int status = args_number(a, 't', 0, 1e9, &seconds);

	if (!status && qmp)
		status = wait_for_event(c, qmp, start + seconds);
	if (!status)
		status = args_has(a, OPT_OWN + 1) ? wait_gone(c, start + seconds)
		                                  : wait_ready(c, start + seconds);
	if (status)
		return status == FAIL_TARGET || status == FAIL_ANSWER
		               ? fail(FAIL_ANSWER, "not within %g s: %s", seconds, failure())
		               : status;
	if (c->json)
		printf("{\"seconds\": %.3f}\n", now() - start);
	else if (!c->quiet)
		printf("%s after %.3f s\n", args_has(a, OPT_OWN + 1) ? "gone" : "ready",
		       now() - start);
	return OK;
}
