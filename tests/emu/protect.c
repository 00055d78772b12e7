/* SPDX-License-Identifier: MIT */
/*
 * protect.c - does one thing after the other that must trap, each after the restart that the one before
 * has led to, and logs "probe NAME at ADDRESS"; what follows is the image's own crash record. Then it ends the
 * machine with a status. Takes the place of
 * firmware/, but for the crash record; see test_protect.py.
 */
#include <string.h>

#include "board.h"
#include "env/env.h"
#include "env/log.h"

#define MAGIC 0x70726f62u

/* A function that only returns. */
#if defined(__riscv)
#define RETURN 0x80828082u /* c.jr ra, twice */
#elif defined(__aarch64__)
#define RETURN 0xd65f03c0u
#elif defined(__arm__)
#define RETURN 0x47704770u /* bx lr, twice; Thumb */
#else
#define RETURN 0xc3c3c3c3u
#endif

#ifdef __thumb__
#define THUMB 1u
#else
#define THUMB 0u
#endif

static struct {
	uint32_t magic, next; /* of the probes */
} progress __attribute__((section(".noinit")));

extern char __stack_guard[]; /* linker/ */

static const uint32_t constant = RETURN;
static volatile uint32_t data;
static const struct board *board;

static void line(const char *name, uintptr_t address)
{
	char text[64], *p = text;

	for (const char *word = "probe "; *word;)
		*p++ = *word++;
	while (*name)
		*p++ = *name++;
	for (const char *word = " at 0x"; *word;)
		*p++ = *word++;
	for (int shift = 8 * (int)sizeof address - 4; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[address >> shift & 15];
	board_debug(text, (size_t)(p - text));
}

/* Not what the compiler may take for a pointer to nothing, or to a constant. */
static volatile uint32_t *hidden(uintptr_t address)
{
	__asm__("" : "+r"(address));
	return (volatile uint32_t *)address;
}

static void call(volatile uint32_t *code)
{
	*code = RETURN;
	((void (*)(void))((uintptr_t)code | THUMB))();
}

static void write_code(void)
{
	volatile uint32_t *code = hidden((uintptr_t)&write_code & ~(uintptr_t)3);

	line("write-code", (uintptr_t)code);
	*code = RETURN;
}

static void write_constant(void)
{
	line("write-constant", (uintptr_t)&constant);
	*hidden((uintptr_t)&constant) = 1;
}

static void run_data(void)
{
	line("run-data", (uintptr_t)&data);
	call(&data);
}

static void run_spare(void)
{
	uintptr_t code = ((uintptr_t)board->spare + 4095) & ~(uintptr_t)4095;

	line("run-spare", code);
	call(hidden(code));
}

static void read_null(void)
{
	line("read-null", 4);
	data = *hidden(4);
}

static void write_null(void)
{
	line("write-null", 4);
	*hidden(4) = 1;
}

/* 64 bytes of stack and more, some of which are written to, for each of 2^32 calls. */
static __attribute__((noinline)) uint32_t deeper(volatile uint32_t *above)
{
	volatile uint32_t here[16];

	if (above[0] == UINT32_MAX)
		return 0;
	memset((void *)here, 0, sizeof here);
	here[0] = above[0] + 1;
	here[1] = deeper(here);
	return here[0] + here[1];
}

static void deep(void)
{
	volatile uint32_t first[1] = {0};

	line("stack", (uintptr_t)__stack_guard);
	data = deeper(first);
}

#if !QGA_TINY
/* A trap, and another one when its record is to be kept. */
static void trap_in_trap(void)
{
	line("trap-in-trap", 4);
	env_crash_init(board, (struct log *)(uintptr_t)hidden((uintptr_t)&constant));
	*hidden(4) = 1;
}

void env_say(const char *text)
{
	board_debug(text, strlen(text));
}
#endif

static void (*const probes[])(void) = {
	write_code,   write_constant, run_data, run_spare, read_null, write_null, deep,
#if !QGA_TINY
	trap_in_trap,
#endif
};

#define PROBES (sizeof(probes) / sizeof(probes[0]))

void firmware_main(void)
{
	uint32_t now;

	board = board_init();
	if (progress.magic != MAGIC)
		progress.next = 0;
	progress.magic = MAGIC;
	now = progress.next++;
#if !QGA_TINY
	struct log *record = log_open(board->spare, 4096);
	record->crashes = record->crash_len = 0; /* or the fourth would be the last of a series */
	env_crash_init(board, record);
#endif
	if (now < PROBES)
		probes[now]();
	line(now < PROBES ? "without a trap" : "end", 0);
	if (now >= PROBES)
		board_exit(42);
	for (;;)
		board_power(now < PROBES ? BOARD_REBOOT : BOARD_HALT);
}
