/* SPDX-License-Identifier: MIT */
/* pc.h - what the parts of an x86 machine share, and what its boards have for their struct machine_board. */
#ifndef PC_H
#define PC_H

struct acpi;
struct pci_message;

/* The machine's ACPI tables, which are looked for if nobody has done so. */
const struct acpi *pc_acpi(void);

/* The message that ends a wait. */
void pc_message(struct pci_message *message);

#endif
