/* SPDX-License-Identifier: MIT */
/* freeze.c - see freeze.h. */
#include <string.h>

#include "agent.h"
#include "env_text.h"
#include "freeze.h"

#if AGENT_WITH_FREEZE

static const struct arg mountpoint = {.name = "", .type = ARG_STR};

const struct arg args_freeze_list[] = {
	{.name = "mountpoints", .type = ARG_LIST, .optional = true, .item = &mountpoint},
	{.name = NULL},
};

enum cmd_status cmd_freeze_status(struct agent *agent, struct call *call)
{
	out_str(call->out, agent->freeze.frozen ? "frozen" : "thawed");
	return CMD_DONE;
}

/* Ends a freeze of `count` file systems, or a failure at `path`, of which nothing stays frozen. */
static enum cmd_status finish(struct agent *agent, struct call *call, int count, int error,
                              const char *path)
{
	const struct env_freeze *freeze = call->env->freeze;
	const struct env_clock *clock = call->env->clock;

	if (error < 0) {
		freeze->thaw(freeze->context);
		return call_error(call, "failed to freeze %s: %s", path, env_text(error));
	}
	agent->freeze.frozen = count > 0;
	agent->freeze.deadline = UINT64_MAX;
	if (count > 0 && freeze->watchdog_ns > 0 && clock && clock->monotonic)
		agent->freeze.deadline = clock->monotonic(clock->context) + freeze->watchdog_ns;
	out_int(call->out, count);
	return CMD_DONE;
}

enum cmd_status cmd_freeze(struct agent *agent, struct call *call)
{
	const struct env_freeze *freeze = call->env->freeze;
	const char *path = "/";
	int count = freeze->freeze(freeze->context, NULL, 0, &path);

	return finish(agent, call, count, count, path);
}

enum cmd_status cmd_freeze_list(struct agent *agent, struct call *call)
{
	const struct env_freeze *freeze = call->env->freeze;
	const char *path = "/";
	struct value item;
	int token = 0, count = 0, n = 0;

	if (!call->arg[0].present)
		return cmd_freeze(agent, call);
	while (n >= 0 && call_list(agent, &call->arg[0], &mountpoint, &token, &item)) {
		n = freeze->freeze(freeze->context, item.s.ptr, item.s.len, &path);
		if (n > 0)
			count += n;
	}
	return finish(agent, call, count, n, path);
}

static int thaw(struct agent *agent, const struct env_freeze *freeze)
{
	agent->freeze.frozen = false;
	return freeze->thaw(freeze->context);
}

enum cmd_status cmd_thaw(struct agent *agent, struct call *call)
{
	int count = agent->freeze.frozen ? thaw(agent, call->env->freeze) : 0;

	if (count < 0)
		return call_error(call, "failed to thaw: %s", env_text(count));
	out_int(call->out, count);
	return CMD_DONE;
}

uint64_t freeze_poll(struct agent *agent)
{
	const struct agent_env *env = agent->config->env;
	uint64_t now;

	if (!agent->freeze.frozen || agent->freeze.deadline == UINT64_MAX)
		return AGENT_IDLE;
	now = env->clock->monotonic(env->clock->context);
	if (now < agent->freeze.deadline)
		return agent->freeze.deadline - now;
	thaw(agent, env->freeze);
	return AGENT_IDLE;
}

/* --- guest-fstrim --- */

#if AGENT_WITH_HOOKS

const struct arg args_fstrim[] = {
	{.name = "minimum", .type = ARG_INT, .optional = true},
	{.name = NULL},
};

/* One file system; false past the last one. */
static bool trim_one(struct call *call, int64_t minimum)
{
	const struct env_freeze *freeze = call->env->freeze;
	struct json_out *out = call->out;
	const char *path = "/";
	uint64_t trimmed = 0;
	int error =
		freeze->trim(freeze->context, call->cursor++, (uint64_t)minimum, &path, &trimmed);

	if (error == 0)
		return false;
	out_object(out);
	if (error > 0) {
		out_member_int(out, "minimum", minimum);
	}
	out_member_str(out, "path", path);
	if (error > 0) {
		out_member_uint(out, "trimmed", trimmed);
	} else {
		out_key(out, "error");
		out_str_begin(out);
		out_raw(out, "failed to trim: ", 16);
		out_raw(out, env_text(error), strlen(env_text(error)));
		out_str_end(out);
	}
	out_object_end(out);
	return true;
}

enum cmd_status cmd_fstrim(struct agent *agent, struct call *call)
{
	int64_t minimum = call->arg[0].present ? call->arg[0].i : 0;

	(void)agent;
	if (minimum < 0)
		minimum = 0;
	if (call->step++ == 0) {
		out_object(call->out);
		out_key(call->out, "paths");
		out_list(call->out);
		return CMD_MORE;
	}
	if (trim_one(call, minimum))
		return CMD_MORE;
	out_list_end(call->out);
	out_object_end(call->out);
	return CMD_DONE;
}

#endif

#endif
