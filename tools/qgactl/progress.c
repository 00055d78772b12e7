/* SPDX-License-Identifier: MIT */
/* progress.c - see progress.h. The width is asked for each time: the terminal may change. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "print.h"
#include "progress.h"

void progress_begin(struct progress *p, const char *what, long long from, long long total,
                    bool quiet)
{
	*p = (struct progress){.what = what, .total = total, .from = from, .started = now()};
	p->shown = !quiet && isatty(STDERR_FILENO);
	p->drawn = p->started - 1;
	progress_at(p, from);
}

static void time_left(char to[16], double seconds)
{
	if (!(seconds < 360000))
		strcpy(to, "-:--");
	else if (seconds >= 3600)
		snprintf(to, 16, "%d:%02d:%02d", (int)seconds / 3600, (int)seconds / 60 % 60,
		         (int)seconds % 60);
	else
		snprintf(to, 16, "%d:%02d", (int)seconds / 60, (int)seconds % 60);
}

/* The bar between name and figures, if there is room for one worth looking at. */
static void draw(const struct progress *p, const char *right, double part)
{
	int columns = print_columns(STDERR_FILENO) - 1, figures = (int)strlen(right);
	int name = columns - figures - 1, bar = 0;
	char clean[80];

	print_clean(clean, sizeof(clean), p->what, strlen(p->what));
	if (name > 24) {
		bar = name - 24 - 3;
		name = 24;
	}
	if (bar > 40)
		bar = 40;
	fprintf(stderr, "\r\033[K");
	if (name > 3)
		fprintf(stderr, "%-*.*s ", name < 24 ? 0 : 24, name, clean);
	if (bar >= 8 && part >= 0) {
		int full = (int)(part * bar);

		fputc('[', stderr);
		for (int i = 0; i < bar; i++)
			fputc(i < full ? '=' : i == full ? '>' : ' ', stderr);
		fputs("] ", stderr);
	}
	fprintf(stderr, "%.*s", columns, right);
	fflush(stderr);
}

void progress_at(struct progress *p, long long at)
{
	double time = now(), rate, part = -1;
	char right[80], size[16], speed[16], left[16] = "-:--";

	if (!p->shown || time - p->drawn < 0.1)
		return;
	p->drawn = time;
	rate = (double)(at - p->from) / (time - p->started + 1e-9);
	if (p->total > 0) {
		part = (double)at / (double)p->total;
		part = part > 1 ? 1 : part;
		time_left(left, (double)(p->total - at) / rate);
	}
	print_size(size, (double)at);
	print_size(speed, at > p->from ? rate : 0);
	if (print_columns(STDERR_FILENO) < 44 && part < 0)
		snprintf(right, sizeof(right), "%s", size);
	else if (print_columns(STDERR_FILENO) < 44)
		snprintf(right, sizeof(right), "%.0f%% %s", part * 100, left);
	else if (part < 0)
		snprintf(right, sizeof(right), "%s  %s/s", size, speed);
	else
		snprintf(right, sizeof(right), "%3.0f%%  %s  %s/s  %s left", part * 100, size,
		         speed, left);
	draw(p, right, part);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fprintf(stderr, "\r\033[K");
	p->shown = false;
}
