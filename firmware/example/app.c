/* SPDX-License-Identifier: MIT */
/*
 * app.c - an application that adds one of everything: `make APP=example`.
 *
 * It stands for a unikernel with a network stack and two file systems, whose state is a few
 * variables here; the tests talk to it through the agent. Its commands are in commands.c.
 */
#include <string.h>

#include "env/env.h"
#include "example.h"

/* --- Files --- */

static const char config_text[] = "colour=green\n";
static char note[64];
static uint64_t note_size;

static uint64_t current_size(void *context)
{
	(void)context;
	return note_size;
}

static int64_t read_note(void *context, uint64_t offset, void *buf, size_t len)
{
	(void)context;
	if (offset >= note_size)
		return 0;
	if (len > note_size - offset)
		len = (size_t)(note_size - offset);
	memcpy(buf, note + offset, len);
	return (int64_t)len;
}

static int64_t write_note(void *context, uint64_t offset, const void *buf, size_t len)
{
	(void)context;
	if (offset > sizeof(note) || len > sizeof(note) - offset)
		return QGA_ENOSPC;
	if (offset > note_size)
		memset(note + note_size, 0, (size_t)(offset - note_size));
	memcpy(note + offset, buf, len);
	if (offset + len > note_size)
		note_size = offset + len;
	return (int64_t)len;
}

static int truncate_note(void *context)
{
	(void)context;
	note_size = 0;
	return 0;
}

static const struct app_file files[] = {
	{.path = "/etc/example.conf", .data = config_text, .size = sizeof(config_text) - 1},
	{.path = "/etc/note",
         .current_size = current_size,
         .read = read_note,
         .write = write_note,
         .truncate = truncate_note},
};

/* --- Programs --- */

/* Counts to argv[1] digit, one line each call and a tenth of a second apart. */
static int count(struct qga_job *job)
{
	char line[2] = {(char)('1' + job->state[0]), '\n'};

	if (job->argc != 2 || job->argv[1][0] < '1' || job->argv[1][0] > '9' || job->argv[1][1]) {
		job->output(job, 2, "usage: count 1..9\n", 18);
		return 2;
	}
	job->output(job, 1, line, sizeof(line));
	if (line[0] == job->argv[1][0])
		return 0;
	job->state[0]++;
	job->wait_ns = 100000000;
	return QGA_RUNNING;
}

/* More output than any job may keep. */
static int flood(struct qga_job *job)
{
	char block[256];

	memset(block, 'x', sizeof(block));
	job->output(job, 1, block, sizeof(block));
	return ++job->state[0] < 8192 ? QGA_RUNNING : 0;
}

static uint64_t number(const struct qga_job *job)
{
	uint64_t n = 0;

	for (const char *p = job->argc == 2 ? job->argv[1] : ""; *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	return n;
}

/* Says argv[1] numbered lines, as many at a time as there is room for on a port that is shared. */
static int chatter(struct qga_job *job)
{
	static const char text[] =
		"0123456 \"quoted\" \\ back, tab\tand \xc3\xa4; a hundred bytes, or nearly so, of what an "
		"application says";
	char line[sizeof text];
	uint64_t n;

	memcpy(line, text, sizeof line);
	for (; board_debug_ready() && job->state[0] < number(job); job->state[0]++) {
		n = job->state[0];
		for (unsigned i = 7; i > 0; i--, n /= 10)
			line[i - 1] = (char)('0' + n % 10);
		env_say(line);
	}
	job->wait_ns = 1000000;
	return job->state[0] < number(job) ? QGA_RUNNING : 0;
}

/* What a bug looks like: an instruction that traps. */
static int fault(struct qga_job *job)
{
	(void)job;
	__builtin_trap();
}

/* Ends the machine with the status that its argument says; goes on where nothing can. */
static int leave(struct qga_job *job)
{
	unsigned status = 0;

	for (const char *c = job->argc > 1 ? job->argv[1] : ""; *c >= '0' && *c <= '9'; c++)
		status = status * 10 + (unsigned)(*c - '0');
	return env_exit(status) ? 1 : 0;
}

static const struct app_program programs[] = {
	{.path = "/bin/count", .run = count},     {.path = "/bin/flood", .run = flood},
	{.path = "/bin/chatter", .run = chatter}, {.path = "/bin/fault", .run = fault},
	{.path = "/bin/exit", .run = leave},
};

/* --- Network --- */

static const struct qga_address addresses[] = {
	{.address = "10.0.2.15", .prefix = 24},
	{.address = "fe80::5054:ff:fe12:3456", .ipv6 = true, .prefix = 64},
};
static const struct qga_interface interfaces[] = {
	{.name = "net0",
         .has_mac = true,
         .mac = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56},
         .addresses = addresses,
         .n_addresses = 2,
         .has_stats = true,
         .stats = {.rx_bytes = 1000, .rx_packets = 10, .tx_bytes = 2000, .tx_packets = 20}},
};
static const struct qga_route routes[] = {
	{.iface = "net0",
         .destination = "0.0.0.0",
         .gateway = "10.0.2.2",
         .mask = "0.0.0.0",
         .flags = 3,
         .version = 4,
         .has_counts = true,
         .use = 7,
         .has_tcp = true,
         .mtu = 1500},
	{.iface = "net0",
         .destination = "fe80::",
         .prefix_length = "64",
         .nexthop = "::",
         .source = "::",
         .source_length = "0",
         .metric = 256,
         .flags = -1,
         .version = 6},
};

