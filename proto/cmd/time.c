/* SPDX-License-Identifier: MIT */
/* time.c - guest-get-time, guest-set-time. Time is UTC, in ns since 1970. */
#include "cmd.h"

#define SECOND INT64_C(1000000000)

/* 2070-01-01: qemu-ga takes no time from then on. */
#define TIME_END (INT64_C(3155760000) * SECOND)

const struct arg args_set_time[] = {{.name = "time", .type = ARG_INT, .optional = true}, {0}};

enum cmd_status cmd_get_time(struct agent *agent, struct call *call)
{
	const struct env_clock *clock = call->env->clock;
	int64_t ns;

	(void)agent;
	if (clock->get(clock->context, &ns) < 0)
		return call_error(call, "Failed to get time");
	out_int(call->out, ns);
	return CMD_DONE;
}

enum cmd_status cmd_set_time(struct agent *agent, struct call *call)
{
	const struct env_clock *clock = call->env->clock;
	int64_t ns = call->arg[0].i;

	(void)agent;
	if (!call->arg[0].present) {
		if (!clock->reread || clock->reread(clock->context) < 0)
			return call_error(call, "Failed to read the hardware clock");
		return CMD_DONE;
	}
	if (ns < 0 || ns >= TIME_END)
		return call_error(call, "Invalid time");
	if (!clock->set || clock->set(clock->context, ns) < 0)
		return call_error(call, "Failed to set time to guest");
	return CMD_DONE;
}
