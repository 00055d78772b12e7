/* SPDX-License-Identifier: MIT */
/*
 * mptable.h - processors of machines without ACPI: QEMU's microvm,acpi=off, Firecracker, libkrun.
 */
#ifndef BAREQGA_ARCH_X86_MPTABLE_H
#define BAREQGA_ARCH_X86_MPTABLE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How many processors the MP configuration table tells of; 0: there is no table. It is looked for in
 * the first MiB of memory, which begins at `low`.
 */
unsigned mptable_cpus(uintptr_t low);

/* True if there is a table, and this one, of 8 letters, wrote it. */
bool mptable_by(uintptr_t low, const char *oem);

#endif
