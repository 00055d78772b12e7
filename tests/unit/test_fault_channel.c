/* SPDX-License-Identifier: MIT */
/* test_fault_channel.c - a channel in which answers come to harm, between a host and an agent that are the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fake_board.h"
#include "fault/fault.h"

#define MS   1000000u
#define DONE "{\"return\": {}}\n"
#define PING "{\"execute\":\"guest-ping\"}"
#define TIME "{\"execute\":\"guest-get-time\"}"

/* The host's end. */
static struct {
	struct qga_channel channel;
	const char *sent; /* and not taken yet */
	char got[16384];
	size_t got_len, room; /* the latter is what a flush makes free */
	size_t free, busy;
	unsigned events, opened, closed, flushed, interrupted;
} host;

static size_t host_rx_get(struct qga_channel *channel, const uint8_t **data)
{
	(void)channel;
	*data = (const uint8_t *)host.sent;
	return strlen(host.sent);
}

static void host_rx_put(struct qga_channel *channel, size_t n)
{
	(void)channel;
	assert_in_range(n, 1, strlen(host.sent));
	host.sent += n;
}

static size_t host_tx_get(struct qga_channel *channel, uint8_t **buf)
{
	(void)channel;
	*buf = (uint8_t *)host.got + host.got_len;
	return host.free;
}

static void host_tx_put(struct qga_channel *channel, size_t n)
{
	(void)channel;
	assert_in_range(n, 1, host.free);
	host.got_len += n;
	host.free -= n;
}

static void host_tx_flush(struct qga_channel *channel)
{
	(void)channel;
	host.free = host.room;
	host.flushed++;
}

static unsigned host_poll(struct qga_channel *channel)
{
	unsigned events = host.events;

	(void)channel;
	host.events = 0;
	return events;
}

static size_t host_busy(struct qga_channel *channel)
{
	(void)channel;
	return host.busy;
}

static void host_open(struct qga_channel *channel)
{
	(void)channel;
	host.opened++;
}

static void host_close(struct qga_channel *channel)
{
	(void)channel;
	host.closed++;
}

static void host_interrupt(struct qga_channel *channel)
{
	(void)channel;
	host.interrupted++;
}

static struct qga_channel_ops host_ops;
static struct qga_channel *channel;

static int set_up(void **state)
{
	(void)state;
	host_ops = (struct qga_channel_ops){.rx_get = host_rx_get,
	                                    .rx_put = host_rx_put,
	                                    .tx_get = host_tx_get,
	                                    .tx_put = host_tx_put,
	                                    .tx_flush = host_tx_flush,
	                                    .poll = host_poll,
	                                    .tx_busy = host_busy,
	                                    .open = host_open,
	                                    .close = host_close,
	                                    .interrupt = host_interrupt};
	memset(&host, 0, sizeof host);
	host.channel.ops = &host_ops;
	host.sent = "";
	host.free = host.room = 8192;
	fake_board.monotonic = 1;
	fault_rules_set("", 0);
	channel = fault_channel(&host.channel);
	/* Whatever the last test has left half done. */
	host.events = QGA_HOST_CLOSE;
	channel->ops->open(channel);
	channel->ops->poll(channel);
	memset(host.got, 0, sizeof host.got);
	host.got_len = 0;
	host.opened = host.flushed = 0;
	return 0;
}

static void rules(const char *text)
{
	assert_null(fault_rules_set(text, strlen(text)));
}

/* The agent takes all that is lent at once, `most` bytes at a time; returns it. */
static const char *take(size_t most)
{
	static char text[4096];
	const uint8_t *data;
	size_t n, len = 0;

	while ((n = channel->ops->rx_get(channel, &data)) > 0) {
		n = n < most ? n : most;
		memcpy(text + len, data, n);
		channel->ops->rx_put(channel, n);
		len += n;
	}
	text[len] = '\0';
	return text;
}

/* Takes no more than a request, as an agent does that is busy with it then. */
static void request(const char *text)
{
	const uint8_t *data;
	size_t n;

	host.sent = text;
	n = channel->ops->rx_get(channel, &data);
	assert_true(n > 0);
	channel->ops->rx_put(channel, n);
}

static void answer(const char *text)
{
	size_t len = strlen(text), n;
	uint8_t *room;

	while (len > 0) {
		n = channel->ops->tx_get(channel, &room);
		assert_true(n > 0);
		n = n < len ? n : len;
		memcpy(room, text, n);
		channel->ops->tx_put(channel, n);
		text += n;
		len -= n;
		channel->ops->tx_flush(channel);
	}
}

