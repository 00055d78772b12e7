/* SPDX-License-Identifier: MIT */
/*
 * top_plot.c - latency over time, on a logarithmic scale: what is usual and what happens once in a
 * while are three decades apart, and both are to be seen.
 */
#include <curses.h>
#include <math.h>

#include "top_paint.h"

enum {
	LEFT = 9 /* columns for the scale */
};

/* Seconds from which on an answer is shown as slow, and as one that programs begin to notice. */
#define SLOW 0.01
#define LATE 0.1

struct scale {
	double low, high; /* decades, as powers of ten in seconds */
};

static struct scale scale_of(const struct latency *l, int width)
{
	struct scale s = {1, -9};

	for (int i = 0; i < width && (size_t)i < l->n; i++) {
		double value = latency_at(l, (size_t)i);

		if (value <= 0)
			continue;
		s.low = fmin(s.low, floor(log10(value)));
		s.high = fmax(s.high, ceil(log10(value)));
	}
	if (s.high < s.low) /* nothing was answered */
		s.low = s.high = -4;
	if (s.high == s.low)
		s.high++;
	return s;
}

static void draw_scale(const struct scale *s, int y, int lines)
{
	for (int line = 0; line < lines; line++)
		paint_axis(y + line, LEFT - 1, false);
	for (double decade = s->low; decade <= s->high; decade++) {
		int line = (int)lround((decade - s->low) / (s->high - s->low) * (lines - 1));

		if (decade < 0)
			paint(y + lines - 1 - line, 0, LEFT - 1, "%5g ms", pow(10, decade + 3));
		else
			paint(y + lines - 1 - line, 0, LEFT - 1, "%5g s", pow(10, decade));
		paint_axis(y + lines - 1 - line, LEFT - 1, true);
	}
}

void top_plot(const struct latency *l, int y, int lines)
{
	int width = COLS - LEFT;
	struct scale s;

	if (width < 4 || lines < 2 || l->n == 0)
		return;
	s = scale_of(l, width);
	draw_scale(&s, y, lines);
	for (int i = 0; i < width && (size_t)i < l->n && i < LATENCIES; i++) {
		double value = latency_at(l, (size_t)i), part;
		int colour;

		if (value < 0) {
			attron(paint_colour(COLOUR_HIGH));
			mvaddch(y + lines - 1, COLS - 1 - i, 'x');
			attroff(paint_colour(COLOUR_HIGH));
			continue;
		}
		colour = paint_colour(value >= LATE   ? COLOUR_HIGH
		                      : value >= SLOW ? COLOUR_MID
		                                      : COLOUR_PLOT);
		attron(colour);
		part = value > 0 ? (log10(value) - s.low) / (s.high - s.low) : 0;
		/* A tick is in the middle of its line. */
		paint_column(COLS - 1 - i, y + lines - 1, lines,
		             (part * (lines - 1) + 0.5) / lines);
		attroff(colour);
	}
}
