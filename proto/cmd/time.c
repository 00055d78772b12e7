/* SPDX-License-Identifier: MIT */
/* time.c - guest-get-time, guest-set-time. Time is UTC, in ns since 1970. */
#include "cmd.h"

#define TIME_SECOND INT64_C(1000000000)

/* 2070-01-01: qemu-ga takes no time from then on. */
#define TIME_END (INT64_C(3155760000) * TIME_SECOND)

const struct qga_arg qga_args_set_time[] = {{.name = "time", .type = QGA_ARG_INT, .optional = true},
                                            {0}};

enum qga_status qga_cmd_get_time(struct qga_call *call)
{
	const struct qga_clock *clock = call->env->clock;
	int64_t ns;

	if (clock->get(clock->context, &ns) < 0)
		return qga_error(call, "Failed to get time");
	qga_out_int(call->out, ns);
	return QGA_DONE;
}

enum qga_status qga_cmd_set_time(struct qga_call *call)
{
	const struct qga_clock *clock = call->env->clock;
	int64_t ns = call->arg[0].i;

	if (!call->arg[0].present) {
		if (!clock->reread || clock->reread(clock->context) < 0)
			return qga_error(call, "Failed to read the hardware clock");
		return QGA_DONE;
	}
	if (ns < 0 || ns >= TIME_END)
		return qga_error(call, "Invalid time");
	if (clock->set(clock->context, ns) < 0)
		return qga_error(call, "Failed to set time to guest");
	return QGA_DONE;
}
