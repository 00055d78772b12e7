/* SPDX-License-Identifier: MIT */
/*
 * Serial ports as the agent's channel: no byte is lost, none waits for an interrupt that nobody
 * raises, and of several ports the right one is found. The guest sleeps until its port raises an
 * interrupt, and for ever if it does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_uart.h"
#include "far_end.h"
#include "uart/cmsdk_uart.h"
#include "uart/uart_ports.h"

#define PING "{\"execute\":\"guest-ping\"}\n"
#define DONE "{\"return\": {}}\n"
#define BASE 0x1000000

static struct fake_uart fake[UART_PORTS_MAX];
static struct uart uart[UART_PORTS_MAX];
static uint8_t rx_ring[UART_RX_SIZE], tx_ring[UART_TX_SIZE];

/* A port of that kind, not yet started. */
static struct fake_uart *plug(enum fake_uart_kind kind)
{
	registers_detach_all();
	fake_uart_attach(&fake[0], kind, BASE);
	return &fake[0];
}

/* A guest whose agent speaks there; it has not run yet. */
static struct far_end *boot(void)
{
	struct far_end *guest = far_end_new(1, 1);

	fake_uart_init(&fake[0], &uart[0]);
	uart_channel(&uart[0], rx_ring, tx_ring);
	guest->config.channel = &uart[0].channel;
	far_end_begin(guest);
	return guest;
}

/* Until it sleeps and nothing wakes it. */
static void run(struct far_end *guest)
{
	do {
		fake[0].irq = false;
		far_end_run(guest);
	} while (fake[0].irq);
	assert_false(fake_uart_level(&fake[0]));
}

static void send(const char *text)
{
	fake_uart_send(&fake[0], text, strlen(text));
}

/* So many answers, and nothing else, since the last call. */
static void assert_done(unsigned n)
{
	assert_int_equal(fake[0].lost, 0);
	assert_int_equal(fake[0].heard_len, n * strlen(DONE));
	for (unsigned i = 0; i < n; i++)
		assert_memory_equal(fake[0].heard + i * strlen(DONE), DONE, strlen(DONE));
	fake[0].heard_len = 0;
}

#define EACH_KIND(kind) for (enum fake_uart_kind kind = FAKE_16550_QEMU; kind < FAKE_UARTS; kind++)

/* More than rings and FIFOs hold, before the start, and afterwards. */
static void burst(void **state)
{
	(void)state;
	EACH_KIND(kind)
	{
		struct far_end *guest;

		plug(kind);
		for (unsigned i = 0; i < 200; i++)
			send(PING);
		guest = boot();
		run(guest);
		assert_done(200);
		for (unsigned i = 0; i < 300; i++)
			send(PING);
		run(guest);
		assert_done(300);
		far_end_free(guest);
	}
}

/* Requests come faster than answers are read: the host waits, and nobody spins. */
static void slow_reader(void **state)
{
	(void)state;
	EACH_KIND(kind)
	{
		struct fake_uart *port = plug(kind);
		struct far_end *guest = boot();
		unsigned takes = kind == FAKE_16550_VMM ? UINT16_MAX : 16;

		run(guest);
		port->takes = 0;
		for (unsigned i = 0; i < 700; i++)
			send(PING);
		if (kind == FAKE_16550_VMM) /* which is never full */
			fake_uart_take(port, takes);
		run(guest);
		for (unsigned i = 0; port->heard_len < 700 * strlen(DONE); i++) {
			assert_true(i < 1000);
			fake_uart_take(port, takes);
			run(guest);
		}
		assert_done(700);
		far_end_free(guest);
	}
}

/*
 * A reset in the midst of sending: the FIFOs are as the last life left them, and hold what the host
 * sent since.
 */
static void after_a_reset(void **state)
{
	(void)state;
	EACH_KIND(kind)
	{
		struct far_end *guest;

		plug(kind)->fifo = true;
		send(PING PING PING);
		guest = boot();
		run(guest);
		assert_done(3);
		far_end_free(guest);
	}
}

/* The FIFOs come on at once if nothing has been sent, else after a silence and not before. */
static void fifos(void **state)
{
	(void)state;
	for (enum fake_uart_kind kind = FAKE_16550_QEMU; kind <= FAKE_PL011; kind++) {
		struct fake_uart *port = plug(kind);
		struct far_end *guest = boot();

		assert_true(port->fifo || kind == FAKE_16550_VMM);
		assert_false(uart_wants_quiet(&uart[0]));
		far_end_free(guest);

		port = plug(kind);
		send(PING);
		guest = boot();
		assert_true(uart_wants_quiet(&uart[0]));
		run(guest);
		assert_done(1);
		send("{\"exec");
		uart_quiet(&uart[0]); /* nobody waited for silence */
		assert_true(uart_wants_quiet(&uart[0]));
		run(guest);
		uart_quiet(&uart[0]);
		assert_false(uart_wants_quiet(&uart[0]));
		send("ute\":\"guest-ping\"}" PING);
		run(guest);
		assert_done(2);
		far_end_free(guest);
	}
}

