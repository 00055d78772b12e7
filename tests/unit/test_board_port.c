/* SPDX-License-Identifier: MIT */
/*
 * test_board_port.c - where the agent answers: which device is taken, in what order they are tried, and what is said
 * of those that are not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alone.h"
#include "board_rig.h"
#include "board_arm.h"

#define NAME "org.qemu.guest_agent.0"

#define ON_SERIAL                                                                    \
	"bareqga: no virtio console with the port " NAME " on virtio-mmio (-device " \
	"virtio-serial-device); the agent is on the serial port\n"
#define ON_SERIAL_PCI                                                              \
	"bareqga: no virtio console with the port " NAME " on PCI or virtio-mmio " \
	"(-device virtio-serial-pci); the agent is on the serial port\n"
#define NO_PORT     "bareqga: there is no port for the agent; add -device virtio-serial-device\n"
#define NO_PORT_PCI "bareqga: there is no port for the agent; add -device virtio-serial-pci\n"
#define NO_WAKE                                                                             \
	"bareqga: interrupts of the agent's device do not reach this processor; it is not " \
	"used\n"

static struct qga_channel *channel;

/* Boots, and opens the port. Time passes while somebody waits for a device. */
static const char *boot(void)
{
	arm_boot();
	fake_arch.step = 1000000;
	channel = board_channel();
	if (channel)
		channel->ops->open(channel);
	return rig_said();
}

/* What the agent hears now. */
static const char *heard(void)
{
	static char text[64];
	const uint8_t *data;
	size_t n;

	for (unsigned i = 0; i < 8; i++)
		channel->ops->poll(channel);
	n = channel->ops->rx_get(channel, &data);
	memcpy(text, data, n);
	text[n] = '\0';
	channel->ops->rx_put(channel, n);
	return text;
}

static bool hears_console(struct fake_console *fake, unsigned nr)
{
	fake_host_connect(fake, nr);
	fake_host_send(fake, nr, "hello", 5);
	fake_console_run(fake);
	return strcmp(heard(), "hello") == 0;
}

/* Does the other end of a socket get an answer? */
static bool hears_vsock(struct fake_vsock *fake, uint32_t port)
{
	struct fake_vsock_header header = {.src_cid = 2,
	                                   .dst_cid = 3,
	                                   .src_port = 7777,
	                                   .dst_port = port,
	                                   .type = 1,
	                                   .op = 1,
	                                   .buf_alloc = 4096};

	fake_vsock_send(fake, &header, NULL);
	(void)heard();
	channel->ops->tx_flush(channel);
	fake_vsock_run(fake);
	return fake_vsock_hear(fake, &header, NULL, 0) && header.op == 2;
}

static bool hears_uart(struct fake_uart *fake)
{
	fake_uart_send(fake, "{}", 2);
	return strcmp(heard(), "{}") == 0;
}

/* --- virtio-mmio --- */

static void test_named_port(void **state)
{
	struct fake_console *other, *fake;

	(void)state;
	arm_start("");
	arm_uart(0);
	other = arm_console(0, "some.other.port");
	fake = arm_console(1, NAME);
	arm_slot(0);
	arm_slot(1);
	assert_string_equal(boot(), "");
	assert_true(hears_console(fake, 1));
	assert_int_equal(other->ports[1].guest_open, false);
	assert_false(machine.board.is_line);
	assert_int_equal(machine_agent_irq(&machine).number, 32 + 16);
	/* Its interrupt is let go of. */
	fake->mmio.isr = 1;
	machine.irqchip->acknowledge();
	assert_int_equal(fake->mmio.isr, 0);
}

/* Where there is a socket device, too, the named port is still the first. */
static void test_named_port_before_socket(void **state)
{
	struct fake_console *fake;

	(void)state;
	arm_start("");
	arm_uart(0);
	fake = arm_console(0, NAME);
	arm_vsock(1);
	arm_slot(0);
	arm_slot(1);
	assert_string_equal(boot(), "");
	assert_true(hears_console(fake, 1));
}

