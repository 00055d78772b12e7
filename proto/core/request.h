/* SPDX-License-Identifier: MIT */
/*
 * request.h - one document becomes one call of a command, or one error answer.
 *
 * The checks, their order and their wording are those of QEMU's qapi/qmp-dispatch.c.
 */
#ifndef BAREQGA_CORE_REQUEST_H
#define BAREQGA_CORE_REQUEST_H

struct agent;
struct qga_command;

/* Begins the answer to the document in agent->json. */
void qga_request_dispatch(struct agent *agent);

/* Makes the agent's call ready for a command; the arguments are filled in before or after. */
void qga_request_call(struct agent *agent, const struct qga_command *command);

#endif