/* Nor while an answer has not left, however long the line is silent: that would lose a byte of it. */
static void fifos_behind_answers(void **state)
{
	(void)state;
	for (enum fake_uart_kind kind = FAKE_16550_QEMU; kind <= FAKE_PL011; kind++) {
		struct fake_uart *port = plug(kind);
		struct far_end *guest;

		if (kind == FAKE_16550_VMM) /* which is never full */
			continue;
		send(PING);
		guest = boot();
		port->takes = 0;
		run(guest);
		uart_quiet(&uart[0]);
		assert_true(uart_wants_quiet(&uart[0]));
		fake_uart_take(port, SIZE_MAX);
		run(guest);
		assert_done(1);
		uart_quiet(&uart[0]);
		assert_false(uart_wants_quiet(&uart[0]));
		far_end_free(guest);
	}
}

/* What came while the channel was closed is there when it is open again; no interrupt before. */
static void closed_and_opened(void **state)
{
	(void)state;
	EACH_KIND(kind)
	{
		struct fake_uart *port = plug(kind);
		struct far_end *guest = boot();
		const struct qga_channel_ops *ops = uart[0].channel.ops;

		run(guest);
		for (unsigned i = 0; i < 3; i++) {
			ops->close(&uart[0].channel);
			ops->close(&uart[0].channel);
			port->irq = false;
			send(PING);
			assert_false(port->irq);
			run(guest);
			assert_done(0);
			ops->open(&uart[0].channel);
			ops->open(&uart[0].channel);
			run(guest);
			assert_done(1);
		}
		assert_null(ops->interrupt);
		far_end_free(guest);
	}
}

/* Cloud Hypervisor's front end makes a carriage return of a newline that comes alone. */
static void carriage_returns(void **state)
{
	struct far_end *guest;

	(void)state;
	plug(FAKE_16550_VMM);
	guest = boot();
	send("{\"execute\":\"guest-ping\"}\r{\"execute\":\r\"guest-ping\"}\r\r");
	run(guest);
	assert_done(2);
	send("\r" PING);
	run(guest);
	assert_done(1);
	far_end_free(guest);
}

/* A dead device takes no log line, and no eternity. */
static void log_gives_up(void **state)
{
	struct fake_uart *port = plug(FAKE_16550_QEMU);

	(void)state;
	fake_uart_init(port, &uart[0]);
	port->takes = 0;
	uart_write(&uart[0], "hello", 5);
	assert_int_equal(port->heard_len, 0);
	port->takes = 20; /* without FIFOs a byte goes at a time */
	uart_write(&uart[0], "hello, this is longer than a FIFO", 33);
	assert_int_equal(port->heard_len, 5);
}

/* --- Several ports --- */

static struct uart_ports ports;
static const struct uart *was_told;
static unsigned times_told;

static void told(struct uart_ports *chosen)
{
	assert_ptr_equal(chosen, &ports);
	was_told = chosen->port[0];
	times_told++;
}

static struct far_end *boot_ports(unsigned n)
{
	struct far_end *guest = far_end_new(1, 1);

	memset(&ports, 0, sizeof ports);
	was_told = NULL;
	times_told = 0;
	for (unsigned i = 0; i < n; i++) {
		fake_uart_init(&fake[i], &uart[i]);
		ports.port[ports.n++] = &uart[i];
	}
	ports.told = told;
	guest->config.channel = uart_ports_channel(&ports, rx_ring, tx_ring);
	far_end_begin(guest);
	return guest;
}

static void plug_ports(unsigned n, enum fake_uart_kind kind)
{
	registers_detach_all();
	for (unsigned i = 0; i < n; i++)
		fake_uart_attach(&fake[i], kind, BASE + i * 0x1000);
}

static void run_ports(struct far_end *guest, unsigned n)
{
	bool irq;

	do {
		for (unsigned i = 0; i < n; i++)
			fake[i].irq = false;
		far_end_run(guest);
		irq = false;
		for (unsigned i = 0; i < n; i++)
			irq |= fake[i].irq;
	} while (irq);
}

/* Noise on all of them, and more of it than a ring holds; then a request on one. */
static void the_one_that_speaks(void **state)
{
	static const char noise[] = "\r\nlogin: root\r\n[ok]\xc3\xa4 ";

	(void)state;
	EACH_KIND(kind)
	for (unsigned spoken = 0; spoken < UART_PORTS_MAX; spoken++) {
		struct far_end *guest;

		plug_ports(UART_PORTS_MAX, kind);
		guest = boot_ports(UART_PORTS_MAX);
		for (unsigned i = 0; i < 100 * UART_PORTS_MAX; i++)
			fake_uart_send(&fake[i % UART_PORTS_MAX], noise, sizeof noise - 1);
		run_ports(guest, UART_PORTS_MAX);
		assert_null(was_told);
		for (unsigned i = 0; i < 100; i++)
			fake_uart_send(&fake[spoken], PING, strlen(PING));
		run_ports(guest, UART_PORTS_MAX);
		assert_ptr_equal(was_told, &uart[spoken]);
		for (unsigned i = 0; i < UART_PORTS_MAX; i++) {
			size_t n = i == spoken ? 100 * strlen(DONE) : 0;

			assert_int_equal(fake[i].heard_len, n);
			assert_int_equal(fake[i].lost, 0);
		}
		/* The others do not disturb it any more. */
		for (unsigned i = 0; i < UART_PORTS_MAX; i++) {
			fake[i].irq = false;
			if (i == spoken)
				continue;
			fake_uart_send(&fake[i], PING, strlen(PING));
			assert_false(fake[i].irq);
			assert_int_equal(fake[i].heard_len, 0);
		}
		run_ports(guest, UART_PORTS_MAX);
		fake_uart_send(&fake[spoken], PING, strlen(PING));
		run_ports(guest, UART_PORTS_MAX);
		assert_int_equal(fake[spoken].heard_len, 101 * strlen(DONE));
		assert_int_equal(times_told, 1);
		far_end_free(guest);
	}
}

