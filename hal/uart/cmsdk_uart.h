/* SPDX-License-Identifier: MIT */
/*
 * cmsdk_uart.h - the APB UART of Arm's Cortex-M System Design Kit.
 */
#ifndef BAREQGA_UART_CMSDK_UART_H
#define BAREQGA_UART_CMSDK_UART_H

#include "uart.h"

/*
 * Starts the port; divisor is peripheral clock / bit rate, at least 16. It has two interrupts:
 * receive and transmit.
 */
void cmsdk_uart_init(struct uart *uart, uintptr_t base, uint32_t divisor);

/* True if there is something to do for the channel that no interrupt will tell of any more. */
bool cmsdk_uart_ready(const struct uart *uart);

#endif
