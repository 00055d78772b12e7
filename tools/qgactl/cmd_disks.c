/* SPDX-License-Identifier: MIT */
/* cmd_disks.c - disks, file systems, and what was read and written. */
#include <stdio.h>

#include "command.h"
#include "print.h"

static void heading(struct table *t, const char *const *heads)
{
	for (size_t i = 0; i < t->columns; i++)
		table_cell(t, "%s", heads[i]);
}

static void show_disks(const json_t *list)
{
	static const char *const heads[] = {"DISK", "KIND", "BUS", "SERIAL"};
	struct table t = {.columns = 4};
	json_t *disk;
	size_t i;

	if (json_array_size(list) == 0) {
		puts("no disks");
		return;
	}
	heading(&t, heads);
	json_array_foreach(list, i, disk)
	{
		const json_t *address = json_object_get(disk, "address");

		table_cell(&t, "%s", member_text(disk, "name"));
		table_cell(&t, "%s", member_true(disk, "partition") ? "partition" : "disk");
		table_cell(&t, "%s", member_text(address, "bus-type"));
		table_cell(&t, "%s", member_text(address, "serial"));
	}
	table_print(&t);
}

static void show_systems(const json_t *list)
{
	static const char *const heads[] = {"MOUNTED AT", "TYPE", "DEVICE", "USED", "OF"};
	struct table t = {.columns = 5, .right = 1 << 3 | 1 << 4};
	json_t *system;
	char size[16];
	size_t i;

	if (json_array_size(list) == 0)
		return;
	putchar('\n');
	heading(&t, heads);
	json_array_foreach(list, i, system)
	{
		bool known = json_object_get(system, "total-bytes") != NULL;

		table_cell(&t, "%s", member_text(system, "mountpoint"));
		table_cell(&t, "%s", member_text(system, "type"));
		table_cell(&t, "%s", member_text(system, "name"));
		table_cell(&t, "%s",
		           known ? print_size(size, member_real(system, "used-bytes")) : "-");
		table_cell(&t, "%s",
		           known ? print_size(size, member_real(system, "total-bytes")) : "-");
	}
	table_print(&t);
}

static void show_counts(const json_t *list)
{
	static const char *const heads[] = {"DEVICE", "READS", "READ", "WRITES", "WRITTEN"};
	struct table t = {.columns = 5, .right = 0x1e};
	json_t *disk;
	char size[16];
	size_t i;

	if (json_array_size(list) == 0)
		return;
	putchar('\n');
	heading(&t, heads);
	json_array_foreach(list, i, disk)
	{
		const json_t *counts = json_object_get(disk, "stats");

		table_cell(&t, "%s", member_text(disk, "name"));
		table_cell(&t, "%lld", member_number(counts, "read-ios"));
		table_cell(&t, "%s", print_size(size, 512 * member_real(counts, "read-sectors")));
		table_cell(&t, "%lld", member_number(counts, "write-ios"));
		table_cell(&t, "%s", print_size(size, 512 * member_real(counts, "write-sectors")));
	}
	table_print(&t);
}

int cmd_disks(struct context *c, const struct args *a)
{
	json_t *disks, *systems = NULL, *counts = NULL;
	int status = session_ask(&c->session, "guest-get-disks", NULL, &disks);

	(void)a;
	if (status)
		return status;
	status = session_try(&c->session, "guest-get-fsinfo", NULL, &systems);
	if (!status)
		status = session_try(&c->session, "guest-get-diskstats", NULL, &counts);
	if (!status && c->json) {
		json_t *all = json_pack("{s:O, s:O*, s:O*}", "disks", disks, "filesystems", systems,
		                        "stats", counts);

		print_json(all);
		json_decref(all);
	} else if (!status) {
		show_disks(disks);
		show_systems(systems);
		show_counts(counts);
	}
	json_decref(counts);
	json_decref(systems);
	json_decref(disks);
	return status;
}
