/* SPDX-License-Identifier: MIT */
/* example.h - what the files of the example share: the rows of its commands. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include "bareqga.h"
#include "app.h"

#define EXAMPLE_COMMANDS 9

extern const struct qga_command example_commands[EXAMPLE_COMMANDS];

/* people.c */
extern const struct qga_arg args_get_keys[], args_add_keys[], args_remove_keys[],
	args_set_password[];
enum qga_status cmd_get_keys(struct qga_call *call);
enum qga_status cmd_add_keys(struct qga_call *call);
enum qga_status cmd_remove_keys(struct qga_call *call);
enum qga_status cmd_set_password(struct qga_call *call);

#endif
