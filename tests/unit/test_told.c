/* SPDX-License-Identifier: MIT */
/* What an environment tells of its machine, as it is answered: each member, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "talk.h"

static int interface(void *context, size_t index, struct qga_interface *item)
{
	static const struct qga_address addresses[] = {
		{.address = "10.0.0.1", .prefix = 8},
		{.address = "fe80::1", .ipv6 = true, .prefix = 64}};
	static const struct qga_interface interfaces[] = {
		{.name = "lo"},
		{.name = "eth0",
	         .has_mac = true,
	         .mac = {0x52, 0x54, 0x00, 0xAB, 0xCD, 0xEF},
	         .addresses = addresses,
	         .n_addresses = 2,
	         .has_stats = true,
	         .stats = {1, 2, 3, 4, 5, 6, 7, 8}}};

	(void)context;
	if (index >= 2)
		return 0;
	*item = interfaces[index];
	return 1;
}

/* Of any length; its context. */
static const char *host_name(void *context)
{
	return context;
}

static int route(void *context, size_t index, struct qga_route *item)
{
	(void)context;
	if (index >= 2)
		return 0;
	*item = index == 0 ? (struct qga_route){.iface = "eth0",
	                                        .destination = "10.0.0.0",
	                                        .gateway = "10.0.0.9",
	                                        .mask = "255.0.0.0",
	                                        .metric = 5,
	                                        .flags = 3,
	                                        .version = 4,
	                                        .has_counts = true,
	                                        .refcnt = 11,
	                                        .use = 12,
	                                        .has_tcp = true,
	                                        .irtt = 13,
	                                        .window = 14,
	                                        .mtu = 15}
	                   : (struct qga_route){.iface = "eth0",
	                                        .destination = "fe80::",
	                                        .prefix_length = "64",
	                                        .source = "::",
	                                        .source_length = "0",
	                                        .nexthop = "::1",
	                                        .flags = -1,
	                                        .version = 6};
	return 1;
}

static int disk(void *context, size_t index, struct qga_disk *item)
{
	(void)context;
	if (index >= 1)
		return 0;
	*item = (struct qga_disk){"/dev/vda", 1 << 20, 7, 254, 16, 1, 2, 3, 4, 5};
	return 1;
}

/* One of which nothing is known, one with as much for everybody, one that keeps some for root. */
static int filesystem(void *context, size_t index, struct qga_filesystem *item)
{
	static const struct qga_filesystem all[] = {{.name = "a", .mountpoint = "/", .type = "ram"},
	                                            {.name = "b",
	                                             .mountpoint = "/b",
	                                             .type = "ram",
	                                             .has_usage = true,
	                                             .used_bytes = 1,
	                                             .total_bytes = 2},
	                                            {.name = "c",
	                                             .mountpoint = "/c",
	                                             .type = "ext4",
	                                             .has_usage = true,
	                                             .used_bytes = 1,
	                                             .total_bytes = 2,
	                                             .privileged_bytes = 3}};

	(void)context;
	if (index >= 3)
		return 0;
	*item = all[index];
	return 1;
}

static int get_time(void *context, int64_t *ns)
{
	*ns = 1234567890;
	return *(int *)context;
}

static int freeze(void *context, const char *mountpoint, size_t len, const char **path)
{
	(void)context, (void)mountpoint, (void)len, (void)path;
	return 0;
}

static int thaw(void *context)
{
	return *(int *)context;
}

/* One that says how much it was asked for, one that trimmed nothing of itself, one that cannot. */
static int trim(void *context, size_t index, uint64_t minimum, const char **path, uint64_t *trimmed)
{
	static const char *const paths[] = {"/a", "/b", "/c"};

	(void)context;
	if (index >= 3)
		return 0;
	*path = paths[index];
	if (index == 0)
		*trimmed = minimum;
	return index == 2 ? QGA_EIO : 1;
}

static const char *ask(struct talk *talk, const char *command)
{
	char request[128];

	sprintf(request, "{\"execute\":\"%s\"}", command);
	return talk_ask(talk, request);
}

