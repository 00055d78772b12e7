/* SPDX-License-Identifier: MIT */
/*
 * env_crash.c - a trap: writes the record that /crash is after the restart, and restarts.
 *
 * Runs with whatever state the fault left, so it uses nothing but the log's memory and the
 * board's last words. A guest that crashes again and again stops instead, with the record kept.
 *
 * The record, line by line to the console and to memory: what happened, which image it was and where, the
 * registers, addresses that calls return to (hal/arch/record.h), the last lines of the log behind "| ".
 * `qgactl crash --symbols` reads it.
 */
#include <string.h>

#include "arch.h"
#include "arch/record.h"
#include "env.h"
#include "log.h"

/* Crashes within so long after the start count as one series; more than this many end it. */
#define SOON       10000000000u
#define SERIES_MAX 3

/* Bytes of the log that a record has. */
#define LOG_TAIL 1024

static const struct board *board;
static struct log *log_memory;

void env_crash_init(const struct board *b, struct log *log)
{
	board = b;
	log_memory = log;
	if (log && log->crash_len > 0)
		env_say("bareqga: restarted after a crash; its record is in /crash");
}

/* --- A line, and where it goes --- */

/* Nobody needs its memory until then. */
#define NOINIT __attribute__((section(".noinit.trap")))

enum where {
	CONSOLE,
	RECORD,
	LOG
};

static struct {
	char text[96];
	size_t len;
	enum where to;
} line NOINIT;

static void put_char(char c)
{
	if (line.len < sizeof line.text)
		line.text[line.len++] = c;
}

static void put(const char *text)
{
	while (*text)
		put_char(*text++);
}

static void put_digits(uint64_t value, unsigned digits)
{
	while (digits > 0)
		put_char("0123456789abcdef"[value >> 4 * --digits & 15]);
}

static void put_hex(const char *label, uint64_t value)
{
	unsigned digits = 1;

	while (digits < 16 && value >> 4 * digits)
		digits++;
	put(label);
	put("0x");
	put_digits(value, digits);
}

static void end_line(void)
{
	if (line.to == CONSOLE) {
		board_debug(line.text, line.len);
	} else if (line.to == RECORD) {
		log_crash_add(log_memory, line.text, line.len);
	} else {
		log_write(log_memory, line.text, line.len);
		log_write(log_memory, "\n", 1);
	}
	line.len = 0;
}

/* --- The record --- */

static struct {
	uintptr_t cause, pc, value;
	uint64_t uptime;
} trap NOINIT;

static void write_head(void)
{
	const char *name = arch_trap_name(trap.cause);

	put("bareqga crashed");
	if (board) {
		put(" on ");
		put(board->name);
	}
	end_line();
	put_hex("cause ", trap.cause);
	if (name) {
		put(" (");
		put(name);
		put(")");
	}
	end_line();
	put_hex("pc ", trap.pc);
	end_line();
	put_hex("value ", trap.value);
	end_line();
	put_hex("uptime_ns ", trap.uptime);
	end_line();
}

static void write_image(void)
{
	size_t size;
	const uint8_t *id = arch_build_id(&size);

	if (id) {
		put("build_id ");
		for (size_t i = 0; i < size; i++)
			put_digits(id[i], 2);
		end_line();
	}
	put_hex("image ", arch_image());
	end_line();
}

#define IN_A_LINE 4

static void write_registers(void)
{
	const char *name = arch_register_names;

	for (unsigned i = 0; *name; i++) {
		if (i % IN_A_LINE == 0)
			put("regs");
		put(" ");
		while (*name != ' ')
			put_char(*name++);
		name++;
		put_hex("=", arch_registers[i]);
		if (i % IN_A_LINE == IN_A_LINE - 1 || !*name)
			end_line();
	}
}

static void write_calls(void)
{
	static NOINIT uintptr_t calls[16];
	size_t n = arch_calls(calls, sizeof(calls) / sizeof(calls[0]));

	for (size_t i = 0; i < n; i++) {
		if (i % IN_A_LINE == 0)
			put("calls");
		put_hex(" ", calls[i]);
		if (i % IN_A_LINE == IN_A_LINE - 1 || i == n - 1)
			end_line();
	}
}

/* The last lines that the log has room for here; a line that is too long is two. */
static void write_log(void)
{
	size_t from = log_oldest(log_memory);
	char c;

	if (log_memory->written - from > LOG_TAIL) {
		from = log_memory->written - LOG_TAIL;
		while (log_read(log_memory, from++, &c, 1) && c != '\n')
			continue;
	}
	while (log_read(log_memory, from++, &c, 1)) {
		if (line.len == 0)
			put("| ");
		if (c != '\n')
			put_char((unsigned char)c < ' ' ? '?' : c);
		if (c == '\n' || line.len == sizeof line.text)
			end_line();
	}
	if (line.len > 0)
		end_line();
}

static void write_rest(void)
{
	write_image();
	write_registers();
	write_calls();
	if (log_memory)
		write_log();
}

static void write_to(enum where to, bool head, bool rest)
{
	line.to = to;
	line.len = 0;
	if (head)
		write_head();
	if (rest)
		write_rest();
}

/* What matters most comes first: if all else traps, that was said. */
static void tell(void)
{
	if (board && board->said && log_memory) {
		log_write(log_memory, board->said, strlen(board->said));
		board->said[0] = '\0';
	}
	write_to(CONSOLE, true, false);
	if (log_memory) {
		bool soon = trap.uptime < SOON;

		log_crash_begin(log_memory);
		log_memory->crashes = soon ? log_memory->crashes + 1 : 1;
		write_to(RECORD, true, true);
	}
	board_last_words();
	write_to(CONSOLE, false, true);
	if (log_memory)
		write_to(LOG, true, false);
}

/* It comes here anew if it traps on the way: what is to be told is told once, the rest is done from where it trapped. */
void firmware_trap(uintptr_t cause, uintptr_t pc, uintptr_t value)
{
	static enum {
		NOTHING,
		TELLING,
		TOLD,
		ENDING
	} stage;
	static bool kept;

	if (stage == NOTHING) {
		stage = TELLING;
		trap.cause = cause;
		trap.pc = pc;
		trap.value = value;
		/* Before the board is ready nobody knows the time. */
		trap.uptime = board ? board_monotonic() : 0;
		tell();
		kept = log_memory != NULL;
	}
	if (stage == TELLING) {
		stage = TOLD;
		board_panicked();
	}
	if (stage == TOLD) {
		stage = ENDING;
		if (kept && log_memory->crashes <= SERIES_MAX)
			board_power(BOARD_REBOOT);
	}
	board_power(BOARD_HALT);
	for (;;)
		board_wait(UINT64_MAX);
}
