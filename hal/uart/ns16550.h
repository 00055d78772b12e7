/* SPDX-License-Identifier: MIT */
/*
 * ns16550.h - the 16550 serial port of PCs and of qemu-system-riscv64 -M virt.
 */
#ifndef BAREQGA_UART_NS16550_H
#define BAREQGA_UART_NS16550_H

#include "uart.h"

/* Prepares the port: 8N1, interrupts off; the line's speed stays as it is. */
void ns16550_init(struct uart *uart, uintptr_t base, unsigned stride);

#endif