/* The sentinel is a beginning, too; and one port alone needs none. */
static void beginnings(void **state)
{
	struct far_end *guest;

	(void)state;
	plug_ports(2, FAKE_16550_QEMU);
	guest = boot_ports(2);
	fake_uart_send(&fake[1], "hi \xff", 4);
	run_ports(guest, 2);
	assert_ptr_equal(was_told, &uart[1]);
	assert_true(fake[1].heard_len > 0); /* the byte is answered, as everywhere */
	far_end_free(guest);

	plug_ports(1, FAKE_16550_QEMU);
	guest = boot_ports(1);
	assert_ptr_equal(was_told, &uart[0]);
	assert_ptr_equal(guest->config.channel, &uart[0].channel);
	far_end_free(guest);
}

/* Closed and opened before anybody has spoken. */
static void ports_closed_and_opened(void **state)
{
	struct far_end *guest;

	(void)state;
	plug_ports(3, FAKE_16550_VMM);
	guest = boot_ports(3);
	run_ports(guest, 3);
	guest->config.channel->ops->close(guest->config.channel);
	fake_uart_send(&fake[2], PING, strlen(PING));
	run_ports(guest, 3);
	assert_null(was_told);
	assert_int_equal(guest->config.channel->ops->tx_busy(guest->config.channel), 0);
	guest->config.channel->ops->open(guest->config.channel);
	run_ports(guest, 3);
	assert_ptr_equal(was_told, &uart[2]);
	assert_int_equal(fake[2].heard_len, strlen(DONE));
	far_end_free(guest);
}

/* Nobody wants to be told; and before it is known nothing can be had of it, nor given. */
static void not_told(void **state)
{
	struct uart_ports mute = {.port = {&uart[0], &uart[1]}, .n = 2};
	struct qga_channel *channel;
	const uint8_t *data;
	uint8_t *buf;

	(void)state;
	plug_ports(2, FAKE_PL011);
	for (unsigned i = 0; i < 2; i++)
		fake_uart_init(&fake[i], &uart[i]);
	channel = uart_ports_channel(&mute, rx_ring, tx_ring);
	channel->ops->open(channel);
	assert_int_equal(channel->ops->rx_get(channel, &data), 0);
	assert_int_equal(channel->ops->tx_get(channel, &buf), 0);
	channel->ops->tx_flush(channel);
	fake_uart_send(&fake[1], "{", 1);
	channel->ops->poll(channel);
	assert_ptr_equal(mute.port[0], &uart[1]);
	assert_int_equal(channel->ops->rx_get(channel, &data), 1);
	mute = (struct uart_ports){.port = {&uart[0]}, .n = 1};
	assert_ptr_equal(uart_ports_channel(&mute, rx_ring, tx_ring), &uart[0].channel);
}

/* Whether there is something to do, for who has no interrupts (mps2-an385). */
static void cmsdk_ready(void **state)
{
	(void)state;
	plug(FAKE_CMSDK);
	fake_uart_init(&fake[0], &uart[0]);
	uart_channel(&uart[0], rx_ring, tx_ring);
	uart[0].channel.ops->open(&uart[0].channel);
	assert_false(cmsdk_uart_ready(&uart[0]));
	uart[0].channel.ops->poll(&uart[0].channel);
	assert_false(cmsdk_uart_ready(&uart[0]));
	send("x");
	assert_true(cmsdk_uart_ready(&uart[0]));
	uart[0].rx_on = false;
	assert_false(cmsdk_uart_ready(&uart[0]));
	uart[0].tx_on = true;
	assert_true(cmsdk_uart_ready(&uart[0]));
	fake[0].takes = 0;
	assert_false(cmsdk_uart_ready(&uart[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(burst),
		cmocka_unit_test(slow_reader),
		cmocka_unit_test(after_a_reset),
		cmocka_unit_test(fifos),
		cmocka_unit_test(fifos_behind_answers),
		cmocka_unit_test(closed_and_opened),
		cmocka_unit_test(carriage_returns),
		cmocka_unit_test(log_gives_up),
		cmocka_unit_test(the_one_that_speaks),
		cmocka_unit_test(beginnings),
		cmocka_unit_test(ports_closed_and_opened),
		cmocka_unit_test(not_told),
		cmocka_unit_test(cmsdk_ready),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
