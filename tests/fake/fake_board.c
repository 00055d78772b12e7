/* SPDX-License-Identifier: MIT */
/* fake_board.c - see fake_board.h. */
#include <string.h>

#include "arch.h"
#include "arch/record.h"
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

/* Whoever is to happen here happens once. */
static void happen(void (**what)(void))
{
	void (*now)(void) = *what;

	*what = NULL;
	if (now)
		now();
}

void board_power(enum board_power mode)
{
	fake_board.power = 1 + (int)mode;
	fake_board.powers |= 1u << mode;
	if (mode == BOARD_REBOOT)
		happen(&fake_board.in_reboot);
	if (mode == BOARD_HALT && fake_board.halted)
		longjmp(*fake_board.halted, 1);
}

void board_exit(unsigned status)
{
	fake_board.status = status;
}

void board_last_words(void)
{
	happen(&fake_board.in_last_words);
}

void board_panicked(void)
{
	fake_board.panics++;
	happen(&fake_board.in_panicked);
}

void board_wait(uint64_t ns)
{
	fake_board.waited = ns;
	if (fake_board.wait)
		fake_board.wait();
}

const struct board *board_init(void)
{
	return fake_board.board;
}

struct qga_channel *board_channel(void)
{
	return fake_board.channel;
}

bool board_debug_ready(void)
{
	return !fake_board.deaf;
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

uintptr_t arch_registers[ARCH_REGISTERS_MAX] = {0x10, 0x20, 0, 0x40, UINT32_MAX};
const char arch_register_names[] = "ra sp gp s0 s1 ";

size_t arch_calls(uintptr_t *address, size_t most)
{
	for (size_t i = 0; i < 5 && i < most; i++)
		address[i] = 0x100 + i;
	return most < 5 ? most : 5;
}

uintptr_t arch_image(void)
{
	return 0x1000;
}

const uint8_t *arch_build_id(size_t *size)
{
	*size = 3;
	return fake_board.no_build_id ? NULL : (const uint8_t *)"\x0a\xbc\xff";
}
