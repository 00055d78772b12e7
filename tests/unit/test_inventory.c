/* SPDX-License-Identifier: MIT */
/* test_inventory.c - what there is, told of none, of some, of such as fail or change while they are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "talk.h"

#define FAILS(text) "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}\n"

static struct {
	size_t n;         /* items there are */
	size_t fails_at;  /* of them, from 1; 0: none */
	unsigned looks;   /* at any */
	unsigned shrinks; /* looks after which there are no addresses any more; 0: never */
	const char *name; /* the host's */
	unsigned names;   /* looks at it after which it is not known any more */
	bool online[3];
	int set_error, sets;
} world;

static int item(size_t index)
{
	world.looks++;
	return index + 1 == world.fails_at ? QGA_EIO : index < world.n;
}

static int vcpu(void *context, size_t index, struct qga_vcpu *vcpu)
{
	(void)context;
	*vcpu = (struct qga_vcpu){.logical_id = (int64_t)index,
	                          .online = index < 3 && world.online[index],
	                          .can_offline = index == 1};
	return item(index);
}

static int set_vcpu(void *context, int64_t id, bool online)
{
	(void)context;
	world.sets++;
	if (world.set_error)
		return world.set_error;
	world.online[id] = online;
	return 0;
}

static int cpustat(void *context, size_t index, struct qga_cpustat *stat)
{
	(void)context, (void)stat;
	return item(index);
}

static int block(void *context, size_t index, struct qga_memory_block *block)
{
	(void)context, (void)block;
	return item(index);
}

static int interface(void *context, size_t index, struct qga_interface *item_)
{
	static const struct qga_address addresses[] = {{.address = "10.0.0.1", .prefix = 8},
	                                               {.address = "10.0.0.2", .prefix = 16},
	                                               {.address = "10.0.0.3", .prefix = 24}};
	int result = item(index);

	(void)context;
	*item_ = (struct qga_interface){
		.name = index ? "b" : "a", .addresses = addresses, .n_addresses = 2 + index};
	return world.shrinks && world.looks > world.shrinks ? 0 : result;
}

static int route(void *context, size_t index, struct qga_route *route)
{
	int metric = (int)route->metric;

	(void)context;
	*route = (struct qga_route){.metric = metric, .flags = -1};
	return item(index);
}

static int disk(void *context, size_t index, struct qga_disk *disk)
{
	(void)context;
	disk->name = "/dev/vda";
	return item(index);
}

static int filesystem(void *context, size_t index, struct qga_filesystem *fs)
{
	static const struct qga_filesystem known[] = {{"vda", "/", "ext4", true, 5, 10, 0},
	                                              {"vdb", "/b", "vfat", true, 6, 20, 22},
	                                              {"none", "/ram", "ram", false, 7, 7, 7}};

	(void)context;
	if (index < 3)
		*fs = known[index];
	return item(index);
}

static const char *host_name(void *context)
{
	(void)context;
	return world.names && ++world.looks > world.names ? NULL : world.name;
}

static const struct qga_inventory inventory = {.host_name = host_name,
                                               .vcpu = vcpu,
                                               .set_vcpu = set_vcpu,
                                               .cpustat = cpustat,
                                               .memory_block = block,
                                               .interface = interface,
                                               .route = route,
                                               .disk = disk,
                                               .filesystem = filesystem,
                                               .has_users = true};
static struct talk talk;

static int setup(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	memset(&talk, 0, sizeof(talk));
	talk.env.inventory = &inventory;
	talk_begin(&talk, 1024, 64);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talk_end(&talk);
	return 0;
}

static const char *ask(const char *command)
{
	char request[128];

	sprintf(request, "{\"execute\":\"guest-%s\"}", command);
	return talk_ask(&talk, request);
}

static const struct {
	const char *command, *what;
} lists[] = {{"get-vcpus", "processors"},
             {"get-cpustats", "processor statistics"},
             {"get-memory-blocks", "memory blocks"},
             {"network-get-route", "routes"},
             {"get-disks", "disks"},
             {"get-diskstats", "disk statistics"},
             {"get-fsinfo", "file systems"}};

static size_t count(const char *text, char c)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == c;
	return n;
}

/* None is no error; an error is one at the first only: then it is the end. */
static void none_some_and_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		char fails[128];
		size_t one, two;

		world.n = world.fails_at = 0;
		assert_string_equal(ask(lists[i].command), "{\"return\": []}\n");
		world.n = 1;
		one = count(ask(lists[i].command), '{');
		assert_true(one > 1);
		world.n = 2;
		two = count(ask(lists[i].command), '{');
		assert_int_equal(two - 1, 2 * (one - 1));
		world.fails_at = 2;
		assert_int_equal(count(ask(lists[i].command), '{'), one);
		world.fails_at = 1;
		sprintf(fails, FAILS("failed to get %s: Input/output error"), lists[i].what);
		assert_string_equal(ask(lists[i].command), fails);
	}
	assert_string_equal(ask("get-users"), "{\"return\": []}\n");
}

