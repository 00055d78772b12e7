/* SPDX-License-Identifier: MIT */
/*
 * arm_virt.h - what QEMU's Arm `virt` boards share, 32 and 64 bits.
 */
#ifndef ARM_VIRT_H
#define ARM_VIRT_H

#include "machine.h"

#define ARM_VIRT_UART 0x09000000 /* debug line without a device tree */
#define ARM_VIRT_FDT  0x40000000 /* where QEMU puts the tree for an ELF image */

extern const struct machine_driver arm_virt_drivers[];

const char *arm_virt_start(struct machine *m);

#endif
