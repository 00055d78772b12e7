/* SPDX-License-Identifier: MIT */
/*
 * chance_env.h - an environment with everything in it that does what chance says: callbacks fail,
 * files shrink, lists break off, programs run on. The same seed does the same again; 0: all is
 * well.
 */
#ifndef CHANCE_ENV_H
#define CHANCE_ENV_H

#include "bareqga.h"

/* One at a time; os_release is what the guest says of itself, and must live as long. */
const struct qga_env *chance_env(uint32_t seed, const char *os_release);

/* How many files are open, and file systems frozen. */
int chance_env_open(void);
int chance_env_frozen(void);

#endif
