/* SPDX-License-Identifier: MIT */
/* top_paint.h - brushes of the live screen. Nothing is ever drawn outside of it, however small it
 * is. */
#ifndef QGACTL_TOP_PAINT_H
#define QGACTL_TOP_PAINT_H

#include <stdbool.h>

#include "top.h"

enum {
	COLOUR_HEAD = 1,
	COLOUR_LOW,
	COLOUR_MID,
	COLOUR_HIGH,
	COLOUR_PLOT
};

/* The attribute of a colour, or 0 without colours. */
int paint_colour(int which);
/* Text at a place, cut at the column `right`. */
void paint(int y, int x, int right, const char *format, ...) __attribute__((format(printf, 4, 5)));
/* ━━━━──── or [||||    ] of `width` columns, all included; nothing if there is no room for it. */
void paint_bar(int y, int x, int width, double part);
/* One line of a plot's scale. */
void paint_axis(int y, int x, bool tick);
/* One column of a plot, growing from the line `bottom`; part: of its `lines`. */
void paint_column(int x, int bottom, int lines, double part);

/* The last answers, the newest at the right: top_plot.c. */
void top_plot(const struct latency *l, int y, int lines);
/* Network, disks and file systems, top_tables.c: the lines they would take of `room`; drawing them.
 */
int top_tables_lines(const struct picture *p, int room);
void top_tables(const struct picture *p, int y, int room);

#endif
