/* SPDX-License-Identifier: MIT */
/*
 * test_devices.c - small drivers as lists of register accesses, and serial ports as channels before
 * a fake with a FIFO.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "rtc/goldfish_rtc.h"
#include "uart/ns16550.h"
#include "uart/pl011.h"
#include "rtc/pl031.h"
#include "registers.h"
#include "uart/uart.h"

/* Registers that keep what was written to them. */
static uint8_t memory[0x300000];

static uint32_t memory_read(void *context, unsigned offset, unsigned width)
{
	uint32_t value = 0;

	(void)context;
	memcpy(&value, memory + offset, width);
	return value;
}

static void memory_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	(void)context;
	memcpy(memory + offset, &value, width);
}

#define BASE 0x1000000

static int set_up(void **state)
{
	static const struct registers device = {
		.base = BASE, .size = sizeof memory, .read = memory_read, .write = memory_write};

	(void)state;
	memset(memory, 0, sizeof memory);
	registers_detach_all();
	registers_attach(&device);
	registers_clear();
	return 0;
}

/* The accesses since registers_clear(), no more and no less. */
static void assert_accesses(unsigned n, const struct registers_access *expected)
{
	assert_int_equal(registers_count, n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(registers_log[i].op, expected[i].op);
		assert_int_equal(registers_log[i].offset, expected[i].offset);
		assert_int_equal(registers_log[i].value, expected[i].value);
	}
	registers_clear();
}

#define ACCESSES(...)                                                      \
	assert_accesses(sizeof((struct registers_access[]){__VA_ARGS__}) / \
	                        sizeof(struct registers_access),           \
	                (struct registers_access[]){__VA_ARGS__})

static void test_clocks(void **state)
{
	struct rtc rtc;
	int64_t ns;

	(void)state;
	goldfish_rtc_init(&rtc, BASE);
	memory_write(NULL, 0, 4, 0x89abcdef);
	memory_write(NULL, 4, 4, 0x01234567);
	assert_int_equal(rtc.ops->get(&rtc, &ns), 0);
	assert_true(ns == 0x0123456789abcdef);
	ACCESSES({'R', 0, 0x89abcdef}, {'R', 4, 0x01234567}); /* the low half latches the other */
	assert_int_equal(rtc.ops->set(&rtc, 0x1122334455667788), 0);
	ACCESSES({'W', 4, 0x11223344}, {'W', 0, 0x55667788});

	pl031_init(&rtc, BASE);
	memory_write(NULL, 0, 4, 0xffffffff);
	assert_int_equal(rtc.ops->get(&rtc, &ns), 0);
	assert_true(ns == 4294967295 * 1000000000);
	registers_clear();
	assert_int_equal(rtc.ops->set(&rtc, 1795232666999999999), 0);
	ACCESSES({'W', 8, 1795232666});
	assert_int_equal(rtc.ops->set(&rtc, -1), -1);
	assert_int_equal(rtc.ops->set(&rtc, 4294967296 * 1000000000), -1);
	assert_int_equal(registers_count, 0);
}

/* A 16550 and its host: FIFOs of 16, or one byte without them. */
static struct {
	uint8_t rx[64], tx[8192];
	unsigned rx_put, rx_got, tx_put;
	unsigned tx_room; /* how much the host takes */
	bool fifo;
	uint8_t ier;
} serial;

static uint32_t serial_read(void *context, unsigned offset, unsigned width)
{
	(void)context;
	assert_int_equal(width, 1);
	if (offset == 0)
		return serial.rx_got < serial.rx_put ? serial.rx[serial.rx_got++] : 0;
	if (offset == 5)
		return (serial.rx_got < serial.rx_put) | (serial.tx_room >= 16) << 5;
	return 0;
}

static void serial_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	(void)context;
	(void)width;
	if (offset == 0 && serial.tx_room) {
		serial.tx[serial.tx_put++] = (uint8_t)value;
		serial.tx_room--;
	}
	if (offset == 1)
		serial.ier = (uint8_t)value;
	if (offset == 2 && (value & 1) != serial.fifo) {
		serial.fifo = value & 1;
		serial.rx_got = serial.rx_put; /* as QEMU does */
	}
}

static uint8_t rx_ring[UART_RX_SIZE], tx_ring[UART_TX_SIZE];

static struct qga_channel *serial_channel(struct uart *uart, const char *early)
{
	static const struct registers device = {
		.base = BASE, .size = 8, .read = serial_read, .write = serial_write};

	registers_detach_all();
	registers_attach(&device);
	memset(&serial, 0, sizeof serial);
	memset(uart, 0, sizeof *uart);
	serial.tx_room = sizeof serial.tx;
	serial.rx_put = (unsigned)strlen(early);
	memcpy(serial.rx, early, serial.rx_put);
	ns16550_init(uart, BASE, 1);
	uart_channel(uart, rx_ring, tx_ring);
	uart->channel.ops->open(&uart->channel);
	return &uart->channel;
}

static void test_serial_keeps_the_first_byte(void **state)
{
	struct uart uart;
	struct qga_channel *c = serial_channel(&uart, "{");
	const uint8_t *data;

	(void)state;
	assert_true(serial.fifo);
	assert_int_equal(c->ops->poll(c), 0);
	assert_int_equal(c->ops->rx_get(c, &data), 1);
	assert_int_equal(*data, '{');
	c->ops->rx_put(c, 1);
	assert_int_equal(c->ops->rx_get(c, &data), 0);
	assert_int_equal(serial.ier, 1); /* waits for more, and not for room */
}