/* A console without the port, which may be plugged in later, is behind the socket device ... */
static void test_socket_before_other_console(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	arm_start("");
	arm_uart(0);
	arm_console(0, "some.other.port");
	fake = arm_vsock(1);
	arm_slot(0);
	arm_slot(1);
	assert_string_equal(boot(), "no virtio console has the agent's port; waiting for one\n");
	assert_true(hears_vsock(fake, 1234));
	fake->mmio.isr = 1;
	machine.irqchip->acknowledge();
	assert_int_equal(fake->mmio.isr, 0);
}

/* ... but not behind one that cannot be used, or that is switched off. */
static void test_other_console_before_broken_socket(void **state)
{
	struct fake_console *fake;

	(void)state;
	arm_start("");
	arm_uart(0);
	fake = arm_console(0, "some.other.port");
	arm_vsock(1)->mmio.version = 77;
	arm_slot(0);
	arm_slot(1);
	boot();
	fake_host_plug(fake, 2, NAME);
	assert_true(hears_console(fake, 2));
}

static void test_socket_is_switched_off(void **state)
{
	struct fake_console *fake;

	(void)state;
	arm_start("bareqga.vsock-port=none");
	arm_uart(0);
	fake = arm_console(0, "some.other.port");
	arm_vsock(1);
	arm_slot(0);
	arm_slot(1);
	assert_string_equal(boot(), "");
	fake_host_plug(fake, 2, NAME);
	assert_true(hears_console(fake, 2));
	assert_null(machine.board.poll);
}

/* A console without ports (kvmtool's) is what there is without a socket device, and nothing beside one. */
static void test_console_without_ports(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	arm_start("");
	arm_uart(0);
	arm_console(0, NULL)->mmio.features &= ~2u;
	fake = arm_vsock(1);
	arm_vsock(2); /* a second one */
	for (unsigned n = 0; n < 3; n++)
		arm_slot(n);
	boot();
	assert_int_equal(machine.n_vsocks, 1);
	assert_true(hears_vsock(fake, 1234));
}

/* The socket device breaks in the middle of it, and so does the console: there is no port then. */
static void test_nothing_works(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	arm_start("");
	arm_uart(0);
	arm_console(0, "some.other.port");
	fake = arm_vsock(1);
	fake->mmio.device_id = 19;
	arm_slot(0);
	arm_slot(1);
	arm_boot();
	fake->mmio.version = 77;
	fake_arch.step = 1000000;
	/* Only a socket device: its interrupt is the agent's. */
	machine.n_consoles = 0;
	assert_int_equal(machine_agent_irq(&machine).number, 32 + 17);
	channel = board_channel();
	assert_true(machine.board.is_line);
}

static void test_vsock_port_is_too_long(void **state)
{
	(void)state;
	arm_start("bareqga.channel=vsock bareqga.vsock-port=123456789012");
	arm_vsock(0);
	arm_slot(0);
	assert_string_equal(boot(), "bareqga: bareqga.vsock-port is neither a number nor none and "
	                            "not used\n");
	assert_non_null(channel);
}

/* What the driver has to say of its device is said. */
static void test_socket_of_another_version(void **state)
{
	(void)state;
	arm_start("bareqga.channel=vsock");
	arm_uart(0);
	arm_vsock(0)->mmio.queue_max = 0;
	arm_slot(0);
	boot();
	assert_true(strlen(rig_said()) > 0);
}

/* Nobody is told of interrupts: such a device is none. */
static void test_deaf(void **state)
{
	(void)state;
	arm_start("");
	arm_console(0, NAME);
	arm_slot(0);
	rig_seal();
	assert_non_null(board_init());
	fake_arch.pending = false;
	assert_null(board_channel());
	assert_string_equal(rig_said(), NO_WAKE NO_PORT);
}

static void test_deaf_socket(void **state)
{
	(void)state;
	arm_start("bareqga.channel=vsock");
	arm_vsock(0);
	arm_slot(0);
	rig_seal();
	assert_non_null(board_init());
	fake_arch.pending = false;
	assert_null(board_channel());
	assert_string_equal(rig_said(), NO_WAKE "bareqga: there is no socket device, or "
	                                        "bareqga.vsock-port is none\n");
}

