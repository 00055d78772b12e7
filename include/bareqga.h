/* SPDX-License-Identifier: MIT */
/*
 * bareqga.h - the QEMU guest agent as a library: all of its interface but the virtio drivers
 * (bareqga_virtio.h).
 *
 * The agent speaks the QEMU guest agent protocol (QEMU, qga/qapi-schema.json) as the reference
 * agent qemu-ga does. It never blocks, allocates nothing and keeps no state outside of what its
 * caller owns: a struct qga, the memory named in a struct qga_config, and a channel.
 *
 *     1  configuration at compile time
 *     2  the world: what commands need of the guest, as callbacks
 *     3  commands: rows of a table, and what a handler has
 *     4  the writer of JSON
 *     5  the channel: a byte stream to the host
 *     6  the agent
 *
 * C11 and C++17. Everything here begins with qga_, QGA_ or BAREQGA_. docs/EMBEDDING.md is the guide.
 */
#ifndef BAREQGA_H
#define BAREQGA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Semantic versioning (semver.org, 2.0.0); what changed is in CHANGELOG.md. */
#define BAREQGA_VERSION_MAJOR 0
#define BAREQGA_VERSION_MINOR 9       /* see there */
#define BAREQGA_VERSION_PATCH 0       /* likewise */
#define BAREQGA_VERSION       "0.9.0" /* all of it */

/* --- 1. Configuration at compile time ------------------------------------------------------- */

/*
 * A header of your own, which the library and everything that includes this file are compiled with:
 * -DQGA_CONFIG_FILE='"my_config.h"'. What it does not define has the value below. An application
 * that was compiled with other values than the library is refused by qga_init(). What they cost is
 * in docs/EMBEDDING.md, what they mean on the wire in docs/PROTOCOL.md.
 */
#ifdef QGA_CONFIG_FILE
#include QGA_CONFIG_FILE
#endif

/*
 * 1: the smallest agent, for at most QGA_SMALL_TOKENS. Errors are told by their kind, not by the
 * words of qemu-ga; arguments are numbers, truth values and strings; families are those of time
 * and power. See docs/PROTOCOL.md.
 */
#ifndef QGA_TINY
#define QGA_TINY 0
#endif

/* 1: smaller code where speed costs tables or special cases, for at most QGA_SMALL_TOKENS. */
#ifndef QGA_SMALL
#define QGA_SMALL 0
#endif
#define QGA_SMALL_TOKENS 256 /* tokens of a request, see QGA_SMALL */

/* Command families; 0 leaves the family out of the image, and so out of guest-info. This: clocks. */
#ifndef QGA_WITH_TIME
#define QGA_WITH_TIME 1
#endif
#ifndef QGA_WITH_INVENTORY
#define QGA_WITH_INVENTORY (!QGA_TINY) /* what there is */
#endif
#ifndef QGA_WITH_FILES
#define QGA_WITH_FILES (!QGA_TINY) /* guest-file-* */
#endif
#ifndef QGA_WITH_EXEC
#define QGA_WITH_EXEC (!QGA_TINY) /* guest-exec */
#endif
#ifndef QGA_WITH_FREEZE
#define QGA_WITH_FREEZE (!QGA_TINY) /* guest-fsfreeze-*, guest-fstrim */
#endif

/*
 * The application's own commands, and allow_rpcs and block_rpcs. 0 in an image that has neither; if it
 * is one of QGA_TINY, qga_init() looks at nothing but whether application and library fit.
 */
#ifndef QGA_WITH_OWN
#define QGA_WITH_OWN 1
#endif

/*
 * What only an application can back: guest-set-vcpus, guest-fstrim, guest-network-get-route,
 * guest-suspend-ram; and of interfaces, addresses and statistics.
 */
#ifndef QGA_WITH_HOOKS
#define QGA_WITH_HOOKS 1
#endif

/* Serial lines: qga_config.torso_ns. */
#ifndef QGA_WITH_LINE
#define QGA_WITH_LINE 1
#endif

/* Arguments that are lists, objects, enums or alternates; the families above need them. */
#ifndef QGA_WITH_NESTED
#define QGA_WITH_NESTED (QGA_WITH_INVENTORY || QGA_WITH_FILES || QGA_WITH_EXEC || QGA_WITH_FREEZE)
#endif

/* Open brackets and braces of one request; qemu-ga's own limit is 1024. */
#ifndef QGA_NESTING_MAX
#if !QGA_TINY
#define QGA_NESTING_MAX 1024
#else
#define QGA_NESTING_MAX 31
#endif
#endif

/* Commands, built in and the application's. */
#ifndef QGA_COMMANDS_MAX
#define QGA_COMMANDS_MAX 64
#endif

/* Bytes of a command's name, and of qga_config.version. */
#ifndef QGA_NAME_MAX
#define QGA_NAME_MAX (QGA_TINY ? 24 : 96)
#endif

/* Arguments of a command. */
#ifndef QGA_ARGS_MAX
#define QGA_ARGS_MAX 6
#endif

/* Bytes of a token that could not be understood which its error answer shows. */
#ifndef QGA_ECHO_MAX
#define QGA_ECHO_MAX 1023
#endif

/* A string is kept out of the tokenizer's way if it is longer than this; more than 32. */
#ifndef QGA_PARK_MIN
#define QGA_PARK_MIN 256
#endif

