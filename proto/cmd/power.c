/* SPDX-License-Identifier: MIT */
/* power.c - guest-shutdown and guest-suspend-ram. Success is not answered: the guest goes down. */
#include "agent_config.h"
#include "cmd.h"

const struct arg args_shutdown[] = {{.name = "mode", .type = ARG_STR, .optional = true}, {0}};

/* The mode a client asks for, or -1. */
static int mode(const struct value *arg)
{
	static const char *const names[] = {
		[ENV_POWERDOWN] = "powerdown", [ENV_HALT] = "halt", [ENV_REBOOT] = "reboot"};
	int i;

	if (!arg->present)
		return ENV_POWERDOWN;
	for (i = 0; i < 3; i++)
		if (call_is(arg, names[i]))
			return i;
	return -1;
}

enum cmd_status cmd_shutdown(struct agent *agent, struct call *call)
{
	const struct env_power *power = call->env->power;
	int wanted = mode(&call->arg[0]);

	(void)agent;
	if (wanted < 0)
		/* Sic: clients know this sentence without its second bracket. */
		return call_error(call, "mode is invalid (valid values are: halt|powerdown|reboot");
	if (power->shutdown(power->context, (enum env_power_mode)wanted) < 0)
		return call_error(call,
		                  "the requested shutdown mode is not supported by the guest");
	return CMD_DONE;
}

#if AGENT_WITH_HOOKS
enum cmd_status cmd_suspend_ram(struct agent *agent, struct call *call)
{
	const struct env_power *power = call->env->power;

	(void)agent;
	if (power->suspend(power->context) < 0)
		return call_error(call, "the requested suspend mode is not supported by the guest");
	return CMD_DONE;
}
#endif
