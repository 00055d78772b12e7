/* SPDX-License-Identifier: MIT */
/*
 * uart_shared.h - the agent's channel and the log on one serial port: lines of text go out between answers,
 * each as an object that is no answer, for it has neither `return` nor `error`:
 *
 *     {"event": "LOG", "data": {"line": "example: hello"}}
 *     {"event": "LOG", "data": {"line": "the first 240 bytes or so of a long one", "more": true}}
 *     {"event": "LOG", "data": {"lost": 3}}        lines for which there was no room
 *
 * libvirt and QEMU's own clients pass over what has `event`. A line is valid JSON and UTF-8, without 0xFF, and is
 * never begun before the answer that is going out has ended, nor between the answer to guest-sync-delimited
 * and the next one: there are clients that want these two in a row (Proxmox).
 */
#ifndef BAREQGA_UART_UART_SHARED_H
#define BAREQGA_UART_UART_SHARED_H

#include "bareqga.h"

/* Bytes of lines that wait; a power of two. */
#ifndef UART_SHARED_SIZE
#define UART_SHARED_SIZE 4096
#endif

/* Bytes of one line of text that go into one object; the longest then has 6 bytes for each, and its frame. */
#define UART_SHARED_TEXT 240
#define UART_SHARED_LINE (6 * UART_SHARED_TEXT + 64)

struct uart_shared {
	struct qga_channel channel;
	struct qga_channel *port; /* that of a struct uart_ports */
	size_t tx_size;           /* of its ring */

	const uint8_t *lent; /* what tx_get() lent; NULL: nothing */
	bool in_answer;      /* the last byte that went out is not the end of an answer ... */
	bool is_sync;        /* ... which is one to guest-sync-delimited */
	bool holds;          /* that has ended, and no line may come before the next */
	bool is_open;
	uint32_t put, got; /* running counts of bytes in the ring */
	uint32_t lost;     /* lines, since one was queued */
	char ring[UART_SHARED_SIZE];
};

/*
 * Makes a channel of that of a serial port, or of several (uart_ports.h; of one, too), whose ring for what is sent has tx_size bytes,
 * UART_SHARED_LINE at least. What was said before stays; *shared was zero before that. It waits till open().
 */
struct qga_channel *uart_shared_channel(struct uart_shared *shared, struct qga_channel *port,
                                        size_t tx_size);

/* One line, without its end. It goes out as soon as it may, or is counted as lost. Never waits. */
void uart_shared_say(struct uart_shared *shared, const char *text, size_t len);

/* Would a line of UART_SHARED_TEXT bytes have room? */
bool uart_shared_ready(const struct uart_shared *shared);

/* Do lines wait for the answer that is to follow one to guest-sync-delimited? Then they do no longer. */
static inline bool uart_shared_is_held(const struct uart_shared *shared)
{
	return shared->holds && shared->put != shared->got;
}

void uart_shared_let_go(struct uart_shared *shared);

/* Takes up to n bytes of what waits, whole lines or not, for who writes them where nobody answers any more. */
size_t uart_shared_take(struct uart_shared *shared, char *to, size_t n);

#endif
