/* SPDX-License-Identifier: MIT */
/* cmd_net.c - network interfaces, their addresses and counters, and routes where the agent tells
 * them. */
#include <stdio.h>

#include "command.h"
#include "print.h"

static void add_addresses(struct buffer *text, const json_t *interface)
{
	json_t *address;
	size_t i;

	json_array_foreach(json_object_get(interface, "ip-addresses"), i, address)
		buffer_printf(text, "%s%s/%lld", i ? " " : "", member_text(address, "ip-address"),
	                      member_number(address, "prefix"));
	buffer_add(text, "", 1);
}

static void show_interfaces(const json_t *list)
{
	struct table t = {.columns = 6, .right = 1 << 2 | 1 << 3 | 1 << 4};
	static const char *const heads[] = {"NAME", "HARDWARE", "RECEIVED",
	                                    "SENT", "ERRORS",   "ADDRESSES"};
	json_t *interface;
	size_t i;

	if (json_array_size(list) == 0) {
		puts("no network interfaces");
		return;
	}
	for (i = 0; i < t.columns; i++)
		table_cell(&t, "%s", heads[i]);
	json_array_foreach(list, i, interface)
	{
		const json_t *counts = json_object_get(interface, "statistics");
		struct buffer text = {0};
		char size[16];

		add_addresses(&text, interface);
		table_cell(&t, "%s", member_text(interface, "name"));
		table_cell(&t, "%s", member_text(interface, "hardware-address"));
		table_cell(&t, "%s",
		           counts ? print_size(size, member_real(counts, "rx-bytes")) : "-");
		table_cell(&t, "%s",
		           counts ? print_size(size, member_real(counts, "tx-bytes")) : "-");
		table_cell(&t, "%lld",
		           member_number(counts, "rx-errs") + member_number(counts, "tx-errs"));
		table_cell(&t, "%s", text.data);
		buffer_free(&text);
	}
	table_print(&t);
}

static void show_routes(const json_t *list)
{
	struct table t = {.columns = 5};
	static const char *const heads[] = {"ROUTE TO", "MASK", "GATEWAY", "INTERFACE", "METRIC"};
	json_t *route;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	putchar('\n');
	for (i = 0; i < t.columns; i++)
		table_cell(&t, "%s", heads[i]);
	json_array_foreach(list, i, route)
	{
		table_cell(&t, "%s", member_text(route, "destination"));
		table_cell(&t, "%s", member_text(route, "mask"));
		table_cell(&t, "%s", member_text(route, "gateway"));
		table_cell(&t, "%s", member_text(route, "iface"));
		table_cell(&t, "%lld", member_number(route, "metric"));
	}
	table_print(&t);
}

int cmd_net(struct context *c, const struct args *a)
{
	json_t *interfaces, *routes;
	int status = session_ask(&c->session, "guest-network-get-interfaces", NULL, &interfaces);

	(void)a;
	if (status)
		return status;
	status = session_try(&c->session, "guest-network-get-route", NULL, &routes);
	if (!status && c->json) {
		json_t *all = json_pack("{s:O, s:O*}", "interfaces", interfaces, "routes", routes);

		print_json(all);
		json_decref(all);
	} else if (!status) {
		show_interfaces(interfaces);
		show_routes(routes);
	}
	json_decref(routes);
	json_decref(interfaces);
	return status;
}
