/* SPDX-License-Identifier: MIT */
/*
 * board.c - qemu-system-riscv64 -M virt with OpenSBI: the boot hart in supervisor mode.
 */
#include "uart/ns16550.h"
#include "shared/riscv_virt.h"

struct machine machine;

const struct machine_board machine_board = {
	.name = "virt-riscv64-s",
	.machine = "riscv64",
	.drivers = riscv_virt_drivers,
	.start = riscv_virt_start,
	.uart = {.init = ns16550_init, .base = RISCV_VIRT_UART, .stride = 1},
};