/* --- What is asked for --- */

static void test_asks_for_virtio(void **state)
{
	(void)state;
	arm_start("bareqga.channel=virtio");
	arm_uart(0);
	assert_string_equal(boot(), NO_PORT);
	assert_null(channel);
	assert_int_equal(machine_agent_irq(&machine).number, 33); /* at most that */
}

static void test_asks_for_virtio_pci(void **state)
{
	(void)state;
	arm_start("bareqga.channel=virtio");
	arm_pci(true);
	assert_string_equal(boot(), NO_PORT_PCI);
	assert_null(channel);
}

static void test_asks_for_vsock(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	arm_start("bareqga.channel=vsock bareqga.vsock-port=5000");
	arm_console(0, NAME);
	fake = arm_vsock(1);
	arm_slot(0);
	arm_slot(1);
	assert_string_equal(boot(), "");
	assert_true(hears_vsock(fake, 5000));
}

static void test_asks_for_vsock_in_vain(void **state)
{
	(void)state;
	arm_start("bareqga.channel=vsock");
	arm_uart(0);
	assert_string_equal(boot(), "bareqga: there is no socket device, or bareqga.vsock-port is "
	                            "none\n");
	assert_null(channel);
}

static void test_vsock_port_is_no_number(void **state)
{
	static const char *const wrong[] = {"x", "12x", "4294967295", "99999999999"};
	char text[64];

	(void)state;
	snprintf(text, sizeof text, "bareqga.channel=vsock bareqga.vsock-port=%s",
	         wrong[getpid() % 4]);
	arm_start(text);
	arm_vsock(0);
	arm_slot(0);
	assert_string_equal(boot(), "bareqga: bareqga.vsock-port is neither a number nor none and "
	                            "not used\n");
	assert_non_null(channel);
}

static void test_asks_for_uart(void **state)
{
	(void)state;
	arm_start("bareqga.channel=uart");
	arm_uart(0);
	arm_console(0, NAME);
	arm_slot(0);
	assert_string_equal(boot(), "");
	assert_true(hears_uart(&uarts[0]));
	assert_true(machine.board.is_line);
	assert_int_equal(machine_agent_irq(&machine).number, 33);
}

static void test_asks_for_second_uart(void **state)
{
	(void)state;
	arm_start("bareqga.channel=ttyAMA1");
	arm_uart(0);
	arm_uart(1);
	assert_string_equal(boot(), "");
	fake_uart_send(&uarts[0], "{}", 2);
	assert_string_equal(heard(), "");
	assert_true(hears_uart(&uarts[1]));
	assert_int_equal(machine_agent_irq(&machine).number, 34);
	/* The log has the other one. */
	board_debug("a line", 6);
	assert_memory_equal(uarts[0].heard, "a line\r\n", 8);
}

static void test_asks_for_uart_in_vain(void **state)
{
	(void)state;
	arm_start("bareqga.channel=ttyS7");
	arm_uart(0);
	assert_string_equal(boot(), "bareqga: there is no serial port of the number that "
	                            "bareqga.channel names\n");
	assert_null(channel);
}

#define NONSENSE                                                                        \
	"bareqga: bareqga.channel is none of virtio, vsock, uart or a port like ttyS0 " \
	"and not used\n"

static void test_asks_for_nonsense(void **state)
{
	(void)state;
	arm_start("bareqga.channel=ttyS12");
	arm_uart(0);
	assert_string_equal(boot(), NONSENSE ON_SERIAL);
	assert_true(hears_uart(&uarts[0]));
}

static void test_asks_for_too_much(void **state)
{
	(void)state;
	arm_start("bareqga.channel=virtio-and-something-more");
	arm_uart(0);
	assert_string_equal(boot(), NONSENSE ON_SERIAL);
}

/* --- Serial ports --- */

