/* SPDX-License-Identifier: MIT */
/*
 * uart_shared.c - the log on the agent's serial port; see uart_shared.h.
 *
 * A line waits in a ring, as it will go out, until nothing else is going out: until the last byte that the agent
 * has put ends an answer, and it has no buffer. It then moves, whole, into the port's ring. Of answers that follow
 * each other without a pause each lets one line through.
 */
#include "uart_shared.h"

#include "uart_ports.h"

#define BEGIN    "{\"event\": \"LOG\", \"data\": {\"line\": \""
#define END      "\"}}\n"
#define END_MORE "\", \"more\": true}}\n"

static struct uart_shared *shared_of(struct qga_channel *channel)
{
	return (struct uart_shared *)channel;
}

/* --- Lines into the ring --- */

/* Where a line is being written; it is there once `put` is moved. */
struct pen {
	struct uart_shared *shared;
	uint32_t at;
	bool full;
};

static void pen_char(struct pen *pen, char c)
{
	if (pen->at - pen->shared->got == UART_SHARED_SIZE)
		pen->full = true;
	else
		pen->shared->ring[pen->at++ % UART_SHARED_SIZE] = c;
}

static void pen_text(struct pen *pen, const char *text)
{
	while (*text)
		pen_char(pen, *text++);
}

/* Bytes of the valid UTF-8 sequence at p (RFC 3629, 4); 0: there is none. */
static size_t sequence(const uint8_t *p, size_t n)
{
	size_t len = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;

	if (len > n || p[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return len;
}

/* One character of JSON text from one of the line; returns how many bytes of that it was. */
static size_t pen_escaped(struct pen *pen, const char *text, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t c = (uint8_t)text[0];
	size_t len = sequence((const uint8_t *)text, n);

	if (len == 0)
		pen_text(pen, "\\ufffd");
	if (len == 1 && (c == '"' || c == '\\'))
		pen_char(pen, '\\');
	if (len == 1 && c < 0x20) {
		pen_text(pen, "\\u00");
		pen_char(pen, digits[c >> 4]);
		pen_char(pen, digits[c & 15]);
		return 1;
	}
	for (size_t i = 0; i < len; i++)
		pen_char(pen, text[i]);
	return len ? len : 1;
}

/* So many lines, if any. */
static void pen_lost(struct pen *pen)
{
	uint32_t rest = pen->shared->lost;
	char text[12];
	size_t at = sizeof text;

	if (rest == 0)
		return;
	text[--at] = '\0';
	do
		text[--at] = (char)('0' + rest % 10);
	while (rest /= 10);
	pen_text(pen, "{\"event\": \"LOG\", \"data\": {\"lost\": ");
	pen_text(pen, text + at);
	pen_text(pen, "}}\n");
}

/* In the worst case it has two frames, and is the first after others were lost. */
bool uart_shared_ready(const struct uart_shared *shared)
{
	return UART_SHARED_SIZE - (shared->put - shared->got) >= UART_SHARED_LINE + 192;
}

/* A piece of a line, or all of it. Returns how much of the text it was. */
static size_t pen_piece(struct pen *pen, const char *text, size_t len)
{
	size_t n = 0;

	pen_text(pen, BEGIN);
	while (n < len && n < UART_SHARED_TEXT - 3) /* the last may have four bytes */
		n += pen_escaped(pen, text + n, len - n);
	pen_text(pen, n < len ? END_MORE : END);
	return n;
}

/* --- From there to the port --- */

/* Bytes up to the end of the line that waits longest. */
static size_t line_length(const struct uart_shared *shared)
{
	size_t n = 0;

	while (shared->ring[(shared->got + n++) % UART_SHARED_SIZE] != '\n')
		;
	return n;
}

size_t uart_shared_take(struct uart_shared *shared, char *to, size_t n)
{
	size_t i = 0;

	for (; i < n && shared->got != shared->put; i++)
		to[i] = shared->ring[shared->got++ % UART_SHARED_SIZE];
	return i;
}

static bool may_go(const struct uart_shared *shared)
{
	return shared->is_open && !shared->lent && !shared->in_answer && !shared->holds &&
	       shared->put != shared->got;
}

/* One line; false: none waits, or not now. The port's ring lends its room in two pieces at the most. */
static bool let_through(struct uart_shared *shared)
{
	const struct qga_channel_ops *ops = &uart_ports_ops;
	uint8_t *buf;
	size_t left, room;

	if (!may_go(shared) || ops->tx_get(shared->port, &buf) == 0)
		return false;
	left = line_length(shared);
	if (shared->tx_size - ops->tx_busy(shared->port) < left)
		return false;
	while (left > 0) {
		room = ops->tx_get(shared->port, &buf);
		room = uart_shared_take(shared, (char *)buf, room < left ? room : left);
		ops->tx_put(shared->port, room);
		left -= room;
	}
	return true;
}

static void flush(struct uart_shared *shared)
{
	while (let_through(shared))
		;
	uart_ports_ops.tx_flush(shared->port);
}

void uart_shared_say(struct uart_shared *shared, const char *text, size_t len)
{
	struct pen pen = {shared, shared->put, false};
	size_t n;

	pen_lost(&pen);
	do {
		n = pen_piece(&pen, text, len);
		text += n;
		len -= n;
	} while (len > 0);
	if (pen.full) {
		shared->lost++;
	} else {
		shared->put = pen.at;
		shared->lost = 0;
	}
	if (may_go(shared))
		flush(shared);
}

void uart_shared_let_go(struct uart_shared *shared)
{
	shared->holds = false;
	if (may_go(shared))
		flush(shared);
}

/* --- The channel --- */

/* What the agent has put: where answers begin and end. */
static void follow(struct uart_shared *shared, const uint8_t *sent, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!shared->in_answer)
			shared->is_sync = sent[i] == 0xff;
		shared->in_answer = sent[i] != '\n';
		if (!shared->in_answer)
			shared->holds = shared->is_sync;
	}
}