/* Bytes one step of a command handler may write without asking for room. */
#ifndef QGA_STEP_MAX
#define QGA_STEP_MAX (QGA_TINY ? 128 : 512)
#endif

/* File handles open at once. */
#ifndef QGA_FILES_MAX
#define QGA_FILES_MAX 16
#endif

/* guest-exec jobs, running or waiting to be asked for. */
#ifndef QGA_JOBS_MAX
#define QGA_JOBS_MAX 8
#endif

/* --- 2. The world: what commands need of the guest ------------------------------------------ */

/*
 * Every group, and every callback in a group, may be NULL: the commands that need it are then not
 * offered (absent from guest-info, refused as CommandNotFound). Nothing is faked.
 * Callbacks get the group's own context first. None may block; all are called from qga_run(),
 * qga_feed(), qga_pull() and qga_poll() and must not call back into the agent. Strings are UTF-8
 * and must live as long as the agent, unless said otherwise. Return values: 0 or a count on
 * success, a negative enum qga_errno on failure.
 */

/* Named after the errno whose text qemu-ga would put into its answer. */
enum qga_errno {
	QGA_EPERM = -1,         /* Operation not permitted */
	QGA_ENOENT = -2,        /* No such file or directory */
	QGA_EIO = -5,           /* Input/output error */
	QGA_E2BIG = -7,         /* Argument list too long */
	QGA_EBADF = -9,         /* Bad file descriptor */
	QGA_EAGAIN = -11,       /* Resource temporarily unavailable */
	QGA_EACCES = -13,       /* Permission denied */
	QGA_EBUSY = -16,        /* Device or resource busy */
	QGA_EEXIST = -17,       /* File exists */
	QGA_ENOTDIR = -20,      /* Not a directory */
	QGA_EISDIR = -21,       /* Is a directory */
	QGA_EINVAL = -22,       /* Invalid argument */
	QGA_EMFILE = -24,       /* Too many open files */
	QGA_EFBIG = -27,        /* File too large */
	QGA_ENOSPC = -28,       /* No space left on device */
	QGA_EROFS = -30,        /* Read-only file system */
	QGA_ENAMETOOLONG = -36, /* File name too long */
	QGA_ENOSYS = -38        /* Function not implemented */
};

