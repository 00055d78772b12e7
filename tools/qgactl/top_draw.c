/* SPDX-License-Identifier: MIT */
/*
 * top_draw.c - see top.h. From the top: who it is; load and processors; memory; latency as figures
 * and as a plot; network, disks and file systems. The plot takes the lines that nothing else needs,
 * and tables stand side by side where there is the width. Curses cuts what is too wide.
 */
#include <curses.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "print.h"
#include "top_paint.h"

enum {
	PLOT_MIN = 4,
	PLOT_MAX = 36,
	BAR_MAX = 64
};

/* --- The head --- */

static int draw_head(const struct picture *p, const char *target, double delay, bool paused)
{
	char right[96];
	int at;

	snprintf(right, sizeof(right), paused ? "%spaused" : "%severy %g s",
	         COLS >= 100 ? "q quits, p pauses, + and - change the delay    " : "", delay);
	at = COLS - (int)strlen(right);
	attron(A_BOLD | paint_colour(COLOUR_HEAD));
	paint(0, 0, at - 1, "%s", *p->host ? p->host : "qgactl top");
	attroff(A_BOLD | paint_colour(COLOUR_HEAD));
	paint(0, (int)strlen(*p->host ? p->host : "qgactl top") + 2, at - 1, "%s  %s", p->system,
	      target);
	paint(0, at, COLS, "%s", right);
	if (p->lost_since == 0)
		return 1;
	attron(A_BOLD | paint_colour(COLOUR_HIGH));
	paint(1, 0, COLS, "no answer for %.0f s: %s", now() - p->lost_since, p->trouble);
	attroff(A_BOLD | paint_colour(COLOUR_HIGH));
	return 2;
}

/* Processors in columns of bars; returns the lines they take, `lines` at most. */
static int draw_cpus(const struct picture *p, int y, int lines)
{
	int across = COLS / 40 > 0 ? COLS / 40 : 1, n = (int)p->n_cpus, width, rows;

	while (across > 1 && (n + across - 2) / (across - 1) <= 1)
		across--;
	rows = (n + across - 1) / across;
	rows = rows > lines ? lines : rows;
	width = COLS / across;
	for (int i = 0; i < n && i / across < rows; i++) {
		int x = i % across * width, line = y + i / across;
		int room = width - 16 - (across > 1 ? 3 : 0);

		room = room > BAR_MAX ? BAR_MAX : room;
		paint(line, x, x + width, "cpu %-4d", i);
		paint_bar(line, x + 8, room, p->cpu[i].part);
		paint(line, x + 8 + (room >= 5 ? room + 1 : 0), x + width, "%5.1f %%",
		      p->cpu[i].part * 100);
	}
	return rows;
}

static int draw_memory(const struct picture *p, int y)
{
	char used[16], total[16];
	int room = COLS - 36 > BAR_MAX ? BAR_MAX : COLS - 36;

	if (p->memory_total <= 0)
		return 0;
	print_size(total, p->memory_total);
	if (p->memory_used < 0) {
		paint(y, 0, COLS, "memory  %s", total);
		return 1;
	}
	paint(y, 0, COLS, "memory");
	paint_bar(y, 8, room, p->memory_used / p->memory_total);
	paint(y, 8 + (room >= 5 ? room + 1 : 0), COLS, "%s of %s", print_size(used, p->memory_used),
	      total);
	return 1;
}

static int draw_figures(const struct picture *p, int y)
{
	const struct latency *l = &p->latency;

	attron(A_BOLD);
	paint(y, 0, COLS, "latency");
	attroff(A_BOLD);
	paint(y, 8, COLS, "50%% %.3f  90%% %.3f  99%% %.3f  max %.3f ms  %zu answers",
	      latency_percentile(l, 0.5) * 1e3, latency_percentile(l, 0.9) * 1e3,
	      latency_percentile(l, 0.99) * 1e3, latency_percentile(l, 1) * 1e3, l->n - p->lost);
	if (p->lost)
		printw(", %zu lost", p->lost);
	return 1;
}

void top_draw(const struct picture *p, const char *target, double delay, bool paused)
{
	int y, room, plot;

	erase();
	y = draw_head(p, target, delay, paused);
	if (p->has_load) {
		paint(y, 0, COLS, "load    %.2f  %.2f  %.2f", p->load[0], p->load[1], p->load[2]);
		y++;
	}
	y += draw_cpus(p, y, LINES / 4 > 1 ? LINES / 4 : 1);
	y += draw_memory(p, y);
	y += LINES > 20;
	y += draw_figures(p, y);
	room = LINES - y - PLOT_MIN - 1;
	plot = LINES - y - top_tables_lines(p, room > 0 ? room : 0) - 1;
	plot = plot > PLOT_MAX ? PLOT_MAX : plot;
	top_plot(&p->latency, y, plot);
	top_tables(p, y + plot + 1, LINES - y - plot - 1);
	refresh();
}
