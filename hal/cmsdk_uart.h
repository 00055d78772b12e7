/* SPDX-License-Identifier: MIT */
/*
 * cmsdk_uart.h - a channel over the APB UART of Arm's Cortex-M System Design Kit.
 */
#ifndef CMSDK_UART_H
#define CMSDK_UART_H

#include <stddef.h>
#include <stdint.h>

#include "channel.h"

struct cmsdk_uart_config {
	uintptr_t base;
	uint32_t divisor; /* peripheral clock / bit rate, at least 16 */
	uint8_t *rx;	  /* received bytes */
	size_t rx_size;
	uint8_t *tx; /* bytes to send */
	size_t tx_size;
};

struct cmsdk_uart {
	struct channel channel;
	const struct cmsdk_uart_config *config;
	/* What is lent out lies between head and len; both return to 0 when it is empty. */
	size_t rx_head, rx_len;
	size_t tx_head, tx_len;
};

/* Starts it; config and its buffers must outlive the channel. Interrupts: receive and transmit. */
void cmsdk_uart_init(struct cmsdk_uart *uart, const struct cmsdk_uart_config *config);

/* Sends text and waits for it, for a debug channel: no init but cmsdk_uart_start() is needed. */
void cmsdk_uart_start(uintptr_t base, uint32_t divisor);
void cmsdk_uart_write(uintptr_t base, const char *text, size_t len);

#endif
