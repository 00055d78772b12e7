/* SPDX-License-Identifier: MIT */
/*
 * mptable.h - processors of machines without ACPI: QEMU's microvm,acpi=off, Firecracker, libkrun.
 */
#ifndef BAREQGA_ARCH_X86_MPTABLE_H
#define BAREQGA_ARCH_X86_MPTABLE_H

#include <stdbool.h>

/* How many processors the MP configuration table tells of; 0: there is no table. */
unsigned mptable_cpus(void);

/* True if there is a table, and this one, of 8 letters, wrote it. */
bool mptable_by(const char *oem);

#endif
