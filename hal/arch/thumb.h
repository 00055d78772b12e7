/* SPDX-License-Identifier: MIT */
/* thumb.h - how calls look in Thumb code (Arm DDI 0403, A7.7.18 and A7.7.19; DDI 0406, A8.8.25). */
#ifndef BAREQGA_ARCH_THUMB_H
#define BAREQGA_ARCH_THUMB_H

#include <stdbool.h>
#include <stdint.h>

/* Does a call end right in front of this address in code, which has the bit that says Thumb? */
static inline bool thumb_follows_call(uintptr_t address)
{
	const uint16_t *code = (const uint16_t *)(address & ~(uintptr_t)1);

	if (!(address & 1))
		return false;
	if ((code[-1] & 0xff87) == 0x4780) /* BLX register */
		return true;
	return (code[-2] & 0xf800) == 0xf000 && (code[-1] & 0xc000) == 0xc000; /* BL, BLX */
}

#endif
