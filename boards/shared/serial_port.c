/* SPDX-License-Identifier: MIT */
/*
 * serial_port.c - the agent on a serial port. Of several it is the one that the first request comes
 * from: which of them is connected, nothing says, not even what is the console for people.
 *
 * A serial port that the agent speaks on carries nothing else: log lines then go to another one, or
 * nowhere.
 */
#include "machine.h"

#include <string.h>

#include "uart/uart_ports.h"

#define NOINIT __attribute__((section(".noinit")))

static NOINIT uint8_t uart_rx[UART_RX_SIZE], uart_tx[UART_TX_SIZE];
static struct uart_ports ports;

_Static_assert((int)MACHINE_UARTS_MAX <= (int)UART_PORTS_MAX, "all of them may be the agent's");

int machine_tty_number(const char *name)
{
	static const char *const kinds[] = {"ttyS", "ttyAMA"};

	for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const char *digit = name + strlen(kinds[i]);

		if (strncmp(name, kinds[i], strlen(kinds[i])) == 0 && *digit >= '0' &&
		    *digit <= '9' && (digit[1] == '\0' || digit[1] == ',' || digit[1] == ' '))
			return *digit - '0';
	}
	return -1;
}

const struct machine_uart *machine_serial_port(const struct machine *m, int number)
{
	for (unsigned i = 0; i < m->n_uarts; i++)
		if ((int)m->uart[i].number == number)
			return &m->uart[i];
	return &m->uart[0];
}

/* Log lines go to the port that the last console= of the command line names. */
static void find_log(struct machine *m)
{
	const char *word = m->board.cmdline;
	int number = -1;

	for (; *word; word++)
		if ((word == m->board.cmdline || word[-1] == ' ') &&
		    strncmp(word, "console=", 8) == 0)
			number = machine_tty_number(word + 8);
	for (unsigned i = 0; i < m->n_uarts; i++)
		if ((int)m->uart[i].number == number)
			m->log = &m->uart_device[i];
}

/* The agent has its port. */
static void told(struct uart_ports *chosen)
{
	struct machine *m = &machine;
	struct uart *log = NULL;

	m->serial = chosen->port[0];
	if (m->log != m->serial)
		return;
	for (unsigned i = 0; i < m->n_uarts && !log; i++)
		log = &m->uart_device[i] == m->serial ? NULL : &m->uart_device[i];
	m->log = log;
}

struct qga_channel *machine_serial_channel(struct machine *m, int number)
{
	machine_start_uarts(m);
	for (unsigned i = 0; i < m->n_uarts; i++) {
		if (number >= 0 && (int)m->uart[i].number != number)
			continue;
		if (machine_enable(m, m->uart[i].irq))
			ports.port[ports.n++] = &m->uart_device[i];
	}
	if (ports.n == 0)
		return NULL;
	find_log(m);
	ports.told = told;
	m->serial = ports.port[0];
	m->board.is_line = true;
	return uart_ports_channel(&ports, uart_rx, uart_tx);
}
