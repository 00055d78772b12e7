/* SPDX-License-Identifier: MIT */
/*
 * disk.c - see inventory.h: guest-get-disks, -diskstats, -fsinfo.
 *
 * A disk's place is given as libvirt wants it: bus, target and unit always, and a PCI address of
 * -1 ("not on PCI" in the schema), because virtio-mmio is none.
 */
#include "core/agent.h"
#include "inventory.h"
#include "members.h"

#if QGA_WITH_INVENTORY

struct told_disk {
	struct qga_disk disk;
	const char *bus_type;
};

/* Disk `index`; the result is the environment's. */
static int get_disk(struct qga_call *call, size_t index, struct told_disk *told)
{
	const struct qga_inventory *inventory = call->env->inventory;

	*told = (struct told_disk){.bus_type = "virtio"};
	return inventory->disk(inventory->context, index, &told->disk);
}

static void put_disk_address(struct qga_out *out, const struct told_disk *told)
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

	qga_out_object(out);
	qga_out_members(out, place, told);
	qga_out_key(out, "pci-controller");
	qga_out_struct(out, pci, told);
	qga_out_members(out, name, told);
	qga_out_object_end(out);
}

static int put_disk(struct qga_call *call, size_t index)
{
	struct qga_out *out = call->out;
	struct told_disk told;
	int result = get_disk(call, index, &told);

	if (result <= 0)
		return result;
	qga_out_object(out);
	qga_out_member_str(out, "name", told.disk.name);
	qga_out_key(out, "dependencies");
	qga_out_list(out);
	qga_out_list_end(out);
	qga_out_member_bool(out, "partition", false);
	qga_out_key(out, "address");
	put_disk_address(out, &told);
	qga_out_object_end(out);
	return result;
}

enum qga_status qga_cmd_get_disks(struct qga_call *call)
{
	return qga_inventory_list(call, put_disk, "disks");
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

static int put_diskstat(struct qga_call *call, size_t index)
{
	static const struct member stats[] = {
		MEMBER("write-ios", struct qga_disk, write_ios),
		MEMBER("read-ios", struct qga_disk, read_ios),
		MEMBER("flush-ios", struct qga_disk, flush_ios),
		MEMBER("write-sectors", struct qga_disk, write_sectors),
		MEMBER("read-sectors", struct qga_disk, read_sectors),
	};
	static const struct member numbers[] = {
		MEMBER("minor", struct qga_disk, minor),
		MEMBER("major", struct qga_disk, major),
	};
	struct qga_out *out = call->out;
	struct told_disk told;
	int result = get_disk(call, index, &told);

	if (result <= 0)
		return result;
	qga_out_object(out);
	qga_out_member_str(out, "name", base_name(told.disk.name));
	qga_out_key(out, "stats");
	qga_out_struct(out, stats, &told.disk);
	qga_out_members(out, numbers, &told.disk);
	qga_out_object_end(out);
	return result;
}

enum qga_status qga_cmd_get_diskstats(struct qga_call *call)
{
	return qga_inventory_list(call, put_diskstat, "disk statistics");
}

static int put_filesystem(struct qga_call *call, size_t index)
{
	const struct qga_inventory *inventory = call->env->inventory;
	struct qga_out *out = call->out;
	struct qga_filesystem fs = {0};
	int result = inventory->filesystem(inventory->context, index, &fs);

	if (result <= 0)
		return result;
	qga_out_object(out);
	qga_out_member_str(out, "name", fs.name);
	if (fs.has_usage)
		qga_out_member_uint(out, "total-bytes", fs.total_bytes);
	qga_out_member_str(out, "mountpoint", fs.mountpoint);
	qga_out_key(out, "disk");
	qga_out_list(out);
	qga_out_list_end(out);
	if (fs.has_usage) {
		qga_out_member_uint(out, "total-bytes-privileged",
		                    fs.privileged_bytes ? fs.privileged_bytes : fs.total_bytes);
		qga_out_member_uint(out, "used-bytes", fs.used_bytes);
	}
	qga_out_member_str(out, "type", fs.type);
	qga_out_object_end(out);
	return result;
}

enum qga_status qga_cmd_get_fsinfo(struct qga_call *call)
{
	return qga_inventory_list(call, put_filesystem, "file systems");
}

#endif
