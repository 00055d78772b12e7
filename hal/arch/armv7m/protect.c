/* SPDX-License-Identifier: MIT */
/*
 * protect.c - what ../protect.h promises, on Armv7-M, by the memory protection unit (Arm DDI 0403, B3.5).
 *
 * Of two regions the one with the higher number counts; elsewhere the default map does, in which devices
 * are never executed. Of address 0 only the vectors are nobody's, which the processor itself reads past the
 * unit; and constants may be executed, for the sake of memory. Below the stack there is no memory, or the
 * guard region takes what is next to it.
 */
#include "arch/protect.h"
#include "mmio.h"

enum mpu {
	MPU_TYPE = 0xe000ed90, /* R  15:8 regions */
	MPU_CTRL = 0xe000ed94, /* RW */
	MPU_RBAR = 0xe000ed9c, /* RW */
	MPU_RASR = 0xe000eda0, /* RW */
};

#define CTRL_ENABLE  (1u << 0) /* but not in a fault's handler */
#define CTRL_DEFAULT (1u << 2) /* PRIVDEFENA */

#define REGION(n) (1u << 4 | (n)) /* in RBAR: VALID */

#define ENABLE        1u
#define SIZE(bits)    (((bits)-1u) << 1)
#define WRITE_THROUGH (1u << 17)
#define WRITE_BACK    (1u << 19 | 3u << 16)
#define READ_WRITE    (1u << 24)
#define READ_ONLY     (5u << 24)
#define NO_EXEC       (1u << 28)
#define NOTHING       (NO_EXEC | SIZE(5) | ENABLE) /* 32 bytes */

#define CODE 0x00000000
#define RAM  0x20000000

extern char __data_start[]; /* linker/sections.ld: the stack */

static const struct {
	uintptr_t rbar;
	uint32_t rasr;
} regions[] = {
	{CODE + REGION(0), READ_ONLY | WRITE_THROUGH | SIZE(29) | ENABLE},
	{RAM + REGION(1), READ_WRITE | NO_EXEC | WRITE_BACK | SIZE(29) | ENABLE},
	{CODE + REGION(2), NOTHING},
	{(uintptr_t)(__data_start - 32 + REGION(3)), NOTHING},
};

void arch_protect(void)
{
	if (!(mmio_read32(MPU_TYPE) >> 8 & 0xff))
		return;
	for (unsigned i = 0; i < sizeof regions / sizeof regions[0]; i++) {
		mmio_write32(MPU_RBAR, regions[i].rbar);
		mmio_write32(MPU_RASR, regions[i].rasr);
	}
	mmio_write32(MPU_CTRL, CTRL_ENABLE | CTRL_DEFAULT);
	__asm__ volatile("dsb\n\tisb" ::: "memory");
}
