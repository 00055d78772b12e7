/* SPDX-License-Identifier: MIT */
/*
 * file.c - see file.h. Texts of errors are qemu-ga's, and so is which of two errors wins:
 * the handle is looked at before the count, the count before the data.
 */
#include "agent.h"
#include "base64.h"
#include "env_text.h"
#include "file.h"

#if AGENT_WITH_FILES

#define HANDLE_FIRST 1000

static const char *const whence_names[] = {"set", "cur", "end", NULL};

enum {
	WHENCE_SET,
	WHENCE_CUR,
	WHENCE_END
};

const struct arg args_file_open[] = {
	{.name = "path", .type = ARG_STR},
	{.name = "mode", .type = ARG_STR, .optional = true},
	{.name = NULL},
};
const struct arg args_file_handle[] = {
	{.name = "handle", .type = ARG_INT},
	{.name = NULL},
};
const struct arg args_file_read[] = {
	{.name = "handle", .type = ARG_INT},
	{.name = "count", .type = ARG_INT, .optional = true},
	{.name = NULL},
};
const struct arg args_file_write[] = {
	{.name = "handle", .type = ARG_INT},
	{.name = "buf-b64", .type = ARG_STR},
	{.name = "count", .type = ARG_INT, .optional = true},
	{.name = NULL},
};
const struct arg args_file_seek[] = {
	{.name = "handle", .type = ARG_INT},
	{.name = "offset", .type = ARG_INT},
	{.name = "whence",
	 .type = ARG_ALT_INT_ENUM,
	 .type_name = "GuestFileWhence",
	 .names = whence_names},
	{.name = NULL},
};

bool file_offered(const struct agent_env *env)
{
	const struct env_files *files = env->files;

	return files && files->open && files->close && files->size && files->read;
}

static struct agent_file *find(struct agent *agent, int64_t handle)
{
	for (size_t i = 0; handle != 0 && i < AGENT_FILES_MAX; i++)
		if (agent->files.open[i].handle == handle)
			return &agent->files.open[i];
	return NULL;
}

static enum cmd_status no_handle(struct call *call)
{
	return call_error(call, "handle '%d' has not been found", &call->arg[0].i);
}

static enum cmd_status bad_count(struct call *call, const struct value *count)
{
	return call_error(call, "value '%d' is invalid for argument count", &count->i);
}

/*
 * What a mode of fopen(3) asks for: one of r w a, then + and b in either order, each once.
 * Returns flags of enum file_mode and sets those of enum env_open_flag; 0: not a mode.
 */
static unsigned parse_mode(const struct span *mode, unsigned *flags)
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
		*flags = ENV_READ | (plus ? ENV_WRITE : 0);
		return FILE_READ | (plus ? FILE_WRITE : 0);
	case 'w':
		*flags = ENV_WRITE | ENV_CREATE | ENV_TRUNCATE | (plus ? ENV_READ : 0);
		return FILE_WRITE | (plus ? FILE_READ : 0);
	case 'a':
		*flags = ENV_WRITE | ENV_CREATE | (plus ? ENV_READ : 0);
		return FILE_WRITE | FILE_APPEND | (plus ? FILE_READ : 0);
	default:
		return 0;
	}
}

static struct agent_file *find_free(struct agent *agent)
{
	for (size_t i = 0; i < AGENT_FILES_MAX; i++)
		if (agent->files.open[i].handle == 0)
			return &agent->files.open[i];
	return NULL;
}

enum cmd_status cmd_file_open(struct agent *agent, struct call *call)
{
	const struct env_files *files = call->env->files;
	const struct span *path = &call->arg[0].s;
	struct span *mode = &call->arg[1].s;
	struct agent_file *slot = find_free(agent);
	unsigned flags = 0, wanted;
	int error = ENV_EMFILE;