/* Commands, and what is answered to each in an environment that has this inventory. */
static void assert_told(const struct qga_inventory *inventory, const char *const (*told)[2],
                        size_t n)
{
	struct talk talk = {0};

	talk.env.inventory = inventory;
	talk_begin(&talk, 1024, 32);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(ask(&talk, told[i][0]), told[i][1]);
	talk_end(&talk);
}

static void network(void **state)
{
	static const struct qga_inventory inventory = {.interface = interface, .route = route};
	static const char *const told[][2] = {
		{"guest-network-get-interfaces",
	         "{\"return\": [{\"name\": \"lo\"}, {\"name\": \"eth0\", \"ip-addresses\": [{\"ip-addres"
	         "s-type\": \"ipv4\", \"ip-address\": \"10.0.0.1\", \"prefix\": 8}, {\"ip-address-type\""
	         ": \"ipv6\", \"ip-address\": \"fe80::1\", \"prefix\": 64}], \"statistics\": {\"tx-packe"
	         "ts\": 6, \"tx-errs\": 7, \"rx-bytes\": 1, \"rx-dropped\": 4, \"rx-packets\": 2, \"rx-e"
	         "rrs\": 3, \"tx-bytes\": 5, \"tx-dropped\": 8}, \"hardware-address\": \"52:54:00:ab:cd:"
	         "ef\"}]}\n"},
		{"guest-network-get-route",
	         "{\"return\": [{\"flags\": 3, \"refcnt\": 11, \"use\": 12, \"irtt\": 13, \"window\": 14"
	         ", \"mtu\": 15, \"metric\": 5, \"version\": 4, \"iface\": \"eth0\", \"destination\": \""
	         "10.0.0.0\", \"gateway\": \"10.0.0.9\", \"mask\": \"255.0.0.0\"}, {\"source\": \"::\", "
	         "\"srcprefixlen\": \"0\", \"metric\": 0, \"version\": 6, \"nexthop\": \"::1\", \"iface"
	         "\": \"eth0\", \"destination\": \"fe80::\", \"desprefixlen\": \"64\"}]}\n"},
	};

	(void)state;
	assert_told(&inventory, told, sizeof(told) / sizeof(told[0]));
}

/* However long it is: where the room ends, it goes on, and no quote comes twice. */
static void host_names(void **state)
{
	char name[1201], expected[1300];
	struct talk talk = {.pull = 32};
	struct qga_inventory inventory = {.context = name, .host_name = host_name};

	(void)state;
	talk.env.inventory = &inventory;
	talk_begin(&talk, 1024, 32);
	memset(name, 'n', sizeof(name));
	for (size_t len = sizeof(name); len-- > 0;) {
		name[len] = '\0';
		sprintf(expected, "{\"return\": {\"host-name\": \"%s\"}}\n", name);
		assert_string_equal(ask(&talk, "guest-get-host-name"), expected);
	}
	/* Where that is in the host's own buffer, and not in the agent's. */
	memset(name, 'n', 600);
	name[600] = '\0';
	sprintf(expected, "{\"return\": {\"host-name\": \"%s\"}}\n", name);
	for (talk.pull = 700; talk.pull > 300; talk.pull--)
		assert_string_equal(ask(&talk, "guest-get-host-name"), expected);
	talk_end(&talk);
}

static void disks(void **state)
{
	static const struct qga_inventory inventory = {.disk = disk};
	static const char *const told[][2] = {
		{"guest-get-disks",
	         "{\"return\": [{\"name\": \"/dev/vda\", \"dependencies\": [], \"partition\": false, \"a"
	         "ddress\": {\"bus-type\": \"virtio\", \"bus\": 0, \"unit\": 7, \"pci-controller\": {\"b"
	         "us\": -1, \"slot\": -1, \"domain\": -1, \"function\": -1}, \"dev\": \"/dev/vda\", \"ta"
	         "rget\": 0}}]}\n"},
		{"guest-get-diskstats",
	         "{\"return\": [{\"name\": \"vda\", \"stats\": {\"write-ios\": 3, \"read-ios\": 1, \"flu"
	         "sh-ios\": 5, \"write-sectors\": 4, \"read-sectors\": 2}, \"minor\": 16, \"major\": 254"
	         "}]}\n"},
	};

	(void)state;
	assert_told(&inventory, told, sizeof(told) / sizeof(told[0]));
}

