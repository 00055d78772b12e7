/* SPDX-License-Identifier: MIT */
/* test_uart_shared.c - lines of a log between the answers of an agent, on one port. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "uart/uart_ports.h"
#include "uart/uart_shared.h"

/* --- A port: a ring, and a host that reads as much of it as a test says --- */

#define RING 2048

static struct {
	struct qga_channel channel;
	uint32_t put, got;
	uint8_t ring[RING];
	char heard[1 << 20];
	size_t n_heard;
	bool is_open;
} port;

static struct uart_shared shared;
static struct qga_channel *channel;

static size_t port_tx_get(struct qga_channel *c, uint8_t **buf)
{
	size_t at = port.put % RING, room = RING - (port.put - port.got);

	(void)c;
	*buf = port.ring + at;
	return room < RING - at ? room : RING - at;
}

static void port_tx_put(struct qga_channel *c, size_t n)
{
	(void)c;
	port.put += (uint32_t)n;
	assert_true(port.put - port.got <= RING);
}

static void port_tx_flush(struct qga_channel *c)
{
	(void)c;
}

static size_t port_tx_busy(struct qga_channel *c)
{
	(void)c;
	return port.put - port.got;
}

static void port_open(struct qga_channel *c)
{
	(void)c;
	port.is_open = true;
}

static void port_close(struct qga_channel *c)
{
	(void)c;
	port.is_open = false;
}

/* In the place of those of uart_ports.c. */
const struct qga_channel_ops uart_ports_ops = {
	.tx_get = port_tx_get,
	.tx_put = port_tx_put,
	.tx_flush = port_tx_flush,
	.tx_busy = port_tx_busy,
	.open = port_open,
	.close = port_close,
};

static void hear(size_t most)
{
	for (; most > 0 && port.got != port.put; most--)
		port.heard[port.n_heard++] = (char)port.ring[port.got++ % RING];
	port.heard[port.n_heard] = '\0';
}

/* Puts up to n bytes of an answer, as an agent does. Returns how many there was room for. */
static size_t answer(const char *text, size_t n)
{
	uint8_t *buf;
	size_t room = channel->ops->tx_get(channel, &buf);

	if (room == 0)
		return 0;
	n = n < room ? n : room;
	memcpy(buf, text, n);
	channel->ops->tx_put(channel, n);
	return n;
}

static void say(const char *text)
{
	uart_shared_say(&shared, text, strlen(text));
}

static void assert_heard(const char *expected)
{
	hear(SIZE_MAX);
	assert_string_equal(port.heard, expected);
	port.n_heard = 0;
}

static int set_up(void **state)
{
	(void)state;
	memset(&port, 0, sizeof port);
	memset(&shared, 0, sizeof shared);
	channel = uart_shared_channel(&shared, &port.channel, RING);
	return 0;
}

#define LINE(text) "{\"event\": \"LOG\", \"data\": {\"line\": \"" text "\"}}\n"

/* Before open(), and then at once; not inside of an answer, nor into a buffer that the agent has. */
static void test_between(void **state)
{
	uint8_t *buf;

	(void)state;
	say("early");
	assert_heard("");
	channel->ops->open(channel);
	channel->ops->tx_flush(channel);
	assert_heard(LINE("early"));
	say("now");
	assert_heard(LINE("now"));
	assert_int_equal(answer("{\"return\"", 9), 9);
	say("later");
	channel->ops->tx_flush(channel);
	assert_heard("{\"return\"");
	assert_int_equal(answer(": {}}\n", 6), 6);
	assert_heard(": {}}\n");
	channel->ops->tx_flush(channel);
	assert_heard(LINE("later"));
	assert_true(channel->ops->tx_get(channel, &buf) > 0);
	say("while it writes");
	memcpy(buf, "{}\n", 3);
	channel->ops->tx_put(channel, 3);
	assert_heard("{}\n");
	channel->ops->tx_flush(channel);
	assert_heard(LINE("while it writes"));
}

/* Answers without a pause: one line before each. */
static void test_fair(void **state)
{
	(void)state;
	channel->ops->open(channel);
	answer("{", 1);
	say("1");
	say("2");
	answer("}\n", 2);
	answer("{}\n", 3);
	answer("{}\n", 3);
	assert_heard("{}\n" LINE("1") "{}\n" LINE("2") "{}\n");
}

/* Nothing between the answer to guest-sync-delimited and the next one, as long as that is waited for. */
static void test_sync(void **state)
{
	(void)state;
	channel->ops->open(channel);
	answer("\xff{\"return\": 1}\n", 15);
	say("a");
	channel->ops->tx_flush(channel);
	assert_heard("\xff{\"return\": 1}\n");
	assert_true(uart_shared_is_held(&shared));
	answer("{}\n\xff{}\n", 7); /* and again */
	channel->ops->tx_flush(channel);
	assert_heard("{}\n\xff{}\n");
	uart_shared_let_go(&shared);
	assert_heard(LINE("a"));
	assert_false(uart_shared_is_held(&shared));
}

