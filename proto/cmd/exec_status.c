/* SPDX-License-Identifier: MIT */
/* exec_status.c - see exec.h: what became of a job. The members are those of qemu-ga 7.2. */
#include "core/agent.h"
#include "base64.h"
#include "exec.h"

#if QGA_WITH_EXEC

const struct qga_arg qga_args_exec_status[] = {
	{.name = "pid", .type = QGA_ARG_INT},
	{.name = NULL},
};

enum {
	EXEC_STATUS_BEGIN,
	EXEC_STATUS_ERR,
	EXEC_STATUS_OUT,
	EXEC_STATUS_END
};

/* Where the answer is. */
struct exec_telling {
	struct agent_job *job;
	bool begun; /* the opening quote of a stream has been written */
};

/* A portion of a captured stream; true when it is complete, or there is none. */
static bool exec_put_stream(struct qga_call *call, const char *key, const struct agent_output *from)
{
	struct exec_telling *at = QGA_SCRATCH(struct exec_telling, call);
	struct qga_out *out = call->out;
	size_t n = from->len - call->cursor;

	if (from->len == 0)
		return true;
	if (!at->begun) {
		at->begun = true;
		qga_out_key(out, key);
		qga_out_str_begin(out);
	}
	if (n > BASE64_BYTES(qga_out_room(out)))
		n = BASE64_BYTES(qga_out_room(out));
	qga_base64_encode(qga_out_lend(out, BASE64_CHARS(n)), from->buf + call->cursor, n);
	call->cursor += n;
	if (call->cursor < from->len || qga_out_room(out) == 0)
		return false;
	qga_out_str_end(out);
	call->cursor = 0;
	at->begun = false;
	return true;
}

static struct agent_job *job_find(struct agent *agent, int64_t pid)
{
	for (size_t i = 0; pid != 0 && i < QGA_JOBS_MAX; i++)
		if (agent->jobs.job[i].pid == pid)
			return &agent->jobs.job[i];
	return NULL;
}

static enum qga_status exec_status_end(struct qga_call *call, const struct agent_job *job)
{
	struct qga_out *out = call->out;

	if (job->err.len > 0) {
		qga_out_member_bool(out, "err-truncated", job->err.truncated);
	}
	if (job->out.len > 0) {
		qga_out_member_bool(out, "out-truncated", job->out.truncated);
	}
	qga_out_member_bool(out, "exited", true);
	qga_out_object_end(out);
	return QGA_DONE;
}

enum qga_status qga_cmd_exec_status(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	struct qga_out *out = call->out;
	struct exec_telling *at = QGA_SCRATCH(struct exec_telling, call);
	struct agent_job *job = at->job;

	switch (call->step) {
	case EXEC_STATUS_BEGIN:
		job = job_find(agent, call->arg[0].i);
		if (!job)
			return qga_error(call, "Invalid parameter 'pid'");
		qga_out_object(out);
		if (job->run) {
			qga_out_member_bool(out, "exited", false);
			qga_out_object_end(out);
			return QGA_DONE;
		}
		qga_out_member_int(out, "exitcode", job->status);
		/* Told once; the memory stays as it is until the next guest-exec. */
		job->pid = 0;
		at->job = job;
		call->step = EXEC_STATUS_ERR;
		/* fall through */
	case EXEC_STATUS_ERR:
		if (!exec_put_stream(call, "err-data", &job->err))
			return QGA_MORE;
		call->step = EXEC_STATUS_OUT;
		return QGA_MORE;
	case EXEC_STATUS_OUT:
		if (!exec_put_stream(call, "out-data", &job->out))
			return QGA_MORE;
		call->step = EXEC_STATUS_END;
		return QGA_MORE;
	default:
		return exec_status_end(call, job);
	}
}

#endif
