/* SPDX-License-Identifier: MIT */
/*
 * board_riscv.h - QEMU's -M virt of RISC-V, for tests of boards: a tree to which they add. Include it behind
 * board_rig.h, in one file of a program, with BOARD_NAME.
 */
#ifndef BOARD_RISCV_H
#define BOARD_RISCV_H

#include "imsic.h"
#include "riscv.h"
#include "shared/riscv_virt.h"
#include "uart/ns16550.h"

#define INTC(hart) (0x10u + (hart)) /* the phandle of a hart's own controller */

struct machine machine;

const struct machine_board machine_board = {
	.name = BOARD_NAME,
	.machine = "riscv64",
	.drivers = riscv_virt_drivers,
	.start = riscv_virt_start,
	.uart = {.init = ns16550_init, .base = RISCV_VIRT_UART, .stride = 1},
};

struct riscv_timer riscv_timer;

static inline void cpus(unsigned n)
{
	rig_begin("cpus");
	RIG_CELLS("#address-cells", 1);
	RIG_CELLS("#size-cells", 0);
	RIG_CELLS("timebase-frequency", 10000000);
	for (unsigned hart = 0; hart < n; hart++) {
		rig_begin("cpu");
		rig_text("device_type", "cpu");
		RIG_CELLS("reg", hart);
		rig_begin("interrupt-controller");
		rig_text("compatible", "riscv,cpu-intc");
		RIG_CELLS("phandle", INTC(hart));
		rig_end();
		rig_end();
	}
	rig_end();
}

#endif