/* --- File systems, and freezing them --- */

static const struct {
	const char *mountpoint;
	uint64_t used;
} mounts[] = {{"/", 4096}, {"/data", 65536}};

#define N_MOUNTS (sizeof(mounts) / sizeof(mounts[0]))

static bool frozen[N_MOUNTS];

static int filesystem(void *context, size_t index, struct qga_filesystem *item)
{
	(void)context;
	if (index >= N_MOUNTS)
		return 0;
	*item = (struct qga_filesystem){.name = index ? "data" : "root",
	                                .mountpoint = mounts[index].mountpoint,
	                                .type = "examplefs",
	                                .has_usage = true,
	                                .used_bytes = mounts[index].used,
	                                .total_bytes = 1 << 20,
	                                .privileged_bytes = index ? 2 << 20 : 0};
	return 1;
}

static int freeze(void *context, const char *mountpoint, size_t len, const char **path)
{
	int n = 0;

	(void)context;
	(void)path;
	for (size_t i = 0; i < N_MOUNTS; i++) {
		const char *at = mounts[i].mountpoint;

		if (frozen[i] ||
		    (mountpoint && (strlen(at) != len || memcmp(at, mountpoint, len) != 0)))
			continue;
		frozen[i] = true;
		n++;
	}
	return n;
}

static int thaw(void *context)
{
	int n = 0;

	(void)context;
	for (size_t i = 0; i < N_MOUNTS; i++) {
		n += frozen[i];
		frozen[i] = false;
	}
	return n;
}

/* The root cannot be trimmed, the other gives back what is whole blocks of `minimum`. */
static int trim(void *context, size_t index, uint64_t minimum, const char **path, uint64_t *trimmed)
{
	(void)context;
	if (index >= N_MOUNTS)
		return 0;
	*path = mounts[index].mountpoint;
	if (index == 0)
		return QGA_ENOSYS;
	*trimmed = ((1 << 20) - mounts[index].used) / (minimum ? minimum : 1) *
	           (minimum ? minimum : 1);
	return 1;
}

static const struct qga_freeze freezing = {
	.freeze = freeze, .thaw = thaw, .trim = trim, .watchdog_ns = 2000000000};

/* --- Processors: the second one can be had, more cannot --- */

static bool second_online;

static int set_vcpu(int64_t logical_id, bool online)
{
	if (logical_id != 1)
		return QGA_ENOSYS;
	second_online = online;
	return 0;
}

static bool vcpu_online(int64_t logical_id)
{
	return logical_id == 1 && second_online;
}

/* --- Shutting down --- */

/* Takes three turns to come to rest. */
static bool drain(enum qga_power_mode mode)
{
	static int turns;

	if (++turns < 3)
		return false;
	env_say(mode == QGA_REBOOT ? "example: at rest, rebooting" : "example: at rest");
	return true;
}

/* Another machine may go on from where we were: what was drawn of a seed is not ours alone. */
static void restored(uint64_t generation)
{
	(void)generation;
	env_say("example: another seed");
}

static void init(const struct board *board)
{
	(void)board;
	env_say("example: hello");
}

const struct app app = {
	.init = init,
	.restored = restored,
	.commands = example_commands,
	.n_commands = EXAMPLE_COMMANDS,
	.files = files,
	.n_files = sizeof(files) / sizeof(files[0]),
	.programs = programs,
	.n_programs = sizeof(programs) / sizeof(programs[0]),
	.interfaces = interfaces,
	.n_interfaces = sizeof(interfaces) / sizeof(interfaces[0]),
	.routes = routes,
	.n_routes = sizeof(routes) / sizeof(routes[0]),
	.filesystem = filesystem,
	.freeze = &freezing,
	.set_vcpu = set_vcpu,
	.vcpu_online = vcpu_online,
	.drain = drain,
	.drain_deadline_ns = 5000000000,
	.host_name = "example",
};
