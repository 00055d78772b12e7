/* SPDX-License-Identifier: MIT */
/*
 * main.c - the stand-alone image: one loop between the board's channel and the agent.
 *
 *     channel rx -> agent_feed() -> agent_pull() -> channel tx      no copy on the way
 *
 * Each turn does all there is to do and then waits for an interrupt: an idle guest costs nothing.
 * The port is opened when the agent can answer, so that "open" means ready to the host.
 */
#include "agent.h"
#include "channel.h"
#include "env/env.h"

#ifndef FIRMWARE_REQUEST_SIZE
#define FIRMWARE_REQUEST_SIZE (96 * 1024)
#endif
#ifndef FIRMWARE_TOKENS
#define FIRMWARE_TOKENS 4096
#endif
#define FIRMWARE_VERSION "7.2.0"

/* Answers that have not left this long after guest-shutdown are given up. */
#define DRAIN_NS 2000000000u

/* Without room for an answer: some hosts do not say when there is room again (kvmtool). */
#define TX_PATIENCE_NS 100000000u

#define NOINIT __attribute__((section(".noinit")))

static NOINIT char request[FIRMWARE_REQUEST_SIZE];
static NOINIT __attribute__((aligned(8))) uint8_t tokens[FIRMWARE_TOKENS * AGENT_TOKEN_SIZE];
static struct agent agent;
static bool answered;

static void halt(void)
{
	for (;;)
		board_power(BOARD_HALT);
}

/* Requests in, as far as the agent takes them; true if any byte was. */
static bool feed(struct channel *channel)
{
	const uint8_t *data;
	size_t n = channel->ops->rx_get(channel, &data);
	size_t used = n ? agent_feed(&agent, data, n) : 0;

	if (used)
		channel->ops->rx_put(channel, used);
	return used > 0;
}

/* Answers out, as far as the channel has room; true if any byte went. */
static bool pull(struct channel *channel)
{
	uint8_t *buf;
	size_t room, n = 0;

	if (!agent_pending(&agent))
		return false;
	room = channel->ops->tx_get(channel, &buf);
	if (room)
		n = agent_pull(&agent, buf, room);
	if (n) {
		channel->ops->tx_put(channel, n);
		answered = true;
	}
	return n > 0;
}

/*
 * One turn: everything that can be done now, one notification at its end. True if another may find
 * more: what comes after poll() has looked raises an interrupt, so a look in vain is not needed.
 */
static bool turn(struct channel *channel)
{
	unsigned events = channel->ops->poll(channel);
	bool progress = false;

	if (events & CHANNEL_HOST_CLOSE)
		agent_host_closed(&agent);
	while (feed(channel) || pull(channel))
		progress = true;
	channel->ops->tx_flush(channel);
	if (events & ~(unsigned)CHANNEL_CLOSING)
		return true;
	return progress && (events != 0 || agent_pending(&agent));
}

/* Waits until `deadline` or until the answers have left. */
static void drain(struct channel *channel)
{
	uint64_t deadline = board_monotonic() + DRAIN_NS, now;

	channel->ops->tx_flush(channel);
	while (channel->ops->tx_busy(channel) && (now = board_monotonic()) < deadline) {
		channel->ops->poll(channel);
		board_wait(deadline - now);
	}
}

static void sleep_until(uint64_t deadline)
{
	uint64_t now;

	while ((now = board_monotonic()) < deadline)
		board_wait(deadline - now);
}

/* Carries out guest-shutdown: what was answered leaves first, then the host sees the port close. */
static void power(const struct board *board, struct channel *channel, enum board_power mode)
{
	drain(channel);
	channel->ops->close(channel);
	if (mode == BOARD_POWERDOWN && board->power_delay_ns)
		sleep_until(board_monotonic() + board->power_delay_ns);
	board_power(mode);
	env_say("bareqga: the machine did not obey");
	halt();
}

static void run(const struct board *board, struct channel *channel)
{
	enum board_power mode;
	uint64_t limit, env_limit;

	for (;;) {
		if (turn(channel))
			continue;
		if (env_power_due(&mode) && !agent_pending(&agent))
			power(board, channel, mode);
		limit = agent_poll(&agent);
		env_limit = env_poll(answered);
		if (limit > env_limit)
			limit = env_limit;
		if (limit > TX_PATIENCE_NS && agent_pending(&agent))
			limit = TX_PATIENCE_NS;
		board_wait(limit);
	}
}

void firmware_main(void)
{
	const struct board *board = board_init();
	struct channel *channel = board ? board_channel() : NULL;
	struct agent_config config = {
		.version = FIRMWARE_VERSION,
		.request = request,
		.request_size = sizeof request,
		.tokens = tokens,
		.tokens_size = sizeof tokens,
	};

	if (!channel)
		halt();
	env_init(board);
	env_config(&config);
	if (agent_init(&agent, &config)) {
		env_say("bareqga: the agent's configuration cannot work");
		halt();
	}
	channel->ops->open(channel);
	run(board, channel);
}