static void assert_got(const char *expected)
{
	assert_string_equal(host.got, expected);
	memset(host.got, 0, sizeof host.got);
	host.got_len = 0;
}

/* Time passes, and the agent looks what there is. */
static unsigned after(uint64_t ms)
{
	fake_board.monotonic += ms * MS;
	return channel->ops->poll(channel);
}

static void asks(const char *text, const char *answered)
{
	request(text);
	answer(answered);
}

/* Unasked it is a channel as any other. */
static void transparent(void **state)
{
	uint8_t *room;

	(void)state;
	host.sent = " " PING TIME "{\"a\":";
	assert_string_equal(take(SIZE_MAX), " " PING TIME "{\"a\":");
	host.sent = "1}" PING;
	assert_string_equal(take(1), "1}" PING);
	assert_true(fault_channel_wait() == UINT64_MAX);
	answer(DONE);
	assert_got(DONE);
	host.busy = 3;
	assert_int_equal(channel->ops->tx_busy(channel), 3);
	assert_int_equal(channel->ops->tx_get(channel, &room), 4096);
	channel->ops->tx_put(channel, 0);
	host.events = QGA_HOST_OPEN;
	assert_int_equal(after(0), QGA_HOST_OPEN);
	channel->ops->interrupt(channel);
	assert_int_equal(host.interrupted, 1);
	host_ops.interrupt = NULL;
	channel->ops->interrupt(channel);
	channel->ops->close(channel);
	assert_int_equal(host.closed, 1);
	channel->ops->open(channel);
	assert_int_equal(host.opened, 1);
}

/* More than there is room for inside, either way. */
static void much(void **state)
{
	static char text[3001], long_answer[9002];

	(void)state;
	memset(text, 'x', 3000);
	text[0] = '"';
	host.sent = text;
	assert_string_equal(take(700), text);
	memset(long_answer, 'y', 9000);
	long_answer[9000] = '\n';
	host.free = host.room = 16000;
	answer(long_answer);
	assert_got(long_answer);
}

/* The next request is taken while this answer waits, and its own is not late. */
static void late(void **state)
{
	uint8_t *room;

	(void)state;
	rules("late=30@guest-ping");
	asks(PING, DONE);
	assert_got("");
	assert_int_equal(channel->ops->tx_get(channel, &room), 0);
	assert_int_equal(channel->ops->tx_busy(channel), strlen(DONE));
	assert_int_equal(fault_channel_wait(), 30 * MS);
	after(29);
	assert_got("");
	assert_int_equal(fault_channel_wait(), MS);
	request(TIME);
	after(1);
	assert_got(DONE);
	assert_true(fault_channel_wait() == UINT64_MAX);
	answer("{\"return\": 1}\n");
	assert_got("{\"return\": 1}\n");
}

static void pieces(void **state)
{
	(void)state;
	rules("pieces=6");
	asks(PING, DONE);
	assert_got("{\"retu");
	assert_int_equal(fault_channel_wait(), 10 * MS);
	after(9);
	assert_got("");
	after(1);
	assert_got("rn\": {");
	after(10);
	assert_got("}}\n");
	assert_true(fault_channel_wait() == UINT64_MAX);
}

static void cut(void **state)
{
	(void)state;
	rules("cut=4*1,cut=0*1");
	asks(PING, DONE);
	assert_got("{\"re");
	asks(PING, DONE);
	assert_got("");
	asks(PING, DONE);
	assert_got(DONE);
	/* By pieces, too. */
	rules("cut=4,pieces=3");
	asks(PING, DONE);
	assert_got("{\"r");
	after(10);
	assert_got("e");
	after(10);
	after(10);
	assert_got("");
	assert_true(fault_channel_wait() == UINT64_MAX);
}

static void stale(void **state)
{
	(void)state;
	rules("stale=2");
	asks(PING, "{\"return\": 5}\n");
	assert_got(DONE DONE "{\"return\": 5}\n");
	/* However little room there is. */
	host.free = host.room = 4;
	asks(PING, "{\"return\": 5}\n");
	assert_true(fault_channel_wait() == 0);
	for (unsigned i = 0; i < 10; i++)
		channel->ops->tx_flush(channel);
	assert_got(DONE DONE "{\"return\": 5}\n");
	assert_true(fault_channel_wait() == UINT64_MAX);
}

