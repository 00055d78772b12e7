/* SPDX-License-Identifier: MIT */
/*
 * byte.h - bytes of the host may lie in memory that the host can still write. So what is kept of
 * them is what was judged: a byte is loaded, judged in a register, and stored from there. A byte
 * that is not kept may be loaded again, and is then judged again.
 */
#ifndef BAREQGA_JSON_BYTE_H
#define BAREQGA_JSON_BYTE_H

#include <stdint.h>

/* Loads a byte; volatile, so that a compiler cannot load it once more in the place of keeping it. */
static inline uint8_t qga_byte(const void *p)
{
	return *(const volatile uint8_t *)p;
}

#endif
