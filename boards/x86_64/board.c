// SPDX-License-Identifier: MIT
/*
 * board.c - qemu-system-x86_64 -M microvm, -M q35 and -M pc, and what boots like them.
 */
#include "shared/machine.h"
#include "shared/pc.h"
#include "uart/ns16550.h"

struct machine machine;

const struct machine_board machine_board = {
	.name = "x86_64",
	.machine = "x86_64",
	.message = pc_message,
	.uart = {.init = ns16550_init, .base = 0x3f8, .stride = 1},
};
