/* SPDX-License-Identifier: MIT */
/*
 * pl011.h - Arm's serial port.
 */
#ifndef BAREQGA_UART_PL011_H
#define BAREQGA_UART_PL011_H

#include "uart.h"

/* Prepares the port: 8N1, interrupts off; the line's speed stays as it is. */
void pl011_init(struct uart *uart, uintptr_t base, unsigned stride);

#endif
