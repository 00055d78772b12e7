/* SPDX-License-Identifier: MIT */
/*
 * cmd_power.c - shutdown, reboot, halt. The agent answers only if it fails, so success is heard as
 * silence. That a guest has restarted is seen by a file that was open before and is not any more: a
 * fast guest is back before anybody notices that it was away.
 */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "print.h"
#include "remote.h"

/* A refusal comes in this time, in seconds; and who is silent for so long is off. */
#define REFUSAL 1.0
#define SILENCE 3.0

struct power {
	struct session *session;
	bool has_mark;
	bool no_files; /* the agent has none, so it is none that goes down slowly */
	struct remote mark;
};

static void set_mark(struct power *p)
{
	static const char *const paths[] = {"/log", "/etc/hostname", "/etc/os-release",
	                                    "/etc/passwd"};

	p->mark = (struct remote){.session = p->session};
	for (size_t i = 0; i < 4 && !p->has_mark && !p->no_files; i++) {
		int status = remote_open(&p->mark, paths[i], "r");

		p->has_mark = status == OK;
		p->no_files = status == FAIL_UNKNOWN;
	}
}

static int request(struct session *s, const char *mode)
{
	double timeout = s->timeout;
	struct answer answer;
	int status;

	if (s->target.kind->power)
		return s->target.kind->power(&s->target, mode, timeout);
	status = session_ready(s);
	if (!status)
		status = session_post(s, "guest-shutdown", json_pack("{s:s}", "mode", mode));
	if (status)
		return status;
	s->timeout = REFUSAL;
	status = session_receive(s, &answer);
	s->timeout = timeout;
	if (status == FAIL_ANSWER || status == FAIL_GONE)
		return OK;
	if (status)
		return status;
	if (!answer.value)
		status = session_refused(&answer);
	answer_free(&answer);
	return status;
}

static int ask_whether_alive(struct session *s)
{
	double timeout = s->timeout;
	json_t *value;
	int status;

	s->timeout = timeout < 1 ? timeout : 1;
	status = session_ask(s, "guest-ping", NULL, &value);
	s->timeout = timeout;
	if (!status)
		json_decref(value);
	if (status)
		session_drop(s);
	return status;
}

/* Whether a guest that answers is one that has restarted. */
static bool restarted(struct power *p, bool was_away)
{
	long long position;

	if (was_away || p->no_files)
		return true;
	return p->has_mark && remote_seek(&p->mark, 0, 1, &position) == FAIL_AGENT;
}

static int wait_for(struct power *p, bool reboot, double seconds)
{
	double until = now() + seconds, silent_since = -1;

	while (now() < until) {
		int status = ask_whether_alive(p->session);

		if (status == FAIL_STOPPED)
			return status;
		if (status && silent_since < 0)
			silent_since = now() - (status == FAIL_ANSWER ? 1 : 0);
		if (!status && reboot && restarted(p, silent_since >= 0))
			return OK;
		if (!reboot && status && (status != FAIL_ANSWER || now() - silent_since > SILENCE))
			return OK;
		if (!status)
			silent_since = -1;
		doze(0.05);
	}
	return fail(FAIL_ANSWER,
	            reboot ? "the guest did not come back in %g s"
	                   : "the guest still answers after %g s",
	            seconds);
}

static int power(struct context *c, const struct args *a, const char *mode, const char *done)
{
	struct power p = {.session = &c->session};
	bool reboot = strcmp(mode, "reboot") == 0, wait = args_has(a, 'w');
	double seconds = 60;
	int status = args_number(a, 't', 0, 1e9, &seconds);

	if (status)
		return status;
	if (wait && reboot)
		set_mark(&p);
	status = request(&c->session, mode);
	if (!status && wait)
		status = wait_for(&p, reboot, seconds);
	if (status)
		return status;
	if (c->json)
		puts(wait ? "{\"done\": true}" : "{\"done\": null}");
	else if (!c->quiet)
		puts(wait ? done : "asked for; --wait would see it through");
	return OK;
}

int cmd_shutdown(struct context *c, const struct args *a)
{
	return power(c, a, "powerdown", "the guest is off");
}

int cmd_reboot(struct context *c, const struct args *a)
{
	return power(c, a, "reboot", "the guest is back");
}

int cmd_halt(struct context *c, const struct args *a)
{
	return power(c, a, "halt", "the guest is silent");
}