/* Clocks. */
struct qga_clock {
	void *context; /* the callbacks get it first */
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

/* How guest-shutdown is to end. */
enum qga_power_mode {
	QGA_POWERDOWN, /* off */
	QGA_HALT,      /* stands still */
	QGA_REBOOT     /* starts anew */
};

/*
 * Power. guest-shutdown is asked for by shutdown(), then qga_run() stops taking requests and calls
 * drain() until it is true, lets what was answered leave, closes the channel, and calls off().
 */
struct qga_power {
	void *context; /* the callbacks get it first */
	/* May the change be made? Returns at once: 0, or QGA_ENOSYS for a mode the machine lacks. */
	int (*shutdown)(void *context, enum qga_power_mode mode);
	/* Suspends to RAM; returns after the wake-up. */
	int (*suspend)(void *context);
	/*
	 * Makes the change. Returns only if the machine did not obey: the agent then opens the
	 * channel again and goes on serving. Needs clock.monotonic. NULL: whoever moves the bytes
	 * carries it out, after shutdown() was called and qga_pending() is false.
	 */
	void (*off)(void *context, enum qga_power_mode mode);
	/* True when the application is ready for it; NULL: it always is. Asked every ms, ... */
	bool (*drain)(void *context, enum qga_power_mode mode);
	uint64_t drain_ns; /* ... and for so long at most */
	uint64_t close_ns; /* what the host needs to notice that the channel has closed, before a
	                      power-down; 0: nothing */
};

/* One processor. */
struct qga_vcpu {
	int64_t logical_id; /* from 0 */
	bool online;        /* runs */
	bool can_offline;   /* may be taken off line */
};

/* Time spent, in ms since boot. */
struct qga_cpustat {
	uint64_t user_ms, system_ms, idle_ms; /* by one processor, in ms */
};

/* RAM, in blocks of qga_inventory.memory_block_size bytes. */
struct qga_memory_block {
	uint64_t phys_index; /* its address, in blocks */
	bool online;         /* in use */
	bool can_offline;    /* may be taken off line */
};

/* An address of an interface. */
struct qga_address {
	const char *address; /* textual */
	bool ipv6;           /* else IPv4 */
	uint8_t prefix;      /* bits */
};

/* What has passed an interface. */
struct qga_netstats {
	uint64_t rx_bytes, rx_packets, rx_errs, rx_dropped; /* received */
	uint64_t tx_bytes, tx_packets, tx_errs, tx_dropped; /* transmitted */
};

/* A network interface. */
struct qga_interface {
	const char *name;                    /* "eth0" */
	bool has_mac, has_stats;             /* is that known? */
	uint8_t mac[6];                      /* hardware address */
	const struct qga_address *addresses; /* as many as there are */
	size_t n_addresses;                  /* rows in `addresses` */
	struct qga_netstats stats;           /* if has_stats */
};

/* As GuestNetworkRoute; iface and destination must be there, other NULL strings are left out. */
struct qga_route {
	const char *iface, *destination;              /* name and address */
	const char *gateway, *mask;                   /* IPv4 */
	const char *prefix_length, *source, *nexthop; /* IPv6 */
	int64_t metric;                               /* the less, the better */
	int64_t flags;                                /* as Linux's RTF_...; below 0: left out */
	uint8_t version;                              /* 4 or 6 */
	const char *source_length;                    /* IPv6: bits of source, as text */
	bool has_counts;                              /* are the next ones known? */
	int64_t refcnt, use;                          /* users of the route, and lookups */
	bool has_tcp;                                 /* and the next? */
	int64_t irtt, window, mtu;                    /* ms, bytes, bytes */
};

/* A disk. */
struct qga_disk {
	const char *name;      /* "/dev/vda" */
	uint64_t capacity;     /* bytes */
	uint32_t unit;         /* position on its bus */
	uint32_t major, minor; /* device numbers */
	uint64_t read_ios, read_sectors, write_ios, write_sectors, flush_ios; /* by this guest */
};

/* A mounted file system. */
struct qga_filesystem {
	const char *name, *mountpoint, *type; /* "vda", "/", "ext4" */
	bool has_usage;                       /* are the next two known? */
	uint64_t used_bytes, total_bytes;     /* what is in use, and what there is for users */
	uint64_t privileged_bytes;            /* what there is for the system; 0: as for users */
};

/* Average number of busy processors in the last 1, 5 and 15 minutes, in hundredths. */
struct qga_load {
	int64_t load1m, load5m, load15m; /* 150 is one and a half */
};

/* Longest name, path or address in the structs above, in bytes, all of them plain ASCII. */
#define QGA_TEXT_MAX 46

/*
 * Identity and inventory. Lists are asked for item by item: index counts from 0; returns 1 and
 * fills *item, 0 past the end, or an error. An empty list and a NULL callback are two things:
 * "there is none" and "cannot say".
 */
struct qga_inventory {
	void *context;                            /* the callbacks get it first */
	const char *(*host_name)(void *context);  /* NULL result: not known */
	const char *(*os_release)(void *context); /* text of an os-release(5) file, or NULL */
	const char *machine;                      /* as uname -m; NULL: no guest-get-osinfo */
	const char *kernel_release;               /* as uname -r */
	const char *kernel_version;               /* as uname -v */
	uint64_t memory_block_size;               /* bytes; 0: not known */
	/* Processors. */
	int (*vcpu)(void *context, size_t index, struct qga_vcpu *item);
	/* Takes a processor on or off line; only where there is vcpu(). */
	int (*set_vcpu)(void *context, int64_t logical_id, bool online);
	/* What processors have done: the item of each one is that of its index. */
	int (*cpustat)(void *context, size_t index, struct qga_cpustat *item);
	/* How busy the machine is; no list. */
	int (*load)(void *context, struct qga_load *load);
	/* Blocks of memory. */
	int (*memory_block)(void *context, size_t index, struct qga_memory_block *item);
	/* Network interfaces. */
	int (*interface)(void *context, size_t index, struct qga_interface *item);
	/* The routing table. */
	int (*route)(void *context, size_t index, struct qga_route *item);
	/* Disks. */
	int (*disk)(void *context, size_t index, struct qga_disk *item);
	/* Mounted file systems. */
	int (*filesystem)(void *context, size_t index, struct qga_filesystem *item);
	bool has_users; /* guest-get-users may say that nobody is logged in */
};

/*
 * Files: positions, modes and base64 are the agent's, storage is the environment's.
 * A file is an opaque pointer from open() to close(). QGA_EROFS for a write to what is read-only.
 * write() and flush() may be NULL where there is open(), the others not.
 */
enum qga_open_flag {
	QGA_OPEN_READ = 1 << 0,
	QGA_OPEN_WRITE = 1 << 1,
	QGA_OPEN_CREATE = 1 << 2,
	QGA_OPEN_TRUNCATE = 1 << 3
};

/* The storage behind files. */
struct qga_files {
	void *context; /* the callbacks get it first */
	/* path is not NUL-ended and dies with the call; flags of enum qga_open_flag. */
	int (*open)(void *context, const char *path, size_t len, unsigned flags, void **file);
	/* The end of a file that was opened. */
	void (*close)(void *context, void *file);
	/* Current size in bytes. */
	int (*size)(void *context, void *file, uint64_t *size);
	/* Up to len bytes at offset; returns how many, 0 at the end. */
	int64_t (*read)(void *context, void *file, uint64_t offset, void *buf, size_t len);
	/* len bytes at offset, growing the file; returns how many were stored, or an error. */
	int64_t (*write)(void *context, void *file, uint64_t offset, const void *buf, size_t len);
	/* Makes what was written durable. */
	int (*flush)(void *context, void *file);
};

/* Programs for guest-exec: functions with a path. */
struct qga_job;

/*
 * Called from qga_poll() until it returns something other than QGA_RUNNING: its exit status,
 * 0..255. Each call should be short: the agent answers between them.
 */
typedef int qga_program(struct qga_job *job);

/* The programs that there are. */
struct qga_exec {
	void *context; /* the callbacks get it first */
	/* Finds the program at path, or NULL. *program_context becomes job->context. */
	qga_program *(*find)(void *context, const char *path, size_t len, void **program_context);
};

/* A program's result as long as it has not ended. */
#define QGA_RUNNING (-1)

/* What a running program sees; argv and env are NULL-ended, input is what its stdin would give. */
struct qga_job {
	void *context;     /* as find() gave it */
	char *const *argv; /* argv[0] is the path */
	size_t argc;       /* words of argv */
	char *const *env;  /* "NAME=value" */
	const char *input; /* not NUL-ended */
	size_t input_len;  /* bytes */
	/*
	 * Appends to stdout (1) or stderr (2); what does not fit is dropped and marked truncated.
	 */
	void (*output)(struct qga_job *job, int stream, const void *data, size_t len);
	uint64_t wait_ns;  /* set it to be called again only after so long; 0 before each call */
	uint64_t state[4]; /* the program's own, starts zero */
};

/* File systems to quiesce; freeze() and thaw() come together. */
struct qga_freeze {
	void *context; /* the callbacks get it first */
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
	uint64_t watchdog_ns; /* thaw by itself after so long; 0: never. Needs clock.monotonic */
};

/* Everything, NULL where this guest has none. Const, owned by the caller, outlives the agent. */
struct qga_env {
	const struct qga_clock *clock;         /* time */
	const struct qga_power *power;         /* switching off */
	const struct qga_inventory *inventory; /* what there is */
	const struct qga_files *files;         /* guest-file-* */
	const struct qga_exec *exec;           /* guest-exec */
	const struct qga_freeze *freeze;       /* guest-fsfreeze-*, guest-fstrim */
};

/* --- 3. Commands ---------------------------------------------------------------------------- */

/*
 * A command is one row of a const table and one function. The dispatcher checks the arguments
 * against the row (QEMU, docs/devel/qapi-code-gen.rst), calls the handler, and alone writes
 * envelopes, ids, delimiters and errors. The handler reads checked arguments and writes the value
 * of "return".
 *
 * A handler is run in steps, so that an answer of any length passes through a buffer of any size:
 * it is called again as long as it returns QGA_MORE. At the start of a step qga_out_room() is at
 * least QGA_STEP_MAX; a step writes no more than that unless it has asked qga_out_room(). One that
 * writes more than there is room for loses what the step wrote, and its command fails. An error
 * must be raised before anything is written. What must survive from step to step lives in struct
 * qga_call.
 */
struct qga_call;

/* What a handler's step came to. */
enum qga_status {
	QGA_DONE, /* the value of "return" is complete; nothing written means {} */
	QGA_MORE, /* call again when there is room */
	QGA_FAIL  /* qga_error() has said why; if not, the error answer says that */
};

/* Types of arguments, as the schema has them. */
enum qga_arg_type {
	QGA_ARG_INT,  /* int64_t; a JSON integer in that range */
	QGA_ARG_UINT, /* uint64_t; negatives wrap, as in QEMU's visitor */
	QGA_ARG_BOOL,
	QGA_ARG_STR,           /* struct qga_span, unescaped UTF-8; with QGA_TINY for
	                          qga_value_is() alone */
	QGA_ARG_ENUM,          /* one of `names`: .i is its index */
	QGA_ARG_LIST,          /* list of `item`; walk it with qga_list_next() */
	QGA_ARG_STRUCT,        /* object of `members` */
	QGA_ARG_ALT_INT_ENUM,  /* alternate: integer, or one of `names` (GuestFileWhence) */
	QGA_ARG_ALT_BOOL_ENUM, /* alternate: boolean, or one of `names` (GuestExecCaptureOutput) */
	QGA_ARG_TYPES
};

/* One argument of a command, or one member of a nested object; ended by a row without a name. */
struct qga_arg {
	const char *name; /* of the member; of a list's item: NULL */
	uint8_t type;     /* enum qga_arg_type */
	bool optional;    /* may be left out */
	union {
		/* ENUM; ALT_*: behind the name of the type; NULL-ended */
		const char *const *names;
		const struct qga_arg *item;    /* LIST: the row each item is checked against */
		const struct qga_arg *members; /* STRUCT */
	};
};

/* A piece of memory; inside a request it is the request's own, valid until the call has ended. */
struct qga_span {
	char *ptr;  /* not NUL-ended */
	size_t len; /* bytes */
};

/* A checked argument. */
struct qga_value {
	bool present; /* else it was left out, and the rest is not valid */
	uint8_t type; /* which member of the alternate was given: INT, BOOL or ENUM */
	int token;    /* where it stands in the request, for qga_list_next() */
	union {
		int64_t i;         /* INT; ENUM: the index in `names` */
		uint64_t u;        /* UINT */
		bool b;            /* BOOL */
		struct qga_span s; /* STR */
	};
};

/* What is special about a command. */
enum qga_flag {
	QGA_NO_RESPONSE = 1 << 0, /* success-response: false; one step, no output */
	QGA_WHEN_FROZEN = 1 << 1, /* allowed while the file systems are frozen */
	QGA_DELIMITED = 1 << 2    /* a success answer is preceded by the byte 0xFF */
};

/*
 * What a command needs of the world: one member of one of its groups, neither NULL nor zero.
 * QGA_NEED(power, suspend) is env->power->suspend. All zero: nothing is needed.
 */
struct qga_need {
	uint8_t group, member, size; /* where they stand */
};

/* For struct qga_command. */
#define QGA_NEED(group, member)                                                        \
	{                                                                              \
		offsetof(struct qga_env, group), offsetof(struct qga_##group, member), \
			sizeof(((struct qga_##group *)NULL)->member)                   \
	}

/* A row of the table. */
struct qga_command {
	const char *name; /* printable ASCII without " and \\, at most QGA_NAME_MAX bytes */
	enum qga_status (*run)(struct qga_call *call); /* the handler */
	const struct qga_arg *args; /* in schema order, at most QGA_ARGS_MAX, or NULL: none */
	struct qga_need needs;      /* offered only where that is there */
	uint8_t flags;              /* of enum qga_flag */
	void *context;              /* the application's; call->command->context */
};

struct qga_out;

/* The handler's own memory; see QGA_SCRATCH(). */
union qga_scratch {
	uint64_t words[5]; /* how large it is */
	void *pointer;     /* how it is aligned */
};

/* One command being answered; starts zero but for the first four members. */
struct qga_call {
	const struct qga_command *command;  /* its row */
	const struct qga_env *env;          /* the world */
	struct qga_out *out;                /* where the value of "return" goes */
	struct qga_value arg[QGA_ARGS_MAX]; /* in the order of command->args */
	uint32_t step;                      /* the handler's: where it is */
	size_t cursor;                      /* the handler's: for qga_out_str_part() and the like */
	union qga_scratch scratch;          /* the handler's */
};

/*
 * The handler's memory as a struct of its own, which starts all zero:
 *
 *     struct walk *walk = QGA_SCRATCH(struct walk, call);
 */
#define QGA_SCRATCH(type, call)              \
	((type *)((char *)&(call)->scratch + \
	          0 * sizeof(char[sizeof(type) <= sizeof(union qga_scratch) ? 1 : -1])))

/*
 * Raises an error of class GenericError; returns QGA_FAIL, for `return qga_error(...)`.
 * The format knows %s (const char *), %S (const struct qga_span *), %d (const int64_t *), %% and no
 * more. Spans and strings must live until the call has ended; they may be of any length. With
 * QGA_TINY the answer tells no more than the class.
 */
#if QGA_TINY
enum qga_status qga_failed(struct qga_call *call);
#define qga_error(call, ...) qga_failed(call)
#else
enum qga_status qga_error(struct qga_call *call, const char *format, ...);
#endif

/* Writes an integer argument back. */
void qga_echo(struct qga_call *call, const struct qga_value *value);

/* Does a string that was given say `text`? */
bool qga_value_is(const struct qga_value *value, const char *text);

/*
 * Walks a list argument: *token is 0 at first and kept by the walk. Fills values (one for a scalar
 * item, one for each member of a struct) and returns true, or returns false at the end. Not with
 * QGA_TINY.
 */
bool qga_list_next(struct qga_call *call, const struct qga_value *list, const struct qga_arg *item,
                   int *token, struct qga_value *values);

/* --- 4. The writer of JSON ------------------------------------------------------------------- */

/*
 * Text in the form qemu-ga writes it: ASCII only, ", " and ": " as separators, everything outside
 * 0x20..0x7E as \uXXXX with upper-case digits. It writes straight into whatever buffer it was given
 * (a transmit buffer, usually) and puts the commas itself. What does not fit is not written, nor
 * anything after it, and `full` tells.
 */
struct qga_out {
	char *buf;  /* where it goes */
	size_t cap; /* bytes that may go there */
	size_t len; /* bytes that are there */
	bool comma; /* a value was written at this level */
	bool full;  /* something did not fit */
};

/* Bytes that still fit. */
static inline size_t qga_out_room(const struct qga_out *out)
{
	return out->cap - out->len;
}

void qga_out_raw(struct qga_out *out, const char *text, size_t len); /* as it is, no comma */
void qga_out_put(struct qga_out *out, const char *text);             /* likewise, NUL-ended */
void qga_out_object(struct qga_out *out);                            /* { */
void qga_out_object_end(struct qga_out *out);                        /* } */
void qga_out_list(struct qga_out *out);                              /* [ */
void qga_out_list_end(struct qga_out *out);                          /* ] */
void qga_out_key(struct qga_out *out, const char *name);             /* "name":  ; plain ASCII */
void qga_out_int(struct qga_out *out, int64_t value);                /* decimal */
void qga_out_uint(struct qga_out *out, uint64_t value);              /* likewise */
void qga_out_fixed(struct qga_out *out, int64_t value, unsigned decimals); /* value / 10^decimals */
void qga_out_bool(struct qga_out *out, bool value);                        /* true or false */
/* A string of UTF-8: up to 6 bytes a character, 12 outside the basic plane. */
void qga_out_str(struct qga_out *out, const char *text);
/* Likewise, of len bytes. */
void qga_out_strn(struct qga_out *out, const char *text, size_t len);

/* Room that any one character is sure to fit into: a surrogate pair, escaped. */
#define QGA_OUT_CHAR_MAX 12

/* The inside of a string, without quotes and comma; otherwise as qga_out_str_part(). */
bool qga_out_text(struct qga_out *out, const char *text, size_t len, size_t *cursor);

/*
 * Strings of any length, in portions: *cursor starts at 0 and is kept by the writer. Returns true
 * when the closing quote has been written, false when there is no room: call again with more.
 */
bool qga_out_str_part(struct qga_out *out, const char *text, size_t len, size_t *cursor);

/* A string whose characters, already escaped, the caller writes between these two. */
void qga_out_str_begin(struct qga_out *out);
/* The other one. */
void qga_out_str_end(struct qga_out *out);

/* Commits n bytes of room, which there must be, and returns where they are: the caller fills them. */
static inline char *qga_out_lend(struct qga_out *out, size_t n)
{
	out->len += n;
	return out->buf + out->len - n;
}

/* Whole members: "name": value. */
static inline void qga_out_member_str(struct qga_out *out, const char *name, const char *value)
{
	qga_out_key(out, name);
	qga_out_str(out, value);
}

/* Likewise. */
static inline void qga_out_member_int(struct qga_out *out, const char *name, int64_t value)
{
	qga_out_key(out, name);
	qga_out_int(out, value);
}

/* Likewise. */
static inline void qga_out_member_uint(struct qga_out *out, const char *name, uint64_t value)
{
	qga_out_key(out, name);
	qga_out_uint(out, value);
}

/* Likewise. */
static inline void qga_out_member_bool(struct qga_out *out, const char *name, bool value)
{
	qga_out_key(out, name);
	qga_out_bool(out, value);
}

/* --- 5. The channel: a byte stream to the host ----------------------------------------------- */

/*
 * What every transport offers (bareqga_virtio.h has some, struct qga_stream makes one of two
 * callbacks). Both directions lend out the transport's own memory, so that nothing is copied:
 * rx_get() lends received bytes until rx_put(), tx_get() lends room until tx_put(). 0 always means
 * "nothing now", never "broken": a transport repairs itself. Nothing blocks. A channel is the first
 * member of its driver's struct.
 *
 * Whoever runs one polls, reads, writes, flushes, and may wait only after a round in which none of
 * these gave or took anything and no event was reported; qga_run() does.
 */
struct qga_channel;

/* What poll() reports. */
enum qga_channel_event {
	QGA_HOST_OPEN = 1 << 0,  /* a client of the host is there */
	QGA_HOST_CLOSE = 1 << 1, /* it has gone, and all it sent has been lent out */
	QGA_AGAIN = 1 << 2,      /* there is more to do: poll again before waiting */
	QGA_CLOSING = 1 << 3,    /* QGA_HOST_CLOSE is due when what was sent is taken */
	QGA_UNSEEN = 1 << 4      /* it did not look for more, for what is lent was not taken: poll
	                            again once it is */
};

/* What a transport can do. */
struct qga_channel_ops {
	/*
	 * Lends received bytes: returns how many, *data says where. 0: nothing now, or nothing that
	 * the last poll() has seen.
	 */
	size_t (*rx_get)(struct qga_channel *channel, const uint8_t **data);
	/* Gives the first n of them back as done with; the rest is lent again. */
	void (*rx_put)(struct qga_channel *channel, size_t n);
	/* Lends room for an answer: returns its size, *buf says where. 0: no room now. */
	size_t (*tx_get)(struct qga_channel *channel, uint8_t **buf);
	/* Commits the first n bytes written there. They may wait for tx_flush(). */
	void (*tx_put)(struct qga_channel *channel, size_t n);
	/* Makes the device look at all that was committed. Call once, before waiting. */
	void (*tx_flush)(struct qga_channel *channel);
	/*
	 * Does what the device asks for; returns the events (enum qga_channel_event) since last
	 * time, and never reports one before the bytes that came before it have been lent out.
	 */
	unsigned (*poll)(struct qga_channel *channel);
	/* Nonzero while committed bytes have not left yet; for draining before power-off. */
	size_t (*tx_busy)(struct qga_channel *channel);
	/*
	 * The host may send now: called when the agent can answer, so that "open" means ready. The
	 * next poll() tells it. After a close() it starts the device again.
	 */
	void (*open)(struct qga_channel *channel);
	/* Closes our end and stops the device; before power-off, and when a board gives up. */
	void (*close)(struct qga_channel *channel);
	/*
	 * NULL, or acknowledges the device's interrupt: from a handler, another thread or another
	 * processor, beside any of the functions above. The next poll() finds what it was about.
	 */
	void (*interrupt)(struct qga_channel *channel);
};

/* A transport. */
struct qga_channel {
	const struct qga_channel_ops *ops; /* each gets its channel first */
};

/* A channel out of a plain byte stream: a ring, a UART, a socket of your own. Const. */
struct qga_stream_config {
	void *context; /* the callbacks get it first */
	/* Up to size bytes that came; returns how many, 0: none now. */
	size_t (*read)(void *context, void *buf, size_t size);
	/*
	 * Sends up to len bytes; returns how many were taken. If not all were, qga_interrupt() is
	 * due when there is room again, or qga_run() is called often enough.
	 */
	size_t (*write)(void *context, const void *data, size_t len);
	/* The rest may be NULL. */
	/* QGA_HOST_OPEN, QGA_HOST_CLOSE since last time; asked only when all that came was read. */
	unsigned (*events)(void *context);
	/* Bytes taken by write() that have not left yet. */
	size_t (*busy)(void *context);
	void (*open)(void *context);      /* as that of struct qga_channel_ops */
	void (*close)(void *context);     /* likewise */
	void (*interrupt)(void *context); /* likewise */
	void *rx, *tx;                    /* the channel's own memory while it lives */
	size_t rx_size, tx_size;          /* from 1 byte; a few hundred are good */
};

/* Such a channel; all but `channel` is the library's. */
struct qga_stream {
	struct qga_channel channel;             /* for qga_config.channel */
	const struct qga_stream_config *config; /* as given */
	size_t rx_at, rx_len, tx_at, tx_len;    /* what of the memory is in use */
};

/* Prepares *stream; returns 0 or an enum qga_fault. The channel is &stream->channel. */
int qga_stream_init(struct qga_stream *stream, const struct qga_stream_config *config);

/* --- 6. The agent ---------------------------------------------------------------------------- */

/*
 * What the agent is built from. Const, owned by the caller, must outlive the agent.
 * The memory areas are the agent's own while it lives; nobody else may touch them.
 */
struct qga_config {
	const struct qga_env *env;   /* what this guest can do */
	const char *version;         /* "version" of guest-info: printable ASCII without " and \\ */
	struct qga_channel *channel; /* for qga_run(); NULL: you feed and pull */
	/*
	 * For a channel that cannot tell when a client leaves, as a serial line: after so many ns of
	 * silence in the midst of a request, bytes that begin as requests do, {"execute" or
	 * {"arguments", are a new one, and the torso is forgotten. 0: never. Needs clock.monotonic,
	 * and QGA_WITH_LINE. What was there before the first request is complete need not be silent
	 * for so long: then 10 ms will do.
	 */
	uint64_t torso_ns;
	const struct qga_command *commands; /* the application's own commands, or NULL; one with
	                                       the name of a built-in is there where that is not */
	size_t n_commands;                  /* rows in `commands` */
	const char *allow_rpcs; /* comma list as qemu-ga --allow-rpcs, NULL or "": not set */
	const char *block_rpcs; /* comma list as qemu-ga --block-rpcs, NULL or "": not set */
	char *request;          /* one request, white space removed */
	size_t request_size;    /* bytes, QGA_REQUEST_MIN to QGA_REQUEST_MAX */
	void *tokens;           /* int-aligned; QGA_TOKEN_SIZE bytes for each */
	size_t tokens_size;     /* bytes */
	void *jobs;             /* pointer-aligned; QGA_JOBS_MAX equal slots of it hold */
	size_t jobs_size;       /* what guest-exec was given and what came out; bytes */
};

/* The least memory that is of use, and the most that can be. */
#define QGA_REQUEST_MIN 64
#define QGA_REQUEST_MAX (256 << 20) /* bytes */
#define QGA_TOKENS_MIN  8           /* tokens */

/* Memory of each token of a request: a value, a key, a pair of brackets. */
#define QGA_TOKEN_SIZE ((QGA_SMALL || QGA_TINY ? 5 : 6) * sizeof(int))

/* What may be wrong with a configuration; qga_strerror() says it in a sentence. */
enum qga_fault {
	QGA_FAULT_NULL = -1,      /* a pointer that must be there */
	QGA_FAULT_REQUEST = -2,   /* request_size */
	QGA_FAULT_TOKENS = -3,    /* tokens_size holds too few, or too many for QGA_SMALL */
	QGA_FAULT_COMMANDS = -4,  /* more than QGA_COMMANDS_MAX */
	QGA_FAULT_BUILD = -5,     /* application and library were compiled differently */
	QGA_FAULT_ALIGNMENT = -6, /* tokens or jobs */
	QGA_FAULT_VERSION = -7,   /* too long, or a character that must not be there */
	QGA_FAULT_NAME = -8,      /* a command's name is missing, too long, or has such one */
	QGA_FAULT_DUPLICATE = -9, /* two commands, or a command's arguments, of one name */
	QGA_FAULT_RUN = -10,      /* a command without function */
	QGA_FAULT_ARGS = -11,     /* a command with more than QGA_ARGS_MAX arguments */
	QGA_FAULT_ARG = -12,      /* an argument of no type, or without its names or members */
	QGA_FAULT_NESTING = -13,  /* arguments nest too deep, or at all without QGA_WITH_NESTED */
	QGA_FAULT_ENV = -14,      /* a group lacks a callback that it cannot do without */
	QGA_FAULT_CLOCK = -15,    /* power.off, a watchdog or torso_ns without clock.monotonic */
	QGA_FAULT_JOBS = -16,     /* exec.find without memory for jobs */
	QGA_FAULT_STREAM = -17    /* a stream without read, write or memory */
};

/* A sentence for an enum qga_fault, or for any other number that it is none; never NULL. */
const char *qga_strerror(int fault);

/* "0.9.0": the version of the library, where BAREQGA_VERSION is that of the header. */
const char *qga_library_version(void);

/* Bytes of a pointer. */
#define QGA_POINTER sizeof(void *)
/* Bytes of an agent: what is in sight, and what is the library's own. */
#define QGA_SIZE                                                                                  \
	(sizeof(struct qga_call) + (QGA_STEP_MAX) + (QGA_COMMANDS_MAX) / 8 +                      \
	 (QGA_WITH_FILES ? (QGA_FILES_MAX)*32 + 8 : 0) +                                          \
	 (QGA_WITH_EXEC ? (QGA_JOBS_MAX) * (80 + 14 * QGA_POINTER) + 16 : 0) +                    \
	 (QGA_WITH_FREEZE ? 16 : 0) + (QGA_WITH_LINE ? 16 + QGA_POINTER : 0) +                    \
	 (QGA_TINY ? 64 + 15 * QGA_POINTER                                                        \
	           : (QGA_WITH_NESTED ? 4 : 1) * (16 + 2 * QGA_POINTER) + (QGA_NESTING_MAX) / 4 + \
	                     192 + 30 * QGA_POINTER))

/* An agent. Any memory will do, aligned as any type; it is the library's own, all of it. */
struct qga {
	union {
		uint64_t align;                /* how it is aligned */
		void *pointer;                 /* likewise */
		unsigned char bytes[QGA_SIZE]; /* how large it is */
	} opaque;                              /* nothing to look at */
};

/* What qga_init() compares: all of the configuration, and the sizes of what is shared. */
#define QGA_MIX(hash, value) ((((hash) ^ (uint32_t)(value)) * UINT32_C(16777619)) & UINT32_MAX)
/* Numbers ... */
#define QGA_BUILD_LIMITS                                                                      \
	QGA_MIX(QGA_MIX(QGA_MIX(QGA_MIX(QGA_MIX(UINT32_C(2166136261), BAREQGA_VERSION_MAJOR), \
	                                BAREQGA_VERSION_MINOR),                               \
	                        QGA_STEP_MAX),                                                \
	                QGA_ARGS_MAX),                                                        \
	        QGA_COMMANDS_MAX)
/* ... and more of them ... */
#define QGA_BUILD_LENGTHS                                                                          \
	QGA_MIX(QGA_MIX(QGA_MIX(QGA_MIX(QGA_MIX(QGA_BUILD_LIMITS, QGA_NESTING_MAX), QGA_ECHO_MAX), \
	                        QGA_PARK_MIN),                                                     \
	                QGA_FILES_MAX),                                                            \
	        QGA_JOBS_MAX)
/* ... and choices ... */
#define QGA_BUILD_FLAGS                                                                     \
	((QGA_TINY) | (QGA_SMALL) << 1 | (QGA_WITH_TIME) << 2 | (QGA_WITH_INVENTORY) << 3 | \
	 (QGA_WITH_FILES) << 4 | (QGA_WITH_EXEC) << 5 | (QGA_WITH_FREEZE) << 6 |            \
	 (QGA_WITH_HOOKS) << 7 | (QGA_WITH_NESTED) << 8 | (QGA_WITH_LINE) << 9 |            \
	 (QGA_WITH_OWN) << 10)
/* ... and sizes. */
#define QGA_BUILD                                                                    \
	QGA_MIX(QGA_MIX(QGA_MIX(QGA_MIX(QGA_MIX(QGA_BUILD_LENGTHS, QGA_BUILD_FLAGS), \
	                                sizeof(struct qga)),                         \
	                        sizeof(struct qga_config)),                          \
	                QGA_NAME_MAX),                                               \
	        sizeof(enum qga_status))

/* qga_init(), for whoever was compiled with `build`. */
int qga_init_build(struct qga *qga, const struct qga_config *config, uint32_t build);

/*
 * Prepares *qga, whatever it held before. Returns 0, or an enum qga_fault if the configuration
 * cannot work; then the agent must not be used.
 */
static inline int qga_init(struct qga *qga, const struct qga_config *config)
{
	return qga_init_build(qga, config, QGA_BUILD);
}

/* --- Running it on its channel --- */

/* "Nothing to do until something happens". */
#define QGA_IDLE UINT64_MAX

/*
 * Does what there is to do now, in bounded pieces: opens the channel the first time, takes
 * requests, writes answers, runs jobs, carries out guest-shutdown. Returns the nanoseconds that
 * one may sleep if nothing happens meanwhile: 0, call again at once; QGA_IDLE, no limit.
 *
 *     for (;;) {
 *             uint64_t ns = qga_run(&agent);
 *             interrupts_off();
 *             if (qga_idle(&agent))
 *                     sleep_at_most(ns);      // ends when an interrupt is pending
 *             interrupts_on();
 *     }
 *
 * Without interrupts, call it often enough.
 */
uint64_t qga_run(struct qga *qga);

/*
 * Something happened: acknowledges the channel's interrupt, and the next qga_idle() is false. May
 * be called from an interrupt handler, another thread or another processor, at any time after
 * qga_init(). It is the only function that may; all others belong to one thread at a time.
 */
void qga_interrupt(struct qga *qga);

/* True if nothing happened since qga_run() last began to look; ask it with interrupts off. */
bool qga_idle(const struct qga *qga);

/* True once the first answer was handed to the channel: what can wait for that may be done now. */
bool qga_answered(const struct qga *qga);

/* --- Or moving the bytes yourself --- */

/*
 * Takes up to len bytes that the host sent, in any portions. Returns how many were taken: fewer
 * than len, even 0, only while an answer waits in qga_pull(), for requests are answered strictly in
 * order, one at a time. Never fails: what is wrong is answered.
 */
size_t qga_feed(struct qga *qga, const void *data, size_t len);

/* True while qga_pull() has something to give. */
bool qga_pending(const struct qga *qga);

/*
 * Writes the next bytes of the answer into buf, cap bytes at most; cap may be any number from 1.
 * Returns how many were written; 0 means nothing is pending. Large caps avoid copies.
 */
size_t qga_pull(struct qga *qga, void *buf, size_t cap);

/* The host has gone: forgets a half-received request and the rest of an answer nobody will read. */
void qga_host_closed(struct qga *qga);

/*
 * Does a bounded piece of whatever runs beside requests (guest-exec jobs, the freeze watchdog).
 * Returns 0 if it wants to be called again at once, else the nanoseconds after which it wants to be
 * called, or QGA_IDLE.
 */
uint64_t qga_poll(struct qga *qga);

#ifdef __cplusplus
}
#endif

#endif
