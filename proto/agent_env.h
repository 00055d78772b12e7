/* SPDX-License-Identifier: MIT */
/*
 * agent_env.h - what commands need of the world, as groups of callbacks.
 *
 * Every group, and every callback in a group, may be NULL: the commands that need it are then not
 * offered (absent from guest-info, refused as CommandNotFound). Nothing is faked.
 * Callbacks get the group's own context first. None may block; all are called from agent_feed(),
 * agent_pull() and agent_poll() and must not call back into the agent. Strings are UTF-8 and must
 * live as long as the agent, unless said otherwise. Return values: 0 or a count on success, a
 * negative enum env_error on failure.
 */
#ifndef AGENT_ENV_H
#define AGENT_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Named after the errno whose text qemu-ga would put into its answer. */
enum env_error {
	ENV_EPERM = -1,
	ENV_ENOENT = -2,
	ENV_EIO = -5,
	ENV_E2BIG = -7,
	ENV_EBADF = -9,
	ENV_EAGAIN = -11,
	ENV_EACCES = -13,
	ENV_EBUSY = -16,
	ENV_EEXIST = -17,
	ENV_ENOTDIR = -20,
	ENV_EISDIR = -21,
	ENV_EINVAL = -22,
	ENV_EMFILE = -24,
	ENV_EFBIG = -27,
	ENV_ENOSPC = -28,
	ENV_EROFS = -30,
	ENV_ENAMETOOLONG = -36,
	ENV_ENOSYS = -38,
};

/* Clocks. */
struct env_clock {
	void *context;
	/* Nanoseconds since 1970-01-01 UTC. */
	int (*get)(void *context, int64_t *ns);
	/*
	 * Sets the wall clock, and the hardware clock behind it where there is one. Without it
	 * there is no guest-set-time.
	 */
	int (*set)(void *context, int64_t ns);
	/* Reads the hardware clock anew (after the guest was stopped or resumed). */
	int (*reread)(void *context);
	/* Nanoseconds that only ever grow; from any start. Needed for watchdogs and deadlines. */
	uint64_t (*monotonic)(void *context);
};

enum env_power_mode {
	ENV_POWERDOWN,
	ENV_HALT,
	ENV_REBOOT
};

/* Power. */
struct env_power {
	void *context;
	/*
	 * Asks for the change and returns at once; the embedder carries it out after its drain hook
	 * has run and agent_pending() is false. A mode the machine lacks: ENV_ENOSYS.
	 */
	int (*shutdown)(void *context, enum env_power_mode mode);
	/* Suspends to RAM; returns after the wake-up. */
	int (*suspend)(void *context);
};

/* One processor; logical_id counts from 0. */
struct env_vcpu {
	int64_t logical_id;
	bool online;
	bool can_offline;
};

/* Time spent, in ms since boot. */
struct env_cpustat {
	uint64_t user_ms, system_ms, idle_ms;
};

/* RAM, in blocks of `size` bytes. */
struct env_memory_block {
	uint64_t phys_index;
	bool online;
	bool can_offline;
};

struct env_address {
	const char *address; /* textual */
	bool ipv6;
	uint8_t prefix; /* bits */
};

struct env_netstats {
	uint64_t rx_bytes, rx_packets, rx_errs, rx_dropped;
	uint64_t tx_bytes, tx_packets, tx_errs, tx_dropped;
};

struct env_interface {
	const char *name;
	bool has_mac, has_stats;
	uint8_t mac[6];
	const struct env_address *addresses;
	size_t n_addresses;
	struct env_netstats stats;
};

/* As GuestNetworkRoute; iface and destination must be there, other NULL strings are left out. */
struct env_route {
	const char *iface, *destination;
	const char *gateway, *mask;                   /* IPv4 */
	const char *prefix_length, *source, *nexthop; /* IPv6 */
	int64_t metric;
	int64_t flags;   /* as Linux's RTF_...; below 0: left out */
	uint8_t version; /* 4 or 6 */
};

struct env_disk {
	const char *name;  /* "/dev/vda" */
	uint64_t capacity; /* bytes */
	uint32_t unit;     /* position on its bus */
	uint32_t major, minor;
	uint64_t read_ios, read_sectors, write_ios, write_sectors, flush_ios; /* by this guest */
};

struct env_filesystem {
	const char *name, *mountpoint, *type;
	bool has_usage;
	uint64_t used_bytes, total_bytes;
};

/* Average number of busy processors in the last 1, 5 and 15 minutes, in hundredths. */
struct env_load {
	int64_t load1m, load5m, load15m;
};

/* Longest name, path or address in the structs above, in bytes, all of them plain ASCII. */
#define ENV_NAME_MAX 46

/*
 * Identity and inventory. Lists are asked for item by item: index counts from 0; returns 1 and
 * fills *item, 0 past the end, or an error. An empty list and a NULL callback are two things:
 * "there is none" and "cannot say".
 */