static void test_nothing(void **state)
{
	(void)state;
	arm_start("");
	assert_string_equal(boot(), NO_PORT);
	assert_null(channel);
}

static void test_serial_beside_pci(void **state)
{
	(void)state;
	arm_start("");
	arm_uart(0);
	arm_pci(true);
	assert_string_equal(boot(), ON_SERIAL_PCI);
	assert_true(hears_uart(&uarts[0]));
}

/* Of several it is the one that the first request comes from; the log goes where console= says, or elsewhere. */
static void test_first_request(void **state)
{
	(void)state;
	arm_start("xconsole=ttyAMA2 console=tty0 console=ttyAMA1");
	for (unsigned n = 0; n < 3; n++)
		arm_uart(n);
	boot();
	assert_true(hears_uart(&uarts[2]));
	board_debug("a line", 6);
	assert_memory_equal(uarts[1].heard, "a line\r\n", 8);
}

static void test_request_where_the_log_is(void **state)
{
	(void)state;
	arm_start("console=ttyAMA1,115200");
	arm_uart(0);
	arm_uart(1);
	boot();
	assert_true(hears_uart(&uarts[1]));
	uarts[0].heard_len = 0;
	board_debug("a line", 6);
	assert_memory_equal(uarts[0].heard, "a line\r\n", 8);
}

/* With one port there is nowhere for the log to go. */
static void test_log_is_mute(void **state)
{
	(void)state;
	arm_start("bareqga.channel=uart");
	arm_uart(0);
	boot();
	board_debug("a line", 6);
	assert_int_equal(uarts[0].heard_len, 0);
	assert_true(board_debug_ready());
	board_power(BOARD_POWERDOWN);
	assert_int_equal(uarts[0].heard_len, 0);
}

#define LOGGED(text) "{\"event\": \"LOG\", \"data\": {\"line\": \"" text "\"}}\n"

/* ... unless they share it. */
static void test_shared(void **state)
{
	uint8_t *buf;

	(void)state;
	arm_start("bareqga.channel=uart bareqga.console=shared");
	arm_uart(0);
	assert_string_equal(boot(), "");
	assert_true(hears_uart(&uarts[0]));
	board_debug("one", 3);
	channel->ops->tx_flush(channel);
	assert_int_equal(uarts[0].heard_len, strlen(LOGGED("one")));
	assert_memory_equal(uarts[0].heard, LOGGED("one"), uarts[0].heard_len);

	/* Behind an answer to guest-sync-delimited it waits for the next one, but not for ever. */
	fake_arch.step = 0;
	assert_true(channel->ops->tx_get(channel, &buf) > 9);
	memcpy(buf, "\xff{}\n", 4);
	channel->ops->tx_put(channel, 4);
	channel->ops->tx_flush(channel);
	assert_true(machine.board.poll() == UINT64_MAX);
	uarts[0].heard_len = 0;
	board_debug("two", 3);
	assert_int_equal(uarts[0].heard_len, 0);
	assert_true(machine.board.poll() == 1000000000);
	fake_arch.ticks += 400000000;
	assert_true(machine.board.poll() == 600000000);
	fake_arch.ticks += 600000000;
	assert_true(machine.board.poll() == UINT64_MAX);
	assert_memory_equal(uarts[0].heard, LOGGED("two"), uarts[0].heard_len);
	assert_true(machine.board.poll() == UINT64_MAX);
}

/* The agent stops in the middle of an answer: that ends, and lines go out at once. */
static void test_last_words(void **state)
{
	uint8_t *buf;

	(void)state;
	arm_start("bareqga.channel=uart bareqga.console=shared");
	arm_uart(0);
	boot();
	assert_true(hears_uart(&uarts[0]));
	assert_true(channel->ops->tx_get(channel, &buf) > 9);
	memcpy(buf, "{\"ret", 5);
	channel->ops->tx_put(channel, 5);
	board_debug("one", 3);
	channel->ops->tx_flush(channel);
	assert_int_equal(uarts[0].heard_len, 5);
	assert_true(board_debug_ready());
	board_last_words();
	board_debug("two", 3);
	assert_memory_equal(uarts[0].heard, "{\"ret\n" LOGGED("one") LOGGED("two"),
	                    uarts[0].heard_len);
	assert_int_equal(uarts[0].heard_len, strlen("{\"ret\n" LOGGED("one") LOGGED("two")));
}

