/* SPDX-License-Identifier: MIT */
/*
 * request.h - one document becomes one call of a command, or one error answer.
 *
 * The checks, their order and their wording are those of QEMU's qapi/qmp-dispatch.c.
 */
#ifndef REQUEST_H
#define REQUEST_H

struct agent;
struct command;

/* Begins the answer to the document in agent->json. */
void request_dispatch(struct agent *agent);

/* Makes the agent's call ready for a command; the arguments are filled in before or after. */
void request_call(struct agent *agent, const struct command *command);

#endif
