/* SPDX-License-Identifier: MIT */
/*
 * run.c - the loop between a channel and its agent, a turn at a time.
 *
 *     channel rx -> qga_feed() -> qga_pull() -> channel tx      no copy on the way
 *
 *     CLOSED --> SERVING --> DRAINING --> LEAVING --> CLOSING --> power.off()
 *       ^                                                             |
 *       +-------------- the machine did not obey ---------------------+
 */
#include "agent.h"

/*
 * A draining application is asked so often, and a device whether the answers have left; those that
 * have not after so long never will.
 */
#define RUN_LOOK_NS  1000000u
#define RUN_LEAVE_NS 2000000000u

/* Without room for an answer: some hosts do not say when there is room again (kvmtool). */
#define RUN_PATIENCE_NS 100000000u

void qga_run_shutdown(struct agent *agent, enum qga_power_mode mode)
{
	agent->run.mode = (uint8_t)mode;
	agent->run.asked = true;
}

static size_t run_feed(struct qga *qga, const uint8_t *data, size_t n)
{
#if QGA_WITH_LINE
	if (qga_agent(qga)->config->torso_ns)
		return qga_line_feed(qga, data, n);
#endif
	return qga_feed(qga, data, n);
}

/* Requests in, as far as the agent takes them; true if any byte was. */
static bool run_requests(struct qga *qga, struct qga_channel *channel)
{
	const uint8_t *data;
	size_t n = channel->ops->rx_get(channel, &data);
	size_t used = n ? run_feed(qga, data, n) : 0;

	if (used)
		channel->ops->rx_put(channel, used);
	return used > 0;
}

/* Answers out, as far as the channel has room; true if any byte went. */
static bool run_answers(struct qga *qga, struct qga_channel *channel)
{
	uint8_t *buf;
	size_t room, n = 0;

	if (!qga_pending(qga))
		return false;
	room = channel->ops->tx_get(channel, &buf);
	if (room)
		n = qga_pull(qga, buf, room);
	if (n) {
		channel->ops->tx_put(channel, n);
		qga_agent(qga)->run.answered = true;
	}
	return n > 0;
}

/*
 * Everything that can be done now, one notification at its end. True if another turn may find more:
 * what comes after poll() has looked raises an interrupt, so a look in vain is not needed.
 */
static bool run_turn(struct qga *qga, struct qga_channel *channel)
{
	const struct run *run = &qga_agent(qga)->run;
	unsigned events = channel->ops->poll(channel);
	bool progress = false;

	if (events & QGA_HOST_CLOSE)
		qga_host_closed(qga);
	while ((run->phase == RUN_SERVING && !run->asked && run_requests(qga, channel)) ||
	       run_answers(qga, channel))
		progress = true;
	channel->ops->tx_flush(channel);
	if (events & ~(unsigned)(QGA_CLOSING | QGA_UNSEEN))
		return true;
	return progress && (events != 0 || qga_pending(qga));
}

/* Goes on to a phase that ends `ns` from now at the latest. */
static void run_enter(struct run *run, enum run_phase phase, uint64_t now, uint64_t ns)
{
	run->phase = (uint8_t)phase;
	run->deadline = now + ns;
}

/* Carries out guest-shutdown, as far as it goes now; returns how long to wait. */
static uint64_t run_shut_down(struct qga *qga, struct qga_channel *channel)
{
	struct run *run = &qga_agent(qga)->run;
	const struct qga_env *env = qga_agent(qga)->config->env;
	const struct qga_power *power = env->power;
	enum qga_power_mode mode = (enum qga_power_mode)run->mode;
	uint64_t now = env->clock->monotonic(env->clock->context);

	if (run->phase == RUN_SERVING)
		run_enter(run, RUN_DRAINING, now, power->drain_ns);
	if (run->phase == RUN_DRAINING) {
		if (QGA_WITH_HOOKS && power->drain && !power->drain(power->context, mode) &&
		    now < run->deadline)
			return RUN_LOOK_NS;
		run_enter(run, RUN_LEAVING, now, RUN_LEAVE_NS);
	}
	if (run->phase == RUN_LEAVING) {
		if ((qga_pending(qga) || channel->ops->tx_busy(channel)) && now < run->deadline)
			return RUN_LOOK_NS;
		channel->ops->close(channel);
		run_enter(run, RUN_CLOSING, now, mode == QGA_POWERDOWN ? power->close_ns : 0);
	}
	if (now < run->deadline)
		return run->deadline - now;
	power->off(power->context, mode);
	/* It did not obey: whoever is there is served again. */
	qga_host_closed(qga);
	run->asked = false;
	run->phase = RUN_CLOSED;
	return 0;
}

uint64_t qga_run(struct qga *qga)
{
	struct run *run = &qga_agent(qga)->run;
	struct qga_channel *channel = qga_agent(qga)->config->channel;
	uint64_t limit;

	__atomic_store_n(&run->woken, 0, __ATOMIC_SEQ_CST);
	if (run->phase == RUN_CLOSED) {
		channel->ops->open(channel);
		run->phase = RUN_SERVING;
	}
	if (run->phase != RUN_CLOSING && run_turn(qga, channel))
		return 0;
	if (run->asked)
		return run_shut_down(qga, channel);
	limit = qga_poll(qga);
	return limit > RUN_PATIENCE_NS && qga_pending(qga) ? RUN_PATIENCE_NS : limit;
}

void qga_interrupt(struct qga *qga)
{
	struct qga_channel *channel = qga_agent(qga)->config->channel;

	if (channel && channel->ops->interrupt)
		channel->ops->interrupt(channel);
	__atomic_store_n(&qga_agent(qga)->run.woken, 1, __ATOMIC_SEQ_CST);
}

bool qga_idle(const struct qga *qga)
{
	const struct agent *agent = (const struct agent *)&qga->opaque;

	return !__atomic_load_n(&agent->run.woken, __ATOMIC_SEQ_CST);
}

bool qga_answered(const struct qga *qga)
{
	return ((const struct agent *)&qga->opaque)->run.answered;
}
