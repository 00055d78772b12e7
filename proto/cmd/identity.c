/* SPDX-License-Identifier: MIT */
/* identity.c - see inventory.h: guest-get-osinfo, -host-name, -timezone, -users. */
#include <string.h>

#include "agent.h"
#include "inventory.h"
#include "os_release.h"

#if AGENT_WITH_INVENTORY

/* Longest value of an os-release file that is told, in bytes with its NUL. */
#define OS_VALUE_MAX 128

/* Members of GuestOSInfo in qemu-ga's order: an os-release name, or which of uname's fields. */
static const struct {
	const char *member, *name;
	size_t uname;
} osinfo[] = {
	{"name", "NAME", 0},
	{"kernel-release", NULL, offsetof(struct env_inventory, kernel_release)},
	{"version", "VERSION", 0},
	{"variant", "VARIANT", 0},
	{"pretty-name", "PRETTY_NAME", 0},
	{"version-id", "VERSION_ID", 0},
	{"variant-id", "VARIANT_ID", 0},
	{"kernel-version", NULL, offsetof(struct env_inventory, kernel_version)},
	{"machine", NULL, offsetof(struct env_inventory, machine)},
	{"id", "ID", 0},
};

#define KEY_WRITTEN(call) ((call)->u[0])

/* The value of member i, in buf if it has to be made; NULL if there is none. */
static const char *osinfo_value(const struct env_inventory *inventory, size_t i, char *buf)
{
	const char *text = NULL;

	if (!osinfo[i].name)
		return *(const char *const *)((const char *)inventory + osinfo[i].uname);
	if (inventory->os_release)
		text = inventory->os_release(inventory->context);
	return os_release_get(text, osinfo[i].name, buf, OS_VALUE_MAX) < 0 ? NULL : buf;
}

/* One member a step; call->step is the member, call->cursor where in its value the writer is. */
enum cmd_status cmd_get_osinfo(struct agent *agent, struct call *call)
{
	char buf[OS_VALUE_MAX];
	const char *value;

	(void)agent;
	if (call->step == sizeof(osinfo) / sizeof(osinfo[0])) {
		out_object_end(call->out);
		return CMD_DONE;
	}
	value = osinfo_value(call->env->inventory, call->step, buf);
	if (KEY_WRITTEN(call) == 0) {
		if (call->step == 0)
			out_object(call->out);
		if (value)
			out_key(call->out, osinfo[call->step].member);
		KEY_WRITTEN(call) = 1;
	}
	if (!value || out_str_part(call->out, value, strlen(value), &call->cursor)) {
		call->step++;
		call->cursor = 0;
		KEY_WRITTEN(call) = 0;
	}
	return CMD_MORE;
}

enum cmd_status cmd_get_host_name(struct agent *agent, struct call *call)
{
	const struct env_inventory *inventory = call->env->inventory;
	const char *name = inventory->host_name(inventory->context);

	(void)agent;
	if (!name)
		return call_error(call, "failed to get hostname");
	if (call->step++ == 0) {
		out_object(call->out);
		out_key(call->out, "host-name");
	}
	if (!out_str_part(call->out, name, strlen(name), &call->cursor) || out_room(call->out) == 0)
		return CMD_MORE;
	out_object_end(call->out);
	return CMD_DONE;
}

/* A guest without an operating system has no other time zone than UTC. */
enum cmd_status cmd_get_timezone(struct agent *agent, struct call *call)
{
	(void)agent;
	out_object(call->out);
	out_member_str(call->out, "zone", "UTC");
	out_member_int(call->out, "offset", 0);
	out_object_end(call->out);
	return CMD_DONE;
}

/* Nobody can log in, so nobody has. */
enum cmd_status cmd_get_users(struct agent *agent, struct call *call)
{
	(void)agent;
	out_list(call->out);
	out_list_end(call->out);
	return CMD_DONE;
}

#endif
