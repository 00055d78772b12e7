/* SPDX-License-Identifier: MIT */
/*
 * disk.c - see inventory.h: guest-get-disks, -diskstats, -fsinfo.
 *
 * A disk's place is given as libvirt wants it: bus, target and unit always, and a PCI address of
 * -1 ("not on PCI" in the schema), because virtio-mmio is none.
 */
#include "agent.h"
#include "inventory.h"
#include "members.h"

#if AGENT_WITH_INVENTORY

struct told_disk {
	struct env_disk disk;
	const char *bus_type;
};

/* Disk `index`; the result is the environment's. */
static int get_disk(struct call *call, size_t index, struct told_disk *told)
{
	const struct env_inventory *inventory = call->env->inventory;

	*told = (struct told_disk){.bus_type = "virtio"};
	return inventory->disk(inventory->context, index, &told->disk);
}

static void put_address(struct json_out *out, const struct told_disk *told)
{
	static const struct member place[] = {
		MEMBER("bus-type", struct told_disk, bus_type),
		{"bus", MEMBER_CONSTANT, 0},
		MEMBER("unit", struct told_disk, disk.unit),
	};
	static const struct member pci[] = {
		{"bus", MEMBER_CONSTANT, -1},
		{"slot", MEMBER_CONSTANT, -1},
		{"domain", MEMBER_CONSTANT, -1},
		{"function", MEMBER_CONSTANT, -1},
	};
	static const struct member name[] = {
		MEMBER("dev", struct told_disk, disk.name),
		{"target", MEMBER_CONSTANT, 0},
	};

	out_object(out);
	out_members(out, place, told);
	out_key(out, "pci-controller");
	out_struct(out, pci, told);
	out_members(out, name, told);
	out_object_end(out);
}

static int put_disk(struct call *call, size_t index)
{
	struct json_out *out = call->out;
	struct told_disk told;
	int result = get_disk(call, index, &told);

	if (result <= 0)
		return result;
	out_object(out);
	out_member_str(out, "name", told.disk.name);
	out_key(out, "dependencies");
	out_list(out);
	out_list_end(out);
	out_member_bool(out, "partition", false);
	out_key(out, "address");
	put_address(out, &told);
	out_object_end(out);
	return result;
}

enum cmd_status cmd_get_disks(struct agent *agent, struct call *call)
{
	(void)agent;
	return inventory_list(call, put_disk, "disks");
}

/* The name without its directory, as Linux lists it. */
static const char *base_name(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/')
			name = path + 1;
	return name;
}

static int put_diskstat(struct call *call, size_t index)
{
	static const struct member stats[] = {
		MEMBER("write-ios", struct env_disk, write_ios),
		MEMBER("read-ios", struct env_disk, read_ios),
		MEMBER("flush-ios", struct env_disk, flush_ios),
		MEMBER("write-sectors", struct env_disk, write_sectors),
		MEMBER("read-sectors", struct env_disk, read_sectors),
	};
	static const struct member numbers[] = {
		MEMBER("minor", struct env_disk, minor),
		MEMBER("major", struct env_disk, major),
	};
	struct json_out *out = call->out;
	struct told_disk told;
	int result = get_disk(call, index, &told);

	if (result <= 0)
		return result;
	out_object(out);
	out_member_str(out, "name", base_name(told.disk.name));
	out_key(out, "stats");
	out_struct(out, stats, &told.disk);
	out_members(out, numbers, &told.disk);
	out_object_end(out);
	return result;
}

enum cmd_status cmd_get_diskstats(struct agent *agent, struct call *call)
{
	(void)agent;
	return inventory_list(call, put_diskstat, "disk statistics");
}

static int put_filesystem(struct call *call, size_t index)
{
	const struct env_inventory *inventory = call->env->inventory;
	struct json_out *out = call->out;
	struct env_filesystem fs = {0};
	int result = inventory->filesystem(inventory->context, index, &fs);

	if (result <= 0)
		return result;
	out_object(out);
	out_member_str(out, "name", fs.name);
	if (fs.has_usage)
		out_member_uint(out, "total-bytes", fs.total_bytes);
	out_member_str(out, "mountpoint", fs.mountpoint);
	out_key(out, "disk");
	out_list(out);
	out_list_end(out);
	if (fs.has_usage)
		out_member_uint(out, "used-bytes", fs.used_bytes);
	out_member_str(out, "type", fs.type);
	out_object_end(out);
	return result;
}

enum cmd_status cmd_get_fsinfo(struct agent *agent, struct call *call)
{
	(void)agent;
	return inventory_list(call, put_filesystem, "file systems");
}

#endif
