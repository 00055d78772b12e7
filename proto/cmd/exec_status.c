/* SPDX-License-Identifier: MIT */
/* exec_status.c - see exec.h: what became of a job. The members are those of qemu-ga 7.2. */
#include "agent.h"
#include "base64.h"
#include "exec.h"

#if AGENT_WITH_EXEC

const struct arg args_exec_status[] = {
	{.name = "pid", .type = ARG_INT},
	{.name = NULL},
};

enum {
	STATUS_BEGIN,
	STATUS_ERR,
	STATUS_OUT,
	STATUS_END
};

/* Whether the opening quote of a stream has been written. */
#define BEGUN(call) ((call)->u[0])

/* A portion of a captured stream; true when it is complete, or there is none. */
static bool put_stream(struct call *call, const char *key, const struct agent_output *from)
{
	struct json_out *out = call->out;
	size_t n = from->len - call->cursor;

	if (from->len == 0)
		return true;
	if (!BEGUN(call)) {
		BEGUN(call) = true;
		out_key(out, key);
		out_str_begin(out);
	}
	if (n > BASE64_BYTES(out_room(out)))
		n = BASE64_BYTES(out_room(out));
	base64_encode(out_lend(out, BASE64_CHARS(n)), from->buf + call->cursor, n);
	call->cursor += n;
	if (call->cursor < from->len || out_room(out) == 0)
		return false;
	out_str_end(out);
	call->cursor = 0;
	BEGUN(call) = false;
	return true;
}

static struct agent_job *find(struct agent *agent, int64_t pid)
{
	for (size_t i = 0; pid != 0 && i < AGENT_JOBS_MAX; i++)
		if (agent->jobs.job[i].pid == pid)
			return &agent->jobs.job[i];
	return NULL;
}

static enum cmd_status status_end(struct call *call, const struct agent_job *job)
{
	struct json_out *out = call->out;

	if (job->err.len > 0) {
		out_member_bool(out, "err-truncated", job->err.truncated);
	}
	if (job->out.len > 0) {
		out_member_bool(out, "out-truncated", job->out.truncated);
	}
	out_member_bool(out, "exited", true);
	out_object_end(out);
	return CMD_DONE;
}

enum cmd_status cmd_exec_status(struct agent *agent, struct call *call)
{
	struct json_out *out = call->out;
	struct agent_job *job = call->ptr;

	switch (call->step) {
	case STATUS_BEGIN:
		job = find(agent, call->arg[0].i);
		if (!job)
			return call_error(call, "Invalid parameter 'pid'");
		out_object(out);
		if (job->run) {
			out_member_bool(out, "exited", false);
			out_object_end(out);
			return CMD_DONE;
		}
		out_member_int(out, "exitcode", job->status);
		/* Told once; the memory stays as it is until the next guest-exec. */
		job->pid = 0;
		call->ptr = job;
		call->step = STATUS_ERR;
		/* fall through */
	case STATUS_ERR:
		if (!put_stream(call, "err-data", &job->err))
			return CMD_MORE;
		call->step = STATUS_OUT;
		return CMD_MORE;
	case STATUS_OUT:
		if (!put_stream(call, "out-data", &job->out))
			return CMD_MORE;
		call->step = STATUS_END;
		return CMD_MORE;
	default:
		return status_end(call, job);
	}
}

#endif
