/* SPDX-License-Identifier: MIT */
/*
 * env_crash.c - a trap: writes the record that /crash is after the restart, and restarts.
 *
 * Runs with whatever state the fault left, so it uses nothing but the log's memory and the
 * board's last words. A guest that crashes again and again stops instead, with the record kept.
 */
#include <string.h>

#include "arch.h"
#include "env.h"
#include "log.h"

/* Crashes within so long after the start count as one series; more than this many end it. */
#define SOON       10000000000u
#define SERIES_MAX 3

static const struct board *board;
static struct log *log_memory;

void env_crash_init(const struct board *b, struct log *log)
{
	board = b;
	log_memory = log;
	if (log && log->crash_len > 0)
		env_say("bareqga: restarted after a crash; its record is in /crash");
}

static char *put(char *p, const char *text)
{
	size_t n = strlen(text);

	memcpy(p, text, n);
	return p + n;
}

static char *put_hex(char *p, uint64_t value)
{
	unsigned digits = 16;

	p = put(p, "0x");
	for (; digits > 1 && value >> 60 == 0; digits--)
		value <<= 4;
	for (; digits > 0; digits--, value <<= 4)
		*p++ = "0123456789abcdef"[value >> 60];
	return p;
}

/* The record; fits LOG_CRASH_MAX. Returns its length. */
static size_t describe(char *text, uintptr_t cause, uintptr_t pc, uintptr_t value)
{
	static const char *const labels[] = {"\ncause ", "\npc ", "\nvalue ", "\nuptime_ns "};
	/* Before the board is ready nobody knows the time. */
	const uint64_t values[] = {cause, pc, value, board ? board_monotonic() : 0};
	const char *name = arch_trap_name(cause);
	char *p = put(text, "bareqga crashed");

	if (board) {
		p = put(p, " on ");
		p = put(p, board->name);
	}
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		p = put_hex(put(p, labels[i]), values[i]);
		if (i == 0 && name)
			p = put(put(put(p, " ("), name), ")");
	}
	*p++ = '\n';
	return (size_t)(p - text);
}

void firmware_trap(uintptr_t cause, uintptr_t pc, uintptr_t value)
{
	static bool again;
	char text[LOG_CRASH_MAX];
	size_t len;

	if (again) /* the record itself faulted */
		board_power(BOARD_HALT);
	again = true;
	len = describe(text, cause, pc, value);
	board_debug(text, len - 1);
	if (log_memory) {
		bool soon = board_monotonic() < SOON;

		memcpy(log_memory->crash, text, len);
		log_memory->crash_len = (uint32_t)len;
		log_memory->crashes = soon ? log_memory->crashes + 1 : 1;
		log_write(log_memory, text, len);
		if (log_memory->crashes <= SERIES_MAX)
			board_power(BOARD_REBOOT);
	}
	board_power(BOARD_HALT);
	for (;;)
		board_wait(UINT64_MAX);
}
