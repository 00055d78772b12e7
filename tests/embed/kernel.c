/* SPDX-License-Identifier: MIT */
/*
 * kernel.c - a small kernel with a loop of its own, and two agents in it: one for whoever runs the
 * host, and one for a guest's owner, who may do little. See kernel.h for the ways it is built.
 */
#include "kernel.h"

#define AGENTS  2
#define BEAT_NS UINT64_C(250000000)
#define NEVER   UINT64_MAX

static struct qga agents[AGENTS];
static struct qga_config configs[AGENTS];
static unsigned ports[AGENTS]; /* which port is an agent's */
static unsigned n_agents;

static char requests[AGENTS][4096];
static int tokens[AGENTS][256 * QGA_TOKEN_SIZE / sizeof(int)];

static void agents_start(void)
{
	unsigned i;
	int fault;

	for (i = 0; i < AGENTS; i++) {
		struct qga_config *config = &configs[n_agents];

		config->channel = port_open(i);
		if (!config->channel)
			continue;
		ports[n_agents] = i;
		config->env = &kernel_env;
		config->version = "1.0-embed";
		config->request = requests[n_agents];
		config->request_size = sizeof(requests[0]);
		config->tokens = tokens[n_agents];
		config->tokens_size = sizeof(tokens[0]);
		if (i == 0) {
			config->commands = kernel_commands;
			config->n_commands = kernel_n_commands;
			config->block_rpcs = "guest-file-flush";
		} else {
			config->allow_rpcs =
				"guest-ping,guest-sync,guest-sync-delimited,guest-info";
		}
		fault = qga_init(&agents[n_agents], config);
		if (fault)
			say(qga_strerror(fault));
		else
			n_agents++;
	}
}

/* All agents' turns; how long nobody needs another. */
static uint64_t agents_run(void)
{
	uint64_t limit = QGA_IDLE, ns;
	unsigned i;

	for (i = 0; i < n_agents; i++) {
		ns = qga_run(&agents[i]);
		limit = ns < limit ? ns : limit;
	}
	return limit;
}

/* --- The kernel's own work --- */

static uint64_t next_beat;

static void beat(void)
{
	static unsigned n;
	char line[] = "kernel: beat 0";

	line[sizeof(line) - 2] = (char)('0' + n++ % 10);
	say(line);
	next_beat = machine_now() + BEAT_NS;
}

/* A unit of the queue, if there is one; how long until there is something to do. */
static uint64_t work_step(void)
{
	volatile unsigned spin;
	uint64_t now = machine_now();

	if (now >= next_beat)
		beat();
	if (work.queued > 0 && !work.frozen) {
		for (spin = 0; spin < 1000; spin++)
			;
		work.queued--;
		work.done++;
	}
	if (work.queued > 0 && !work.frozen)
		return 0;
	return next_beat > now ? next_beat - now : 0;
}

/* --- Handlers --- */

#ifdef KERNEL_HANDLER

/* Wholly in handlers: they do not interrupt each other, so the agents belong to one thread. */
static void agents_serve(void)
{
	uint64_t limit;

	while ((limit = agents_run()) == 0)
		;
	machine_alarm(limit);
}

void kernel_tick(void)
{
	agents_serve();
}

#else

void kernel_tick(void)
{
}

#endif

void kernel_interrupt(unsigned irq)
{
	unsigned i;

	for (i = 0; i < n_agents; i++)
		if (port_is(ports[i], irq))
			qga_interrupt(&agents[i]);
#ifdef KERNEL_SMP
	machine_wake();
#endif
#ifdef KERNEL_HANDLER
	agents_serve();
#endif
}

/* --- The loop --- */

#ifdef KERNEL_HANDLER

static void loop(void)
{
	uint64_t ns, until;

	machine_interrupts_off();
	agents_serve();
	machine_interrupts_on();
	for (;;) {
		/* What is the agents', too, is touched with their handlers shut out. */
		machine_interrupts_off();
		ns = work_step();
		machine_interrupts_on();
		/* The alarm is the agents'; the beat is in time if anything happens at all. */
		for (until = machine_now() + ns; machine_now() < until && !work.queued;)
			;
	}
}

#elif defined(KERNEL_POLLING)

static void loop(void)
{
	for (;;) {
		agents_run();
		work_step();
	}
}

#else

static bool agents_idle(void)
{
	unsigned i;

	for (i = 0; i < n_agents; i++)
		if (!qga_idle(&agents[i]))
			return false;
	return true;
}

static void loop(void)
{
	for (;;) {
		uint64_t ns = agents_run(), own = work_step();

		ns = ns < own ? ns : own;
		machine_interrupts_off();
		if (ns > 0 && agents_idle())
			machine_sleep(ns);
		machine_interrupts_on();
	}
}

#endif

void kernel_main(void)
{
	say("kernel: started");
	machine_start();
	agents_start();
	say(n_agents == AGENTS ? "kernel: two agents"
	    : n_agents         ? "kernel: one agent"
	                       : "kernel: no agent");
#ifndef KERNEL_POLLING
	machine_interrupts_on();
#endif
	loop();
}
