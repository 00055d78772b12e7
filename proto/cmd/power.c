/* SPDX-License-Identifier: MIT */
/* power.c - guest-shutdown and guest-suspend-ram. Success is not answered: the guest goes down. */
#include "bareqga.h"
#include "cmd.h"
#include "core/agent.h"

const struct qga_arg qga_args_shutdown[] = {{.name = "mode", .type = QGA_ARG_STR, .optional = true},
                                            {0}};

/* The mode a client asks for, or -1. */
static int power_mode(const struct qga_value *arg)
{
	static const char *const names[] = {
		[QGA_POWERDOWN] = "powerdown", [QGA_HALT] = "halt", [QGA_REBOOT] = "reboot"};
	int i;

	if (!arg->present)
		return QGA_POWERDOWN;
	for (i = 0; i < 3; i++)
		if (qga_value_is(arg, names[i]))
			return i;
	return -1;
}

enum qga_status qga_cmd_shutdown(struct qga_call *call)
{
	const struct qga_power *power = call->env->power;
	int wanted = power_mode(&call->arg[0]);

	if (wanted < 0)
		/* Sic: clients know this sentence without its second bracket. */
		return qga_error(call, "mode is invalid (valid values are: halt|powerdown|reboot");
	if (power->shutdown(power->context, (enum qga_power_mode)wanted) < 0)
		return qga_error(call, "the requested shutdown mode is not supported by the guest");
	if (power->off)
		qga_run_shutdown(qga_agent_of(call), (enum qga_power_mode)wanted);
	return QGA_DONE;
}

#if QGA_WITH_HOOKS
enum qga_status qga_cmd_suspend_ram(struct qga_call *call)
{
	const struct qga_power *power = call->env->power;

	if (power->suspend(power->context) < 0)
		return qga_error(call, "the requested suspend mode is not supported by the guest");
	return QGA_DONE;
}
#endif
