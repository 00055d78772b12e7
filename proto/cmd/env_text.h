/* SPDX-License-Identifier: MIT */
/* env_text.h - enum env_error in words, as strerror(3) says them on the guests of qemu-ga. */
#ifndef ENV_TEXT_H
#define ENV_TEXT_H

/* The sentence for a negative enum env_error; never NULL. */
const char *env_text(int error);

#endif
