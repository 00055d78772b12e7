/* SPDX-License-Identifier: MIT */
/*
 * env_files.c - the file tree:
 *
 * - /ram/NAME, /tmp/NAME: files in RAM (ram_files.h), created by whoever opens them with "w" or "a";
 * - /fw_cfg/ITEM: what the host handed over, read-only, by its fw_cfg name;
 * - /log: the last lines of text, read-only, oldest first;
 * - /crash: the record of the last crash, if there was one, read-only;
 * - /run/generation: how often the machine was stopped, restored or cloned, where that can be known;
 * - files of the application, anywhere.
 *
 * Left out: directories as things to open.
 */
#include <string.h>

#include "app.h"
#include "env.h"
#include "log.h"
#include "ram_files.h"

/* Open at once: by the agent, and by programs that guest-exec runs. */
#define OPEN_MAX (QGA_FILES_MAX + 2 * QGA_JOBS_MAX)

#define ITEM_NAME_MAX 56 /* QEMU, docs/specs/fw_cfg.rst: struct FWCfgFile */

enum kind {
	FREE,
	RAM,
	ITEM,
	LOG,
	CRASH,
	GENERATION,
	APP
};

struct open_file {
	enum kind kind;
	union {
		struct ram_file *ram;
		const struct app_file *app;
		size_t log_start; /* position of byte 0 in the log */
		char item[ITEM_NAME_MAX + 1];
		struct {
			size_t len;
			char text[ENV_GENERATION_SIZE];
		} generation;
	};
};

static struct ram_files *ram;
static struct log *log_ring;
static struct open_file files[OPEN_MAX];
static bool frozen;

static bool starts_with(const char *path, size_t len, const char *prefix)
{
	size_t n = strlen(prefix);

	return len > n && memcmp(path, prefix, n) == 0;
}

static bool is(const char *path, size_t len, const char *name)
{
	return len == strlen(name) && memcmp(path, name, len) == 0;
}

/* --- Opening --- */

static int open_app(const struct app_file *app_file, unsigned flags, struct open_file *file)
{
	if ((flags & QGA_OPEN_WRITE) && !app_file->write)
		return QGA_EROFS;
	file->kind = APP;
	file->app = app_file;
	if ((flags & QGA_OPEN_TRUNCATE) && app_file->truncate)
		return app_file->truncate(app_file->context);
	return 0;
}

static int open_item(const char *name, size_t len, struct open_file *file)
{
	if (len > ITEM_NAME_MAX)
		return QGA_ENOENT;
	memcpy(file->item, name, len);
	file->item[len] = '\0';
	file->kind = ITEM;
	return board_item_size(file->item) < 0 ? QGA_ENOENT : 0;
}

static int open_ram(const char *path, size_t len, unsigned flags, struct open_file *file)
{
	const size_t dir = sizeof("/ram/") - 1; /* "/tmp/" is as long */

	if (!ram || memchr(path + dir, '/', len - dir))
		return QGA_ENOENT;
	if (frozen && (flags & QGA_OPEN_WRITE))
		return QGA_EBUSY;
	file->kind = RAM;
	return ram_open(ram, path, len, flags & QGA_OPEN_CREATE, flags & QGA_OPEN_TRUNCATE,
	                &file->ram);
}

static int open_read_only(const char *path, size_t len, struct open_file *file)
{
	if (starts_with(path, len, "/fw_cfg/"))
		return open_item(path + 8, len - 8, file);
	if (is(path, len, "/log") && log_ring) {
		env_hear();
		file->kind = LOG;
		file->log_start = log_oldest(log_ring);
		return 0;
	}
	if (is(path, len, "/crash") && log_ring && log_ring->crash_len > 0) {
		file->kind = CRASH;
		return 0;
	}
	if (ENV_WITH_GENERATION && is(path, len, "/run/generation")) {
		file->kind = GENERATION;
		file->generation.len = env_generation(file->generation.text);
		return file->generation.len ? 0 : QGA_ENOENT;
	}
	return QGA_ENOENT;
}

static bool is_directory(const char *path, size_t len)
{
	for (size_t i = 0; i < app.n_files; i++)
		if (strncmp(app.files[i].path, path, len) == 0 && app.files[i].path[len] == '/')
			return true;
	return is(path, len, "/") || is(path, len, "/ram") || is(path, len, "/tmp") ||
	       is(path, len, "/fw_cfg") || (ENV_WITH_GENERATION && is(path, len, "/run"));
}

static int open_path(const char *path, size_t len, unsigned flags, struct open_file *file)
{
	int error;

	for (size_t i = 0; i < app.n_files; i++)
		if (is(path, len, app.files[i].path))
			return open_app(&app.files[i], flags, file);
	if (is_directory(path, len))
		return QGA_EISDIR;
	if (starts_with(path, len, "/ram/") || starts_with(path, len, "/tmp/"))
		return open_ram(path, len, flags, file);
	error = open_read_only(path, len, file);
	if (error == 0 && (flags & QGA_OPEN_WRITE))
		return QGA_EROFS;
	/* What is not there cannot be created: its directory is there, or we were not here. */
	if (error == QGA_ENOENT && (flags & QGA_OPEN_CREATE))
		return QGA_EROFS;
	return error;
}

/* For a look whether a file is there. */
static struct open_file probe;

static void release(struct open_file *file)
{
	if (file->kind == RAM)
		ram_close(ram, file->ram);
	file->kind = FREE;
}