static void file_systems(void **state)
{
	(void)state;
	world.n = 3;
	assert_string_equal(
		ask("get-fsinfo"),
		"{\"return\": [{\"name\": \"vda\", \"total-bytes\": 10, \"mountpoint\": \"/\", \"disk\": [], "
		"\"total-bytes-privileged\": 10, \"used-bytes\": 5, \"type\": \"ext4\"}, "
		"{\"name\": \"vdb\", \"total-bytes\": 20, \"mountpoint\": \"/b\", \"disk\": [], "
		"\"total-bytes-privileged\": 22, \"used-bytes\": 6, \"type\": \"vfat\"}, "
		"{\"name\": \"none\", \"mountpoint\": \"/ram\", \"disk\": [], \"type\": \"ram\"}]}\n");
}

/* A route has metric 0 and no flags until the hook says otherwise. */
static void a_route_by_default(void **state)
{
	(void)state;
	world.n = 1;
	assert_string_equal(ask("network-get-route"),
	                    "{\"return\": [{\"metric\": 0, \"version\": 0}]}\n");
}

#define ADDRESS(n, prefix)                                                                        \
	"{\"ip-address-type\": \"ipv4\", \"ip-address\": \"10.0.0." #n "\", \"prefix\": " #prefix \
	"}"

/* Each with its own addresses; and those that there still are. */
static void addresses(void **state)
{
	(void)state;
	world.n = 2;
	assert_string_equal(
		ask("network-get-interfaces"),
		"{\"return\": [{\"name\": \"a\", \"ip-addresses\": [" ADDRESS(1, 8) ", " ADDRESS(
			2, 16) "]}, {\"name\": \"b\", \"ip-addresses\": "
			       "[" ADDRESS(1, 8) ", " ADDRESS(2, 16) ", " ADDRESS(3, 24) "]}]}\n");
	world.n = 1;
	for (unsigned looks = 1; looks <= 2; looks++) {
		world.looks = 0;
		world.shrinks = looks;
		assert_string_equal(
			ask("network-get-interfaces"),
			looks == 1 ? "{\"return\": [{\"name\": \"a\", \"ip-addresses\": []}]}\n"
				   : "{\"return\": [{\"name\": \"a\", \"ip-addresses\": "
				     "[" ADDRESS(1, 8) "]}]}\n");
	}
}

static void a_name(void **state)
{
	static char long_name[2001];
	static char answer[2100];

	(void)state;
	assert_string_equal(ask("get-host-name"), FAILS("failed to get hostname"));
	world.name = "n";
	assert_string_equal(ask("get-host-name"), "{\"return\": {\"host-name\": \"n\"}}\n");
	world.name = "";
	assert_string_equal(ask("get-host-name"), "{\"return\": {\"host-name\": \"\"}}\n");
	memset(long_name, 'l', 2000);
	world.name = long_name;
	sprintf(answer, "{\"return\": {\"host-name\": \"%s\"}}\n", long_name);
	for (talk.pull = 1; talk.pull < 1500; talk.pull += 61)
		assert_string_equal(ask("get-host-name"), answer);
	/* It is not known any more in the midst of the answer. */
	talk.pull = 1;
	world.names = 1;
	world.looks = 0;
	ask("get-host-name");
	assert_string_equal(ask("get-host-name"), FAILS("failed to get hostname"));
	world.names = 0;
	assert_string_equal(ask("get-host-name"), answer);
}

static const char *set(const char *vcpus)
{
	char request[512];

	sprintf(request, "{\"execute\":\"guest-set-vcpus\",\"arguments\":{\"vcpus\":[%s]}}", vcpus);
	return talk_ask(&talk, request);
}

#define CPU(id, online) "{\"logical-id\":" #id ",\"online\":" #online "}"

/* Up to the first failure, which is an error only if nothing was done. */
static void processors(void **state)
{
	(void)state;
	world.n = 3;
	world.online[0] = world.online[1] = true;
	assert_string_equal(set(""), "{\"return\": 0}\n");
	assert_string_equal(set(CPU(0, true)), "{\"return\": 1}\n");
	assert_int_equal(world.sets, 0);
	assert_string_equal(set(CPU(0, false)), FAILS("logical processor #0 can't be offlined"));
	assert_string_equal(set(CPU(3, false)),
	                    FAILS("logical processor #3: No such file or directory"));
	assert_string_equal(set(CPU(1, false) "," CPU(2, true) "," CPU(0, true)),
	                    "{\"return\": 3}\n");
	assert_int_equal(world.sets, 2);
	assert_true(world.online[0] && !world.online[1] && world.online[2]);
	assert_string_equal(set(CPU(2, true) "," CPU(0, false) "," CPU(1, true)),
	                    "{\"return\": 1}\n");
	assert_false(world.online[1]);
	world.set_error = QGA_EIO;
	assert_string_equal(set(CPU(1, true)), FAILS("logical processor #1: Input/output error"));
	assert_string_equal(set(CPU(0, true) "," CPU(1, true)), "{\"return\": 1}\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(none_some_and_errors),
		TEST(file_systems),
		TEST(a_route_by_default),
		TEST(addresses),
		TEST(a_name),
		TEST(processors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
