/* SPDX-License-Identifier: MIT */
/*
 * env_freeze.c - the file systems: that of the RAM files, mounted at /ram, and those of the
 * application. While the former is frozen, programs cannot write to it either.
 */
#include <string.h>

#include "app.h"
#include "env.h"

#define RAM_MOUNT "/ram"

/* Nobody keeps a guest frozen for longer without having been forgotten. */
#ifndef ENV_FREEZE_WATCHDOG_NS
#define ENV_FREEZE_WATCHDOG_NS 300000000000
#endif

static bool ram_frozen;

int env_filesystem(void *context, size_t index, struct qga_filesystem *item)
{
	size_t total = env_files_total();

	if (total > 0 && index-- == 0) {
		*item = (struct qga_filesystem){.name = "ram",
		                                .mountpoint = RAM_MOUNT,
		                                .type = "ram",
		                                .has_usage = true,
		                                .used_bytes = env_files_used(),
		                                .total_bytes = total};
		return 1;
	}
	return app.filesystem ? app.filesystem(context, index, item) : 0;
}

static bool names_ram(const char *mountpoint, size_t len)
{
	return !mountpoint || (len == strlen(RAM_MOUNT) && memcmp(mountpoint, RAM_MOUNT, len) == 0);
}

static int freeze(void *context, const char *mountpoint, size_t len, const char **path)
{
	int n = 0;

	(void)context;
	if (app.freeze && app.freeze->freeze)
		n = app.freeze->freeze(app.freeze->context, mountpoint, len, path);
	if (n >= 0 && !ram_frozen && env_files_total() > 0 && names_ram(mountpoint, len)) {
		env_files_freeze(ram_frozen = true);
		n++;
	}
	return n;
}

static int thaw(void *context)
{
	int n = 0;

	(void)context;
	env_look(); /* what was frozen for a snapshot may be one now */
	if (app.freeze && app.freeze->thaw)
		n = app.freeze->thaw(app.freeze->context);
	if (n >= 0)
		n += ram_frozen;
	env_files_freeze(ram_frozen = false);
	return n;
}

/* Only the application's can be trimmed: the blocks of RAM files are free when they are free. */
static int trim(void *context, size_t index, uint64_t minimum, const char **path, uint64_t *trimmed)
{
	(void)context;
	return app.freeze->trim(app.freeze->context, index, minimum, path, trimmed);
}

const struct qga_freeze *env_freeze_init(void)
{
	static const struct qga_freeze ours = {
		.freeze = freeze, .thaw = thaw, .watchdog_ns = ENV_FREEZE_WATCHDOG_NS};
	static struct qga_freeze joined;

	if (!app.freeze)
		return env_files_total() > 0 ? &ours : NULL;
	joined = ours;
	if (app.freeze->trim)
		joined.trim = trim;
	if (app.freeze->watchdog_ns)
		joined.watchdog_ns = app.freeze->watchdog_ns;
	return &joined;
}