static void test_text(void **state)
{
	char longest[601], piece[4096];
	size_t n;

	(void)state;
	channel->ops->open(channel);
	say("");
	say("\"\\\t\x01\x7f");
	assert_heard(LINE("") LINE("\\\"\\\\\\u0009\\u0001\x7f"));
	say("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80");
	assert_heard(LINE("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80"));
	/* A byte that none begins with, overlong, a surrogate, above all, cut short. */
	say("\xff\x80\xc1\x81\xe0\x80\x80\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82");
	assert_heard(LINE("\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd"
	                  "\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd"));
	/* Cut short by other characters, overlong ones of four bytes, and the last there is. */
	say("\xc3z\xe2\x82z\xf0\x80\x80\x80");
	assert_heard(LINE("\\ufffdz\\ufffd\\ufffdz\\ufffd\\ufffd\\ufffd\\ufffd"));
	say("\xe0\xa0\x80\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
	assert_heard(LINE("\xe0\xa0\x80\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
	memset(longest, 'x', 600);
	longest[600] = '\0';
	say(longest);
	n = (size_t)snprintf(
		piece, sizeof piece,
		"{\"event\": \"LOG\", \"data\": {\"line\": \"%.237s\", \"more\": true}}\n"
		"{\"event\": \"LOG\", \"data\": {\"line\": \"%.237s\", \"more\": true}}\n",
		longest, longest);
	snprintf(piece + n, sizeof piece - n, LINE("%.126s"), longest);
	assert_heard(piece);
}

/* What there is no room for is counted; there was room as long as it was said so. */
static void test_lost(void **state)
{
	char worst[UART_SHARED_TEXT + 1];
	unsigned said = 0;

	(void)state;
	memset(worst, 1, UART_SHARED_TEXT);
	worst[UART_SHARED_TEXT] = '\0';
	for (; uart_shared_ready(&shared); said++)
		say(worst);
	assert_int_equal(shared.lost, 0);
	assert_true(said > 0);
	while (shared.lost < 12)
		say(worst);
	channel->ops->open(channel);
	for (int i = 0; i < 20; i++) {
		channel->ops->tx_flush(channel);
		hear(SIZE_MAX);
	}
	port.n_heard = 0;
	say("!");
	assert_heard("{\"event\": \"LOG\", \"data\": {\"lost\": 12}}\n" LINE("!"));
}

/* What waits keeps a channel busy; closed, nothing goes out, and opened again no answer is in the middle. */
static void test_closed(void **state)
{
	(void)state;
	channel->ops->open(channel);
	assert_int_equal(answer("{", 1), 1);
	say("a");
	assert_int_equal(channel->ops->tx_busy(channel), 1 + strlen(LINE("a")));
	channel->ops->close(channel);
	assert_false(port.is_open);
	channel->ops->tx_flush(channel);
	assert_heard("{");
	uart_shared_let_go(&shared);
	assert_heard("");
	channel->ops->open(channel);
	channel->ops->tx_flush(channel);
	assert_heard(LINE("a"));
}

/* A port without any room lets no line through. */
static void test_full(void **state)
{
	char much[RING];

	(void)state;
	channel->ops->open(channel);
	memset(much, '\n', sizeof much);
	assert_int_equal(answer(much, RING), RING);
	say("a");
	channel->ops->tx_flush(channel);
	assert_int_equal(port.put - port.got, RING);
	hear(SIZE_MAX);
	port.n_heard = 0;
	channel->ops->tx_flush(channel);
	assert_heard(LINE("a"));
}

/* Whatever the order: answers are whole and in order, lines are, and all is there. */
static void test_by_chance(void **state)
{
	unsigned asked = 0, said = 0, heard_answers = 0, heard_lines = 0;
	char out[64], line[300], *at, *end;
	size_t len = 0, sent = 0;

	(void)state;
	srand(1);
	channel->ops->open(channel);
	for (int i = 0; i < 60000; i++) {
		if (rand() % 3 == 0 && uart_shared_ready(&shared)) {
			snprintf(
				line, sizeof line, "%u %.*s", said++, rand() % 200,
				"................................................................"
				"................................................................"
				"................................................................");
			say(line);
		}
		if (sent == len) {
			len = (size_t)snprintf(out, sizeof out, "%s{\"return\": %u}\n",
			                       rand() % 8 == 0 ? "\xff" : "", asked++);
			sent = 0;
		}
		sent += answer(out + sent, (size_t)rand() % 20 < len - sent
		                                   ? (size_t)rand() % (len - sent)
		                                   : len - sent);
		if (rand() % 2)
			channel->ops->tx_flush(channel);
		if (port.n_heard < sizeof port.heard - 4096)
			hear((size_t)rand() % 400);
	}
	for (at = port.heard; (end = strchr(at, '\n')); at = end + 1) {
		char expected[40];
		bool delimited = *at == '\xff';

		snprintf(expected, sizeof expected, "{\"return\": %u}\n", heard_answers);
		if (strncmp(at + delimited, expected, strlen(expected)) == 0) {
			heard_answers++;
			/* The next one follows at once, as far as it was heard. */
			if (delimited)
				assert_true(end[1] != '{' ||
				            strncmp(end + 1, "{\"return", 8) == 0 ||
				            end[1] == '\0');
			continue;
		}
		snprintf(expected, sizeof expected,
		         "{\"event\": \"LOG\", \"data\": {\"line\": \"%u ", heard_lines++);
		assert_memory_equal(at, expected, strlen(expected));
	}
	assert_true(heard_answers > 1000 && heard_lines > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_between, set_up),
		cmocka_unit_test_setup(test_fair, set_up),
		cmocka_unit_test_setup(test_sync, set_up),
		cmocka_unit_test_setup(test_text, set_up),
		cmocka_unit_test_setup(test_lost, set_up),
		cmocka_unit_test_setup(test_closed, set_up),
		cmocka_unit_test_setup(test_full, set_up),
		cmocka_unit_test_setup(test_by_chance, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
