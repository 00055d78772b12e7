/* SPDX-License-Identifier: MIT */
/*
 * ram.c - the list of a machine's memory: in order, and what touches is one.
 */
#include "board.h"

/* Makes room for a range before the list's number `at`; false: the list is full. */
static bool insert(struct board *board, unsigned at)
{
	if (board->n_ram == BOARD_RAM_MAX)
		return false;
	for (unsigned i = board->n_ram++; i > at; i--)
		board->ram[i] = board->ram[i - 1];
	return true;
}

/* Joins range number `at` with those behind it that it touches. */
static void join(struct board *board, unsigned at)
{
	struct board_ram *ram = &board->ram[at];
	unsigned behind = at + 1, i;

	for (; behind < board->n_ram; behind++) {
		const struct board_ram *next = &board->ram[behind];

		if (next->base - ram->base > ram->size)
			break;
		if (next->base - ram->base + next->size > ram->size)
			ram->size = next->base - ram->base + next->size;
	}
	for (i = at + 1; behind < board->n_ram; i++, behind++)
		board->ram[i] = board->ram[behind];
	board->n_ram = i;
}

void board_add_ram(struct board *board, uint64_t base, uint64_t size)
{
	unsigned at = 0;

	if (size == 0 || size - 1 > UINT64_MAX - base)
		return;
	while (at < board->n_ram && board->ram[at].base <= base)
		at++;
	if (at > 0 && base - board->ram[at - 1].base <= board->ram[at - 1].size) {
		at--;
		if (base - board->ram[at].base + size > board->ram[at].size)
			board->ram[at].size = base - board->ram[at].base + size;
	} else if (insert(board, at)) {
		board->ram[at] = (struct board_ram){base, size};
	} else {
		return;
	}
	join(board, at);
}
