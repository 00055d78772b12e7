/* SPDX-License-Identifier: MIT */
/*
 * command.h - what a command is: one row of a static table and one function.
 *
 * The dispatcher checks the arguments against the row (QEMU, docs/devel/qapi-code-gen.rst), calls
 * the handler, and alone writes envelopes, ids, delimiters and errors. The handler reads checked
 * arguments and writes the value of "return".
 *
 * A handler is run in steps, so that an answer of any length passes through a buffer of any size:
 * it is called again as long as it returns CMD_MORE. At the start of a step out_room() is at least
 * AGENT_STEP_MAX; a step writes no more than that unless it has asked out_room(). An error must be
 * raised before anything is written. What must survive from step to step lives in struct call.
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent_config.h"
#include "agent_env.h"
#include "json/json_out.h"

struct agent;
struct call;

enum cmd_status {
	CMD_DONE, /* the value of "return" is complete; nothing written means {} */
	CMD_MORE, /* call again when there is room */
	CMD_FAIL, /* call_error() has said why */
};

enum arg_type {
	ARG_INT,  /* int64_t; a JSON integer in that range */
	ARG_UINT, /* uint64_t; negatives wrap, as in QEMU's visitor */
	ARG_BOOL,
	ARG_STR,           /* struct span, unescaped UTF-8; with AGENT_TINY for call_is() alone */
	ARG_ENUM,          /* one of `names`: .i is its index */
	ARG_LIST,          /* list of `item`; walk it with call_list() */
	ARG_STRUCT,        /* object of `members` */
	ARG_ALT_INT_ENUM,  /* alternate: integer, or one of `names` (GuestFileWhence) */
	ARG_ALT_BOOL_ENUM, /* alternate: boolean, or one of `names` (GuestExecCaptureOutput) */
};

/* One argument of a command, or one member of a nested object; ended by a row without a name. */
struct arg {
	const char *name;
	uint8_t type; /* enum arg_type */
	bool optional;
	union {
		const char *const
			*names; /* ARG_ENUM; ARG_ALT_*: behind the name of the type; NULL-ended */
		const struct arg *item;    /* ARG_LIST: the row each item is checked against */
		const struct arg *members; /* ARG_STRUCT */
	};
};

/* A piece of memory; inside a request it is the request's own, valid until the call has ended. */
struct span {
	char *ptr;
	size_t len;
};

/* Names are short and not aligned: calling memcmp() and strlen() would take longer. */
static inline bool span_is(const struct span *text, const char *known)
{
	const char *p = text->ptr, *end = p + text->len;

	while (p < end)
		if (*p++ != *known++)
			return false;
	return *known == 0;
}

/* A checked argument. */
struct value {
	bool present;
	uint8_t type; /* which member of the alternate was given: ARG_INT, ARG_BOOL or ARG_ENUM */
	int token;    /* where it stands in the request, for call_list() */
	union {
		int64_t i;
		uint64_t u;
		bool b;
		struct span s;
	};
};

enum cmd_flag {
	CMD_NO_RESPONSE = 1 << 0, /* success-response: false */
	CMD_WHEN_FROZEN = 1 << 1, /* allowed while the file systems are frozen */
	CMD_DELIMITED = 1 << 2,   /* a success answer is preceded by the byte 0xFF */
};

/*
 * What a command needs of the environment: one member of one of its groups, neither NULL nor zero.
 * NEED(power, suspend) is env->power->suspend.
 */
struct need {
	uint8_t group, member, size; /* where they stand; all zero: nothing is needed */
};

#define NEED(group, member)                                                              \
	{                                                                                \
		offsetof(struct agent_env, group), offsetof(struct env_##group, member), \
			sizeof(((struct env_##group *)0)->member)                        \
	}

struct command {
	const char *name; /* printable ASCII without " and \\ */
	enum cmd_status (*run)(struct agent *agent, struct call *call);
	const struct arg *args; /* in schema order, or NULL: none */
	struct need needs;      /* offered only where that is there */
	uint8_t flags;          /* enum cmd_flag */
	void *context;          /* the application's; call->command->context */
};

/* Most arguments a command may have. */
#ifndef CALL_ARGS_MAX
#define CALL_ARGS_MAX 6
#endif

/* One command being answered; starts zero but for the first four members. */
struct call {
	const struct command *command;
	const struct agent_env *env;
	struct json_out *out;
	struct value arg[CALL_ARGS_MAX]; /* in the order of command->args */
	uint32_t step;                   /* the handler's: where it is */
	size_t cursor;                   /* the handler's: for out_str_part() and the like */
	uint64_t u[4];                   /* the handler's */
	void *ptr;                       /* the handler's */
};

/*
 * Raises an error of class GenericError; returns CMD_FAIL, for `return call_error(...)`.
 * The format knows %s (const char *), %S (const struct span *), %d (int64_t *), %% and no more.
 * Spans and strings must live until the call has ended; they may be of any length.
 */
#if AGENT_TINY
enum cmd_status call_failed(struct call *call);
#define call_error(call, ...) call_failed(call)
#else
enum cmd_status call_error(struct call *call, const char *format, ...);
#endif

/* Writes an integer argument back. */
void call_echo(struct agent *agent, struct call *call, const struct value *value);

/* Does a string that was given say `text`? */
bool call_is(const struct value *value, const char *text);

/*
 * Walks a list argument: *token starts as value->token's predecessor state 0 and is kept by the
 * walk. Fills values (one for each row of the item: one for scalars, one for each member of a
 * struct) and returns true, or returns false at the end. The list was checked before the call.
 */
bool call_list(struct agent *agent, const struct value *list, const struct arg *item, int *token,
               struct value *values);

#endif
