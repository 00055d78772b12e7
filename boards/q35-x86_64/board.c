// SPDX-License-Identifier: MIT
/*
 * board.c - qemu-system-x86_64 -M q35, -M pc.
 */
#include "shared/machine.h"
#include "shared/pc.h"
#include "uart/ns16550.h"

struct machine machine;

const struct machine_board machine_board = {
	.name = "q35-x86_64",
	.machine = "x86_64",
	.message = pc_message,
	.uart = {.init = ns16550_init, .base = 0x3f8, .stride = 1},
};
