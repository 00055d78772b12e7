/* SPDX-License-Identifier: MIT */
/* network.c - see inventory.h: guest-network-get-interfaces and guest-network-get-route. */
#include "agent.h"
#include "inventory.h"
#include "members.h"

#if AGENT_WITH_INVENTORY

/* --- Interfaces --- */

static void put_address(struct json_out *out, const struct env_address *address)
{
	out_object(out);
	out_member_str(out, "ip-address-type", address->ipv6 ? "ipv6" : "ipv4");
	out_member_str(out, "ip-address", address->address);
	out_member_uint(out, "prefix", address->prefix);
	out_object_end(out);
}

static void put_statistics(struct json_out *out, const struct env_netstats *stats)
{
	static const struct member members[] = {
		MEMBER("tx-packets", struct env_netstats, tx_packets),
		MEMBER("tx-errs", struct env_netstats, tx_errs),
		MEMBER("rx-bytes", struct env_netstats, rx_bytes),
		MEMBER("rx-dropped", struct env_netstats, rx_dropped),
		MEMBER("rx-packets", struct env_netstats, rx_packets),
		MEMBER("rx-errs", struct env_netstats, rx_errs),
		MEMBER("tx-bytes", struct env_netstats, tx_bytes),
		MEMBER("tx-dropped", struct env_netstats, tx_dropped),
	};

	out_key(out, "statistics");
	out_struct(out, members, stats);
}

static void put_mac(struct json_out *out, const uint8_t mac[6])
{
	static const char hex[] = "0123456789abcdef";
	char text[18];

	for (int i = 0; i < 6; i++) {
		text[3 * i] = hex[mac[i] >> 4];
		text[3 * i + 1] = hex[mac[i] & 15];
		text[3 * i + 2] = i < 5 ? ':' : '\0';
	}
	out_member_str(out, "hardware-address", text);
}

/* Where the walk is: interface call->cursor, and of that: */
#define NEXT_ADDRESS(call) ((call)->u[0])
enum {
	LIST_BEGIN,
	ITEM_BEGIN,
	ITEM_ADDRESS,
	ITEM_END
};

/* An interface may have more addresses than a step has room for, so each gets its own. */
enum cmd_status cmd_get_interfaces(struct agent *agent, struct call *call)
{
	const struct env_inventory *inventory = call->env->inventory;
	struct json_out *out = call->out;
	struct env_interface item = {0};
	int result = inventory->interface(inventory->context, call->cursor, &item);

	(void)agent;
	switch (call->step) {
	case LIST_BEGIN:
		out_list(out);
		/* fall through */
	case ITEM_BEGIN:
		if (result <= 0) {
			out_list_end(out);
			return CMD_DONE;
		}
		out_object(out);
		out_member_str(out, "name", item.name);
		NEXT_ADDRESS(call) = 0;
		call->step = ITEM_END;
		if (AGENT_WITH_HOOKS && item.n_addresses > 0) {
			out_key(out, "ip-addresses");
			out_list(out);
			call->step = ITEM_ADDRESS;
		}
		return CMD_MORE;
	case ITEM_ADDRESS:
		put_address(out, &item.addresses[NEXT_ADDRESS(call)++]);
		if (NEXT_ADDRESS(call) < item.n_addresses)
			return CMD_MORE;
		out_list_end(out);
		call->step = ITEM_END;
		return CMD_MORE;
	default:
		if (AGENT_WITH_HOOKS && item.has_stats)
			put_statistics(out, &item.stats);
		if (item.has_mac)
			put_mac(out, item.mac);
		out_object_end(out);
		call->cursor++;
		call->step = ITEM_BEGIN;
		return CMD_MORE;
	}
}

/* --- Routes --- */

#if AGENT_WITH_HOOKS

static int put_route(struct call *call, size_t index)
{
	static const struct member members[] = {
		MEMBER("source", struct env_route, source),
		MEMBER("metric", struct env_route, metric),
		MEMBER("version", struct env_route, version),
		MEMBER("nexthop", struct env_route, nexthop),
		MEMBER("iface", struct env_route, iface),
		MEMBER("destination", struct env_route, destination),
		MEMBER("desprefixlen", struct env_route, prefix_length),
		MEMBER("gateway", struct env_route, gateway),
		MEMBER("mask", struct env_route, mask),
	};
	const struct env_inventory *inventory = call->env->inventory;
	struct json_out *out = call->out;
	struct env_route route = {.metric = 0, .flags = -1};
	int result = inventory->route(inventory->context, index, &route);

	if (result <= 0)
		return result;
	out_object(out);
	if (route.flags >= 0)
		out_member_int(out, "flags", route.flags);
	out_members(out, members, &route);
	out_object_end(out);
	return result;
}

enum cmd_status cmd_get_route(struct agent *agent, struct call *call)
{
	(void)agent;
	return inventory_list(call, put_route, "routes");
}

#endif

#endif
