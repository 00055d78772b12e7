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

#endif
