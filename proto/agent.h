/* SPDX-License-Identifier: MIT */
/*
 * agent.h - the guest agent: bytes of requests in, bytes of answers out.
 *
 * The agent speaks the QEMU guest agent protocol (QEMU, qga/qapi-schema.json) as the reference
 * agent qemu-ga does. It does no I/O, never blocks, allocates nothing and keeps no file-scope
 * state: the caller owns a struct agent, feeds it what the host sent and carries away what it
 * answers.
 *
 *     for (;;) {
 *             n = agent_feed(&agent, rx, rx_len);     // requests in; 0 while an answer waits
 *             n = agent_pull(&agent, tx, tx_room);    // answers out, straight into the transport
 *             wait = agent_poll(&agent);              // jobs and watchdogs
 *     }
 *
 * Left out on purpose: transports (hal/), clocks, power and files (agent_env.h).
 */
#ifndef AGENT_H
#define AGENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent_config.h"
#include "agent_env.h"
#include "core/agent_state.h"
#include "command.h"

/* Memory of each token of a request: a value, a key, a pair of brackets. */
#define AGENT_TOKEN_SIZE JSON_TOKEN_SIZE

/* The least memory that is of use, and the most that can be. */
#define AGENT_REQUEST_MIN 64
#define AGENT_REQUEST_MAX (256 << 20)
#define AGENT_TOKENS_MIN  8

/* What may be wrong with a struct agent_config. */
enum agent_error {
	AGENT_EINVAL = -1,    /* something is NULL that must not be */
	AGENT_EREQUEST = -2,  /* request_size is outside AGENT_REQUEST_MIN to AGENT_REQUEST_MAX */
	AGENT_ETOKENS = -3,   /* tokens_size holds fewer than AGENT_TOKENS_MIN tokens */
	AGENT_ECOMMANDS = -4, /* above AGENT_COMMANDS_MAX, or a name above AGENT_NAME_MAX */
};

/* agent_poll(): nothing to do until the next byte or event. */
#define AGENT_IDLE UINT64_MAX

/*
 * What the agent is built from. Const, owned by the caller, must outlive the agent.
 * The memory areas are the agent's own while it lives; nobody else may touch them.
 */
struct agent_config {
	const struct agent_env *env;    /* what this guest can do; see agent_env.h */
	const struct command *commands; /* the application's own commands, or NULL */
	size_t n_commands;              /* rows in `commands` */
	const char *version;    /* "version" of guest-info: printable ASCII without " and \\ */
	const char *allow_rpcs; /* comma list as qemu-ga --allow-rpcs, NULL or "": not set */
	const char *block_rpcs; /* comma list as qemu-ga --block-rpcs, NULL or "": not set */
	char *request;          /* one request, white space removed */
	size_t request_size;    /* bytes, at least AGENT_REQUEST_MIN */
	void *tokens;           /* int-aligned; AGENT_TOKEN_SIZE bytes for each */
	size_t tokens_size;     /* bytes */
	void *jobs;             /* pointer-aligned; AGENT_JOBS_MAX equal slots of it hold */
	size_t jobs_size;       /* what guest-exec was given and what came out; bytes */
};

/*
 * Prepares *agent, whatever it held before. Returns 0, or an enum agent_error if the
 * configuration cannot work (then the agent must not be used).
 */
int agent_init(struct agent *agent, const struct agent_config *config);

/*
 * Takes up to len bytes that the host sent, in any portions. Returns how many were taken: fewer
 * than len only while an answer waits in agent_pull(), for requests are answered strictly in
 * order, one at a time. Never fails: what is wrong is answered.
 */
size_t agent_feed(struct agent *agent, const void *data, size_t len);

/* True while agent_pull() has something to give. */
static inline bool agent_pending(const struct agent *agent)
{
	return answer_pending(&agent->answer);
}

/*
 * Writes the next bytes of the answer into buf, cap bytes at most; cap may be any number from 1.
 * Returns how many were written; 0 means nothing is pending. Large caps avoid copies.
 */
size_t agent_pull(struct agent *agent, void *buf, size_t cap);

/* The host has gone: forgets a half-received request and the rest of an answer nobody will read. */
void agent_host_closed(struct agent *agent);

/*
 * Does a bounded piece of whatever runs beside requests (guest-exec jobs, the freeze watchdog).
 * Returns 0 if it wants to be called again at once, else the nanoseconds after which it wants to
 * be called, or AGENT_IDLE.
 */
uint64_t agent_poll(struct agent *agent);

#endif
