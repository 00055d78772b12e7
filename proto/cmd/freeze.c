/* SPDX-License-Identifier: MIT */
/* freeze.c - see freeze.h. */
#include <string.h>

#include "core/agent.h"
#include "env_text.h"
#include "freeze.h"

#if QGA_WITH_FREEZE

static const struct qga_arg freeze_mountpoint = {.name = "", .type = QGA_ARG_STR};

const struct qga_arg qga_args_freeze_list[] = {
	{.name = "mountpoints", .type = QGA_ARG_LIST, .optional = true, .item = &freeze_mountpoint},
	{.name = NULL},
};

enum qga_status qga_cmd_freeze_status(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	qga_out_str(call->out, agent->freeze.frozen ? "frozen" : "thawed");
	return QGA_DONE;
}

/* Ends a freeze of `count` file systems, or a failure at `path`, of which nothing stays frozen. */
static enum qga_status freeze_finish(struct agent *agent, struct qga_call *call, int count,
                                     int error, const char *path)
{
	const struct qga_freeze *freeze = call->env->freeze;
	const struct qga_clock *clock = call->env->clock;

	if (error < 0) {
		freeze->thaw(freeze->context);
		return qga_error(call, "failed to freeze %s: %s", path, qga_env_text(error));
	}
	agent->freeze.frozen = count > 0;
	agent->freeze.deadline = UINT64_MAX;
	/* There is a clock: qga_init() has looked. */
	if (count > 0 && freeze->watchdog_ns > 0)
		agent->freeze.deadline = clock->monotonic(clock->context) + freeze->watchdog_ns;
	qga_out_int(call->out, count);
	return QGA_DONE;
}

enum qga_status qga_cmd_freeze(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	const struct qga_freeze *freeze = call->env->freeze;
	const char *path = "/";
	int count = freeze->freeze(freeze->context, NULL, 0, &path);

	return freeze_finish(agent, call, count, count, path);
}

enum qga_status qga_cmd_freeze_list(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	const struct qga_freeze *freeze = call->env->freeze;
	const char *path = "/";
	struct qga_value item;
	int token = 0, count = 0, n = 0;

	if (!call->arg[0].present)
		return qga_cmd_freeze(call);
	while (n >= 0 && qga_list_next(call, &call->arg[0], &freeze_mountpoint, &token, &item)) {
		n = freeze->freeze(freeze->context, item.s.ptr, item.s.len, &path);
		if (n > 0)
			count += n;
	}
	return freeze_finish(agent, call, count, n, path);
}

static int freeze_thaw(struct agent *agent, const struct qga_freeze *freeze)
{
	agent->freeze.frozen = false;
	return freeze->thaw(freeze->context);
}

enum qga_status qga_cmd_thaw(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	int count = agent->freeze.frozen ? freeze_thaw(agent, call->env->freeze) : 0;

	if (count < 0)
		return qga_error(call, "failed to thaw: %s", qga_env_text(count));
	qga_out_int(call->out, count);
	return QGA_DONE;
}

uint64_t qga_freeze_poll(struct agent *agent)
{
	const struct qga_env *env = agent->config->env;
	uint64_t now;

	if (!agent->freeze.frozen || agent->freeze.deadline == UINT64_MAX)
		return QGA_IDLE;
	now = env->clock->monotonic(env->clock->context);
	if (now < agent->freeze.deadline)
		return agent->freeze.deadline - now;
	freeze_thaw(agent, env->freeze);
	return QGA_IDLE;
}

/* --- guest-fstrim --- */

#if QGA_WITH_HOOKS

const struct qga_arg qga_args_fstrim[] = {
	{.name = "minimum", .type = QGA_ARG_INT, .optional = true},
	{.name = NULL},
};

/* One file system; false past the last one. */
static bool fstrim_one(struct qga_call *call, int64_t minimum)
{
	const struct qga_freeze *freeze = call->env->freeze;
	struct qga_out *out = call->out;
	const char *path = "/";
	uint64_t trimmed = 0;
	int error =
		freeze->trim(freeze->context, call->cursor++, (uint64_t)minimum, &path, &trimmed);

	if (error == 0)
		return false;
	qga_out_object(out);
	if (error > 0) {
		qga_out_member_int(out, "minimum", minimum);
	}
	qga_out_member_str(out, "path", path);
	if (error > 0) {
		qga_out_member_uint(out, "trimmed", trimmed);
	} else {
		qga_out_key(out, "error");
		qga_out_str_begin(out);
		qga_out_raw(out, "failed to trim: ", 16);
		qga_out_raw(out, qga_env_text(error), strlen(qga_env_text(error)));
		qga_out_str_end(out);
	}
	qga_out_object_end(out);
	return true;
}

enum qga_status qga_cmd_fstrim(struct qga_call *call)
{
	int64_t minimum = call->arg[0].present ? call->arg[0].i : 0;

	if (minimum < 0)
		minimum = 0;
	if (call->step++ == 0) {
		qga_out_object(call->out);
		qga_out_key(call->out, "paths");
		qga_out_list(call->out);
		return QGA_MORE;
	}
	if (fstrim_one(call, minimum))
		return QGA_MORE;
	qga_out_list_end(call->out);
	qga_out_object_end(call->out);
	return QGA_DONE;
}

#endif

#endif
