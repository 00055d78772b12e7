/* SPDX-License-Identifier: MIT */
/* guest.c - the agent of a simulation and its commands; see simulate.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulate.h"

static uint64_t monotonic(void *context)
{
	return ((struct sim *)context)->now;
}

static int get(void *context, int64_t *ns)
{
	*ns = (int64_t)((struct sim *)context)->now;
	return 0;
}

/* Each number is given once, and runs at most once, in order; one of a torso never does. */
static enum qga_status count(struct qga_call *call)
{
	struct sim *sim = call->command->context;
	int64_t n = call->arg[0].i;

	if (n < 0 || n >= sim->next_count)
		sim_fail(sim, "a request is run that nobody sent", NULL);
	if (sim->never[n])
		sim_fail(sim, "a request is run that never was whole", NULL);
	if (n <= sim->last_ran)
		sim_fail(sim, "a request is run twice, or late", NULL);
	sim->last_ran = (int)n;
	sim->ran[n] = true;
	return QGA_DONE;
}

static enum qga_status echo(struct qga_call *call)
{
	if (call->step++ == 0 && sim_one_in(call->command->context, 4))
		return QGA_MORE; /* with nothing to say yet */
	return qga_out_str_part(call->out, call->arg[0].s.ptr, call->arg[0].s.len, &call->cursor)
	               ? QGA_DONE
	               : QGA_MORE;
}

/* So many numbers from that one on, as a list, some in each step. */
static enum qga_status list(struct qga_call *call)
{
	uint64_t *at = QGA_SCRATCH(uint64_t, call);

	if (call->step++ == 0)
		qga_out_list(call->out);
	while (*at < (uint64_t)call->arg[1].i && qga_out_room(call->out) >= 64) {
		qga_out_int(call->out, call->arg[0].i + (int64_t)*at);
		if (++*at % 16 == 0)
			break;
	}
	if (*at < (uint64_t)call->arg[1].i)
		return QGA_MORE;
	qga_out_list_end(call->out);
	return QGA_DONE;
}

static enum qga_status fail(struct qga_call *call)
{
	return qga_error(call, "hook %d has failed", &call->arg[0].i);
}

static const struct qga_arg number[] = {{.name = "n", .type = QGA_ARG_INT}, {0}};
static const struct qga_arg text[] = {{.name = "text", .type = QGA_ARG_STR}, {0}};
static const struct qga_arg range[] = {
	{.name = "n", .type = QGA_ARG_INT}, {.name = "len", .type = QGA_ARG_INT}, {0}};

void sim_guest_start(struct sim *sim)
{
	static struct qga_clock clock;
	static struct qga_command commands[] = {
		{.name = "sim-count", .run = count, .args = number},
		{.name = "sim-echo", .run = echo, .args = text},
		{.name = "sim-list", .run = list, .args = range},
		{.name = "sim-fail", .run = fail, .args = number},
	};
	size_t n = sizeof commands / sizeof commands[0];

	for (size_t i = 0; i < n; i++)
		commands[i].context = sim;
	clock = (struct qga_clock){.context = sim, .get = get, .monotonic = monotonic};
	sim->env = (struct qga_env){.clock = &clock};
	if (!sim->request) {
		sim->request = malloc(SIM_REQUEST);
		sim->tokens = malloc(SIM_TOKENS);
	}
	memset(sim->request, 0xa5, SIM_REQUEST);
	memset(sim->tokens, 0xa5, SIM_TOKENS);
	sim->config = (struct qga_config){.env = &sim->env,
	                                  .version = "simulated",
	                                  .torso_ns = sim->line->torso_ns,
	                                  .commands = commands,
	                                  .n_commands = n,
	                                  .request = sim->request,
	                                  .request_size = SIM_REQUEST,
	                                  .tokens = sim->tokens,
	                                  .tokens_size = SIM_TOKENS};
	sim->line->start(sim);
	if (qga_init(&sim->agent, &sim->config) != 0)
		abort();
	if (sim->own_loop)
		sim->config.channel->ops->open(sim->config.channel);
	sim->awake = true;
}

/*
 * A turn of a loop of somebody's own, as section 5 of bareqga.h allows it: answers go before requests come, so whether
 * there is room is asked in turns that take nothing.
 */
static uint64_t own_turn(struct sim *sim)
{
	struct qga_channel *channel = sim->config.channel;
	unsigned events = channel->ops->poll(channel);
	bool any = (events & ~(unsigned)(QGA_CLOSING | QGA_UNSEEN)) != 0;
	const uint8_t *data;
	uint8_t *buf;
	size_t n;

	if (events & QGA_HOST_CLOSE)
		qga_host_closed(&sim->agent);
	while (qga_pending(&sim->agent) && (n = channel->ops->tx_get(channel, &buf)) > 0 &&
	       (n = qga_pull(&sim->agent, buf, n)) > 0) {
		channel->ops->tx_put(channel, n);
		any = true;
	}
	channel->ops->tx_flush(channel);
	n = channel->ops->rx_get(channel, &data);
	if (n > 0 && !qga_pending(&sim->agent)) {
		n = qga_feed(&sim->agent, data, n);
		if (n > 0)
			channel->ops->rx_put(channel, n);
		any = true; /* an answer is due if nothing was taken */
	}
	return any ? 0 : qga_poll(&sim->agent);
}

void sim_guest_turn(struct sim *sim)
{
	uint64_t ns;

	sim->in_turn = true;
	sim->woken = false;
	ns = sim->own_loop ? own_turn(sim) : qga_run(&sim->agent);
	sim->in_turn = false;
	if (!sim->connected)
		sim->fake_uart.heard_len = 0;
	else if (sim->fake_uart.heard_len > FAKE_UART_HOST / 2)
		sim_client_hear(sim);
	sim->awake = ns == 0 || (sim->own_loop ? sim->woken : !qga_idle(&sim->agent));
	sim->sleep_until = ns == QGA_IDLE ? UINT64_MAX : sim->now + ns;
}

/* What interrupts, has. */
static void settle(struct sim *sim)
{
	sim->awake = true;
	for (unsigned i = 0; i < 1000 && sim->awake; i++) {
		sim_guest_turn(sim);
		sim->awake |= sim->line->device(sim, 0) | sim_client_hear(sim);
		if (sim->line->irq(sim)) {
			sim->line->interrupt(sim);
			sim->awake = true;
		}
	}
}

/* One that is at rest, and does nothing from then on, says it once; one that goes on, as often as it takes. */
void sim_virtio_interrupt(struct sim *sim)
{
	qga_interrupt(&sim->agent);
}

const void *sim_virtio_arms(const struct sim *sim)
{
	(void)sim;
	return (const void *)qga_virtq_interrupts;
}

void sim_device_breaks(struct sim *sim, struct fake_mmio *mmio)
{
	unsigned resets = mmio->resets, most = 1000;

	mmio->halts = sim->seed / 16 % 4 == 1;
	if (mmio->halts) {
		settle(sim);
		most = 1;
	}
	for (sim->awake = false; mmio->resets == resets;) {
		if (!mmio->halts || !sim->awake) {
			if (most-- == 0)
				sim_fail(sim, "a device that needs a reset gets none", NULL);
			fake_mmio_break(mmio);
			qga_interrupt(&sim->agent);
		}
		sim_guest_turn(sim);
		sim->line->device(sim, 0);
		if (sim_client_hear(sim) && !mmio->halts)
			most = 1000;
	}
	sim->awake = true;
}
