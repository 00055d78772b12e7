/* SPDX-License-Identifier: MIT */
/*
 * between.c - the world goes on between any two functions of the driver, which are compiled so; see simulate.h.
 *
 * One place is sought on purpose: a driver has seen that nothing is there, and is about to ask for interrupts. What
 * happens now raises none, so the driver has to look once more.
 */
#include "simulate.h"

static struct sim *playing;

void sim_goes_on_between(struct sim *sim)
{
	playing = sim;
}

/* A little of something. */
static void something(struct sim *sim)
{
	switch (sim_below(sim, 3)) {
	case 0:
		sim->line->device(sim, sim_below(sim, 4));
		break;
	case 1:
		if (sim->line->irq(sim)) {
			sim->line->interrupt(sim);
			sim->woken = true;
		}
		break;
	default:
		sim_client_send(sim, 1 + sim_below(sim, sim->connected ? sim->grain : 1));
	}
}

/* All that is under way comes to its end: nothing will be left that an interrupt could tell of later. */
static void everything(struct sim *sim)
{
	if (sim->connected && !sim->reads)
		sim->line->reads(sim, sim->reads = true);
	if (sim_one_in(sim, 3))
		sim_client_send(sim, SIM_OUT);
	sim->line->device(sim, 0);
}

void __cyg_profile_func_enter(void *function, void *caller);
void __cyg_profile_func_exit(void *function, void *caller);

void __cyg_profile_func_enter(void *function, void *caller)
{
	static bool busy;
	struct sim *sim = playing;

	(void)caller;
	if (!sim || !sim->in_turn || busy)
		return;
	busy = true;
	if (function == sim->line->arms(sim) && sim_one_in(sim, 2))
		everything(sim);
	else if (sim_one_in(sim, sim->restless))
		something(sim);
	busy = false;
}

void __cyg_profile_func_exit(void *function, void *caller)
{
	(void)function, (void)caller;
}
