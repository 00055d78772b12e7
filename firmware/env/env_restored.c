/* SPDX-License-Identifier: MIT */
/*
 * env_restored.c - a machine that was stopped, or restored, or that is a clone, notices it.
 *
 * Two things tell: the hardware clock, which went on while the counter stood still (env_clock.c), and
 * what the host says, where it can (board.disturbed). The time is then right again, the generation is
 * another, and the application is told, before anything else is answered.
 *
 * It is looked when somebody asks for the time or the generation, before file systems are thawed, and when
 * the machine wakes, if the last look was LOOK_NS ago: a client that keeps us busy pays for ten looks in
 * a second, and a machine that sleeps is not woken for any. What was restored within that time after a
 * look is noticed by the next one, unless the host says so: then the board has us look at once.
 */
#include "app.h"
#include "env.h"

#define LOOK_NS 100000000

#if ENV_WITH_GENERATION

static const struct board *the_board;
static uint64_t generation;
static bool watching;

void env_look(void)
{
	bool leapt = env_clock_look(), told = the_board->disturbed && the_board->disturbed();

	if (leapt || told) {
		generation++;
		env_say("bareqga: the machine was stopped, restored or cloned");
		if (app.restored)
			app.restored(generation);
	}
	watching = true;
	if (the_board->remind)
		the_board->remind(LOOK_NS, env_look);
}

void env_restored_init(const struct board *board)
{
	the_board = board;
}

void env_watch(void)
{
	if (!watching && (the_board->has_rtc || the_board->disturbed))
		env_look();
}

size_t env_generation(char *text)
{
	char digits[ENV_GENERATION_SIZE];
	size_t n = 0, len = 0;
	uint64_t rest;

	if (!the_board->has_rtc && !the_board->disturbed)
		return 0;
	env_look();
	for (rest = generation; n == 0 || rest; rest /= 10)
		digits[n++] = (char)('0' + rest % 10);
	while (n)
		text[len++] = digits[--n];
	text[len++] = '\n';
	return len;
}

#endif