/* Items of fw_cfg have slashes in their names, and no directories. */
int env_files_step(const char *path, size_t len)
{
	int error = open_path(path, len, QGA_OPEN_READ, &probe);

	if (error == 0)
		release(&probe);
	else if (error == QGA_EISDIR || starts_with(path, len, "/fw_cfg/"))
		return 0;
	return error ? error : QGA_ENOTDIR;
}

/* What a path means: as env_path(), and of what has a slash behind it, it must be a directory. */
static int resolve(const char *path, size_t len, unsigned flags, const char **result)
{
	int n = env_path(path, len, env_files_step, result), error = 0;

	if (n > 0 && path[len - 1] == '/')
		error = env_files_step(*result, (size_t)n);
	if (error && (flags & QGA_OPEN_CREATE))
		return QGA_EISDIR;
	return error ? error : n;
}

static int open(void *context, const char *path, size_t len, unsigned flags, void **result)
{
	struct open_file *file = files;
	const char *resolved;
	int error;

	(void)context;
	while (file < files + OPEN_MAX && file->kind != FREE)
		file++;
	if (file == files + OPEN_MAX)
		return QGA_EMFILE;
	error = resolve(path, len, flags, &resolved);
	if (error > 0)
		error = open_path(resolved, (size_t)error, flags, file);
	if (error < 0) {
		file->kind = FREE;
		return error;
	}
	*result = file;
	return 0;
}

static void close(void *context, void *opened)
{
	(void)context;
	release(opened);
}

/* --- Reading and writing --- */

static int size(void *context, void *opened, uint64_t *result)
{
	const struct open_file *file = opened;
	int64_t item;

	(void)context;
	switch (file->kind) {
	case RAM:
		*result = file->ram->size;
		return 0;
	case ITEM:
		item = board_item_size(file->item);
		*result = item < 0 ? 0 : (uint64_t)item;
		return item < 0 ? QGA_EIO : 0;
	case LOG:
		*result = log_ring->written - file->log_start;
		return 0;
	case CRASH:
		*result = log_ring->crash_len;
		return 0;
	case GENERATION:
		*result = file->generation.len;
		return 0;
	case APP:
		*result = file->app->current_size ? file->app->current_size(file->app->context)
		                                  : file->app->size;
		return 0;
	default:
		return QGA_EBADF;
	}
}

/* Copies from memory of `have` bytes. */
static int64_t read_memory(const void *memory, size_t have, uint64_t offset, void *buf, size_t len)
{
	if (offset >= have)
		return 0;
	if (len > have - offset)
		len = have - (size_t)offset;
	memcpy(buf, (const char *)memory + offset, len);
	return (int64_t)len;
}

static int64_t read(void *context, void *opened, uint64_t offset, void *buf, size_t len)
{
	const struct open_file *file = opened;

	(void)context;
	switch (file->kind) {
	case RAM:
		return (int64_t)ram_read(ram, file->ram, offset, buf, len);
	case ITEM:
		return board_item_read(file->item, offset, buf, len);
	case LOG:
		return (int64_t)log_read(log_ring, file->log_start + (size_t)offset, buf, len);
	case CRASH:
		return read_memory(log_ring->crash, log_ring->crash_len, offset, buf, len);
	case GENERATION:
		return read_memory(file->generation.text, file->generation.len, offset, buf, len);
	case APP:
		if (file->app->data)
			return read_memory(file->app->data, file->app->size, offset, buf, len);
		if (file->app->read)
			return file->app->read(file->app->context, offset, buf, len);
		return 0;
	default:
		return QGA_EBADF;
	}
}

static int64_t write(void *context, void *opened, uint64_t offset, const void *buf, size_t len)
{
	const struct open_file *file = opened;

	(void)context;
	if (file->kind == RAM)
		return frozen ? QGA_EBUSY : ram_write(ram, file->ram, offset, buf, len);
	if (file->kind == APP && file->app->write)
		return file->app->write(file->app->context, offset, buf, len);
	return QGA_EROFS;
}

void env_files_freeze(bool freeze)
{
	frozen = freeze;
}

size_t env_files_total(void)
{
	return ram ? ram_total(ram) : 0;
}

size_t env_files_used(void)
{
	return ram ? ram_used(ram) : 0;
}

/* --- Names, for programs --- */

int env_files_remove(const char *name, size_t len)
{
	const char *path;
	int n = resolve(name, len, 0, &path), error;

	if (n < 0)
		return n;
	error = open_path(path, (size_t)n, QGA_OPEN_READ, &probe);
	if (error < 0)
		return error;
	error = probe.kind != RAM ? QGA_EROFS : frozen ? QGA_EBUSY : 0;
	release(&probe);
	return error ? error : ram_remove(ram, path, (size_t)n);
}

size_t env_files_list(size_t index, const char **path, size_t *bytes)
{
	for (size_t i = 0; ram && i < ram->n_files; i++) {
		struct ram_file *file = &ram->file[i];

		if (file->name_len == 0 || index-- > 0)
			continue;
		*path = file->name;
		*bytes = file->size;
		return file->name_len;
	}
	return 0;
}

const struct qga_files *env_files_init(struct ram_files *ram_files, struct log *log)
{
	static const struct qga_files group = {
		.open = open, .close = close, .size = size, .read = read, .write = write};

	ram = ram_files;
	log_ring = log;
	/* Without memory for files, and none of the application's, there is nothing to open. */
	return ram || log || app.n_files > 0 ? &group : NULL;
}
