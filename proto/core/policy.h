/* SPDX-License-Identifier: MIT */
/* policy.h - which commands the lists of the configuration leave. */
#ifndef BAREQGA_CORE_POLICY_H
#define BAREQGA_CORE_POLICY_H

#include "bareqga.h"

/* True if allow_rpcs does not have the command's name, or block_rpcs has it. */
bool qga_policy_blocks(const struct qga_config *config, const char *name);

#endif
