/* SPDX-License-Identifier: MIT */
/*
 * sifive_test.h - power off and reset of qemu-system-riscv64 -M virt, by one register.
 *
 * QEMU, hw/misc/sifive_test.c. Before QEMU 8.2 the power-off is an exit() without any event, so
 * whoever waits for the guest to go had better see its port close first.
 */
#ifndef BAREQGA_SOC_SIFIVE_TEST_H
#define BAREQGA_SOC_SIFIVE_TEST_H

#include "mmio.h"

enum sifive_test_status {
	SIFIVE_TEST_PASS = 0x5555, /* power off */
	SIFIVE_TEST_FAIL = 0x3333, /* power off, with QEMU's exit status in the upper half */
	SIFIVE_TEST_RESET = 0x7777,
};

static inline void sifive_test_exit(uintptr_t base, uint16_t status)
{
	mmio_write32(base, (uint32_t)status << 16 | SIFIVE_TEST_FAIL);
}

static inline void sifive_test_write(uintptr_t base, enum sifive_test_status status)
{
	mmio_write32(base, (uint32_t)status);
}

#endif
