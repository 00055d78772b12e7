/* SPDX-License-Identifier: MIT */
/* top_paint.c - see top_paint.h. */
#include <curses.h>
#include <langinfo.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "print.h"
#include "top_paint.h"

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

int paint_colour(int which)
{
	return print_colours && has_colors() ? (int)COLOR_PAIR(which) : 0;
}

void paint(int y, int x, int right, const char *format, ...)
{
	char text[512];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	if (y >= 0 && y < LINES && x < right && x < COLS)
		mvaddnstr(y, x, text, right < COLS ? right - x : COLS - x);
}

void paint_bar(int y, int x, int width, double part)
{
	int inside = width - 2, full, look;

	if (inside < 3 || y >= LINES || x + width > COLS)
		return;
	part = part < 0 ? 0 : part > 1 ? 1 : part;
	look = paint_colour(part > 0.9 ? COLOUR_HIGH : part > 0.6 ? COLOUR_MID : COLOUR_LOW);
	if (unicode) {
		full = (int)lround(part * width);
		look |= A_BOLD;
		for (int i = 0; i < width; i++) {
			attron(i < full ? look : (int)A_DIM);
			mvaddstr(y, x + i, i < full ? "━" : "─");
			attroff(i < full ? look : (int)A_DIM);
		}
		return;
	}
	full = (int)lround(part * inside);
	mvaddch(y, x, '[');
	attron(look);
	for (int i = 0; i < full; i++)
		mvaddch(y, x + 1 + i, '|');
	attroff(look);
	for (int i = full; i < inside; i++)
		mvaddch(y, x + 1 + i, ' ');
	mvaddch(y, x + width - 1, ']');
}

void paint_axis(int y, int x, bool tick)
{
	if (y >= 0 && y < LINES && x < COLS)
		mvaddstr(y, x, unicode ? tick ? "┤" : "│" : tick ? "+" : "|");
}

void paint_column(int x, int bottom, int lines, double part)
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
