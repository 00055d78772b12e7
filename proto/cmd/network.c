/* SPDX-License-Identifier: MIT */
/* network.c - see inventory.h: guest-network-get-interfaces and guest-network-get-route. */
#include "core/agent.h"
#include "inventory.h"
#include "members.h"

#if QGA_WITH_INVENTORY

/* --- Interfaces --- */

static void put_ip_address(struct qga_out *out, const struct qga_address *address)
{
	qga_out_object(out);
	qga_out_member_str(out, "ip-address-type", address->ipv6 ? "ipv6" : "ipv4");
	qga_out_member_str(out, "ip-address", address->address);
	qga_out_member_uint(out, "prefix", address->prefix);
	qga_out_object_end(out);
}

static void put_statistics(struct qga_out *out, const struct qga_netstats *stats)
{
	static const struct member members[] = {
		MEMBER("tx-packets", struct qga_netstats, tx_packets),
		MEMBER("tx-errs", struct qga_netstats, tx_errs),
		MEMBER("rx-bytes", struct qga_netstats, rx_bytes),
		MEMBER("rx-dropped", struct qga_netstats, rx_dropped),
		MEMBER("rx-packets", struct qga_netstats, rx_packets),
		MEMBER("rx-errs", struct qga_netstats, rx_errs),
		MEMBER("tx-bytes", struct qga_netstats, tx_bytes),
		MEMBER("tx-dropped", struct qga_netstats, tx_dropped),
	};

	qga_out_key(out, "statistics");
	qga_out_struct(out, members, stats);
}

static void put_mac(struct qga_out *out, const uint8_t mac[6])
{
	static const char hex[] = "0123456789abcdef";
	char text[18];

	for (int i = 0; i < 6; i++) {
		text[3 * i] = hex[mac[i] >> 4];
		text[3 * i + 1] = hex[mac[i] & 15];
		text[3 * i + 2] = i < 5 ? ':' : '\0';
	}
	qga_out_member_str(out, "hardware-address", text);
}

/* Where the walk is: interface call->cursor, and of that: */
struct interface_at {
	size_t address; /* the next one */
};
enum {
	LIST_BEGIN,
	ITEM_BEGIN,
	ITEM_ADDRESS,
	ITEM_END
};

/* An interface may have more addresses than a step has room for, so each gets its own. */
enum qga_status qga_cmd_get_interfaces(struct qga_call *call)
{
	const struct qga_inventory *inventory = call->env->inventory;
	struct qga_out *out = call->out;
	struct interface_at *at = QGA_SCRATCH(struct interface_at, call);
	struct qga_interface item = {0};
	int result = inventory->interface(inventory->context, call->cursor, &item);

	switch (call->step) {
	case LIST_BEGIN:
		qga_out_list(out);
		/* fall through */
	case ITEM_BEGIN:
		if (result <= 0) {
			qga_out_list_end(out);
			return QGA_DONE;
		}
		qga_out_object(out);
		qga_out_member_str(out, "name", item.name);
		at->address = 0;
		call->step = ITEM_END;
		if (QGA_WITH_HOOKS && item.n_addresses > 0) {
			qga_out_key(out, "ip-addresses");
			qga_out_list(out);
			call->step = ITEM_ADDRESS;
		}
		return QGA_MORE;
	case ITEM_ADDRESS:
		/* The environment is asked each time, and may have fewer than it had. */
		if (result > 0 && at->address < item.n_addresses)
			put_ip_address(out, &item.addresses[at->address++]);
		if (result > 0 && at->address < item.n_addresses)
			return QGA_MORE;
		qga_out_list_end(out);
		call->step = ITEM_END;
		return QGA_MORE;
	default:
		if (QGA_WITH_HOOKS && item.has_stats)
			put_statistics(out, &item.stats);
		if (item.has_mac)
			put_mac(out, item.mac);
		qga_out_object_end(out);
		call->cursor++;
		call->step = ITEM_BEGIN;
		return QGA_MORE;
	}
}

/* --- Routes --- */

#if QGA_WITH_HOOKS

static int put_route(struct qga_call *call, size_t index)
{
	static const struct member members[] = {
		MEMBER("source", struct qga_route, source),
		MEMBER("srcprefixlen", struct qga_route, source_length),
		MEMBER("metric", struct qga_route, metric),
		MEMBER("version", struct qga_route, version),
		MEMBER("nexthop", struct qga_route, nexthop),
		MEMBER("iface", struct qga_route, iface),
		MEMBER("destination", struct qga_route, destination),
		MEMBER("desprefixlen", struct qga_route, prefix_length),
		MEMBER("gateway", struct qga_route, gateway),
		MEMBER("mask", struct qga_route, mask),
	};
	static const struct member counts[] = {
		MEMBER("refcnt", struct qga_route, refcnt),
		MEMBER("use", struct qga_route, use),
	};
	static const struct member tcp[] = {
		MEMBER("irtt", struct qga_route, irtt),
		MEMBER("window", struct qga_route, window),
		MEMBER("mtu", struct qga_route, mtu),
	};
	const struct qga_inventory *inventory = call->env->inventory;
	struct qga_out *out = call->out;
	struct qga_route route = {.metric = 0, .flags = -1};
	int result = inventory->route(inventory->context, index, &route);

	if (result <= 0)
		return result;
	qga_out_object(out);
	if (route.flags >= 0)
		qga_out_member_int(out, "flags", route.flags);
	if (route.has_counts)
		qga_out_members(out, counts, &route);
	if (route.has_tcp)
		qga_out_members(out, tcp, &route);
	qga_out_members(out, members, &route);
	qga_out_object_end(out);
	return result;
}

enum qga_status qga_cmd_get_route(struct qga_call *call)
{
	return qga_inventory_list(call, put_route, "routes");
}

#endif

#endif
