/* SPDX-License-Identifier: MIT */
/* top_tables.c - network, disks, file systems: below each other, or side by side where there is the
 * width. */
#include <curses.h>

#include "print.h"
#include "top_paint.h"

enum {
	WIDE = 110
};

struct place {
	int y, x, right, lines;
};

static void head(const struct place *at, const char *name, const char *in, const char *out)
{
	int width = at->right - at->x;

	attron(A_BOLD);
	paint(at->y, at->x, at->right, "%s", name);
	if (width >= 36) {
		paint(at->y, at->right - 25, at->right, "%12s", in);
		paint(at->y, at->right - 12, at->right, "%12s", out);
	}
	attroff(A_BOLD);
}

static void draw_flows(const struct flows *flows, const struct place *at, const char *name,
                       const char *in, const char *out)
{
	int width = at->right - at->x, numbers = width >= 36 ? 25 : 0;
	char size[16];

	if (at->lines < 2)
		return;
	head(at, name, in, out);
	for (int i = 0; i < (int)flows->n && i < at->lines - 1; i++) {
		const struct flow *f = &flows->row[i];
		int y = at->y + 1 + i;

		paint(y, at->x, at->right - numbers - (numbers ? 1 : 0), "%s", f->name);
		if (!numbers)
			continue;
		paint(y, at->right - 25, at->right, "%10s/s", print_size(size, f->in_rate));
		paint(y, at->right - 12, at->right, "%10s/s", print_size(size, f->out_rate));
	}
}

static void draw_systems(const struct picture *p, const struct place *at)
{
	int width = at->right - at->x, numbers = width >= 36 ? 25 : 0;
	char used[16], total[16];

	if (at->lines < 2)
		return;
	head(at, "file system", "used", "of");
	for (int i = 0; i < (int)p->n_systems && i < at->lines - 1; i++) {
		const struct filling *f = &p->systems[i];
		int y = at->y + 1 + i;

		paint(y, at->x, at->right - numbers - (numbers ? 1 : 0), "%s", f->name);
		if (!numbers)
			continue;
		paint(y, at->right - 25, at->right, "%12s", print_size(used, f->used));
		paint(y, at->right - 12, at->right, "%12s", print_size(total, f->total));
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

/* What each of the three gets of `room` lines; returns how many they take together. */
static int divide(const struct picture *p, int room, int want[3])
{
	int tables, lines = 0;

	want[0] = wants(p->nets.n);
	want[1] = wants(p->disks.n);
	want[2] = wants(p->n_systems);
	tables = (want[0] > 0) + (want[1] > 0) + (want[2] > 0);
	for (int i = 0; i < 3; i++) {
		if (COLS < WIDE && tables > 0)
			want[i] = least(want[i], room / tables);
		want[i] = want[i] < 2 ? 0 : least(want[i], room);
		if (COLS >= WIDE)
			lines = want[i] > lines ? want[i] : lines;
		else
			lines += want[i];
	}
	return lines;
}

int top_tables_lines(const struct picture *p, int room)
{
	int want[3];

	return divide(p, room, want);
}

void top_tables(const struct picture *p, int y, int room)
{
	int want[3], x = 0, width = COLS;

	divide(p, room, want);
	if (COLS >= WIDE) /* side by side */
		width = COLS / 3;
	for (int i = 0; i < 3; i++) {
		int right = COLS >= WIDE && i < 2 ? x + width - 3 : COLS;
		struct place at = {y, x, right, want[i]};

		if (want[i] == 0)
			continue;
		if (i < 2)
			draw_flows(i ? &p->disks : &p->nets, &at, i ? "disk" : "network",
			           i ? "read" : "received", i ? "written" : "sent");
		else
			draw_systems(p, &at);
		if (COLS >= WIDE)
			x += width;
		else
			y += want[i];
	}
}