static size_t tx_get(struct qga_channel *channel, uint8_t **buf)
{
	struct uart_shared *shared = shared_of(channel);
	size_t room;

	shared->lent = NULL;
	(void)let_through(shared);
	room = uart_ports_ops.tx_get(shared->port, buf);
	if (room)
		shared->lent = *buf;
	return room;
}

static void tx_put(struct qga_channel *channel, size_t n)
{
	struct uart_shared *shared = shared_of(channel);

	follow(shared, shared->lent, n);
	shared->lent = NULL;
	uart_ports_ops.tx_put(shared->port, n);
}

static void tx_flush(struct qga_channel *channel)
{
	struct uart_shared *shared = shared_of(channel);

	shared->lent = NULL;
	flush(shared);
}

static size_t rx_get(struct qga_channel *channel, const uint8_t **data)
{
	return uart_ports_ops.rx_get(shared_of(channel)->port, data);
}

static void rx_put(struct qga_channel *channel, size_t n)
{
	uart_ports_ops.rx_put(shared_of(channel)->port, n);
}

static unsigned poll(struct qga_channel *channel)
{
	return uart_ports_ops.poll(shared_of(channel)->port);
}

static size_t tx_busy(struct qga_channel *channel)
{
	struct uart_shared *shared = shared_of(channel);

	return uart_ports_ops.tx_busy(shared->port) + (shared->put - shared->got);
}

static void open(struct qga_channel *channel)
{
	struct uart_shared *shared = shared_of(channel);

	shared->is_open = true;
	shared->in_answer = shared->holds = false;
	shared->lent = NULL;
	uart_ports_ops.open(shared->port);
}

static void close(struct qga_channel *channel)
{
	struct uart_shared *shared = shared_of(channel);

	shared->is_open = false;
	uart_ports_ops.close(shared->port);
}

static const struct qga_channel_ops uart_shared_ops = {
	.rx_get = rx_get,
	.rx_put = rx_put,
	.tx_get = tx_get,
	.tx_put = tx_put,
	.tx_flush = tx_flush,
	.poll = poll,
	.tx_busy = tx_busy,
	.open = open,
	.close = close,
};

struct qga_channel *uart_shared_channel(struct uart_shared *shared, struct qga_channel *port,
                                        size_t tx_size)
{
	shared->channel.ops = &uart_shared_ops;
	shared->port = port;
	shared->tx_size = tx_size;
	return &shared->channel;
}
