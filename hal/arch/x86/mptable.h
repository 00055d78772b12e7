/* SPDX-License-Identifier: MIT */
/*
 * mptable.h - processors of machines without ACPI: QEMU's microvm,acpi=off, Firecracker, libkrun.
 */
#ifndef BAREQGA_ARCH_X86_MPTABLE_H
#define BAREQGA_ARCH_X86_MPTABLE_H

/* How many processors the MP configuration table tells of; 0: there is no table. */
unsigned mptable_cpus(void);

#endif
