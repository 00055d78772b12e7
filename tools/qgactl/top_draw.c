/* SPDX-License-Identifier: MIT */
/*
 * top_draw.c - see top.h. From the top: who it is; load and processors; memory; latency as figures
 * and as a plot; network, disks and file systems. The plot takes the lines that nothing else needs,
 * and tables stand side by side where there is the width. Curses cuts what is too wide.
 */
#include <curses.h>
#include <langinfo.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "print.h"
#include "top.h"

enum {
	COLOUR_HEAD = 1,
	COLOUR_LOW,
	COLOUR_MID,
	COLOUR_HIGH,
	COLOUR_PLOT,
	PLOT_MIN = 4,
	BAR_MAX = 60,
	WIDE = 110
};

static bool unicode;

void top_draw_begin(void)
{
	unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	if (!print_colours || !has_colors())
		return;
	start_color();
	use_default_colors();
	init_pair(COLOUR_HEAD, COLOR_CYAN, -1);
	init_pair(COLOUR_LOW, COLOR_GREEN, -1);
	init_pair(COLOUR_MID, COLOR_YELLOW, -1);
	init_pair(COLOUR_HIGH, COLOR_RED, -1);
	init_pair(COLOUR_PLOT, COLOR_CYAN, -1);
}

static int pair(int which)
{
	return print_colours && has_colors() ? (int)COLOR_PAIR(which) : 0;
}

