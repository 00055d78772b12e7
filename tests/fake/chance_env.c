/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "chance_env.h"

#define FILES     3
#define FILE_SIZE 3000
#define ITEMS     3
#define LONG_NAME "a-name-of-as-many-characters-as-a-name-may-hav" /* QGA_TEXT_MAX */

static struct {
	uint32_t chance;
	const char *os_release;
	uint64_t now;
	int open, frozen;
	struct {
		uint64_t size;
		char data[FILE_SIZE];
	} file[FILES];
} world;

/* --- Chance --- */

static uint32_t next(void)
{
	world.chance ^= world.chance << 13;
	world.chance ^= world.chance >> 17;
	return world.chance ^= world.chance << 5;
}

/* Never, where all is well. */
static bool one_in(uint32_t n)
{
	return world.chance && next() % n == 0;
}

static int maybe(int result)
{
	static const int errors[] = {QGA_EPERM,  QGA_ENOENT,       QGA_EIO,    QGA_E2BIG,
	                             QGA_EBADF,  QGA_EAGAIN,       QGA_EACCES, QGA_EBUSY,
	                             QGA_EEXIST, QGA_ENOTDIR,      QGA_EISDIR, QGA_EINVAL,
	                             QGA_EMFILE, QGA_EFBIG,        QGA_ENOSPC, QGA_EROFS,
	                             QGA_ENOSYS, QGA_ENAMETOOLONG, -12345};

	return one_in(8) ? errors[next() % (sizeof(errors) / sizeof(errors[0]))] : result;
}

/* Is there an item of this index? 1, 0 or an error. */
static int item(size_t index)
{
	return maybe(index < ITEMS && !one_in(8));
}

/* --- Clock and power --- */

static int clock_get(void *context, int64_t *ns)
{
	(void)context;
	*ns = world.chance ? (int64_t)((uint64_t)next() << 32 | next()) : 1795232666739000000;
	return maybe(0);
}

static int clock_set(void *context, int64_t ns)
{
	(void)context;
	(void)ns;
	return maybe(0);
}

static int clock_reread(void *context)
{
	(void)context;
	return maybe(0);
}

static uint64_t monotonic(void *context)
{
	(void)context;
	return world.now += world.chance ? next() % 1000 : 10;
}

static const struct qga_clock clock = {
	.get = clock_get, .set = clock_set, .reread = clock_reread, .monotonic = monotonic};

static int shut_down(void *context, enum qga_power_mode mode)
{
	(void)context;
	(void)mode;
	return maybe(0);
}

static int suspend(void *context)
{
	(void)context;
	return maybe(0);
}

static const struct qga_power power = {.shutdown = shut_down, .suspend = suspend};

/* --- Inventory --- */

static const char *host_name(void *context)
{
	(void)context;
	return one_in(4) ? NULL : one_in(2) ? "h\xC3\xB6st \"1\"" : "host";
}

static const char *os_release(void *context)
{
	(void)context;
	return one_in(4) ? NULL : world.os_release;
}

static int vcpu(void *context, size_t index, struct qga_vcpu *vcpu)
{
	(void)context;
	*vcpu = (struct qga_vcpu){
		.logical_id = (int64_t)index, .online = !one_in(2), .can_offline = index > 0};
	return item(index);
}

static int set_vcpu(void *context, int64_t logical_id, bool online)
{
	(void)context;
	(void)logical_id;
	(void)online;
	return maybe(0);
}

static int cpustat(void *context, size_t index, struct qga_cpustat *stat)
{
	(void)context;
	*stat = (struct qga_cpustat){.system_ms = UINT64_MAX, .idle_ms = index};
	return item(index);
}

static int load(void *context, struct qga_load *load)
{
	(void)context;
	*load = (struct qga_load){.load1m = 7, .load5m = 123, .load15m = INT64_MAX};
	return maybe(0);
}

static int memory_block(void *context, size_t index, struct qga_memory_block *block)
{
	(void)context;
	*block = (struct qga_memory_block){.phys_index = UINT64_MAX - index, .online = true};
	return item(index);
}

static int interface(void *context, size_t index, struct qga_interface *card)
{
	static const struct qga_address addresses[] = {
		{.address = LONG_NAME, .prefix = 255},
		{.address = "::1", .ipv6 = true, .prefix = 128},
		{.address = "10.0.2.15", .prefix = 24},
	};

	(void)context;
	*card = (struct qga_interface){.name = index ? LONG_NAME : "net0",
	                               .has_mac = !one_in(3),
	                               .has_stats = !one_in(3),
	                               .mac = {0xFF, 0, 1, 2, 3, 0x10},
	                               .addresses = addresses,
	                               .n_addresses = index,
	                               .stats = {.rx_bytes = UINT64_MAX}};
	return item(index);
}

static int route(void *context, size_t index, struct qga_route *route)
{
	(void)context;
	*route = (struct qga_route){.iface = LONG_NAME,
	                            .destination = LONG_NAME,
	                            .gateway = index & 1 ? LONG_NAME : NULL,
	                            .mask = index & 1 ? LONG_NAME : NULL,
	                            .prefix_length = index & 1 ? NULL : "64",
	                            .source = index & 1 ? NULL : LONG_NAME,
	                            .nexthop = index & 1 ? NULL : LONG_NAME,
	                            .metric = INT64_MIN,
	                            .flags = one_in(2) ? -1 : 3,
	                            .version = index & 1 ? 4 : 6};
	return item(index);
}

static int disk(void *context, size_t index, struct qga_disk *disk)
{
	(void)context;
	*disk = (struct qga_disk){.name = LONG_NAME, .unit = (uint32_t)index, .major = 252};
	return item(index);
}

