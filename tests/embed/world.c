/* SPDX-License-Identifier: MIT */
/*
 * world.c - what the agents can do in this kernel: read its log, keep a note, tell the time since
 * the start, freeze its work, queue more of it, and switch off when it is done.
 */
#include <string.h>

#include "kernel.h"

struct work work;

/* --- Log --- */

#define LOG_SIZE 2048

static char log_text[LOG_SIZE];
static size_t log_len;

void say(const char *line)
{
	size_t n = strlen(line);

	if (log_len + n + 1 <= LOG_SIZE) {
		memcpy(log_text + log_len, line, n);
		log_text[log_len + n] = '\n';
		log_len += n + 1;
	}
#ifndef KERNEL_STREAM
	while (*line)
		if (machine_put(*line))
			line++;
	while (!machine_put('\n'))
		;
#endif
}

/* --- Files: the log, which nobody may write, and a note --- */

struct file {
	const char *path;
	char *text;
	size_t *len;
	size_t size; /* 0: read only */
};

static char note[512];
static size_t note_len;
static const struct file files[] = {
	{"/log", log_text, &log_len, 0},
	{"/note", note, &note_len, sizeof(note)},
};

static int file_open(void *context, const char *path, size_t len, unsigned flags, void **file)
{
	size_t i;

	(void)context;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (strlen(files[i].path) != len || memcmp(files[i].path, path, len))
			continue;
		if ((flags & QGA_OPEN_WRITE) && !files[i].size)
			return QGA_EROFS;
		if (flags & QGA_OPEN_TRUNCATE)
			*files[i].len = 0;
		*file = (void *)&files[i];
		return 0;
	}
	return QGA_ENOENT;
}

static void file_close(void *context, void *file)
{
	(void)context, (void)file;
}

static int file_size(void *context, void *file, uint64_t *size)
{
	(void)context;
	*size = *((const struct file *)file)->len;
	return 0;
}

static int64_t file_read(void *context, void *file, uint64_t offset, void *buf, size_t len)
{
	const struct file *f = file;
	size_t rest = offset < *f->len ? *f->len - (size_t)offset : 0;

	(void)context;
	len = len < rest ? len : rest;
	memcpy(buf, f->text + offset, len);
	return (int64_t)len;
}

static int64_t file_write(void *context, void *file, uint64_t offset, const void *buf, size_t len)
{
	const struct file *f = file;

	(void)context;
	if (offset > f->size || len > f->size - offset)
		return QGA_ENOSPC;
	if (offset > *f->len)
		memset(f->text + *f->len, 0, (size_t)offset - *f->len);
	memcpy(f->text + offset, buf, len);
	if (offset + len > *f->len)
		*f->len = (size_t)offset + len;
	return (int64_t)len;
}

/* --- Clock, freezing, power --- */

static uint64_t monotonic(void *context)
{
	(void)context;
	return machine_now();
}

static int freeze(void *context, const char *mountpoint, size_t len, const char **path)
{
	(void)context, (void)path;
	if (mountpoint && (len != 1 || mountpoint[0] != '/'))
		return 0;
	work.frozen = true;
	say("kernel: frozen");
	return 1;
}

static int thaw(void *context)
{
	(void)context;
	work.frozen = false;
	say("kernel: thawed");
	return 1;
}

static int shutdown(void *context, enum qga_power_mode mode)
{
	(void)context;
	if (mode == QGA_HALT)
		return QGA_ENOSYS;
	say("kernel: going down");
	return 0;
}

/* Work that was accepted is done first. */
static bool drain(void *context, enum qga_power_mode mode)
{
	(void)context, (void)mode;
	return work.queued == 0;
}

static void off(void *context, enum qga_power_mode mode)
{
	(void)context;
	say(work.queued ? "kernel: off, work is left" : "kernel: off, all work is done");
	machine_off(mode == QGA_REBOOT);
}

static const struct qga_clock clock = {.monotonic = monotonic};
static const struct qga_power power = {
	.shutdown = shutdown,
	.off = off,
	.drain = drain,
	.drain_ns = UINT64_C(10000000000),
	.close_ns = 300000000,
};
static const struct qga_files file_group = {
	.open = file_open,
	.close = file_close,
	.size = file_size,
	.read = file_read,
	.write = file_write,
};
static const struct qga_freeze freezer = {
	.freeze = freeze, .thaw = thaw, .watchdog_ns = UINT64_C(10000000000)};

const struct qga_env kernel_env = {
	.clock = &clock,
	.power = &power,
	.files = &file_group,
	.freeze = &freezer,
};

/* --- Commands of our own --- */

/* kernel-work {"units": N}: queues N units (none without it) and tells how far the work is. */
static enum qga_status kernel_work(struct qga_call *call)
{
	const struct qga_value *units = &call->arg[0];

	if (units->present && (units->i < 0 || units->i > 1000000))
		return qga_error(call, "units is %d and not from 0 to 1000000", &units->i);
	if (units->present)
		work.queued += (uint64_t)units->i;
	qga_out_object(call->out);
	qga_out_member_uint(call->out, "done", work.done);
	qga_out_member_uint(call->out, "queued", work.queued);
	qga_out_object_end(call->out);
	return QGA_DONE;
}

/* Where kernel-log is, from step to step. */
struct log_walk {
	size_t line;
	bool inside; /* the list has been opened */
};

/* kernel-log: the lines of the log, as many as there are, through a buffer of any size. */
static enum qga_status kernel_log(struct qga_call *call)
{
	struct log_walk *walk = QGA_SCRATCH(struct log_walk, call);

	if (!walk->inside)
		qga_out_list(call->out);
	walk->inside = true;
	while (walk->line < log_len) {
		const char *line = log_text + walk->line;
		size_t len = (size_t)((const char *)memchr(line, '\n', log_len) - line);

		if (!qga_out_str_part(call->out, line, len, &call->cursor))
			return QGA_MORE;
		call->cursor = 0;
		walk->line += len + 1;
	}
	if (qga_out_room(call->out) < 1)
		return QGA_MORE;
	qga_out_list_end(call->out);
	return QGA_DONE;
}

static const struct qga_arg work_args[] = {
	{.name = "units", .type = QGA_ARG_INT, .optional = true},
	{.name = NULL},
};
const struct qga_command kernel_commands[] = {
	{.name = "kernel-work", .run = kernel_work, .args = work_args},
	{.name = "kernel-log", .run = kernel_log, .flags = QGA_WHEN_FROZEN},
};
const size_t kernel_n_commands = sizeof(kernel_commands) / sizeof(kernel_commands[0]);
