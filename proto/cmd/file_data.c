/* SPDX-License-Identifier: MIT */
/*
 * file_data.c - see file.h: guest-file-read, an answer of any length, and guest-file-write.
 *
 * Bytes are read and encoded where they are sent from, and decoded where the request lies.
 */
#include <string.h>

#include "core/agent.h"
#include "base64.h"
#include "file.h"

#if QGA_WITH_FILES

const struct qga_arg qga_args_file_read[] = {
	{.name = "handle", .type = QGA_ARG_INT},
	{.name = "count", .type = QGA_ARG_INT, .optional = true},
	{.name = NULL},
};
const struct qga_arg qga_args_file_write[] = {
	{.name = "handle", .type = QGA_ARG_INT},
	{.name = "buf-b64", .type = QGA_ARG_STR},
	{.name = "count", .type = QGA_ARG_INT, .optional = true},
	{.name = NULL},
};

static enum qga_status file_bad_count(struct qga_call *call, const struct qga_value *count)
{
	return qga_error(call, "value '%d' is invalid for argument count", &count->i);
}

/* --- guest-file-read --- */

/* Where a read stands. */
struct file_reading {
	void *file; /* the environment's */
	uint64_t offset, left;
	bool eof;
};

/* Everything that can go wrong, before the first byte of the answer. */
static enum qga_status file_read_begin(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	struct file_reading *at = QGA_SCRATCH(struct file_reading, call);
	const struct qga_files *files = call->env->files;
	struct agent_file *file = qga_file_find(agent, call->arg[0].i);
	int64_t count = call->arg[1].present ? call->arg[1].i : FILE_READ_DEFAULT;
	uint64_t size = 0, left = (uint64_t)count;
	int error = 0;

	if (!file)
		return qga_file_not_found(call);
	if (count < 0 || count > FILE_READ_MAX)
		return file_bad_count(call, &call->arg[1]);
	if (count > 0 && !(file->mode & FILE_READ))
		error = QGA_EBADF;
	else if (count > 0)
		error = files->size(files->context, file->file, &size);
	if (error < 0)
		return qga_file_failed(call, "read", error);

	if (left > 0 && file->position + left > size)
		left = file->position < size ? size - file->position : 0;
	*at = (struct file_reading){file->file, file->position, left, left < (uint64_t)count};
	file->position += left;
	return QGA_MORE;
}

/*
 * Fills n bytes from the file; returns 0 or the error that the first of them met. Later the count
 * has been promised, so what the file lacks by then (a program truncated it) becomes zeros.
 */
static int file_read_exactly(struct qga_call *call, char *buf, size_t n)
{
	const struct qga_files *files = call->env->files;
	const struct file_reading *at = QGA_SCRATCH(struct file_reading, call);
	size_t done = 0;

	while (done < n) {
		int64_t got = files->read(files->context, at->file, at->offset + done, buf + done,
		                          n - done);

		if (got < 0 && done == 0)
			return (int)got;
		if (got <= 0 || (uint64_t)got > n - done)
			break;
		done += (size_t)got;
	}
	if (done < n)
		memset(buf + done, 0, n - done);
	return 0;
}

/*
 * Reading and encoding work on words: pieces are whole words of whole groups, on a word's boundary.
 */
#define FILE_WORD  8
#define FILE_PIECE 24

/* What stands before the data, at most. */
#define FILE_READ_HEAD (sizeof("{\"count\": 50331648, \"buf-b64\": \"") - 1)

_Static_assert(QGA_STEP_MAX >= FILE_READ_HEAD + BASE64_CHARS(FILE_PIECE) + FILE_WORD,
               "a step of guest-file-read must have room for a piece");

/*
 * As much base64 as fits: the bytes are read into the end of the room, and encoded to its start.
 * The end may lie up to a word behind what the characters will take.
 */