static void test_serial_full_ring(void **state)
{
	struct uart uart;
	struct qga_channel *c = serial_channel(&uart, "");
	const uint8_t *data;

	(void)state;
	for (unsigned i = 0; i < UART_RX_SIZE / 16 + 1; i++) {
		for (serial.rx_got = serial.rx_put = 0; serial.rx_put < 16; serial.rx_put++)
			serial.rx[serial.rx_put] = (uint8_t)i;
		c->ops->poll(c);
	}
	assert_int_equal(serial.rx_got, 0); /* the last 16 stay in the FIFO ... */
	assert_int_equal(serial.ier, 0);    /* ... and nothing asks for them */
	assert_int_equal(c->ops->rx_get(c, &data), UART_RX_SIZE);
	c->ops->rx_put(c, UART_RX_SIZE);
	c->ops->tx_flush(c);
	assert_int_equal(serial.ier, 1);
	c->ops->poll(c);
	assert_int_equal(c->ops->rx_get(c, &data), 16);
	assert_int_equal(data[15], UART_RX_SIZE / 16);
}

/* Sends n bytes as far as there is room; returns how many. */
static unsigned send(struct qga_channel *c, unsigned from, unsigned n)
{
	unsigned sent = 0;

	while (sent < n) {
		uint8_t *buf;
		size_t room = c->ops->tx_get(c, &buf);

		if (room == 0)
			break;
		buf[0] = (uint8_t)(from + sent++);
		c->ops->tx_put(c, 1);
	}
	return sent;
}

static void test_serial_slow_reader(void **state)
{
	struct uart uart;
	struct qga_channel *c = serial_channel(&uart, "");
	unsigned sent = 0;

	(void)state;
	serial.tx_room = 16;
	sent += send(c, sent, 5000);
	assert_int_equal(sent, UART_TX_SIZE);
	c->ops->tx_flush(c);
	assert_int_equal(serial.tx_put, 16);
	assert_int_equal(serial.ier, 3); /* room is waited for */
	assert_int_equal(c->ops->tx_busy(c), UART_TX_SIZE - 16);
	while (sent < 5000 || c->ops->tx_busy(c)) {
		serial.tx_room = 16;
		c->ops->poll(c);
		sent += send(c, sent, 5000 - sent);
		c->ops->tx_flush(c);
	}
	assert_int_equal(serial.tx_put, 5000);
	for (unsigned i = 0; i < 5000; i++)
		assert_int_equal(serial.tx[i], (uint8_t)i);
	serial.tx_room = 16;
	c->ops->poll(c);
	assert_int_equal(serial.ier, 1);
}

/* A dead device takes no log line, and no eternity. */
static void test_serial_log_gives_up(void **state)
{
	struct uart uart;

	(void)state;
	serial_channel(&uart, "");
	serial.tx_room = 20;
	uart_write(&uart, "hello, this is longer than a FIFO", 33);
	assert_int_equal(serial.tx_put, 16);
}

static void test_pl011(void **state)
{
	struct uart uart = {0};
	uint8_t buf[8];

	(void)state;
	pl011_init(&uart, BASE, 0);
	ACCESSES({'W', 0x38, 0}, {'W', 0x44, 0x7ff}, {'W', 0x2c, 0x60}, {'W', 0x30, 0x301});
	memory[0x18] = 0x10 | 0x20; /* nothing received, no room */
	assert_int_equal(uart.ops->receive(&uart, buf, 8), 0);
	assert_int_equal(uart.ops->transmit(&uart, buf, 8), 0);
	registers_clear();
	uart.ops->interrupts(&uart, true, false);
	ACCESSES({'W', 0x38, 0x50});
	uart.ops->interrupts(&uart, false, true);
	ACCESSES({'W', 0x38, 0x20});
	/* After two rehearsals the FIFOs come on, right behind a look that found nothing ... */
	assert_true(uart_wants_quiet(&uart));
	uart_quiet(&uart);
	ACCESSES({'W', 0x34, 0}, {'R', 0x18, 0x30}, {'W', 0x2c, 0x60}, {'R', 0x18, 0x30},
	         {'W', 0x2c, 0x60}, {'R', 0x18, 0x30}, {'W', 0x2c, 0x70}, {'W', 0x44, 0x50});
	assert_false(uart_wants_quiet(&uart));
	/* ... and not at all if a byte waits, which stays where it is. */
	memory[0x18] = memory[0] = 0;
	uart_quiet(&uart);
	ACCESSES({'W', 0x34, 0}, {'R', 0x18, 0}, {'W', 0x2c, 0x60}, {'R', 0x18, 0},
	         {'W', 0x2c, 0x60}, {'R', 0x18, 0}, {'W', 0x2c, 0x60});
	assert_true(uart_wants_quiet(&uart));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_clocks, set_up),
		cmocka_unit_test(test_serial_keeps_the_first_byte),
		cmocka_unit_test(test_serial_full_ring),
		cmocka_unit_test(test_serial_slow_reader),
		cmocka_unit_test(test_serial_log_gives_up),
		cmocka_unit_test_setup(test_pl011, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
