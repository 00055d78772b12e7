/* SPDX-License-Identifier: MIT */
/*
 * riscv_virt.h - what QEMU's RISC-V `virt` boards share, whatever their width and mode.
 */
#ifndef RISCV_VIRT_H
#define RISCV_VIRT_H

#include "machine.h"

#define RISCV_VIRT_UART 0x10000000 /* debug line without a device tree */

extern const struct machine_driver riscv_virt_drivers[];

const char *riscv_virt_start(struct machine *m);

/* --- riscv_intc.c --- */

/* Starts the interrupt controller and the timer of our hart; or what is missing. */
const char *riscv_start_interrupts(struct machine *m);

void found_cpu_intc(struct machine *m, const struct fdt_node *node,
                    const struct machine_device *device);

/* Controllers and timers; in a driver's row, which of these. */
void found_intc(struct machine *m, const struct fdt_node *node,
                const struct machine_device *device);

enum riscv_intc_kind {
	RISCV_PLIC,
	RISCV_APLIC,
	RISCV_IMSIC,
	RISCV_CLINT,
	RISCV_MTIMER,
	RISCV_MSWI
};

#endif
