/* SPDX-License-Identifier: MIT */
/*
 * test_x86_timer.c - how fast the local APIC's timer counts, measured on a host that may let time pass between any two
 * looks at the clock and at the timer: a wait never ends late, and not much too early.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alone.h"
#include "apic.h"
#include "clock.h"
#include "pc_processor.h"
#include "registers.h"

enum {
	INITIAL = 0x380, /* offsets in the local APIC */
	CURRENT = 0x390,
	PER_COUNT = 16, /* ticks of the clock, which is one of 1 GHz */
	WINDOW = 500000,
	STALL = 3000000,
	WAIT = 100000000, /* ticks that are waited for in the end */
};

/* Where the host is busy: around which of our accesses time passes, in how many of the tries. */
enum place {
	BEFORE_START,
	AFTER_START,
	BEFORE_READ,
	AFTER_READ,
	PLACES,
};

static struct {
	enum place busy;
	unsigned stalls;     /* tries with one */
	unsigned tries;      /* so often it was started to be measured */
	uint64_t started_at; /* on the clock */
	uint32_t initial;
	bool dead; /* does not count */
	uint32_t waited;
} timer;

static void pass(enum place place)
{
	if (place == timer.busy && timer.tries <= timer.stalls)
		tsc += STALL;
}

static uint32_t read_apic(void *context, unsigned offset, unsigned width)
{
	uint32_t value;

	(void)context;
	(void)width;
	assert_int_equal(offset, CURRENT);
	pass(BEFORE_READ);
	value = timer.initial - (uint32_t)((tsc - timer.started_at) / PER_COUNT);
	pass(AFTER_READ);
	return timer.dead ? timer.initial : value;
}

static void write_apic(void *context, unsigned offset, unsigned width, uint32_t value)
{
	(void)context;
	(void)width;
	if (offset != INITIAL)
		return;
	if (value == UINT32_MAX)
		assert_true(++timer.tries <= 8);
	else if (value != 0)
		timer.waited = value;
	if (value == UINT32_MAX)
		pass(BEFORE_START);
	timer.initial = value;
	timer.started_at = tsc;
	if (value == UINT32_MAX)
		pass(AFTER_START);
}

static struct registers registers = {0xfee00000, 0x1000, read_apic, write_apic, NULL};
static struct apic apic;
static struct clock measured_by;

/* Measures, then waits: so many counts of the timer. */
static uint32_t counts_waited(enum place busy, unsigned stalls)
{
	registers_detach_all();
	registers_attach(&registers);
	timer.busy = busy;
	timer.stalls = stalls;
	timer.tries = 0;
	tsc_step = 10;
	apic = (struct apic){.local = registers.base};
	apic_wait(&apic, WAIT, &measured_by);
	assert_int_equal(waits, 0);
	assert_int_equal(timer.initial, 0); /* it stands still again */
	timer.waited = 0;
	apic_wait(&apic, WAIT, &measured_by);
	assert_int_equal(waits, 1);
	assert_int_equal(timer.initial, 0);
	waits = 0;
	return timer.waited;
}

static void is_about(uint32_t counts)
{
	assert_in_range(counts, WAIT / PER_COUNT * 8 / 9 - 1, WAIT / PER_COUNT + 1);
}

static void test_quiet(void **state)
{
	uint64_t before;

	(void)state;
	clock_hz(&measured_by);
	before = tsc;
	is_about(counts_waited(PLACES, 0));
	assert_int_equal(timer.tries, 1);
	assert_in_range(tsc - before, WINDOW, WINDOW + 200);
}

/* As long as there is a quiet moment among eight, that one counts. */
static void test_busy_host(void **state)
{
	(void)state;
	for (enum place busy = BEFORE_START; busy < PLACES; busy++) {
		for (unsigned stalls = 1; stalls < 8; stalls++) {
			is_about(counts_waited(busy, stalls));
			assert_int_equal(timer.tries, stalls + 1);
		}
	}
}

/* Where there is none, waits may be short and are never long. */
static void test_busy_host_for_good(void **state)
{
	(void)state;
	for (enum place busy = BEFORE_START; busy < PLACES; busy++) {
		assert_in_range(counts_waited(busy, 100), 1, WAIT / PER_COUNT + 1);
		assert_int_equal(timer.tries, 8);
	}
}

/* A timer that does not count is measured once, too. */
static void test_dead_timer(void **state)
{
	(void)state;
	timer.dead = true;
	counts_waited(PLACES, 0);
	assert_int_equal(timer.tries, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_quiet),
		ALONE(test_busy_host),
		ALONE(test_busy_host_for_good),
		ALONE(test_dead_timer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
