/* SPDX-License-Identifier: MIT */
/* pc.h - what the parts of an x86 machine share, and what its boards have for their struct machine_board. */
#ifndef PC_H
#define PC_H

#include "machine.h"

struct acpi;
struct pci_message;

/* The machine's ACPI tables, which are looked for if nobody has done so. */
const struct acpi *pc_acpi(void);

/* The message that ends a wait. */
void pc_message(struct pci_message *message);

/* A device, or a serial port, that something has told of; the interrupt is an edge. */
void pc_add_virtio(struct machine *m, uintptr_t base, uint32_t gsi);
void pc_add_uart(struct machine *m, uintptr_t base, uint32_t gsi);

/* --- pc_tree.c --- */

/* What a device tree tells, if there is one; true: it is damaged. */
bool pc_find_in_tree(struct machine *m);

/* --- pc_power.c --- */

/* Is there a way, by these tables or without? */
bool pc_can_power_off(const struct acpi *acpi);
void pc_power_off(struct machine *m);

/* There is always a way: in the end an exception that nobody can handle. */
void pc_reboot(struct machine *m);

/* As struct machine has it. */
void pc_exit(struct machine *m, unsigned status);

#endif