/* They go out before the power goes off, too; a port that takes nothing is not waited for for ever. */
static void test_last_words_of_a_deaf_port(void **state)
{
	uint8_t *buf;

	(void)state;
	arm_start("bareqga.channel=uart bareqga.console=shared");
	arm_uart(0);
	boot();
	uarts[0].takes = 3;
	assert_true(channel->ops->tx_get(channel, &buf) > 9);
	memset(buf, 'x', 100);
	channel->ops->tx_put(channel, 100);
	board_debug("one", 3);
	board_power(BOARD_POWERDOWN);
	assert_string_equal(asked, "o");
	assert_int_equal(uarts[0].heard_len, 3);
}

/* Nobody has the port yet, for there is none. */
static void test_last_words_of_nobody(void **state)
{
	(void)state;
	arm_start("bareqga.console=shared");
	assert_string_equal(boot(), NO_PORT);
	board_debug("one", 3);
	board_power(BOARD_POWERDOWN);
	assert_string_equal(asked, "o");
}

static void test_console_is_nonsense(void **state)
{
	(void)state;
	arm_start("bareqga.channel=uart bareqga.console=mine");
	arm_uart(0);
	assert_string_equal(boot(), "bareqga: bareqga.console is not shared and not used\n");
	assert_false(machine.shares_console);
}

/* --- Whom the host wants to be told --- */

static void boot_ready(const char *ready)
{
	char text[128];

	snprintf(text, sizeof text, "bareqga.channel=vsock bareqga.ready=%s", ready);
	arm_start(text);
	arm_uart(0);
}

/* What was said to that program, when it takes the call. */
static bool told(struct fake_vsock *fake, const char *text)
{
	struct fake_vsock_header header;
	char data[64] = "";
	bool is_called;

	fake_vsock_run(fake);
	is_called = fake_vsock_hear(fake, &header, data, sizeof data) && header.op == 1 &&
	            header.dst_port == 9999 && header.dst_cid == 2;
	header = (struct fake_vsock_header){.src_cid = 2,
	                                    .dst_cid = 3,
	                                    .src_port = 9999,
	                                    .dst_port = header.src_port,
	                                    .type = 1,
	                                    .op = 2,
	                                    .buf_alloc = 4096};
	fake_vsock_send(fake, &header, NULL);
	(void)heard();
	channel->ops->tx_flush(channel);
	fake_vsock_run(fake);
	while (fake_vsock_hear(fake, &header, data, sizeof data) && header.op != 5)
		;
	header = (struct fake_vsock_header){.src_cid = 2,
	                                    .dst_cid = 3,
	                                    .src_port = 9999,
	                                    .dst_port = header.src_port,
	                                    .type = 1,
	                                    .op = 3};
	fake_vsock_send(fake, &header, NULL);
	(void)heard();
	(void)machine.board.poll();
	while (fake_vsock_hear(fake, &header, NULL, 0))
		;
	return is_called && memcmp(data, text, strlen(text)) == 0;
}

static void test_ready(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	boot_ready("vsock-stream:2:9999");
	fake = arm_vsock(0);
	arm_slot(0);
	assert_string_equal(boot(), "");
	fake_arch.step = 0;
	assert_true(machine.board.poll() == 1000000000);
	assert_true(told(fake, "READY=1\n"));
	machine.board.stopping();
	assert_true(told(fake, "STOPPING=1\n"));
}

/* Nobody takes the call: it is given up after a second, with a line; the call before power-off sooner. */
static void test_nobody_listens(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	boot_ready("vsock:2:9999");
	fake = arm_vsock(0);
	arm_slot(0);
	assert_string_equal(boot(), "");
	fake_arch.step = 0;
	assert_true(machine.board.poll() == 1000000000);
	fake_vsock_run(fake);
	fake_arch.ticks += 1000000000;
	assert_true(machine.board.poll() == UINT64_MAX);
	assert_string_equal(rig_said(), "bareqga: nobody listens where bareqga.ready says\n");
	assert_true(machine.board.poll() == UINT64_MAX);
}

