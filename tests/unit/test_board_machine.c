/* SPDX-License-Identifier: MIT */
/*
 * test_board_machine.c - what every board does: waits and reminders, time, the log, items of the host, and the ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alone.h"
#include "board_rig.h"
#include "board_arm.h"
#include "fake_fw_cfg.h"
#include "virtio/virtio_rtc.h"

/* --- Waits --- */

static void test_wait(void **state)
{
	(void)state;
	arm_start("");
	arm_boot();
	fake_arch.pending = false;
	fake_arch.ticks = 5000;
	assert_int_equal(board_idle(), 0);
	board_wait(0);
	assert_int_equal(fake_arch.waits, 0);
	board_wait(7000);
	assert_int_equal(fake_arch.until, 12000);
	assert_int_equal(board_idle(), 7000);
	board_wait(UINT64_MAX);
	assert_true(fake_arch.until == UINT64_MAX);
	assert_int_equal(fake_arch.waits, 2);
	/* What is pending already is let go of, without a wait. */
	fake_arch.pending = true;
	board_wait(UINT64_MAX);
	assert_int_equal(fake_arch.waits, 2);
	assert_int_equal(board_monotonic(), 12000);
}

/* An interrupt that ends a wait is let go of, and the device acknowledged. */
static char order[16];

static void note_settle(struct irqchip *chip)
{
	strcat(order, "s");
	chip->acknowledge();
	fake_arch.pending = false;
}

static void note_disable(struct irqchip *chip)
{
	(void)chip;
	strcat(order, "d");
}

static void note_acknowledge(void)
{
	strcat(order, "k");
}

static const struct irqchip_ops noting = {.settle = note_settle, .disable = note_disable};
static struct irqchip noting_chip = {&noting, note_acknowledge};

static void interrupt(void)
{
	fake_arch.pending = true;
}

static void test_order(void **state)
{
	(void)state;
	arm_start("");
	arm_boot();
	machine.irqchip = &noting_chip;
	fake_arch.pending = false;
	fake_arch.waiting = interrupt;
	board_wait(UINT64_MAX);
	assert_string_equal(order, "sk");
	assert_false(fake_arch.pending);
	/* There is nothing to let go of any more. */
	order[0] = '\0';
	fake_arch.waiting = NULL;
	board_wait(5);
	assert_string_equal(order, "");
}

static unsigned noticed;

static void notice(void)
{
	noticed++;
}

static void test_reminder(void **state)
{
	(void)state;
	arm_start("");
	arm_boot();
	fake_arch.pending = false;
	machine_say_disturbed(); /* nobody is to be reminded yet */
	machine.board.remind(1000, notice);
	board_wait(999);
	assert_int_equal(noticed, 0);
	board_wait(1);
	assert_int_equal(noticed, 1);
	board_wait(100000);
	assert_int_equal(noticed, 1); /* once */
	/* This board's memory says nothing. */
	assert_false(machine_sign());
	assert_false(machine_take_sign());
}

/* A counter whose ticks are no whole number of nanoseconds. */
static void test_odd_clock(void **state)
{
	(void)state;
	fake_arch.hz = 24000000;
	arm_start("");
	arm_boot();
	fake_arch.pending = false;
	fake_arch.ticks = UINT64_C(24000000) * 86400 * 365 * 50 + 12;
	assert_true(board_monotonic() == UINT64_C(86400) * 365 * 50 * 1000000000 + 500);
	fake_arch.ticks = 0;
	board_wait(1000000000);
	assert_int_equal(fake_arch.until, 24000000);
}

/*
 * With the agent on a serial port the first wait is a short one; and where its FIFOs are not on yet, for the host
 * was sending, each ends early, and silence lets them come on.
 */
static void test_first_wait(void **state)
{
	(void)state;
	arm_start_serial("bareqga.channel=uart");
	arm_boot();
	assert_non_null(board_channel());
	fake_arch.pending = false;
	assert_false(uart_wants_quiet(machine.serial));
	board_wait(5000); /* shorter than that */
	assert_int_equal(fake_arch.until, 5000);
	machine.idle = 0;
	board_wait(UINT64_MAX);
	assert_int_equal(fake_arch.until, 5000 + 100000);
	board_wait(UINT64_MAX);
	assert_true(fake_arch.until == UINT64_MAX);
}

