/* SPDX-License-Identifier: MIT */
/* print.c - see print.h. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <wchar.h>

#include "buffer.h"
#include "fail.h"
#include "print.h"

bool print_colours;

/* Bytes of the UTF-8 character at p that may be shown, or 0. C1 controls may not. */
static size_t character(const unsigned char *p, size_t len)
{
	size_t n = *p < 0x80 ? 1 : *p >= 0xc2 && *p < 0xe0 ? 2 : *p >= 0xe0 && *p < 0xf0 ? 3 : 4;

	if (*p < ' ' || *p == 0x7f || (*p >= 0x80 && *p < 0xc2) || *p >= 0xf5 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n == 2 && p[0] == 0xc2 && p[1] < 0xa0 ? 0 : n;
}

void print_clean(char *to, size_t size, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t at = 0;

	while (len > 0) {
		size_t n = character(p, len), step = n ? n : 1;

		if (at + step >= size)
			break;
		if (n)
			memcpy(to + at, p, n);
		else
			to[at] = *p == '\n' || *p == '\r' || *p == '\t' ? ' ' : '?';
		at += step;
		p += step;
		len -= step;
	}
	while (at > 0 && to[at - 1] == ' ')
		at--;
	to[at] = '\0';
}

void print_text(FILE *to, const char *text)
{
	size_t len = strlen(text);
	char *clean = grow(NULL, len + 1);

	print_clean(clean, len + 1, text, len);
	fputs(clean, to);
	free(clean);
}

void print_look(FILE *to, enum look look)
{
	static const char *const codes[] = {"\033[0m", "\033[1m", "\033[2m", "\033[32m",
	                                    "\033[31m"};

	if (print_colours)
		fputs(codes[look], to);
}

void table_cell(struct table *t, const char *format, ...)
{
	struct buffer text = {0};
	va_list values;
	int n;

	va_start(values, format);
	n = vsnprintf(NULL, 0, format, values);
	va_end(values);
	va_start(values, format);
	vsnprintf(buffer_room(&text, (size_t)n + 1), (size_t)n + 1, format, values);
	va_end(values);
	if (t->n == t->cap) {
		t->cap = t->cap * 2 + 16;
		t->cell = grow(t->cell, t->cap * sizeof(t->cell[0]));
	}
	t->cell[t->n] = grow(NULL, (size_t)n + 1);
	print_clean(t->cell[t->n++], (size_t)n + 1, text.data, (size_t)n);
	buffer_free(&text);
}

/* Columns that a text takes on the terminal. */
static int width(const char *text)
{
	wchar_t wide[512];
	size_t n = mbstowcs(wide, text, 512);
	int w = n == (size_t)-1 ? -1 : wcswidth(wide, n < 512 ? n : 512);

	return w < 0 ? (int)strlen(text) : w;
}

void table_print(struct table *t)
{
	int *widths = grow(NULL, (t->columns + 1) * sizeof(int));

	memset(widths, 0, (t->columns + 1) * sizeof(int));
	for (size_t i = 0; i < t->n; i++)
		if (width(t->cell[i]) > widths[i % t->columns])
			widths[i % t->columns] = width(t->cell[i]);
	for (size_t i = 0; i < t->n; i++) {
		size_t column = i % t->columns;
		int space = widths[column] - width(t->cell[i]);
		bool last = column == t->columns - 1, right = t->right >> column & 1;

		if (i == 0)
			print_look(stdout, DIM);
		printf("%*s%s%*s%s", right ? space : 0, "", t->cell[i], right || last ? 0 : space,
		       "", last ? "" : "  ");
		if (i == t->columns - 1)
			print_look(stdout, PLAIN);
		if (last)
			putchar('\n');
		free(t->cell[i]);
	}
	free(widths);
	free(t->cell);
	*t = (struct table){0};
}

const char *print_size(char to[16], double bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
	size_t unit = 0;

	while (bytes >= 1024 && unit < 5) {
		bytes /= 1024;
		unit++;
	}
	snprintf(to, 16, unit == 0 || bytes >= 100 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
	return to;
}

void print_json(const json_t *value)
{
	json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	putchar('\n');
}

const char *member_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

long long member_number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

double member_real(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

bool member_true(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

int print_columns(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}