static void ready_is_wrong(const char *text)
{
	boot_ready(text);
	arm_vsock(0);
	arm_slot(0);
	assert_string_equal(boot(), "bareqga: bareqga.ready is not vsock:CID:PORT and not used\n");
	assert_null(machine.board.poll);
}

#define READY_IS_WRONG(name, text)                  \
	static void test_ready_##name(void **state) \
	{                                           \
		(void)state;                        \
		ready_is_wrong(text);               \
	}

READY_IS_WRONG(without_port, "vsock:2")
READY_IS_WRONG(without_anything, "vsock")
READY_IS_WRONG(cid, "vsock:two:3")
READY_IS_WRONG(number, "vsock:2:4294967295")
READY_IS_WRONG(empty, "vsock:2:")
READY_IS_WRONG(kind, "tcp:2:3")
READY_IS_WRONG(long, "vsock:2:3333333333333333333333333333333333333333333333")

/* The machine was moved, or restored: who is to be reminded is, at once. */
static unsigned noticed;

static void notice(void)
{
	noticed++;
}

static void test_socket_says_moved(void **state)
{
	struct fake_vsock *fake;

	(void)state;
	arm_start("bareqga.channel=vsock");
	fake = arm_vsock(0);
	arm_slot(0);
	boot();
	assert_false(machine.board.disturbed());
	machine.board.remind(UINT64_C(3600000000000), notice);
	machine.irqchip->acknowledge();
	assert_int_equal(noticed, 0);
	fake_vsock_transport_reset(fake, 4);
	machine.irqchip->acknowledge();
	assert_int_equal(noticed, 1);
	assert_true(machine.board.disturbed());
	assert_false(machine.board.disturbed());
	/* Told again within a second it is the same. */
	fake_arch.step = 0;
	machine_say_disturbed();
	assert_false(machine.board.disturbed());
	fake_arch.ticks += 2000000000;
	machine_say_disturbed();
	assert_true(machine.board.disturbed());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_named_port),
		ALONE(test_named_port_before_socket),
		ALONE(test_socket_before_other_console),
		ALONE(test_other_console_before_broken_socket),
		ALONE(test_socket_is_switched_off),
		ALONE(test_console_without_ports),
		ALONE(test_nothing_works),
		ALONE(test_vsock_port_is_too_long),
		ALONE(test_socket_of_another_version),
		ALONE(test_deaf),
		ALONE(test_deaf_socket),
		ALONE(test_asks_for_virtio),
		ALONE(test_asks_for_virtio_pci),
		ALONE(test_asks_for_vsock),
		ALONE(test_asks_for_vsock_in_vain),
		ALONE(test_vsock_port_is_no_number),
		ALONE(test_asks_for_uart),
		ALONE(test_asks_for_second_uart),
		ALONE(test_asks_for_uart_in_vain),
		ALONE(test_asks_for_nonsense),
		ALONE(test_asks_for_too_much),
		ALONE(test_nothing),
		ALONE(test_serial_beside_pci),
		ALONE(test_first_request),
		ALONE(test_request_where_the_log_is),
		ALONE(test_log_is_mute),
		ALONE(test_shared),
		ALONE(test_last_words),
		ALONE(test_last_words_of_a_deaf_port),
		ALONE(test_last_words_of_nobody),
		ALONE(test_console_is_nonsense),
		ALONE(test_ready),
		ALONE(test_nobody_listens),
		ALONE(test_ready_without_port),
		ALONE(test_ready_without_anything),
		ALONE(test_ready_cid),
		ALONE(test_ready_number),
		ALONE(test_ready_empty),
		ALONE(test_ready_kind),
		ALONE(test_ready_long),
		ALONE(test_socket_says_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
