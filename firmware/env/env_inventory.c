/* SPDX-License-Identifier: MIT */
/*
 * env_inventory.c - what the board found, as env_inventory tells it: processors, memory, load, and
 * the application's interfaces, routes and file systems.
 */
#include "app.h"
#include "env.h"

#ifndef ENV_RELEASE
#define ENV_RELEASE "0.1"
#endif

#define MS 1000000u

static const struct board *board;
static struct qga_inventory inventory;
static const char *host_name, *os_release;

/* What osinfo says unless the host or the application hand over their own. */
static const char own_os_release[] = "NAME=bareqga\n"
				     "ID=bareqga\n"
				     "PRETTY_NAME=\"bareqga " ENV_RELEASE "\"\n"
				     "VERSION=" ENV_RELEASE "\n"
				     "VERSION_ID=" ENV_RELEASE "\n";

static const char *first_of(const char *a, const char *b, const char *c)
{
	return a ? a : b ? b : c;
}

/* Looked up when they are asked for: a boot should not wait for them. */
static const char *get_host_name(void *context)
{
	(void)context;
	if (!host_name)
		host_name = first_of(env_setting(ENV_SETTING("hostname"), board->cmdline),
		                     app.host_name, "localhost");
	return host_name;
}

static const char *get_os_release(void *context)
{
	(void)context;
	if (!os_release)
		os_release = first_of(env_setting(ENV_SETTING("os-release"), board->cmdline),
		                      app.os_release, own_os_release);
	return os_release;
}

/* --- Processors and memory --- */

/* One runs us, the others are parked unless the application has started them. */
static int vcpu(void *context, size_t index, struct qga_vcpu *item)
{
	int64_t id = (int64_t)index;

	(void)context;
	if (board->learn)
		board->learn();
	if (index >= board->n_cpus)
		return 0;
	*item = (struct qga_vcpu){
		.logical_id = id,
		.online = index == board->cpu || (app.vcpu_online && app.vcpu_online(id)),
	};
	/* What is offline could go there; libvirt takes nothing else. */
	item->can_offline = index != board->cpu && (app.set_vcpu || !item->online);
	return 1;
}

static int set_vcpu(void *context, int64_t logical_id, bool online)
{
	(void)context;
	return app.set_vcpu(logical_id, online);
}

/* Everything that is not waiting is ours to answer for: there is no user mode. */
static int cpustat(void *context, size_t index, struct qga_cpustat *item)
{
	uint64_t idle = board_idle(), all = board_monotonic();

	(void)context;
	if (index > 0)
		return 0;
	*item = (struct qga_cpustat){
		.system_ms = all > idle ? (all - idle) / MS : 0,
		.idle_ms = idle / MS,
	};
	return 1;
}

/*
 * Blocks are as large as Linux's (128 MiB) or smaller, so that whole blocks make up the memory; but
 * not below BLOCK_MIN, where that would give thousands of them, and then the outer ones of a range
 * are only partly memory, as with Linux.
 */
#define BLOCK_MAX ((uint64_t)128 << 20)
#define BLOCK_MIN ((uint64_t)16 << 20)

static uint64_t block_size(void)
{
	uint64_t edges = BLOCK_MAX, all = 0, size;

	for (unsigned i = 0; i < board->n_ram; i++) {
		edges |= board->ram[i].base | board->ram[i].size;
		all += board->ram[i].size;
	}
	size = edges & -edges;
	if (size < BLOCK_MIN)
		size = BLOCK_MIN;
	while (size > all)
		size /= 2;
	return size;
}

static int memory_block(void *context, size_t index, struct qga_memory_block *item)
{
	uint64_t size = inventory.memory_block_size, told = 0; /* blocks below this one */

	(void)context;
	for (unsigned i = 0; i < board->n_ram; i++) {
		uint64_t base = board->ram[i].base, first = base / size;
		uint64_t end = (base + board->ram[i].size - 1) / size + 1;

		first = first < told ? told : first; /* two ranges may share a block */
		if (index < end - first) {
			*item = (struct qga_memory_block){.phys_index = first + index,
			                                  .online = true};
			return 1;
		}
		index -= (size_t)(end - first);
		told = end;
	}
	return 0;
}

/* --- Load --- */

/*
 * Load is the exponential average of how much of the time we did not wait. It is sampled whenever
 * something wakes us, at most every SAMPLE, and never wakes us by itself: asleep is not busy.
 * Fractions have 32 bits, all ones stand for one. Factors: exp(-5/60), exp(-5/300), exp(-5/900).
 */
#define SAMPLE 5000000000u
#define ONE    UINT32_MAX

static const uint32_t factor[3] = {3951560671, 4223977730, 4271172524};
static uint32_t average[3];
static uint64_t sampled_at, sampled_idle;

/* The upper half of the product: of two fractions, or the whole part of a fraction of b. */
static uint32_t product(uint32_t a, uint32_t b)
{
	return (uint32_t)((uint64_t)a * b >> 32);
}

static uint32_t power_of(uint32_t f, uint64_t n)
{
	uint32_t result = ONE;

	for (; n > 0; n >>= 1, f = product(f, f))
		if (n & 1)
			result = product(result, f);
	return result;
}

/* part / whole */
static uint32_t fraction(uint64_t part, uint64_t whole)
{
	for (; whole >> 32; whole >>= 1)
		part >>= 1;
	return part < whole ? (uint32_t)((part << 32) / whole) : ONE;
}

void env_load_sample(void)
{
	uint64_t now = board_monotonic(), passed = now - sampled_at, idle, waited;
	uint32_t busy, keep;

	if (passed < SAMPLE)
		return;
	idle = board_idle();
	waited = idle - sampled_idle;
	busy = fraction(waited < passed ? passed - waited : 0, passed);
	for (int i = 0; i < 3; i++) {
		keep = power_of(factor[i], passed / SAMPLE);
		average[i] = product(average[i], keep) + product(busy, ONE - keep);
	}
	sampled_at = now;
	sampled_idle = idle;
}

/* In hundredths, rounded. */
static int64_t hundredths(uint32_t f)
{
	return ((uint64_t)f * 100 + ONE / 2) >> 32;
}

static int load(void *context, struct qga_load *item)
{
	(void)context;
	env_load_sample();
	item->load1m = hundredths(average[0]);
	item->load5m = hundredths(average[1]);
	item->load15m = hundredths(average[2]);
	return 0;
}

/* --- What the application has --- */

static int route(void *context, size_t index, struct qga_route *item)
{
	(void)context;
	if (index >= app.n_routes)
		return 0;
	*item = app.routes[index];
	return 1;
}

const struct qga_inventory *env_inventory_init(const struct board *b)
{
	board = b;
	env_devices_init(b);
	inventory.host_name = get_host_name;
	inventory.os_release = get_os_release;
	inventory.machine = b->machine;
	inventory.kernel_release = ENV_RELEASE;
	inventory.kernel_version = b->name;
	inventory.cpustat = cpustat;
	inventory.load = load;
	inventory.interface = env_interface;
	inventory.disk = env_disk;
	inventory.has_users = true;
	if (b->n_cpus > 0)
		inventory.vcpu = vcpu;
	if (b->n_ram > 0) {
		inventory.memory_block_size = block_size();
		inventory.memory_block = memory_block;
	}
	if (env_files_total() > 0 || app.filesystem)
		inventory.filesystem = env_filesystem;
	if (app.n_routes > 0)
		inventory.route = route;
	if (app.set_vcpu)
		inventory.set_vcpu = set_vcpu;
	return &inventory;
}
