/* SPDX-License-Identifier: MIT */
/*
 * cmd_top.c - a live picture of a guest: every so often a look at all it tells, and ten pings a
 * second between. The terminal is left as it was, however this ends but by SIGKILL.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "print.h"
#include "top.h"

#include <curses.h> /* last: its OK is a macro, and 0 like ours */

#define PING_EVERY 0.1
#define DELAY_MIN  0.1

struct top {
	struct context *c;
	struct picture picture;
	double delay;
	double looks; /* that are left */
	bool paused, leave;
};

/* The window has changed, maybe to and fro: what it shows is not what was drawn, at whatever size it has now. */
static volatile sig_atomic_t resized;

static void on_resize(int number)
{
	(void)number;
	resized = 1;
}

static void resize(void)
{
	struct winsize size;

	resized = 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
		resizeterm(size.ws_row, size.ws_col);
	clearok(curscr, TRUE);
}

static void key(struct top *t, int pressed)
{
	switch (pressed) {
	case 'q':
	case 27:
		t->leave = true;
		break;
	case 'p':
	case ' ':
		t->paused = !t->paused;
		break;
	case '+':
		t->delay *= 2;
		break;
	case '-':
		t->delay = t->delay / 2 < DELAY_MIN ? DELAY_MIN : t->delay / 2;
		break;
	case 'c':
		t->picture.latency.n = 0;
		t->picture.lost = 0;
		break;
	}
}

/* Draws, pings and heeds the keys until the next look. */
static int between(struct top *t, bool screen)
{
	double until = now() + t->delay;
	int status = OK;

	while (!status && !t->leave && !stopped && (t->paused || now() < until)) {
		double next = now() + PING_EVERY;

		if (!t->paused)
			status = top_ping(&t->picture, &t->c->session);
		if (!screen) {
			doze(next - now());
			continue;
		}
		if (resized)
			resize();
		top_draw(&t->picture, t->c->session.target.text, t->delay, t->paused);
		timeout(ms_until(next));
		key(t, getch());
	}
	return status;
}

static int watch(struct top *t, void (*show)(const struct picture *), bool screen)
{
	int status = OK;

	while (!status && !t->leave && !stopped && t->looks > 0) {
		status = top_look(&t->picture, &t->c->session);
		t->looks--;
		if (show && !status)
			show(&t->picture);
		if (!status && t->looks > 0)
			status = between(t, screen);
	}
	/* Ctrl-C is one of the ways to leave. */
	return status == FAIL_STOPPED || stopped ? fail(OK, "%s", "") : status;
}

static json_t *flows_json(const struct flows *flows, const char *in, const char *out)
{
	json_t *list = json_array();

	for (size_t i = 0; i < flows->n; i++) {
		const struct flow *f = &flows->row[i];

		json_array_append_new(list, json_pack("{s:s, s:f, s:f}", "name", f->name, in,
		                                      f->in_rate, out, f->out_rate));
	}
	return list;
}

/* null until there was an answer. */
static json_t *latency_json(const struct latency *l)
{
	double most = latency_percentile(l, 1);

	if (most <= 0)
		return json_null();
	return json_pack("{s:f, s:f, s:f, s:f}", "p50", latency_percentile(l, 0.5) * 1e3, "p90",
	                 latency_percentile(l, 0.9) * 1e3, "p99", latency_percentile(l, 0.99) * 1e3,
	                 "max", most * 1e3);
}

static void show_json(const struct picture *p)
{
	json_t *all = json_pack("{s:b}", "answers", p->lost_since == 0), *cpus = json_array();

	if (p->has_load)
		json_object_set_new(all, "load",
		                    json_pack("[f, f, f]", p->load[0], p->load[1], p->load[2]));
	for (size_t i = 0; i < p->n_cpus; i++)
		json_array_append_new(cpus, json_real(p->cpu[i].part));
	json_object_set_new(all, "cpus", cpus);
	if (p->memory_total > 0)
		json_object_set_new(all, "memory-bytes", json_integer((json_int_t)p->memory_total));
	if (p->memory_used >= 0)
		json_object_set_new(all, "memory-used-bytes",
		                    json_integer((json_int_t)p->memory_used));
	json_object_set_new(all, "latency-ms", latency_json(&p->latency));
	json_object_set_new(
		all, "network",
		flows_json(&p->nets, "received-bytes-per-second", "sent-bytes-per-second"));
	json_object_set_new(
		all, "disks",
		flows_json(&p->disks, "read-bytes-per-second", "written-bytes-per-second"));
	print_json(all);
	json_decref(all);
	fflush(stdout);
}

static int on_screen(struct top *t)
{
	/* curses' own does nothing if the size is as before. */
	struct sigaction action = {.sa_handler = on_resize}, before;
	const char *term = getenv("TERM");
	SCREEN *screen;
	int status;

	if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO))
		return fail(FAIL_LOCAL, "top needs a terminal; top --json does not");
	sigaction(SIGWINCH, &action, &before);
	screen = newterm(NULL, stdout, stdin);
	if (!screen) {
		sigaction(SIGWINCH, &before, NULL);
		return fail(FAIL_LOCAL, "the terminal '%s' is not known; is TERM right?",
		            term ? term : "");
	}
	set_term(screen);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	top_draw_begin();
	status = watch(t, NULL, true);
	endwin();
	delscreen(screen);
	sigaction(SIGWINCH, &before, NULL);
	return status;
}

int cmd_top(struct context *c, const struct args *a)
{
	struct top *t = calloc(1, sizeof(*t));
	int status;

	if (!t)
		return fail(FAIL_LOCAL, "out of memory");
	*t = (struct top){.c = c, .delay = 1, .looks = 1e300};
	status = args_number(a, 'd', DELAY_MIN, 3600, &t->delay);
	if (!status)
		status = args_number(a, 'n', 1, 1e9, &t->looks);
	if (!status)
		status = c->json ? watch(t, show_json, false) : on_screen(t);
	free(t);
	return status;
}
