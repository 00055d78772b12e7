/* SPDX-License-Identifier: MIT */
/*
 * board.c - qemu-system-aarch64 -M virt.
 */
#include "shared/arm_virt.h"
#include "uart/pl011.h"

struct machine machine;

const struct machine_board machine_board = {
	.name = "virt-aarch64",
	.machine = "aarch64",
	.drivers = arm_virt_drivers,
	.start = arm_virt_start,
	.fdt = ARM_VIRT_FDT,
	.uart = {.init = pl011_init, .base = ARM_VIRT_UART},
};