static uint64_t wakes_at;

static void early(void)
{
	fake_arch.ticks = wakes_at;
}

static void test_listens(void **state)
{
	struct qga_channel *channel;
	const uint8_t *data;

	(void)state;
	arm_start_serial("bareqga.channel=uart");
	arm_boot();
	fake_uart_send(&uarts[0], "{", 1);
	channel = board_channel();
	channel->ops->open(channel);
	fake_arch.pending = false;
	assert_true(uart_wants_quiet(machine.serial));
	channel->ops->poll(channel);
	assert_int_equal(channel->ops->rx_get(channel, &data), 1);
	fake_arch.waiting = early;
	wakes_at = 1000000; /* something came: no silence */
	board_wait(UINT64_MAX);
	assert_int_equal(fake_arch.until, 10000000);
	assert_true(uart_wants_quiet(machine.serial));
	wakes_at += 9000000; /* a little early, as some timers are */
	board_wait(UINT64_MAX);
	assert_false(uart_wants_quiet(machine.serial));
}

/* --- Ends --- */

static void test_halt(void **state)
{
	jmp_buf halted;

	(void)state;
	arm_start("");
	arm_boot();
	fake_arch.halted = &halted;
	if (setjmp(halted) == 0) {
		board_power(BOARD_HALT);
		fail();
	}
	assert_int_equal(gic[(GICC - GICD) / 4], 0); /* nothing ends a wait any more */
	machine.irqchip = &noting_chip;
	if (setjmp(halted) == 0)
		board_power(BOARD_HALT);
	assert_string_equal(order, "d");
	noting_chip.ops = &(const struct irqchip_ops){.settle = note_settle};
	if (setjmp(halted) == 0)
		board_power(BOARD_HALT);
	machine.irqchip = NULL; /* a crash, early */
	if (setjmp(halted) == 0)
		board_power(BOARD_HALT);
	assert_string_equal(order, "d");
}

/* A machine that can do nothing of it. */
static void test_no_power(void **state)
{
	(void)state;
	rig_start();
	rig_memory();
	arm_gic();
	arm_boot();
	assert_int_equal(machine.board.powers, 1 << BOARD_HALT);
	board_power(BOARD_POWERDOWN);
	board_power(BOARD_REBOOT);
	machine.exit = NULL;
	board_exit(1);
	assert_string_equal(asked, "");
	assert_int_equal(exit_status, 0);
}

/* --- The log --- */

/* It goes to the port that the tree names, options or not. */
static void test_stdout_path(const char *path, unsigned expected)
{
	rig_start();
	rig_begin("chosen");
	rig_text("stdout-path", path);
	rig_end();
	rig_memory();
	arm_gic();
	arm_uart(0);
	arm_uart(1);
	arm_boot();
	board_debug("a line", 6);
	assert_int_equal(uarts[expected].heard_len, 8);
	assert_memory_equal(uarts[expected].heard, "a line\r\n", 8);
	assert_int_equal(uarts[!expected].heard_len, 0);
}

#define STDOUT(name, path, expected)              \
	static void test_##name(void **state)     \
	{                                         \
		(void)state;                      \
		test_stdout_path(path, expected); \
	}

STDOUT(stdout_first, "/pl011@9000000", 0)
STDOUT(stdout_second, "/pl011@9100000", 1)
STDOUT(stdout_options, "/soc/pl011@9100000:115200n8", 1)
STDOUT(stdout_nonsense, "pl011@9100000", 0)
STDOUT(stdout_longer, "/pl011@91000000", 0)
STDOUT(stdout_shorter, "/pl011@910000", 0)

/* A trap before anything was found goes to where the board's port most likely is. */
static void test_early_trap(void **state)
{
	(void)state;
	fake_uart_attach(&uarts[0], FAKE_PL011, UART_AT);
	board_debug("trap", 4);
	assert_int_equal(uarts[0].heard_len, 6);
	board_debug("more", 4);
	assert_int_equal(uarts[0].heard_len, 12);
	assert_int_equal(machine.n_uarts, 1);
}