static int filesystem(void *context, size_t index, struct qga_filesystem *fs)
{
	(void)context;
	*fs = (struct qga_filesystem){.name = LONG_NAME,
	                              .mountpoint = LONG_NAME,
	                              .type = LONG_NAME,
	                              .has_usage = !one_in(2),
	                              .used_bytes = UINT64_MAX,
	                              .total_bytes = UINT64_MAX};
	return item(index);
}

static const struct qga_inventory inventory = {
	.host_name = host_name,
	.os_release = os_release,
	.machine = "riscv64",
	.kernel_release = "1",
	.kernel_version = "v",
	.memory_block_size = 1 << 27,
	.vcpu = vcpu,
	.set_vcpu = set_vcpu,
	.cpustat = cpustat,
	.load = load,
	.memory_block = memory_block,
	.interface = interface,
	.route = route,
	.disk = disk,
	.filesystem = filesystem,
	.has_users = true,
};

/* --- Files: /0, /1 and /2 --- */

static int file_open(void *context, const char *path, size_t len, unsigned flags, void **file)
{
	int error = maybe(0);

	(void)context;
	if (error == 0 && (len != 2 || path[0] != '/' || path[1] < '0' || path[1] >= '0' + FILES))
		error = QGA_ENOENT;
	if (error < 0)
		return error;
	*file = &world.file[path[1] - '0'];
	if (flags & QGA_OPEN_TRUNCATE)
		world.file[path[1] - '0'].size = 0;
	world.open++;
	return 0;
}

static void file_close(void *context, void *file)
{
	(void)context;
	(void)file;
	if (--world.open < 0)
		abort();
}

/* May say more than there is: the file shrinks before it is read. */
static int file_size(void *context, void *file, uint64_t *size)
{
	(void)context;
	memcpy(size, file, sizeof(*size));
	if (one_in(8))
		*size += next() % 5000;
	return maybe(0);
}

static int64_t file_read(void *context, void *file, uint64_t offset, void *buf, size_t len)
{
	size_t at = (size_t)((char *)file - (char *)world.file) / sizeof(world.file[0]);
	uint64_t size = world.file[at].size;

	(void)context;
	if (offset >= size)
		return maybe(0);
	if (len > size - offset)
		len = (size_t)(size - offset);
	if (one_in(3))
		len = 1 + next() % len;
	memcpy(buf, world.file[at].data + offset, len);
	return one_in(8) ? maybe(0) : (int64_t)len;
}

static int64_t file_write(void *context, void *file, uint64_t offset, const void *buf, size_t len)
{
	size_t at = (size_t)((char *)file - (char *)world.file) / sizeof(world.file[0]);

	(void)context;
	if (offset > FILE_SIZE || len > FILE_SIZE - offset)
		return QGA_ENOSPC;
	if (one_in(4) && len > 0)
		len = 1 + next() % len;
	memcpy(world.file[at].data + offset, buf, len);
	if (offset + len > world.file[at].size)
		world.file[at].size = offset + len;
	return one_in(8) ? maybe(0) : (int64_t)len;
}

static int file_flush(void *context, void *file)
{
	(void)context;
	(void)file;
	return maybe(0);
}

static const struct qga_files files = {.open = file_open,
                                       .close = file_close,
                                       .size = file_size,
                                       .read = file_read,
                                       .write = file_write,
                                       .flush = file_flush};

/* --- Programs: /p --- */

static int program(struct qga_job *job)
{
	for (size_t i = 0; i < job->argc; i++)
		job->output(job, 1 + (i & 1), job->argv[i], strlen(job->argv[i]));
	for (size_t i = 0; job->env[i]; i++)
		job->output(job, 1, job->env[i], strlen(job->env[i]));
	job->output(job, 2, job->input, job->input_len);
	job->wait_ns = one_in(2) ? next() % 3000 : 0;
	return ++job->state[0] < 2 || one_in(3) ? QGA_RUNNING : 7;
}

static qga_program *find(void *context, const char *path, size_t len, void **program_context)
{
	(void)context;
	(void)program_context;
	return len == 2 && memcmp(path, "/p", 2) == 0 && !one_in(8) ? program : NULL;
}

static const struct qga_exec exec = {.find = find};

/* --- Freezing --- */

static int freeze(void *context, const char *mountpoint, size_t len, const char **path)
{
	int n = maybe(mountpoint ? len > 0 : ITEMS);

	(void)context;
	if (n < 0)
		*path = LONG_NAME;
	else
		world.frozen += n;
	return n;
}

static int thaw(void *context)
{
	int n = world.frozen;

	(void)context;
	world.frozen = 0;
	return n;
}

static int trim(void *context, size_t index, uint64_t minimum, const char **path, uint64_t *trimmed)
{
	(void)context;
	*path = LONG_NAME;
	*trimmed = minimum;
	return item(index);
}

static const struct qga_freeze freezing = {
	.freeze = freeze, .thaw = thaw, .trim = trim, .watchdog_ns = 5000};

const struct qga_env *chance_env(uint32_t seed, const char *os_release_text)
{
	static const struct qga_env env = {.clock = &clock,
	                                   .power = &power,
	                                   .inventory = &inventory,
	                                   .files = &files,
	                                   .exec = &exec,
	                                   .freeze = &freezing};

	memset(&world, 0, sizeof(world));
	world.chance = seed;
	world.os_release = os_release_text;
	return &env;
}

int chance_env_open(void)
{
	return world.open;
}

int chance_env_frozen(void)
{
	return world.frozen;
}
