/* SPDX-License-Identifier: MIT */
/*
 * agent_config.h - compile-time limits of the agent, each of which -D may override.
 *
 * A board sets them in its board.mk, an application in its build. What they cost in RAM is in
 * README's figures, what they mean on the wire in docs/PROTOCOL.md.
 */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

/*
 * 1: the smallest agent (proto/tiny/, in the place of most of proto/), for at most
 * AGENT_SMALL_TOKENS. Errors are told by their kind, not by the words of qemu-ga, commands are
 * those built in, of the families of time and power; see docs/PROTOCOL.md.
 */
#ifndef AGENT_TINY
#define AGENT_TINY 0
#endif

/* 1: smaller code where speed costs tables or special cases, for at most AGENT_SMALL_TOKENS. */
#ifndef AGENT_SMALL
#define AGENT_SMALL 0
#endif
#define AGENT_SMALL_TOKENS 256

/* Command families; 0 leaves the family out of the image, and so out of guest-info. */
#ifndef AGENT_WITH_TIME
#define AGENT_WITH_TIME 1
#endif
#ifndef AGENT_WITH_INVENTORY
#define AGENT_WITH_INVENTORY (!AGENT_TINY)
#endif
#ifndef AGENT_WITH_FILES
#define AGENT_WITH_FILES (!AGENT_TINY)
#endif
#ifndef AGENT_WITH_EXEC
#define AGENT_WITH_EXEC (!AGENT_TINY)
#endif
#ifndef AGENT_WITH_FREEZE
#define AGENT_WITH_FREEZE (!AGENT_TINY)
#endif

/*
 * What only an application can back, or an environment of one's own: guest-set-vcpus,
 * guest-fstrim, guest-network-get-route, guest-suspend-ram; and of interfaces, addresses and
 * statistics.
 */
#ifndef AGENT_WITH_HOOKS
#define AGENT_WITH_HOOKS 1
#endif

/* Arguments that are lists, objects, enums or alternates; the families above need them. */
#ifndef AGENT_WITH_NESTED
#define AGENT_WITH_NESTED \
	(AGENT_WITH_INVENTORY || AGENT_WITH_FILES || AGENT_WITH_EXEC || AGENT_WITH_FREEZE)
#endif

/* Open brackets and braces of one request; qemu-ga's own limit is 1024. */
#ifndef AGENT_NESTING_MAX
#if !AGENT_TINY
#define AGENT_NESTING_MAX 1024
#else
#define AGENT_NESTING_MAX 31
#endif
#endif

/* Commands, built in and the application's; a power of two. */
#ifndef AGENT_COMMANDS_MAX
#define AGENT_COMMANDS_MAX 64
#endif

/* Bytes of a command's name, and of agent_config.version. */
#ifndef AGENT_NAME_MAX
#define AGENT_NAME_MAX 96
#endif

/* Bytes of a token that could not be understood which its error answer shows. */
#ifndef AGENT_ECHO_MAX
#define AGENT_ECHO_MAX 1023
#endif

/* A string is kept out of the tokenizer's way if it is longer than this, ... */
#ifndef AGENT_PARK_MIN
#define AGENT_PARK_MIN 256
#endif
/* ... and than the request buffer divided by this. */
#ifndef AGENT_PARKED_MAX
#define AGENT_PARKED_MAX 256
#endif

/* Bytes one step of a command handler may write without asking for room; see command.h. */
#ifndef AGENT_STEP_MAX
#define AGENT_STEP_MAX 512
#endif

/* File handles open at once. */
#ifndef AGENT_FILES_MAX
#define AGENT_FILES_MAX 16
#endif

/* guest-exec jobs, running or waiting to be asked for. */
#ifndef AGENT_JOBS_MAX
#define AGENT_JOBS_MAX 8
#endif

#endif