/* A machine without a port has lines kept for who can show them; as many as there is room for. */
static void test_lines_are_kept(void **state)
{
	char line[151];

	(void)state;
	memset(line, 'x', 150);
	line[150] = '\0';
	arm_start("");
	arm_boot();
	machine_log(line);
	machine_log(line);
	assert_int_equal(strlen(rig_said()), 302);
	machine_log(line); /* there is no room for that ... */
	machine_log("short");
	assert_int_equal(strlen(rig_said()), 308);
	machine.board.said[0] = '\0'; /* ... before somebody has taken the others */
	machine_log("again");
	assert_string_equal(rig_said(), "again\n");
}

/* --- Items --- */

/* A machine with fw_cfg, to which a test adds items. */
static void start_items(void)
{
	arm_start("");
	rig_node("fw-cfg", "qemu,fw-cfg-mmio", FW_CFG_AT, 24);
	rig_end();
	fake_fw_cfg_start(FW_CFG_AT, false);
}

static void test_items(void **state)
{
	char text[32] = "";
	static const char longest[] = "opt/45678901234567890123456789012345678901234567890123";

	(void)state;
	start_items();
	fake_fw_cfg_add("opt/a", "0123456789", 10);
	fake_fw_cfg_add("opt/b", "b", 1);
	fake_fw_cfg_add("opt/empty", "", 0);
	fake_fw_cfg_add(longest, "l", 1);
	arm_boot();
	assert_true(machine.has_fw_cfg);
	assert_int_equal(board_item_size("opt/a"), 10);
	assert_int_equal(board_item_read("opt/a", 0, text, 4), 4);
	assert_int_equal(board_item_read("opt/a", 8, text + 4, 20), 2);
	assert_string_equal(text, "012389");
	assert_int_equal(board_item_read("opt/a", 10, text, 4), 0);
	assert_int_equal(board_item_read("opt/a", UINT64_MAX, text, 4), 0);
	assert_int_equal(board_item_read("opt/b", 0, text, 4), 1);
	assert_int_equal(text[0], 'b');
	assert_int_equal(board_item_size("opt/a"), 10);
	assert_int_equal(board_item_size("opt/c"), -1);
	assert_int_equal(board_item_size("xyz"), -1); /* no name begins so */
	assert_int_equal(board_item_read("opt/c", 0, text, 4), -1);
	assert_int_equal(board_item_size("opt/empty"), 0);
	assert_int_equal(board_item_size(longest), 1);
	assert_int_equal(board_item_read(longest, 0, text, 4), 1);
}

/* A setting of the host's is before that of the command line; too long for its reader, it is none. */
static void test_settings(void **state)
{
	char text[8];

	(void)state;
	start_items();
	fake_fw_cfg_add("opt/bareqga/a", "item\r\n\0", 7);
	fake_fw_cfg_add("opt/bareqga/b", "much too long", 13);
	fake_fw_cfg_add("opt/bareqga/c", "\n", 1);
	arm_boot();
	assert_int_equal(board_setting("opt/bareqga/a", "bareqga.a=word", text, sizeof text), 4);
	assert_string_equal(text, "item");
	assert_int_equal(board_setting("opt/bareqga/b", "bareqga.b=word", text, sizeof text), -1);
	assert_string_equal(text, "");
	assert_int_equal(board_setting("opt/bareqga/c", "bareqga.c=word", text, sizeof text), 4);
	assert_int_equal(board_setting("opt/bareqga/d", NULL, text, sizeof text), 0);
}

/* --- A virtio clock --- */

static struct {
	struct qga_virtio_queue queue;
	uint8_t status;
	uint16_t taken;
} rtc;

static int rtc_probe(struct qga_virtio_device *device)
{
	device->id = VIRTIO_ID_RTC;
	return 0;
}

static uint32_t rtc_features(struct qga_virtio_device *device, unsigned word)
{
	(void)device;
	return word == 1;
}

