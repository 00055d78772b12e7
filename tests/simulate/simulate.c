/* SPDX-License-Identifier: MIT */
/* simulate.c - see simulate.h.
 *
 *     simulate SEEDS [FIRST [STEP]]        so many seeds from that one on; V=1 says each
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "simulate.h"

#define STEPS   600
#define BOUND   200000 /* turns after which a world that nobody disturbs is at rest */
#define HANG    20     /* s of processor time for a seed */
#define HOUR_NS UINT64_C(3600000000000)

static const struct sim_line *const lines[] = {
	&sim_qemu_legacy, &sim_qemu_modern, &sim_crosvm, &sim_vsock_qemu, &sim_vsock_firecracker,
	&sim_16550_qemu,  &sim_16550_vmm,   &sim_pl011,  &sim_cmsdk,
};

static struct sim sim;

/* --- Chance --- */

/* splitmix64 */
static uint64_t next(struct sim *s)
{
	uint64_t z = s->chance += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint32_t sim_below(struct sim *s, uint32_t n)
{
	return (uint32_t)((next(s) >> 32) * n >> 32);
}

/* --- What must not be --- */

static void tell(void)
{
	char text[200];
	int len = snprintf(text, sizeof text,
	                   "simulate: seed %llu, %s; again: make simulate SEED=%llu\n",
	                   (unsigned long long)sim.seed, sim.line ? sim.line->name : "",
	                   (unsigned long long)sim.seed);

	if (write(2, text, (size_t)len) != len)
		_exit(2);
}

void sim_fail(struct sim *s, const char *sentence, const char *more)
{
	(void)s;
	fprintf(stderr, "simulate: %s%s%s\n", sentence, more ? ": " : "", more ? more : "");
	tell();
	_exit(1);
}

static void on_signal(int number)
{
	if (number == SIGVTALRM && write(2, "simulate: never returns\n", 24) != 24)
		_exit(2);
	tell();
	_exit(1);
}

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "abort_on_error=1:detect_leaks=0";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "abort_on_error=1";
}

/* --- The world --- */

static void wake_if_due(struct sim *s)
{
	if (s->sleep_until <= s->now)
		s->awake = true;
}

/* One thing that is due by itself; false: there is none. */
static bool go_on(struct sim *s)
{
	wake_if_due(s);
	if (s->awake) {
		sim_guest_turn(s);
		return true;
	}
	if (s->line->device(s, 0))
		return true;
	if (s->line->irq(s)) {
		s->line->interrupt(s);
		s->awake = true;
		return true;
	}
	return sim_client_hear(s) || sim_client_send(s, SIM_OUT);
}

/* Asked again, a guest at rest does nothing. */
static void check_idle(struct sim *s)
{
	unsigned accesses = registers_count;

	if (s->sleep_until != UINT64_MAX)
		sim_fail(s, "a guest at rest means to look again", NULL);
	for (int i = 0; i < 3; i++)
		sim_guest_turn(s);
	if (s->awake || s->sleep_until != UINT64_MAX)
		sim_fail(s, "a guest at rest works", NULL);
	if (s->line->quiet && registers_count != accesses)
		sim_fail(s, "a guest at rest touches its device", NULL);
}

/* Until nobody has anything to do; then all is answered. */
static void rest(struct sim *s)
{
	if (s->connected && !s->reads)
		s->line->reads(s, s->reads = true);
	if (s->connected && s->loose && sim_one_in(s, 2))
		sim_client_sync(s);
	for (unsigned i = 0; i < BOUND; i++) {
		if (go_on(s))
			continue;
		if (s->connected && s->line->excused && s->line->excused(s)) {
			sim_client_go(s);
			s->excused++;
			continue;
		}
		if (s->connected &&
		    (s->due_first < s->due_end || s->out_len > 0 || s->line->backlog(s)))
			sim_fail(s, "the guest sleeps, and an answer is due", NULL);
		s->rested = !s->connected;
		check_idle(s);
		return;
	}
	sim_fail(s, "the world never comes to rest", NULL);
}

static void come(struct sim *s)
{
	bool strictly = s->line->apart || (s->rested && (s->line->tells || s->line->torso_ns));

	strictly = strictly && !sim_one_in(s, 3);

	if (s->line->torso_ns && strictly)
		s->now += 2 * s->line->torso_ns; /* what there is of the last one is a torso now */
	sim_client_come(s, strictly);
	wake_if_due(s);
}

/* It goes on in another process, later: nobody is connected, and interrupts come without a reason. */
static void migrate(struct sim *s)
{
	if (s->connected)
		sim_client_go(s);
	s->now += sim_below(s, 48) * HOUR_NS;
	s->line->interrupt(s);
	s->awake = true;
}

static void start_anew(struct sim *s)
{
	if (s->line->once)
		return;
	if (s->connected && s->line->apart)
		sim_client_go(s);
	sim_client_hear(s);
	sim_client_lost(s);
	sim_guest_start(s);
	s->rested = false;
}

static void stall(struct sim *s)
{
	if (!s->connected)
		return;
	s->reads = !s->reads;
	s->line->reads(s, s->reads);
}

/* In the midst of it all: more is asked than was read. */
static void pile_up(struct sim *s)
{
	s->line->reads(s, s->reads = false);
	sim_client_ask(s);
	for (uint32_t n = sim_below(s, 30); n > 0; n--) {
		sim_client_send(s, 1 + sim_below(s, s->grain));
		sim_guest_turn(s);
		s->line->device(s, sim_below(s, 4));
	}
}