struct env_inventory {
	void *context;
	const char *(*host_name)(void *context);  /* NULL result: not known */
	const char *(*os_release)(void *context); /* text of an os-release(5) file, or NULL */
	const char *machine;                      /* as uname -m; NULL: no guest-get-osinfo */
	const char *kernel_release;               /* as uname -r */
	const char *kernel_version;               /* as uname -v */
	uint64_t memory_block_size;               /* bytes; 0: not known */
	int (*vcpu)(void *context, size_t index, struct env_vcpu *item);
	/* Takes a processor on or off line; only where there is vcpu(). */
	int (*set_vcpu)(void *context, int64_t logical_id, bool online);
	int (*cpustat)(void *context, size_t index, struct env_cpustat *item);
	int (*load)(void *context, struct env_load *load);
	int (*memory_block)(void *context, size_t index, struct env_memory_block *item);
	int (*interface)(void *context, size_t index, struct env_interface *item);
	int (*route)(void *context, size_t index, struct env_route *item);
	int (*disk)(void *context, size_t index, struct env_disk *item);
	int (*filesystem)(void *context, size_t index, struct env_filesystem *item);
	bool has_users; /* guest-get-users may say that nobody is logged in */
};

/*
 * Files: positions, modes and base64 are the agent's, storage is the environment's.
 * A file is an opaque pointer from open() to close(). ENV_EROFS for a write to what is read-only.
 * write() and flush() may be NULL where there is open(), the others not.
 */
enum env_open_flag {
	ENV_READ = 1 << 0,
	ENV_WRITE = 1 << 1,
	ENV_CREATE = 1 << 2,
	ENV_TRUNCATE = 1 << 3,
};

struct env_files {
	void *context;
	/* path is not NUL-ended and dies with the call. */
	int (*open)(void *context, const char *path, size_t len, unsigned flags, void **file);
	void (*close)(void *context, void *file);
	/* Current size in bytes. */
	int (*size)(void *context, void *file, uint64_t *size);
	/* Up to len bytes at offset; returns how many, 0 at the end. */
	int64_t (*read)(void *context, void *file, uint64_t offset, void *buf, size_t len);
	/* len bytes at offset, growing the file; returns how many were stored, or an error. */
	int64_t (*write)(void *context, void *file, uint64_t offset, const void *buf, size_t len);
	int (*flush)(void *context, void *file);
};

/* Programs for guest-exec: functions with a path. */
struct env_job;

/*
 * Called from agent_poll() until it returns something other than JOB_RUNNING: its exit status,
 * 0..255. Each call should be short: the agent answers between them.
 */
typedef int env_program(struct env_job *job);

struct env_exec {
	void *context;
	/* Finds the program at path, or NULL. *program_context becomes job->context. */
	env_program *(*find)(void *context, const char *path, size_t len, void **program_context);
};

#define JOB_RUNNING (-1)

/* What a running program sees; argv and env are NULL-ended, input is what its stdin would give. */
struct env_job {
	void *context;     /* as find() gave it */
	char *const *argv; /* argv[0] is the path */
	size_t argc;
	char *const *env; /* "NAME=value" */
	const char *input;
	size_t input_len;
	/*
	 * Appends to stdout (1) or stderr (2); what does not fit is dropped and marked truncated.
	 */
	void (*output)(struct env_job *job, int stream, const void *data, size_t len);
	uint64_t wait_ns;  /* set it to be called again only after so long; 0 before each call */
	uint64_t state[4]; /* the program's own, starts zero */
};

/* File systems to quiesce; freeze() and thaw() come together. */
struct env_freeze {
	void *context;
	/*
	 * Freezes the file system mounted there, or all if mountpoint is NULL. Returns how many are
	 * frozen by that, 0 if there is none such. On failure sets *path to what failed.
	 */
	int (*freeze)(void *context, const char *mountpoint, size_t len, const char **path);
	/* Thaws all; returns how many were frozen. */
	int (*thaw)(void *context);
	/*
	 * Discards unused blocks of file system `index`, in pieces of at least `minimum` bytes.
	 * Returns 1 and sets *path and *trimmed (bytes), 0 past the end, or, with *path set, an
	 * error.
	 */
	int (*trim)(void *context, size_t index, uint64_t minimum, const char **path,
	            uint64_t *trimmed);
	uint64_t watchdog_ns; /* thaw by itself after so long; 0: never. Needs a monotonic clock */
};

/* Everything, NULL where this guest has none. Const, owned by the caller, outlives the agent. */
struct agent_env {
	const struct env_clock *clock;
	const struct env_power *power;
	const struct env_inventory *inventory;
	const struct env_files *files;
	const struct env_exec *exec;
	const struct env_freeze *freeze;
};

#endif