static void rtc_accept(struct qga_virtio_device *device, unsigned word, uint32_t value)
{
	(void)device;
	(void)word;
	(void)value;
}

static uint8_t rtc_status(struct qga_virtio_device *device)
{
	(void)device;
	return rtc.status;
}

static void rtc_set_status(struct qga_virtio_device *device, uint8_t value)
{
	(void)device;
	rtc.status = value;
}

static int rtc_queue_max(struct qga_virtio_device *device, unsigned index)
{
	(void)device;
	return index == 0 ? 64 : 0;
}

static int rtc_queue(struct qga_virtio_device *device, struct qga_virtio_queue *set)
{
	(void)device;
	rtc.queue = *set;
	return 0;
}

/* It has one clock, number 0, of UTC, which shows 12345 ns. */
static void rtc_notify(struct qga_virtio_device *device, const struct qga_virtio_queue *set)
{
	struct virtq_desc *desc = (void *)(uintptr_t)rtc.queue.desc;
	struct virtq_avail *avail = (void *)(uintptr_t)rtc.queue.driver;
	struct virtq_used *used = (void *)(uintptr_t)rtc.queue.device;
	const struct virtq_desc *head = &desc[avail->ring[rtc.taken % rtc.queue.size]];
	uint64_t *reply = (uint64_t *)(uintptr_t)desc[head->next].addr;
	uint16_t asked_for = *(const uint16_t *)(uintptr_t)head->addr;

	(void)device;
	(void)set;
	reply[0] = 0;
	reply[1] = asked_for == 0x1000 ? 1 : asked_for == 0x1001 ? 0 : 12345;
	used->ring[rtc.taken++ % rtc.queue.size] =
		(struct virtq_used_elem){(uint32_t)(head - desc), 16};
	used->idx = rtc.taken;
}

static const struct qga_virtio_bus rtc_bus = {
	.probe = rtc_probe,
	.features = rtc_features,
	.accept = rtc_accept,
	.status = rtc_status,
	.set_status = rtc_set_status,
	.queue_max = rtc_queue_max,
	.queue = rtc_queue,
	.notify = rtc_notify,
};

/* It shows the time, before any other clock; a clock of seconds can be set all the same. */
static void test_virtio_clock(void **state)
{
	int64_t ns;

	(void)state;
	arm_start("");
	rig_node("pl031", "arm,pl031", RTC_AT, 0x1000);
	rig_end();
	rig_cells(RTC_AT, 0x1000)[0] = 77;
	arm_boot();
	machine.clock.bus = &rtc_bus;
	assert_true(machine_has_virtio_clock());
	assert_int_equal(board_rtc_get(&ns), 0);
	assert_int_equal(ns, 12345);
	assert_int_equal(board_rtc_set(5000000000), 0);
}

/* A clock that cannot be set. */
static int get_nothing(struct rtc *clock, int64_t *ns)
{
	(void)clock;
	(void)ns;
	return -1;
}

static void test_clock_cannot_be_set(void **state)
{
	static const struct rtc_ops ops = {.get = get_nothing};
	static struct rtc clock = {.ops = &ops};
	int64_t ns;

	(void)state;
	arm_start("");
	arm_boot();
	machine.rtc = &clock;
	assert_int_equal(board_rtc_get(&ns), -1);
	assert_int_equal(board_rtc_set(1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_wait),           ALONE(test_order),
		ALONE(test_reminder),       ALONE(test_odd_clock),
		ALONE(test_first_wait),     ALONE(test_listens),
		ALONE(test_halt),           ALONE(test_no_power),
		ALONE(test_stdout_first),   ALONE(test_stdout_second),
		ALONE(test_stdout_options), ALONE(test_stdout_nonsense),
		ALONE(test_stdout_longer),  ALONE(test_stdout_shorter),
		ALONE(test_early_trap),     ALONE(test_lines_are_kept),
		ALONE(test_items),          ALONE(test_settings),
		ALONE(test_virtio_clock),   ALONE(test_clock_cannot_be_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
