/* SPDX-License-Identifier: MIT */
/*
 * app.h - what an application that is linked with the firmware adds to the agent.
 *
 * An application is one const struct app named `app`; what it leaves out is NULL or 0. An image
 * without one (make without APP=) has an empty one that the compiler knows, and so none of the code
 * that would serve it. firmware/example/ shows every member in use.
 *
 *     static enum qga_status hello(struct qga_call *call) { qga_out_str(call->out,
 * "hi"); return QGA_DONE; } static const struct qga_command commands[] = {{.name = "example-hello",
 * .run = hello}}; const struct app app = {.commands = commands, .n_commands = 1};
 */
#ifndef APP_H
#define APP_H

#include "bareqga.h"

struct board;

/* A file at an absolute path: constant bytes, or callbacks. Offsets are within the file. */
struct app_file {
	const char *path;
	const void *data; /* size bytes; or NULL, and then: */
	size_t size;
	void *context;
	uint64_t (*current_size)(void *context);
	/* Up to len bytes at offset; returns how many, or a negative enum qga_errno. */
	int64_t (*read)(void *context, uint64_t offset, void *buf, size_t len);
	/*
	 * NULL: read-only. truncate comes first when the file is opened with "w", and may be NULL.
	 */
	int64_t (*write)(void *context, uint64_t offset, const void *buf, size_t len);
	int (*truncate)(void *context);
};

/* A program for guest-exec; qga_program is in agent_env.h. */
struct app_program {
	const char *path; /* "/bin/name"; may be asked for as "name" too */
	qga_program *run;
	void *context;
};

struct app {
	/* Once, before the agent answers. */
	void (*init)(const struct board *board);
	/*
	 * The last change to what the agent is made of, whose channel and env, say, it may put
	 * something around. The setting `fault` is then its own.
	 */
	void (*configure)(struct qga_config *config);
	/*
	 * Between requests: a bounded piece of the application's own work. Returns the nanoseconds
	 * until it wants to be called again, UINT64_MAX: when something happens.
	 */
	uint64_t (*poll)(void);

	/*
	 * The machine was stopped, restored from a snapshot, or is a clone of another one: time to take
	 * another seed, and to give up connections. Called before anything is answered afterwards, with
	 * the clock right again; generation is what the file /run/generation shows. Must not block.
	 */
	void (*restored)(uint64_t generation);

	const struct qga_command *commands;
	size_t n_commands;
	const struct app_file *files;
	size_t n_files;
	const struct app_program *programs;
	size_t n_programs;
	const struct qga_interface *interfaces; /* addresses for those the machine has, or more */
	size_t n_interfaces;
	const struct qga_route *routes;
	size_t n_routes;
	/* Fills file system `index`, as the list callbacks of env_inventory; or NULL. */
	int (*filesystem)(void *context, size_t index, struct qga_filesystem *item);
	const struct qga_freeze *freeze;
	/*
	 * Of an application that runs on the other processors, which the firmware leaves parked:
	 * takes one on or off line (0 or a negative enum qga_errno), and tells which are on line.
	 */
	int (*set_vcpu)(int64_t logical_id, bool online);
	bool (*vcpu_online)(int64_t logical_id);

	/*
	 * Called again and again once guest-shutdown was accepted, until it returns true or
	 * drain_deadline_ns is over; then the power changes.
	 */
	bool (*drain)(enum qga_power_mode mode);
	uint64_t drain_deadline_ns;

	/* An application that ends the machine itself, with a status: env_exit() of env/env.h. */

	/* Defaults, which the host's settings override; lists as qemu-ga takes them. */
	const char *host_name, *os_release;
	const char *allow_rpcs, *block_rpcs;
};

#ifdef FIRMWARE_APP
extern const struct app app;
#else
static const struct app app = {0};
#endif

#endif
