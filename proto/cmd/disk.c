/* SPDX-License-Identifier: MIT */
/*
 * disk.c - see inventory.h: guest-get-disks, -diskstats, -fsinfo.
 *
 * A disk's place is given as libvirt wants it: bus, target and unit always, and a PCI address of
 * -1 ("not on PCI" in the schema), because virtio-mmio is none.
 */
#include "agent.h"
#include "inventory.h"

#if AGENT_WITH_INVENTORY

static void put_address(struct json_out *out, const struct env_disk *disk)
{
	out_object(out);
	out_member_str(out, "bus-type", "virtio");
	out_member_int(out, "bus", 0);
	out_member_int(out, "unit", disk->unit);
	out_key(out, "pci-controller");
	out_object(out);
	out_member_int(out, "bus", -1);
	out_member_int(out, "slot", -1);
	out_member_int(out, "domain", -1);
	out_member_int(out, "function", -1);
	out_object_end(out);
	out_member_str(out, "dev", disk->name);
	out_member_int(out, "target", 0);
	out_object_end(out);
}

static int put_disk(struct call *call, size_t index)
{
	const struct env_inventory *inventory = call->env->inventory;
	struct json_out *out = call->out;
	struct env_disk disk = {0};
	int result = inventory->disk(inventory->context, index, &disk);

	if (result <= 0)
		return result;
	out_object(out);
	out_member_str(out, "name", disk.name);
	out_key(out, "dependencies");
	out_list(out);
	out_list_end(out);
	out_member_bool(out, "partition", false);
	out_key(out, "address");
	put_address(out, &disk);
	out_object_end(out);
	return 1;
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
	const struct env_inventory *inventory = call->env->inventory;
	struct json_out *out = call->out;
	struct env_disk disk = {0};
	int result = inventory->disk(inventory->context, index, &disk);

	if (result <= 0)
		return result;
	out_object(out);
	out_member_str(out, "name", base_name(disk.name));
	out_key(out, "stats");
	out_object(out);
	out_member_int(out, "write-ios", (int64_t)disk.write_ios);
	out_member_int(out, "read-ios", (int64_t)disk.read_ios);
	out_member_int(out, "flush-ios", (int64_t)disk.flush_ios);
	out_member_int(out, "write-sectors", (int64_t)disk.write_sectors);
	out_member_int(out, "read-sectors", (int64_t)disk.read_sectors);
	out_object_end(out);
	out_member_int(out, "minor", disk.minor);
	out_member_int(out, "major", disk.major);
	out_object_end(out);
	return 1;
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
	if (fs.has_usage) {
		out_member_uint(out, "total-bytes", fs.total_bytes);
	}
	out_member_str(out, "mountpoint", fs.mountpoint);
	out_key(out, "disk");
	out_list(out);
	out_list_end(out);
	if (fs.has_usage) {
		out_member_uint(out, "used-bytes", fs.used_bytes);
	}
	out_member_str(out, "type", fs.type);
	out_object_end(out);
	return 1;
}

enum cmd_status cmd_get_fsinfo(struct agent *agent, struct call *call)
{
	(void)agent;
	return inventory_list(call, put_filesystem, "file systems");
}

#endif
