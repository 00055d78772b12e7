/* SPDX-License-Identifier: MIT */
/*
 * serial_port.c - the agent on a serial port. Of several it is the one that the first request comes
 * from: which of them is connected, nothing says, not even what is the console for people.
 *
 * A serial port that the agent speaks on carries nothing else: log lines then go to another one, or
 * nowhere; unless the setting `console` is `shared` (uart_shared.h).
 */
#include "machine.h"

#include <stddef.h>
#include <string.h>

#include "uart/uart_ports.h"
#include "uart/uart_shared.h"

#define NOINIT __attribute__((section(".noinit.large")))

static NOINIT uint8_t uart_rx[UART_RX_SIZE], uart_tx[UART_TX_SIZE];
static struct uart_ports ports;

/*
 * The answer that follows one to guest-sync-delimited is waited for so long; for a port that takes nothing any
 * more, so often is looked.
 */
#define HELD_NS  1000000000u
#define PATIENCE 100000

/* Zero from machine_share_console() on. */
static NOINIT struct uart_shared shared;
static uint64_t held_till; /* 0: nothing is held */

_Static_assert((int)UART_TX_SIZE >= (int)UART_SHARED_LINE, "a line goes in one piece");

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

/* --- The log on the agent's port --- */

static uint64_t poll_shared(void)
{
	uint64_t now;

	if (!uart_shared_is_held(&shared)) {
		held_till = 0;
		return UINT64_MAX;
	}
	now = board_monotonic();
	if (!held_till)
		held_till = now + HELD_NS;
	if (now < held_till)
		return held_till - now;
	uart_shared_let_go(&shared);
	return UINT64_MAX;
}

void machine_share_console(struct machine *m)
{
	char text[8];
	int len = board_setting("opt/bareqga/console", m->board.cmdline, text, sizeof text);

	memset(&shared, 0, offsetof(struct uart_shared, ring));
	m->shares_console = strcmp(text, "shared") == 0;
	if (len != 0 && !m->shares_console)
		machine_log("bareqga: bareqga.console is not shared and not used");
	if (m->shares_console)
		m->board.poll = poll_shared;
}

void machine_say_shared(const char *text, size_t len)
{
	uart_shared_say(&shared, text, len);
}

bool board_debug_ready(void)
{
	return !machine.shares_console || uart_shared_ready(&shared);
}

/* The agent answers no more; an answer that it was at has an end all the same. */
void machine_last_words(void)
{
	struct qga_channel *port = machine.shares_console ? shared.port : NULL;
	char text[64];
	size_t n;

	if (!port || !machine.serial)
		return;
	for (unsigned i = 0; i < PATIENCE && uart_ports_ops.tx_busy(port) > 0; i++)
		(void)uart_ports_ops.poll(port);
	if (shared.in_answer)
		uart_write(machine.serial, "\n", 1);
	shared.in_answer = false;
	while ((n = uart_shared_take(&shared, text, sizeof text)) > 0)
		uart_write(machine.serial, text, n);
}

struct qga_channel *machine_serial_channel(struct machine *m, int number)
{
	struct qga_channel *channel;

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
	channel = uart_ports_channel(&ports, uart_rx, uart_tx);
	return m->shares_console ? uart_shared_channel(&shared, &ports.channel, UART_TX_SIZE)
	                         : channel;
}
