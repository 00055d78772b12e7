/* SPDX-License-Identifier: MIT */
/*
 * channel.c - a channel around the real one, in which answers come to harm.
 *
 *     host -> real rx -> window, a request at most -> agent -> one answer, or a part of it -> real tx -> host
 *
 * The command of an answer is that of the last request whose end the agent has taken, for it takes no
 * more until it has answered. One that is to fail is given a name that no command has, so it is not
 * run; of the error that the agent answers then, class and words are exchanged.
 */
#include <string.h>

#include "board.h"
#include "fault.h"

#define MS          1000000u
#define NEVER       UINT64_MAX
#define NAME_NOBODY '!' /* behind a name, and it is no command's */

static const char error_begins[] = "\"error\": {\"class\": \"";
static const char error_goes_on[] = "\", \"desc\": \"the host asked for this error\"}}\n";
static const char stale[] = "{\"return\": {}}\n";

/* What is known of a request. */
struct known {
	char command[FAULT_COMMAND_MAX];
	char class[FAULT_CLASS_MAX]; /* "": it is not to fail */
};

static struct {
	struct qga_channel channel;
	struct qga_channel *real;
	unsigned events; /* of our own, for the next poll() */
	bool closed;     /* by a fault, until: */
	uint64_t reopen;

	struct fault_request request;
	struct known coming, current, answer; /* being read; taken by the agent; of what is in tx */
	uint8_t rx[1024];
	size_t rx_at, rx_len;
	bool rx_ends; /* the last byte there ends a request */

	char tx[4096];
	size_t tx_len, tx_sent;
	bool there, begun, whole; /* an answer has begun, its way out, too, and its end is there */
	bool discard;             /* it goes nowhere */
	uint64_t due;             /* before, nothing goes out */
	size_t piece;             /* bytes at a time; 0: any */
	int64_t until_cut;        /* bytes; below 0: all */
	int64_t n_stale;          /* to go before it ... */
	size_t stale_sent;        /* ... and so much of the first one has gone */
} f;

/* --- Requests --- */

/* The name has just ended: is the command to fail? */
static bool to_fail(void)
{
	const struct fault_rule *rule = fault_rule_take(FAULT_ERROR, f.request.command);

	if (rule)
		memcpy(f.coming.class, rule->class, sizeof rule->class);
	return rule;
}

/* Fills the window, up to where a request ends. */
static void fill(void)
{
	const uint8_t *data;
	size_t n = f.real->ops->rx_get(f.real, &data), used = 0;

	f.rx_at = f.rx_len = 0;
	f.rx_ends = false;
	while (used < n && f.rx_len < sizeof f.rx - 1 && !f.rx_ends) {
		enum fault_seen seen = fault_request_byte(&f.request, data[used]);

		if (seen == FAULT_NAME && to_fail())
			f.rx[f.rx_len++] = NAME_NOBODY;
		f.rx_ends = seen == FAULT_END;
		f.rx[f.rx_len++] = data[used++];
	}
	if (used)
		f.real->ops->rx_put(f.real, used);
}

static size_t rx_get(struct qga_channel *channel, const uint8_t **data)
{
	(void)channel;
	if (f.rx_at == f.rx_len) {
		if (f.closed)
			return 0;
		fill();
	}
	*data = f.rx + f.rx_at;
	return f.rx_len - f.rx_at;
}

static void rx_put(struct qga_channel *channel, size_t n)
{
	(void)channel;
	f.rx_at += n;
	if (f.rx_at < f.rx_len || !f.rx_ends)
		return;
	memcpy(f.coming.command, f.request.command, sizeof f.coming.command);
	f.current = f.coming;
	f.coming.class[0] = '\0';
}

static void forget_requests(void)
{
	f.rx_at = f.rx_len = 0;
	f.request = (struct fault_request){.depth = 0};
	f.coming.class[0] = '\0';
}

/* --- Answers --- */

static void forget_answer(void)
{
	f.tx_len = f.tx_sent = 0;
	f.there = f.begun = f.whole = f.discard = false;
	f.stale_sent = 0;
}

/* The port closes, and what is on its way is lost. */
static void drop(int64_t ms)
{
	f.real->ops->tx_flush(f.real);
	f.real->ops->close(f.real);
	f.closed = true;
	f.reopen = board_monotonic() + (uint64_t)ms * MS;
	f.events = QGA_HOST_CLOSE;
	forget_requests();
	forget_answer();
}

/* What is to become of the answer that begins. */
static void begin(void)
{
	const char *command = f.answer.command;
	const struct fault_rule *rule;

	f.begun = true;
	rule = fault_rule_take(FAULT_LATE, command);
	f.due = rule ? board_monotonic() + (uint64_t)rule->value * MS : 0;
	rule = fault_rule_take(FAULT_PIECES, command);
	f.piece = rule ? (size_t)rule->value : 0;
	rule = fault_rule_take(FAULT_CUT, command);
	f.until_cut = rule ? rule->value : -1;
	rule = fault_rule_take(FAULT_STALE, command);
	f.n_stale = rule ? rule->value : 0;
}

/* Exchanges class and words of the error that is there as a whole. */
static void exchange(void)
{
	size_t begins = sizeof error_begins - 1, goes_on = sizeof error_goes_on - 1;
	size_t class = strlen(f.answer.class), at = f.tx_len;

	while (at > 0 && (at + begins > f.tx_len || memcmp(f.tx + at, error_begins, begins) != 0))
		at--;
	if (memcmp(f.tx + at, error_begins, begins) == 0 &&
	    at + begins + class + goes_on <= sizeof f.tx) {
		at += begins;
		memcpy(f.tx + at, f.answer.class, class);
		memcpy(f.tx + at + class, error_goes_on, goes_on);
		f.tx_len = at + class + goes_on;
	}
	f.answer.class[0] = '\0';
}