	if (!call->arg[1].present)
		*mode = (struct span){(char *)"r", 1};
	wanted = parse_mode(mode, &flags);
	if (wanted == 0)
		return call_error(call, "invalid file open mode '%S'", mode);
	if (slot)
		error = files->open(files->context, path->ptr, path->len, flags, &slot->file);
	if (error < 0)
		return call_error(call, "failed to open file '%S' (mode: '%S'): %s", path, mode,
				  env_text(error));
	slot->handle = HANDLE_FIRST + agent->files.opened++;
	slot->mode = (uint8_t)wanted;
	slot->position = 0;
	out_int(call->out, slot->handle);
	return CMD_DONE;
}

enum cmd_status cmd_file_close(struct agent *agent, struct call *call)
{
	const struct env_files *files = call->env->files;
	struct agent_file *file = find(agent, call->arg[0].i);

	if (!file)
		return no_handle(call);
	file->handle = 0;
	files->close(files->context, file->file);
	return CMD_DONE;
}

/* --- guest-file-read -------------------------------------------------------------------------- */

/* Where a read stands: struct call's own fields under the names they have here. */
#define READ_OFFSET(call) ((call)->u[0])
#define READ_LEFT(call)	  ((call)->u[1])
#define READ_EOF(call)	  ((call)->u[2])

/* Everything that can go wrong, before the first byte of the answer. */
static enum cmd_status read_begin(struct agent *agent, struct call *call)
{
	const struct env_files *files = call->env->files;
	struct agent_file *file = find(agent, call->arg[0].i);
	int64_t count = call->arg[1].present ? call->arg[1].i : FILE_READ_DEFAULT;
	uint64_t size = 0, left = (uint64_t)count;
	int error = 0;

	if (!file)
		return no_handle(call);
	if (count < 0 || count > FILE_READ_MAX)
		return bad_count(call, &call->arg[1]);
	if (count > 0 && !(file->mode & FILE_READ))
		error = ENV_EBADF;
	else if (count > 0)
		error = files->size(files->context, file->file, &size);
	if (error < 0)
		return call_error(call, "failed to read file: %s", env_text(error));

	if (left > 0 && file->position + left > size)
		left = file->position < size ? size - file->position : 0;
	READ_OFFSET(call) = file->position;
	READ_LEFT(call) = left;
	READ_EOF(call) = left < (uint64_t)count;
	call->ptr = file->file;
	file->position += left;
	return CMD_MORE;
}

/*
 * Fills n bytes from the file. The count has been promised, so what the file lacks by now (a
 * program truncated it meanwhile) becomes zeros.
 */
static void read_exactly(struct call *call, char *buf, size_t n)
{
	const struct env_files *files = call->env->files;
	size_t done = 0;

	while (done < n) {
		int64_t got = files->read(files->context, call->ptr, READ_OFFSET(call) + done,
					  buf + done, n - done);

		if (got <= 0 || (uint64_t)got > n - done)
			break;
		done += (size_t)got;
	}
	for (; done < n; done++)
		buf[done] = 0;
	READ_OFFSET(call) += n;
	READ_LEFT(call) -= n;
}

/* Reading and encoding work on words: pieces are whole words of whole groups, on a word's boundary.
 */
#define WORD  8
#define PIECE 24

/*
 * As much base64 as fits: the bytes are read into the end of the room, and encoded to its start.
 * The end may lie up to a word behind what the characters will take.
 */
static void read_portion(struct call *call)
{
	struct json_out *out = call->out;
	size_t room = out_room(out), n = room > WORD ? BASE64_BYTES(room - WORD) : 0;
	uintptr_t start, tail;

	if (n < READ_LEFT(call))
		n -= n % PIECE;
	else
		n = (size_t)READ_LEFT(call);
	start = (uintptr_t)out_lend(out, BASE64_CHARS(n));
	tail = (start + BASE64_CHARS(n) - n + WORD - 1) & ~(uintptr_t)(WORD - 1);
	read_exactly(call, (char *)tail, n);
	base64_encode((char *)start, (char *)tail, n);
}

enum cmd_status cmd_file_read(struct agent *agent, struct call *call)
{
	struct json_out *out = call->out;

