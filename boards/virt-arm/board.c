/* SPDX-License-Identifier: MIT */
/*
 * board.c - qemu-system-arm -M virt.
 */
#include "shared/arm_virt.h"
#include "uart/pl011.h"

struct machine machine;

const struct machine_board machine_board = {
	.name = "virt-arm",
	.machine = "armv7l",
	.drivers = arm_virt_drivers,
	.start = arm_virt_start,
	.fdt = ARM_VIRT_FDT,
	.uart = {.init = pl011_init, .base = ARM_VIRT_UART},
};