static void trouble(struct sim *s)
{
	if (s->connected && sim_one_in(s, 2))
		pile_up(s);
	sim_client_hear(s);
	if (s->line->trouble(s)) {
		sim_client_lost(s);
		s->rested = false;
	}
}

static void go(struct sim *s)
{
	if (sim_one_in(s, 2))
		pile_up(s);
	sim_client_go(s);
	if (sim_one_in(s, 3))
		come(s); /* another is there before the guest knows */
}

enum happening {
	GUEST,
	DEVICE,
	INTERRUPT,
	SEND,
	HEAR,
	ASK,
	STALL,
	COME,
	GO,
	MOMENT,
	AWAY,
	TROUBLE,
	RESTART,
	MIGRATE,
	REST,
	HAPPENINGS
};

static void happen(struct sim *s, enum happening what)
{
	switch (what) {
	case GUEST:
		wake_if_due(s);
		if (s->awake)
			sim_guest_turn(s);
		break;
	case DEVICE:
		s->line->device(s, sim_below(s, 4));
		break;
	case INTERRUPT:
		if (s->line->irq(s)) {
			s->line->interrupt(s);
			s->awake = true;
		}
		break;
	case SEND:
		sim_client_send(s, 1 + sim_below(s, s->grain));
		break;
	case HEAR:
		sim_client_hear(s);
		break;
	case ASK:
		if (s->connected)
			sim_client_ask(s);
		break;
	case STALL:
		stall(s);
		break;
	case COME:
		if (!s->connected && sim_one_in(s, 2))
			rest(s);
		if (!s->connected)
			come(s);
		break;
	case GO:
		if (s->connected)
			go(s);
		break;
	case MOMENT:
		s->now += sim_below(s, 2000000);
		break;
	case AWAY:
		s->now += sim_below(s, 1000) * SIM_TORSO;
		break;
	case TROUBLE:
		trouble(s);
		break;
	case RESTART:
		start_anew(s);
		break;
	case MIGRATE:
		migrate(s);
		break;
	default:
		rest(s);
	}
}

/* Each seed has its own likelihoods, and some things never happen: they hide others. */
static void choose_weights(struct sim *s, unsigned *weight)
{
	static const uint8_t usual[HAPPENINGS] = {
		[GUEST] = 60, [DEVICE] = 60, [INTERRUPT] = 40, [SEND] = 60,   [HEAR] = 30,
		[ASK] = 20,   [STALL] = 6,   [COME] = 20,      [GO] = 5,      [MOMENT] = 20,
		[AWAY] = 1,   [TROUBLE] = 1, [RESTART] = 1,    [MIGRATE] = 1, [REST] = 5,
	};

	for (unsigned i = 0; i < HAPPENINGS; i++) {
		weight[i] = usual[i] * (1 + sim_below(s, 8));
		if (i >= STALL && i != COME && sim_one_in(s, 3))
			weight[i] = 0;
	}
}

static enum happening choose(struct sim *s, const unsigned *weight)
{
	unsigned total = 0, i;

	for (i = 0; i < HAPPENINGS; i++)
		total += weight[i];
	total = sim_below(s, total);
	for (i = 0; total >= weight[i]; i++)
		total -= weight[i];
	return (enum happening)i;
}

/* Of processor time: a host that is busy with something else is no hang. 0: none. */
static void limit(time_t seconds)
{
	setitimer(ITIMER_VIRTUAL, &(struct itimerval){.it_value.tv_sec = seconds}, NULL);
}

static void play(struct sim *s, uint64_t seed)
{
	unsigned weight[HAPPENINGS];

	memset(s, 0, sizeof *s);
	s->seed = s->chance = seed;
	s->last_ran = -1;
	s->line = lines[seed % (sizeof lines / sizeof lines[0])];
	s->restless = 10u << sim_below(s, 8);
	s->own_loop = !s->line->torso_ns && sim_one_in(s, 4);
	sim_goes_on_between(s);
	limit(HANG);
	s->line->plug(s);
	sim_guest_start(s);
	choose_weights(s, weight);
	for (unsigned i = 0; i < STEPS; i++)
		happen(s, choose(s, weight));
	rest(s);
	if (s->connected)
		sim_client_go(s);
	rest(s);
	s->line->unplug(s);
	free(s->request);
	free(s->tokens);
	limit(0);
}

int main(int argc, char **argv)
{
	uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 0) : 100;
	uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;
	uint64_t step = argc > 3 ? strtoull(argv[3], NULL, 0) : 1, commands = 0, ns = 0,
		 excused = 0;
	struct timespec begin, end;
	double seconds;

	signal(SIGABRT, on_signal);
	signal(SIGVTALRM, on_signal);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (uint64_t i = 0; i < seeds; i++) {
		play(&sim, first + i * step);
		commands += sim.commands;
		excused += sim.excused;
		ns += sim.now;
		if (getenv("V"))
			printf("seed %llu, %s: %llu commands\n", (unsigned long long)sim.seed,
			       sim.line->name, (unsigned long long)sim.commands);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
	printf("%llu seeds from %llu, %.0f a second: %llu commands in %.0f simulated hours, all as due; "
	       "%llu clients had to go for QEMU's leak\n",
	       (unsigned long long)seeds, (unsigned long long)first, (double)seeds / seconds,
	       (unsigned long long)commands, (double)ns / (double)HOUR_NS,
	       (unsigned long long)excused);
	return 0;
}