static int file_read_portion(struct qga_call *call)
{
	struct file_reading *at = QGA_SCRATCH(struct file_reading, call);
	struct qga_out *out = call->out;
	size_t n = BASE64_BYTES(qga_out_room(out) - FILE_WORD);
	uintptr_t start, tail;
	int error;

	if (n < at->left)
		n -= n % FILE_PIECE;
	else
		n = (size_t)at->left;
	start = (uintptr_t)qga_out_lend(out, BASE64_CHARS(n));
	tail = (start + BASE64_CHARS(n) - n + FILE_WORD - 1) & ~(uintptr_t)(FILE_WORD - 1);
	error = file_read_exactly(call, (char *)tail, n);
	if (error < 0)
		memset((char *)tail, 0, n);
	qga_base64_encode((char *)start, (char *)tail, n);
	at->offset += n;
	at->left -= n;
	return error;
}

/* The answer up to its first portion of data; if that cannot be read, nothing has happened. */
static enum qga_status file_read_first(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	const struct file_reading *at = QGA_SCRATCH(struct file_reading, call);
	struct qga_out *out = call->out, before = *out;
	uint64_t offset;
	int error;

	if (file_read_begin(call) == QGA_FAIL)
		return QGA_FAIL;
	offset = at->offset;
	qga_out_object(out);
	qga_out_member_uint(out, "count", at->left);
	qga_out_key(out, "buf-b64");
	qga_out_str_begin(out);
	error = file_read_portion(call);
	if (error < 0) {
		*out = before;
		qga_file_find(agent, call->arg[0].i)->position = offset;
		return qga_file_failed(call, "read", error);
	}
	return QGA_MORE;
}

enum qga_status qga_cmd_file_read(struct qga_call *call)
{
	const struct file_reading *at = QGA_SCRATCH(struct file_reading, call);
	struct qga_out *out = call->out;

	if (call->step == 0) {
		if (file_read_first(call) == QGA_FAIL)
			return QGA_FAIL;
		call->step = 1;
	} else {
		file_read_portion(call);
	}
	if (at->left > 0 || qga_out_room(out) < sizeof("\", \"eof\": false}"))
		return QGA_MORE;
	qga_out_str_end(out);
	qga_out_member_bool(out, "eof", at->eof);
	qga_out_object_end(out);
	return QGA_DONE;
}

/* --- guest-file-write --- */

/*
 * Decodes the data, and moves *data down to where it lies to a word's boundary as it will in the
 * file: so it can be written by whole words. In the way is the end of the member's name, at most,
 * and that has served.
 */
static int64_t file_decode(struct qga_span *data, uint64_t position)
{
	char *text = data->ptr;

	data->ptr -= ((uintptr_t)text - position) % FILE_WORD;
	return qga_base64_decode(data->ptr, text, data->len);
}

enum qga_status qga_cmd_file_write(struct qga_call *call)
{
	struct agent *agent = qga_agent_of(call);
	const struct qga_files *files = call->env->files;
	struct agent_file *file = qga_file_find(agent, call->arg[0].i);
	const struct qga_value *count = &call->arg[2];
	struct qga_span *data = &call->arg[1].s;
	uint64_t offset, end = 0;
	int64_t n, error = 0;

	if (!file)
		return qga_file_not_found(call);
	n = file_decode(data, file->position);
	if (n < 0)
		return qga_error(call, "Base64 data contains invalid characters");
	if (count->present && (count->i < 0 || count->i > n))
		return file_bad_count(call, count);
	if (count->present)
		n = count->i;

	offset = file->position;
	if (n > 0 && !(file->mode & FILE_WRITE))
		error = QGA_EBADF;
	else if (n > 0 && !files->write)
		error = QGA_EROFS;
	else if (n > 0 && (file->mode & FILE_APPEND))
		error = files->size(files->context, file->file, &offset);
	if (error == 0 && n > 0) {
		end = offset + (uint64_t)n;
		error = end > FILE_POSITION_MAX ? QGA_EFBIG
		                                : files->write(files->context, file->file, offset,
		                                               data->ptr, (size_t)n);
	}
	if (error < 0)
		return qga_file_failed(call, "write to", (int)error);
	if (n > 0)
		file->position = end;
	qga_out_object(call->out);
	qga_out_member_int(call->out, "count", n);
	qga_out_member_bool(call->out, "eof", false);
	qga_out_object_end(call->out);
	return QGA_DONE;
}

#endif
