/* SPDX-License-Identifier: MIT */
/*
 * file.c - see file.h: handles, modes and positions. Texts of errors are qemu-ga's, and so is
 * which of two errors wins: the handle is looked at first.
 */
#include "core/agent.h"
#include "env_text.h"
#include "file.h"

#if QGA_WITH_FILES

#define FILE_HANDLE_FIRST 1000

static const char *const file_whence_names[] = {"GuestFileWhence", "set", "cur", "end", NULL};

enum {
	WHENCE_SET,
	WHENCE_CUR,
	WHENCE_END
};

const struct qga_arg qga_args_file_open[] = {
	{.name = "path", .type = QGA_ARG_STR},
	{.name = "mode", .type = QGA_ARG_STR, .optional = true},
	{.name = NULL},
};
const struct qga_arg qga_args_file_handle[] = {
	{.name = "handle", .type = QGA_ARG_INT},
	{.name = NULL},
};
const struct qga_arg qga_args_file_seek[] = {
	{.name = "handle", .type = QGA_ARG_INT},
	{.name = "offset", .type = QGA_ARG_INT},
	{.name = "whence", .type = QGA_ARG_ALT_INT_ENUM, .names = file_whence_names},
	{.name = NULL},
};

struct agent_file *qga_file_find(struct agent *agent, int64_t handle)
{
	for (size_t i = 0; handle != 0 && i < QGA_FILES_MAX; i++)
		if (agent->files.open[i].handle == handle)
			return &agent->files.open[i];
	return NULL;
}

enum qga_status qga_file_not_found(struct qga_call *call)
{
	return qga_error(call, "handle '%d' has not been found", &call->arg[0].i);
}

enum qga_status qga_file_failed(struct qga_call *call, const char *what, int error)
{
	return qga_error(call, "failed to %s file: %s", what, qga_env_text(error));
}

/*
 * What a mode of fopen(3) asks for: one of r w a, then + and b in either order, each once.
 * Returns flags of enum file_mode and sets those of enum qga_open_flag; 0: not a mode.
 */
static unsigned file_parse_mode(const struct qga_span *mode, unsigned *flags)
{
	bool plus = false, binary = false;

	if (mode->len < 1 || mode->len > 3)
		return 0;
	for (size_t i = 1; i < mode->len; i++) {
		bool *seen = mode->ptr[i] == '+' ? &plus : &binary;

		if ((mode->ptr[i] != '+' && mode->ptr[i] != 'b') || *seen)
			return 0;
		*seen = true;
	}
	switch (mode->ptr[0]) {
	case 'r':
		*flags = QGA_OPEN_READ | (plus ? QGA_OPEN_WRITE : 0);
		return FILE_READ | (plus ? FILE_WRITE : 0);
	case 'w':
		*flags = QGA_OPEN_WRITE | QGA_OPEN_CREATE | QGA_OPEN_TRUNCATE |
		         (plus ? QGA_OPEN_READ : 0);
		return FILE_WRITE | (plus ? FILE_READ : 0);
	case 'a':
		*flags = QGA_OPEN_WRITE | QGA_OPEN_CREATE | (plus ? QGA_OPEN_READ : 0);
		return FILE_WRITE | FILE_APPEND | (plus ? FILE_READ : 0);
	default:
		return 0;
	}
}

static struct agent_file *file_find_free(struct agent *agent)
{
	for (size_t i = 0; i < QGA_FILES_MAX; i++)
		if (agent->files.open[i].handle == 0)
			return &agent->files.open[i];
	return NULL;
}

enum qga_status qga_cmd_file_open(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	const struct qga_files *files = call->env->files;
	const struct qga_span *path = &call->arg[0].s;
	struct qga_span *mode = &call->arg[1].s;
	struct agent_file *slot = file_find_free(agent);
	unsigned flags = 0, wanted;
	int error = QGA_EMFILE;

	if (!call->arg[1].present)
		*mode = (struct qga_span){(char *)"r", 1};
	wanted = file_parse_mode(mode, &flags);
	if (wanted == 0)
		return qga_error(call, "invalid file open mode '%S'", mode);
	if (slot)
		error = files->open(files->context, path->ptr, path->len, flags, &slot->file);
	if (error < 0)
		return qga_error(call, "failed to open file '%S' (mode: '%S'): %s", path, mode,
		                 qga_env_text(error));
	slot->handle = FILE_HANDLE_FIRST + agent->files.opened++;
	slot->mode = (uint8_t)wanted;
	slot->position = 0;
	qga_out_int(call->out, slot->handle);
	return QGA_DONE;
}

enum qga_status qga_cmd_file_close(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	const struct qga_files *files = call->env->files;
	struct agent_file *file = qga_file_find(agent, call->arg[0].i);

	if (!file)
		return qga_file_not_found(call);
	file->handle = 0;
	files->close(files->context, file->file);
	return QGA_DONE;
}

/* --- guest-file-seek, guest-file-flush --- */

enum qga_status qga_cmd_file_seek(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	const struct qga_files *files = call->env->files;
	struct agent_file *file = qga_file_find(agent, call->arg[0].i);
	const struct qga_value *whence = &call->arg[2];
	int64_t offset = call->arg[1].i;
	uint64_t base = 0;
	int error = 0;

	if (!file)
		return qga_file_not_found(call);
	if (whence->i < WHENCE_SET || whence->i > WHENCE_END)
		return qga_error(call, "invalid whence code %d", &whence->i);
	if (whence->i == WHENCE_CUR)
		base = file->position;
	else if (whence->i == WHENCE_END)
		error = files->size(files->context, file->file, &base);
	/* base is at most FILE_POSITION_MAX, so neither side overflows. */
	if (error == 0 && (offset < -(int64_t)base || offset > FILE_POSITION_MAX - (int64_t)base))
		error = QGA_EINVAL;
	if (error < 0)
		return qga_file_failed(call, "seek", error);
	file->position = base + (uint64_t)offset;
	qga_out_object(call->out);
	qga_out_member_bool(call->out, "eof", false);
	qga_out_member_uint(call->out, "position", file->position);
	qga_out_object_end(call->out);
	return QGA_DONE;
}

enum qga_status qga_cmd_file_flush(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	const struct qga_files *files = call->env->files;
	struct agent_file *file = qga_file_find(agent, call->arg[0].i);
	int error = 0;

	if (!file)
		return qga_file_not_found(call);
	if (files->flush)
		error = files->flush(files->context, file->file);
	if (error < 0)
		return qga_file_failed(call, "flush", error);
	return QGA_DONE;
}

#endif
