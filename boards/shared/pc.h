/* SPDX-License-Identifier: MIT */
/* pc.h - what x86 boards have in common, for their struct machine_board. */
#ifndef PC_H
#define PC_H

struct pci_message;

/* The message that ends a wait. */
void pc_message(struct pci_message *message);

#endif