/* Up to n bytes to the real channel; returns how many. */
static size_t send(const char *data, size_t n)
{
	uint8_t *room;
	size_t space = f.real->ops->tx_get(f.real, &room);

	n = n < space ? n : space;
	if (n) {
		memcpy(room, data, n);
		f.real->ops->tx_put(f.real, n);
	}
	return n;
}

/* A piece of the answer; false: no more now. */
static bool send_piece(void)
{
	size_t n = f.tx_len - f.tx_sent;

	if (f.piece && n > f.piece)
		n = f.piece;
	if (f.until_cut >= 0 && n > (uint64_t)f.until_cut)
		n = (size_t)f.until_cut;
	n = send(f.tx + f.tx_sent, n);
	f.tx_sent += n;
	if (f.until_cut >= 0)
		f.until_cut -= (int64_t)n;
	if (n && f.piece) {
		f.real->ops->tx_flush(f.real);
		f.due = board_monotonic() + FAULT_PAUSE_NS;
	}
	return n > 0;
}

/* Does with the answer what can be done now. */
static void work(void)
{
	const struct fault_rule *rule;

	if (f.closed || !f.tx_len || (f.answer.class[0] && !f.whole && f.tx_len < sizeof f.tx))
		return;
	if (f.answer.class[0])
		exchange();
	if (!f.begun) {
		rule = fault_rule_take(FAULT_DROP, f.answer.command);
		if (rule) {
			drop(rule->value);
			return;
		}
		begin();
	}
	while (f.tx_sent < f.tx_len && board_monotonic() >= f.due) {
		if (f.n_stale > 0) {
			f.stale_sent += send(stale + f.stale_sent, sizeof stale - 1 - f.stale_sent);
			if (f.stale_sent < sizeof stale - 1)
				break;
			f.stale_sent = 0;
			f.n_stale--;
			continue;
		}
		if (f.until_cut == 0)
			f.discard = true;
		if (f.discard)
			f.tx_sent = f.tx_len;
		else if (!send_piece())
			break;
	}
	if (f.tx_sent < f.tx_len)
		return;
	f.tx_sent = f.tx_len = 0;
	if (f.whole)
		forget_answer();
}

static size_t tx_get(struct qga_channel *channel, uint8_t **buf)
{
	(void)channel;
	*buf = (uint8_t *)f.tx + f.tx_len;
	return f.closed || f.whole ? 0 : sizeof f.tx - f.tx_len;
}

static void tx_put(struct qga_channel *channel, size_t n)
{
	(void)channel;
	if (n && !f.there) { /* the agent may take the next request before this goes out */
		f.there = true;
		f.answer = f.current;
	}
	f.tx_len += n;
	f.whole = n && f.tx[f.tx_len - 1] == '\n';
}

static void tx_flush(struct qga_channel *channel)
{
	(void)channel;
	work();
	if (!f.closed)
		f.real->ops->tx_flush(f.real);
}

static size_t tx_busy(struct qga_channel *channel)
{
	(void)channel;
	return f.closed ? 0 : f.tx_len - f.tx_sent + f.real->ops->tx_busy(f.real);
}

/* --- The rest --- */

/* Of what came while it was closed nobody has taken notice, and none but the first thing interrupts: before it is polled. */
static void reopen(void)
{
	if (!f.closed || board_monotonic() < f.reopen)
		return;
	f.closed = false;
	f.real->ops->open(f.real);
}

static unsigned poll(struct qga_channel *channel)
{
	unsigned events = f.events;

	(void)channel;
	f.events = 0;
	reopen();
	if (!f.closed)
		events |= f.real->ops->poll(f.real);
	if (events & QGA_HOST_CLOSE)
		forget_requests();
	work();
	return events;
}

static void open(struct qga_channel *channel)
{
	(void)channel;
	f.closed = false;
	f.real->ops->open(f.real);
}

static void close(struct qga_channel *channel)
{
	(void)channel;
	if (!f.closed)
		f.real->ops->close(f.real);
}

static void interrupt(struct qga_channel *channel)
{
	(void)channel;
	if (f.real->ops->interrupt)
		f.real->ops->interrupt(f.real);
}

struct qga_channel *fault_channel(struct qga_channel *real)
{
	static const struct qga_channel_ops ops = {
		.rx_get = rx_get,
		.rx_put = rx_put,
		.tx_get = tx_get,
		.tx_put = tx_put,
		.tx_flush = tx_flush,
		.poll = poll,
		.tx_busy = tx_busy,
		.open = open,
		.close = close,
		.interrupt = interrupt,
	};

	f.real = real;
	f.channel.ops = &ops;
	return &f.channel;
}

uint64_t fault_channel_wait(void)
{
	uint64_t at = f.closed ? f.reopen : f.due, now;
	uint8_t *room;

	if (!f.closed && f.tx_len == 0)
		return NEVER;
	now = board_monotonic();
	if (at > now)
		return at - now;
	/* Room that came with the last flush, of which nobody tells. */
	return f.closed || f.real->ops->tx_get(f.real, &room) > 0 ? 0 : NEVER;
}
