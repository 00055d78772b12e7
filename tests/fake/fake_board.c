/* SPDX-License-Identifier: MIT */
/* fake_board.c - see fake_board.h. */
#include <string.h>

#include "arch.h"
#include "fake_board.h"

struct fake_board fake_board;

uint64_t board_monotonic(void)
{
	fake_board.times_asked++;
	return fake_board.monotonic;
}

uint64_t board_idle(void)
{
	return fake_board.idle;
}

int board_rtc_get(int64_t *ns)
{
	int64_t step = fake_board.rtc_step ? fake_board.rtc_step : 1;

	*ns = fake_board.rtc / step * step;
	return fake_board.rtc_broken ? -1 : 0;
}

int board_rtc_set(int64_t ns)
{
	fake_board.rtc = ns;
	return fake_board.rtc_broken ? -1 : 0;
}

void fake_board_remind(uint64_t ns, void (*notice)(void))
{
	(void)ns;
	fake_board.notice = notice;
}

bool fake_board_disturbed(void)
{
	bool said = fake_board.disturbed;

	fake_board.disturbed = false;
	return said;
}

void board_power(enum board_power mode)
{
	fake_board.power = 1 + (int)mode;
}

void board_wait(uint64_t ns)
{
	(void)ns;
}

void board_debug(const char *text, size_t len)
{
	size_t have = strlen(fake_board.said);

	if (have + len + 2 > sizeof(fake_board.said))
		return;
	memcpy(fake_board.said + have, text, len);
	strcpy(fake_board.said + have + len, "\n");
}

static const struct fake_item *find(const char *name)
{
	for (const struct fake_item *item = fake_board.items; item && item->name; item++)
		if (strcmp(item->name, name) == 0)
			return item;
	return NULL;
}

int64_t board_item_size(const char *name)
{
	const struct fake_item *item = find(name);

	return item ? item->size : -1;
}

int64_t board_item_read(const char *name, uint64_t offset, void *buf, size_t len)
{
	const struct fake_item *item = find(name);

	if (!item || (int64_t)offset > item->size)
		return -1;
	if (len > (size_t)item->size - offset)
		len = (size_t)item->size - offset;
	memcpy(buf, item->data + offset, len);
	return (int64_t)len;
}

const char *arch_trap_name(uintptr_t cause)
{
	return cause == 3 ? "breakpoint" : NULL;
}
