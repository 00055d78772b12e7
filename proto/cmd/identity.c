/* SPDX-License-Identifier: MIT */
/* identity.c - see inventory.h: guest-get-osinfo, -host-name, -timezone, -users. */
#include <string.h>

#include "core/agent.h"
#include "inventory.h"
#include "os_release.h"

#if QGA_WITH_INVENTORY

/* Longest value of an os-release file that is told, in bytes with its NUL. */
#define OS_VALUE_MAX 128

/* Members of GuestOSInfo in qemu-ga's order: an os-release name, or which of uname's fields. */
static const struct {
	const char *member, *name;
	size_t uname;
} osinfo[] = {
	{"name", "NAME", 0},
	{"kernel-release", NULL, offsetof(struct qga_inventory, kernel_release)},
	{"version", "VERSION", 0},
	{"variant", "VARIANT", 0},
	{"pretty-name", "PRETTY_NAME", 0},
	{"version-id", "VERSION_ID", 0},
	{"variant-id", "VARIANT_ID", 0},
	{"kernel-version", NULL, offsetof(struct qga_inventory, kernel_version)},
	{"machine", NULL, offsetof(struct qga_inventory, machine)},
	{"id", "ID", 0},
};

/* Where the answer is, beside its step: what has been written, once and of each member? */
struct osinfo_at {
	bool begun;
	bool key;
};

/* The value of member i, in buf if it has to be made; NULL if there is none. */
static const char *osinfo_value(const struct qga_inventory *inventory, size_t i, char *buf)
{
	const char *text = NULL;

	if (!osinfo[i].name)
		return *(const char *const *)((const char *)inventory + osinfo[i].uname);
	if (inventory->os_release)
		text = inventory->os_release(inventory->context);
	return qga_os_release_get(text, osinfo[i].name, buf, OS_VALUE_MAX) < 0 ? NULL : buf;
}

/* One member a step; call->step is the member, call->cursor where in its value the writer is. */
enum qga_status qga_cmd_get_osinfo(struct qga_call *call)
{
	struct osinfo_at *at = QGA_SCRATCH(struct osinfo_at, call);
	char buf[OS_VALUE_MAX];
	const char *value;

	if (call->step == sizeof(osinfo) / sizeof(osinfo[0])) {
		qga_out_object_end(call->out);
		return QGA_DONE;
	}
	if (!at->begun)
		qga_out_object(call->out);
	at->begun = true;
	value = osinfo_value(call->env->inventory, call->step, buf);
	/* The hook is asked in each step. Where it takes a value back, what was written of it ends. */
	if (!value && at->key)
		value = "";
	if (value && !at->key) {
		qga_out_key(call->out, osinfo[call->step].member);
		at->key = true;
	}
	if (!value || qga_out_str_part(call->out, value, strlen(value), &call->cursor)) {
		call->step++;
		call->cursor = 0;
		at->key = false;
	}
	return QGA_MORE;
}

enum qga_status qga_cmd_get_host_name(struct qga_call *call)
{
	const struct qga_inventory *inventory = call->env->inventory;
	const char *name = inventory->host_name(inventory->context);
	bool whole;

	if (!name && call->step == 0)
		return qga_error(call, "failed to get hostname");
	if (!name)
		name = ""; /* the hook has changed its mind: what was written stays, and ends */
	if (call->step++ == 0) {
		qga_out_object(call->out);
		qga_out_key(call->out, "host-name");
	}
	/* Behind its last quote there must be room for a bracket. */
	call->out->cap--;
	whole = qga_out_str_part(call->out, name, strlen(name), &call->cursor);
	call->out->cap++;
	if (!whole)
		return QGA_MORE;
	qga_out_object_end(call->out);
	return QGA_DONE;
}

/* A guest without an operating system has no other time zone than UTC. */
enum qga_status qga_cmd_get_timezone(struct qga_call *call)
{
	qga_out_object(call->out);
	qga_out_member_str(call->out, "zone", "UTC");
	qga_out_member_int(call->out, "offset", 0);
	qga_out_object_end(call->out);
	return QGA_DONE;
}

/* Nobody can log in, so nobody has. */
enum qga_status qga_cmd_get_users(struct qga_call *call)
{
	qga_out_list(call->out);
	qga_out_list_end(call->out);
	return QGA_DONE;
}

#endif