/* Text at a place, cut at the column `right`. */
static void put(int y, int x, int right, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void put(int y, int x, int right, const char *format, ...)
{
	char text[512];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	if (y >= 0 && y < LINES && x < right && x < COLS)
		mvaddnstr(y, x, text, right < COLS ? right - x : COLS - x);
}

/* [||||    ] of `width` columns, brackets included. */
static void bar(int y, int x, int width, double part)
{
	int inside = width - 2, full;

	if (inside < 3 || y >= LINES || x + width > COLS)
		return;
	part = part < 0 ? 0 : part > 1 ? 1 : part;
	full = (int)lround(part * inside);
	mvaddch(y, x, '[');
	attron(pair(part > 0.9 ? COLOUR_HIGH : part > 0.6 ? COLOUR_MID : COLOUR_LOW));
	for (int i = 0; i < full; i++)
		mvaddch(y, x + 1 + i, '|');
	attroff(pair(part > 0.9 ? COLOUR_HIGH : part > 0.6 ? COLOUR_MID : COLOUR_LOW));
	for (int i = full; i < inside; i++)
		mvaddch(y, x + 1 + i, ' ');
	mvaddch(y, x + width - 1, ']');
}

/* --- The head --- */

static int draw_head(const struct picture *p, const char *target, double delay, bool paused)
{
	char right[64];
	int at;

	snprintf(right, sizeof(right), paused ? "paused" : "every %g s", delay);
	at = COLS - (int)strlen(right);
	attron(A_BOLD | pair(COLOUR_HEAD));
	put(0, 0, at - 1, "%s", *p->host ? p->host : "qgactl top");
	attroff(A_BOLD | pair(COLOUR_HEAD));
	put(0, (int)strlen(*p->host ? p->host : "qgactl top") + 2, at - 1, "%s  %s", p->system,
	    target);
	put(0, at, COLS, "%s", right);
	if (p->lost_since == 0)
		return 1;
	attron(A_BOLD | pair(COLOUR_HIGH));
	put(1, 0, COLS, "no answer for %.0f s: %s", now() - p->lost_since, p->trouble);
	attroff(A_BOLD | pair(COLOUR_HIGH));
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
		int room = width - 17 > BAR_MAX ? BAR_MAX : width - 17;

		put(line, x, x + width, "cpu %-4d", i);
		bar(line, x + 8, room, p->cpu[i].part);
		put(line, x + 8 + (room >= 5 ? room + 1 : 0), x + width, "%5.1f %%",
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
		put(y, 0, COLS, "memory  %s", total);
		return 1;
	}
	put(y, 0, COLS, "memory");
	bar(y, 8, room, p->memory_used / p->memory_total);
	put(y, 8 + (room >= 5 ? room + 1 : 0), COLS, "%s of %s", print_size(used, p->memory_used),
	    total);
	return 1;
}

/* --- Latency --- */

static int draw_figures(const struct picture *p, int y)
{
	const struct latency *l = &p->latency;

	attron(A_BOLD);
	put(y, 0, COLS, "latency");
	attroff(A_BOLD);
	put(y, 8, COLS, "50%% %.3f  90%% %.3f  99%% %.3f  max %.3f ms  %zu answers%s",
	    latency_percentile(l, 0.5) * 1e3, latency_percentile(l, 0.9) * 1e3,
	    latency_percentile(l, 0.99) * 1e3, latency_percentile(l, 1) * 1e3, l->n - p->lost,
	    p->lost ? "" : "");
	if (p->lost)
		printw(", %zu lost", p->lost);
	return 1;
}

/* The smallest of 1, 2, 5, 10, ... that is not below. */
static double round_up(double value)
{
	double unit = pow(10, floor(log10(value > 0 ? value : 1e-6)));

	return value <= unit       ? unit
	       : value <= 2 * unit ? 2 * unit
	       : value <= 5 * unit ? 5 * unit
	                           : 10 * unit;
}

/* One column of the plot, from below: whole cells, and one in eighths. */
static void column(int x, int bottom, int lines, double part)
{
	static const char *const eighths[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	int level = (int)lround(part * lines * 8);

	level = level < 1 ? 1 : level > lines * 8 ? lines * 8 : level;
	for (int line = 0; line < lines && level > 0; line++, level -= 8)
		mvaddstr(bottom - line, x,
		         unicode     ? eighths[level > 8 ? 8 : level]
		         : level > 4 ? "#"
		                     : ".");
}

/* The last answers, one a column, the newest at the right; `lines` high. */
static void draw_plot(const struct latency *l, int y, int lines)
{
	int left = 9, width = COLS - left;
	double highest = 0, top;

	if (width < 4 || lines < 2)
		return;
	for (int i = 0; i < width; i++)
		highest = fmax(highest, latency_at(l, (size_t)i));
	top = round_up(highest);
	put(y, 0, left, "%7.3g ", top * 1e3);
	put(y + lines - 1, 0, left, "%7s ", "ms");
	for (int line = 0; line < lines; line++)
		mvaddch(y + line, left - 1, line == 0 ? '-' : '|');
	for (int i = 0; i < width; i++) {
		double value = latency_at(l, (size_t)i);
		int colour = value < 0 ? COLOUR_HIGH : COLOUR_PLOT;

		if ((size_t)i >= l->n || i >= LATENCIES)
			break;
		attron(pair(colour));
		if (value < 0)
			mvaddch(y + lines - 1, COLS - 1 - i, 'x');
		else
			column(COLS - 1 - i, y + lines - 1, lines, value / top);
		attroff(pair(colour));
	}
}

/* --- Tables --- */

struct place {
	int y, x, right, lines;
};

static void head(const struct place *at, const char *name, const char *in, const char *out)
{
	int width = at->right - at->x;

	attron(A_BOLD);
	put(at->y, at->x, at->right, "%s", name);
	if (width >= 36) {
		put(at->y, at->right - 26, at->right, "%12s", in);
		put(at->y, at->right - 13, at->right, "%12s", out);
	}
	attroff(A_BOLD);
}

static void draw_flows(const struct flows *flows, const struct place *at, const char *name,
                       const char *in, const char *out)
{
	int width = at->right - at->x, numbers = width >= 36 ? 26 : 0;
	char size[16];

	if (at->lines < 2)
		return;
	head(at, name, in, out);
	for (int i = 0; i < (int)flows->n && i < at->lines - 1; i++) {
		const struct flow *f = &flows->row[i];
		int y = at->y + 1 + i;

		put(y, at->x, at->right - numbers - (numbers ? 1 : 0), "%s", f->name);
		if (!numbers)
			continue;
		put(y, at->right - 26, at->right, "%10s/s", print_size(size, f->in_rate));
		put(y, at->right - 13, at->right, "%10s/s", print_size(size, f->out_rate));
	}
}

static void draw_systems(const struct picture *p, const struct place *at)
{
	int width = at->right - at->x, numbers = width >= 36 ? 26 : 0;
	char used[16], total[16];

	if (at->lines < 2)
		return;
	head(at, "file system", "used", "of");
	for (int i = 0; i < (int)p->n_systems && i < at->lines - 1; i++) {
		const struct filling *f = &p->systems[i];
		int y = at->y + 1 + i;

		put(y, at->x, at->right - numbers - (numbers ? 1 : 0), "%s", f->name);
		if (!numbers)
			continue;
		put(y, at->right - 26, at->right, "%12s", print_size(used, f->used));
		put(y, at->right - 13, at->right, "%12s", print_size(total, f->total));
	}
}

/* Lines that a table of n rows wants. */
static int wants(size_t n)
{
	return n ? (int)n + 1 : 0;
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

/* The three tables at the bottom, in `room` lines; returns the first line they take. */
static int draw_tables(const struct picture *p, int room)
{
	int want[3] = {wants(p->nets.n), wants(p->disks.n), wants(p->n_systems)}, lines = 0, y,
	    x = 0;
	int tables = (want[0] > 0) + (want[1] > 0) + (want[2] > 0);
	bool wide = COLS >= WIDE;

	for (int i = 0; i < 3; i++) {
		if (!wide && tables > 0)
			want[i] = least(want[i], room / tables > 6 ? 6 : room / tables);
		if (want[i] < 2)
			want[i] = 0;
		lines = wide ? (want[i] > lines ? want[i] : lines) : lines + want[i];
	}
	lines = least(lines, room);
	y = LINES - lines;
	for (int i = 0; i < 3; i++) {
		struct place at = {y, wide ? x : 0, wide && tables ? x + COLS / tables - 2 : COLS,
		                   wide ? lines : want[i]};

		if (want[i] == 0)
			continue;
		if (i < 2)
			draw_flows(i ? &p->disks : &p->nets, &at, i ? "disk" : "network",
			           i ? "read" : "received", i ? "written" : "sent");
		else
			draw_systems(p, &at);
		x += COLS / tables;
		y += wide ? 0 : want[i];
	}
	return LINES - lines;
}

void top_draw(const struct picture *p, const char *target, double delay, bool paused)
{
	int y, end;

	erase();
	y = draw_head(p, target, delay, paused);
	if (p->has_load) {
		put(y, 0, COLS, "load    %.2f  %.2f  %.2f", p->load[0], p->load[1], p->load[2]);
		y++;
	}
	y += draw_cpus(p, y, LINES / 4 > 1 ? LINES / 4 : 1);
	y += draw_memory(p, y);
	y += draw_figures(p, y + (LINES > 20)) + (LINES > 20);
	end = draw_tables(p, LINES - y - PLOT_MIN - 1 > 0 ? LINES - y - PLOT_MIN - 1 : 0);
	draw_plot(&p->latency, y, end - y - 1);
	refresh();
}