/* Nobody tells of room that comes with a flush. */
static void no_room(void **state)
{
	(void)state;
	host.free = 4;
	host.room = 0;
	asks(PING, DONE);
	assert_got("{\"re");
	assert_true(fault_channel_wait() == UINT64_MAX);
	host.free = 100;
	assert_true(fault_channel_wait() == 0);
	after(0);
	assert_got("turn\": {}}\n");
}

static void drop(void **state)
{
	const uint8_t *data;
	uint8_t *room;

	(void)state;
	rules("drop=50*1");
	request(PING);
	answer(DONE);
	assert_got("");
	assert_int_equal(host.closed, 1);
	assert_int_equal(fault_channel_wait(), 50 * MS);
	assert_int_equal(channel->ops->tx_get(channel, &room), 0);
	assert_int_equal(channel->ops->tx_busy(channel), 0);
	host.sent = PING;
	assert_int_equal(channel->ops->rx_get(channel, &data), 0);
	host.events = QGA_HOST_OPEN; /* it is not asked */
	assert_int_equal(after(49), QGA_HOST_CLOSE);
	assert_int_equal(after(0), 0);
	host.flushed = 0;
	channel->ops->tx_flush(channel);
	channel->ops->close(channel);
	assert_int_equal(host.flushed, 0);
	assert_int_equal(host.closed, 1);
	assert_int_equal(host.opened, 0);
	fake_board.monotonic += MS;
	assert_true(fault_channel_wait() == 0);
	assert_int_equal(after(0),
	                 QGA_HOST_OPEN); /* at once: of what came meanwhile nobody tells again */
	assert_int_equal(host.opened, 1);
	assert_string_equal(take(SIZE_MAX), PING);
	answer(DONE);
	assert_got(DONE);
}

/* The name is one that no command has, and the error that follows is the one asked for. */
static void error(void **state)
{
	(void)state;
	rules("error=Busy@guest-ping*1");
	host.sent = PING;
	assert_string_equal(take(SIZE_MAX), "{\"execute\":\"guest-ping!\"}");
	answer("{\"id\": 7, \"error\": {\"class\": \"CommandNotFound\", ");
	assert_got("");
	request(TIME); /* does not make this answer one to it */
	answer("\"desc\": \"The command guest-ping! has not been found\"}}\n");
	assert_got(
		"{\"id\": 7, \"error\": {\"class\": \"Busy\", \"desc\": \"the host asked for this "
		"error\"}}\n");
	host.sent = PING;
	assert_string_equal(take(SIZE_MAX), PING);
	answer(DONE);
	assert_got(DONE);
	/* What turns out to be no error stays what it is. */
	rules("error=Busy");
	asks(PING, DONE);
	assert_got(DONE);
}

/* An id that leaves no room for the error: it goes out as it is. */
static void error_too_long(void **state)
{
	static char text[4200];
	size_t len = 4096 - 30;

	(void)state;
	host.free = host.room = 8192;
	rules("error=Busy");
	memset(text, 'x', len);
	strcpy(text + len, "\"error\": {\"class\": \"A\", \"desc\": \"b\"}}\n");
	asks(PING, text);
	assert_got(text);
	memset(text, 'x', 4150);
	strcpy(text + 4150, "\n");
	asks(PING, text);
	assert_got(text);
}

/* A host that goes takes what it was saying with it. */
static void host_goes(void **state)
{
	(void)state;
	rules("error=Busy");
	host.sent = "{\"execute\":\"guest-ping\"";
	take(SIZE_MAX);
	host.events = QGA_HOST_CLOSE;
	assert_int_equal(after(0), QGA_HOST_CLOSE);
	rules("");
	host.sent = "{}";
	assert_string_equal(take(SIZE_MAX), "{}");
	answer("{\"error\": {\"class\": \"GenericError\", \"desc\": \"?\"}}\n");
	assert_got("{\"error\": {\"class\": \"GenericError\", \"desc\": \"?\"}}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(transparent, set_up),
		cmocka_unit_test_setup(much, set_up),
		cmocka_unit_test_setup(late, set_up),
		cmocka_unit_test_setup(pieces, set_up),
		cmocka_unit_test_setup(cut, set_up),
		cmocka_unit_test_setup(stale, set_up),
		cmocka_unit_test_setup(no_room, set_up),
		cmocka_unit_test_setup(drop, set_up),
		cmocka_unit_test_setup(error, set_up),
		cmocka_unit_test_setup(error_too_long, set_up),
		cmocka_unit_test_setup(host_goes, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
