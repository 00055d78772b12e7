/* SPDX-License-Identifier: MIT */
/* test_board_ready.c - whom the host wants to be told when the agent is ready, and when it stops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "alone.h"
#include "board_rig.h"
#include "board_arm.h"
#include "board_agent.h"

static void boot_ready(const char *ready)
{
	char text[128];

	snprintf(text, sizeof text, "bareqga.channel=vsock bareqga.ready=%s", ready);
	arm_start_serial(text);
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
	host_says(fake, 9999, header.src_port, 2);
	channel->ops->tx_flush(channel);
	fake_vsock_run(fake);
	while (fake_vsock_hear(fake, &header, data, sizeof data) && header.op != 5)
		;
	host_says(fake, 9999, header.src_port, 3);
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
	fake = arm_plug_vsock(0);
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
	fake = arm_plug_vsock(0);
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
	arm_plug_vsock(0);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_ready),
		ALONE(test_nobody_listens),
		ALONE(test_ready_without_port),
		ALONE(test_ready_without_anything),
		ALONE(test_ready_cid),
		ALONE(test_ready_number),
		ALONE(test_ready_empty),
		ALONE(test_ready_kind),
		ALONE(test_ready_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