	if (call->step == 0) {
		if (read_begin(agent, call) == CMD_FAIL)
			return CMD_FAIL;
		call->step = 1;
		out_object(out);
		out_member_uint(out, "count", READ_LEFT(call));
		out_key(out, "buf-b64");
		out_str_begin(out);
	}
	read_portion(call);
	if (READ_LEFT(call) > 0 || out_room(out) < sizeof("\", \"eof\": false}"))
		return CMD_MORE;
	out_str_end(out);
	out_member_bool(out, "eof", READ_EOF(call));
	out_object_end(out);
	return CMD_DONE;
}

/* --- guest-file-write ------------------------------------------------------------------------- */

enum cmd_status cmd_file_write(struct agent *agent, struct call *call)
{
	const struct env_files *files = call->env->files;
	struct agent_file *file = find(agent, call->arg[0].i);
	const struct span *data = &call->arg[1].s;
	const struct value *count = &call->arg[2];
	uint64_t offset, end = 0;
	int64_t n, error = 0;

	if (!file)
		return no_handle(call);
	n = base64_decode(data->ptr, data->ptr, data->len);
	if (n < 0)
		return call_error(call, "Base64 data contains invalid characters");
	if (count->present && (count->i < 0 || count->i > n))
		return bad_count(call, count);
	if (count->present)
		n = count->i;

	offset = file->position;
	if (n > 0 && !(file->mode & FILE_WRITE))
		error = ENV_EBADF;
	else if (n > 0 && !files->write)
		error = ENV_EROFS;
	else if (n > 0 && (file->mode & FILE_APPEND))
		error = files->size(files->context, file->file, &offset);
	if (error == 0 && n > 0) {
		end = offset + (uint64_t)n;
		error = end > FILE_POSITION_MAX ? ENV_EFBIG
						: files->write(files->context, file->file, offset,
							       data->ptr, (size_t)n);
	}
	if (error < 0)
		return call_error(call, "failed to write to file: %s", env_text((int)error));
	if (n > 0)
		file->position = end;
	out_object(call->out);
	out_member_int(call->out, "count", n);
	out_member_bool(call->out, "eof", false);
	out_object_end(call->out);
	return CMD_DONE;
}

/* --- guest-file-seek, guest-file-flush -------------------------------------------------------- */

enum cmd_status cmd_file_seek(struct agent *agent, struct call *call)
{
	const struct env_files *files = call->env->files;
	struct agent_file *file = find(agent, call->arg[0].i);
	const struct value *whence = &call->arg[2];
	int64_t offset = call->arg[1].i;
	uint64_t base = 0;
	int error = 0;

	if (!file)
		return no_handle(call);
	if (whence->i < WHENCE_SET || whence->i > WHENCE_END)
		return call_error(call, "invalid whence code %d", &whence->i);
	if (whence->i == WHENCE_CUR)
		base = file->position;
	else if (whence->i == WHENCE_END)
		error = files->size(files->context, file->file, &base);
	/* base is at most FILE_POSITION_MAX, so neither side overflows. */
	if (error == 0 && (offset < -(int64_t)base || offset > FILE_POSITION_MAX - (int64_t)base))
		error = ENV_EINVAL;
	if (error < 0)
		return call_error(call, "failed to seek file: %s", env_text(error));
	file->position = base + (uint64_t)offset;
	out_object(call->out);
	out_member_bool(call->out, "eof", false);
	out_member_uint(call->out, "position", file->position);
	out_object_end(call->out);
	return CMD_DONE;
}

enum cmd_status cmd_file_flush(struct agent *agent, struct call *call)
{
	const struct env_files *files = call->env->files;
	struct agent_file *file = find(agent, call->arg[0].i);
	int error = 0;

	if (!file)
		return no_handle(call);
	if (files->flush)
		error = files->flush(files->context, file->file);
	if (error < 0)
		return call_error(call, "failed to flush file: %s", env_text(error));
	return CMD_DONE;
}

#endif
