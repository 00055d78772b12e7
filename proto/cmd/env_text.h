/* SPDX-License-Identifier: MIT */
/* env_text.h - enum qga_errno in words, as strerror(3) says them on the guests of qemu-ga. */
#ifndef BAREQGA_CMD_ENV_TEXT_H
#define BAREQGA_CMD_ENV_TEXT_H

/* The sentence for a negative enum qga_errno; never NULL. */
const char *qga_env_text(int error);

#endif