static void filesystems(void **state)
{
	static const struct qga_inventory inventory = {.filesystem = filesystem};
	static const char *const told[][2] = {
		{"guest-get-fsinfo",
	         "{\"return\": [{\"name\": \"a\", \"mountpoint\": \"/\", \"disk\": [], \"type\": \"ram\"}, "
	         "{\"name\": \"b\", \"total-bytes\": 2, \"mountpoint\": \"/b\", \"disk\": [], "
	         "\"total-bytes-privileged\": 2, \"used-bytes\": 1, \"type\": \"ram\"}, "
	         "{\"name\": \"c\", \"total-bytes\": 2, \"mountpoint\": \"/c\", \"disk\": [], "
	         "\"total-bytes-privileged\": 3, \"used-bytes\": 1, \"type\": \"ext4\"}]}\n"},
	};

	(void)state;
	assert_told(&inventory, told, sizeof(told) / sizeof(told[0]));
}

static void times(void **state)
{
	int result = 0;
	struct talk talk = {0};
	struct qga_clock clock = {.context = &result, .get = get_time};

	(void)state;
	talk.env.clock = &clock;
	talk_begin(&talk, 1024, 32);
	assert_string_equal(ask(&talk, "guest-get-time"), "{\"return\": 1234567890}\n");
	result = QGA_EIO;
	assert_string_equal(
		ask(&talk, "guest-get-time"),
		"{\"error\": {\"class\": \"GenericError\", \"desc\": \"Failed to get time\"}}\n");
	talk_end(&talk);
}

static void trimmed(void **state)
{
	int result = QGA_EIO;
	struct talk talk = {0};
	struct qga_freeze freezer = {
		.context = &result, .freeze = freeze, .thaw = thaw, .trim = trim};

	(void)state;
	talk.env.freeze = &freezer;
	talk_begin(&talk, 1024, 32);
	assert_string_equal(
		ask(&talk, "guest-fstrim"),
		"{\"return\": {\"paths\": [{\"minimum\": 0, \"path\": \"/a\", \"trimmed\": 0}, {\"minim"
		"um\": 0, \"path\": \"/b\", \"trimmed\": 0}, {\"path\": \"/c\", \"error\": \"failed to "
		"trim: Input/output error\"}]}}\n");
	assert_string_equal(
		talk_ask(&talk, "{\"execute\":\"guest-fstrim\",\"arguments\":{\"minimum\":77}}"),
		"{\"return\": {\"paths\": [{\"minimum\": 77, \"path\": \"/a\", \"trimmed\": 77}, {\"min"
		"imum\": 77, \"path\": \"/b\", \"trimmed\": 0}, {\"path\": \"/c\", \"error\": \"failed "
		"to trim: Input/output error\"}]}}\n");
	assert_string_equal(
		talk_ask(&talk, "{\"execute\":\"guest-fstrim\",\"arguments\":{\"minimum\":-1}}"),
		"{\"return\": {\"paths\": [{\"minimum\": 0, \"path\": \"/a\", \"trimmed\": 0}, {\"minim"
		"um\": 0, \"path\": \"/b\", \"trimmed\": 0}, {\"path\": \"/c\", \"error\": \"failed to "
		"trim: Input/output error\"}]}}\n");
	assert_string_equal(ask(&talk, "guest-fsfreeze-freeze"), "{\"return\": 0}\n");
	assert_string_equal(ask(&talk, "guest-fsfreeze-thaw"), "{\"return\": 0}\n");
	talk_end(&talk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(network),    cmocka_unit_test(disks),
		cmocka_unit_test(host_names), cmocka_unit_test(times),
		cmocka_unit_test(trimmed),    cmocka_unit_test(filesystems)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
