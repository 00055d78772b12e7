/* SPDX-License-Identifier: MIT */
/* A call to a program of the host (virtio 1.2, 5.10): what is said, to whom, and what becomes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "virtio/vsock_call.h"

static struct vsock_header said;

/* What the peer of a call sends, to where the call said that it comes from. */
static struct vsock_header of_called(unsigned op)
{
	return (struct vsock_header){.src_cid = 2,
	                             .dst_cid = said.src_cid,
	                             .src_port = 9,
	                             .dst_port = said.src_port,
	                             .type = VSOCK_TYPE_STREAM,
	                             .op = (uint16_t)op,
	                             .buf_alloc = 100};
}

static void call_hears(struct vsock_call *call, unsigned op)
{
	struct vsock_header header = of_called(op);

	assert_true(qga_vsock_call_receive(call, &header));
}

/* It says something, and that is this. */
static void call_says(struct vsock_call *call, unsigned op)
{
	assert_true(qga_vsock_call_say(call, &said));
	assert_int_equal(said.op, op);
}

/* Who is called hangs up: what became of the call depends on how far it had come. */
static void test_called_hangs_up(void **state)
{
	static const struct {
		unsigned said; /* by us, before it hangs up */
		bool accepts;
		unsigned op;
		unsigned becomes;
	} rows[] = {
		{1, false, VSOCK_SHUTDOWN, QGA_VIRTIO_CALL_FAILED},
		{1, false, VSOCK_RST, QGA_VIRTIO_CALL_FAILED},
		{1, true, VSOCK_SHUTDOWN, QGA_VIRTIO_CALL_FAILED},
		{1, true, VSOCK_RST, QGA_VIRTIO_CALL_FAILED},
		{2, true, VSOCK_SHUTDOWN, QGA_VIRTIO_CALL_TOLD},
		{2, true, VSOCK_RST, QGA_VIRTIO_CALL_FAILED},
		{3, true, VSOCK_SHUTDOWN, QGA_VIRTIO_CALL_TOLD},
		{3, true, VSOCK_RST, QGA_VIRTIO_CALL_TOLD},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vsock_call call = {0};

		qga_vsock_call_start(&call, 3, 2, 9, "text");
		assert_true(qga_vsock_call_say(&call, &said));
		if (rows[i].accepts)
			call_hears(&call, VSOCK_RESPONSE);
		for (unsigned n = 1; n < rows[i].said; n++)
			assert_true(qga_vsock_call_say(&call, &said));
		call_hears(&call, rows[i].op);
		if (call.state != rows[i].becomes)
			fail_msg("row %zu: %d", i, call.state);
		if (rows[i].op == VSOCK_RST)
			assert_false(qga_vsock_call_say(&call, &said));
	}
}

/* What whom we call says to a call that has gone as far as `heard`, a list of operations. */
static unsigned call_after(const char *heard, struct vsock_call *call)
{
	unsigned said_n = 0;

	*call = (struct vsock_call){0};
	qga_vsock_call_start(call, 3, 2, 9, "text");
	for (; *heard; heard++) {
		if (*heard == 's') {
			while (qga_vsock_call_say(call, &said))
				said_n++;
			continue;
		}
		call_hears(call, (unsigned)(*heard - '0'));
	}
	return said_n;
}

static void test_what_becomes_of_a_call(void **state)
{
	static const struct {
		const char *
			heard; /* 's': all that is due is said; 2 RESPONSE, 3 RST, 4 SHUTDOWN, 5 RW */
		unsigned said;
		uint8_t becomes, last;
	} calls[] = {
		{"s2s3", 3, QGA_VIRTIO_CALL_TOLD, VSOCK_SHUTDOWN},
		{"s2s4s", 4, QGA_VIRTIO_CALL_TOLD, VSOCK_RST},
		{"s3", 1, QGA_VIRTIO_CALL_FAILED, VSOCK_REQUEST},
		{"s23", 1, QGA_VIRTIO_CALL_FAILED, VSOCK_REQUEST}, /* before the text was sent */
		{"s24s", 2, QGA_VIRTIO_CALL_FAILED, VSOCK_RST},
		{"s4s", 2, QGA_VIRTIO_CALL_FAILED, VSOCK_RST},       /* before it was accepted */
		{"s2s2s", 4, QGA_VIRTIO_CALL_FAILED, VSOCK_RST},     /* accepted twice */
		{"s2s5s", 3, QGA_VIRTIO_CALL_GOING, VSOCK_SHUTDOWN}, /* not for us */
	};
	struct vsock_call call;

	(void)state;
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		assert_int_equal(call_after(calls[i].heard, &call), calls[i].said);
		assert_int_equal(call.state, calls[i].becomes);
		assert_int_equal(said.op, calls[i].last);
	}
}

/* Packets that are of no call, in each way in which that can be. */
static void test_not_of_the_call(void **state)
{
	struct vsock_call call;

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		struct vsock_header header;

		call_after("s", &call);
		header = of_called(VSOCK_RST);
		header.type += i == 1;
		header.src_cid += i == 2;
		header.src_port += i == 3;
		header.dst_cid += i == 4;
		header.dst_port += i == 5;
		assert_int_equal(qga_vsock_call_receive(&call, &header), i == 0);
		assert_int_equal(call.state,
		                 i == 0 ? QGA_VIRTIO_CALL_FAILED : QGA_VIRTIO_CALL_GOING);
	}
}

/* Whom we call may ask what we have room for before it hears the text: it is told, text first. */
static void test_called_asks_for_credit(void **state)
{
	struct vsock_call call = {0};

	(void)state;
	qga_vsock_call_start(&call, 3, 2, 9, "text");
	call_says(&call, VSOCK_REQUEST);
	call_hears(&call, VSOCK_RESPONSE);
	call_hears(&call, VSOCK_CREDIT_REQUEST);
	call_says(&call, VSOCK_RW);
	assert_int_equal(said.len, 4);
	call_says(&call, VSOCK_SHUTDOWN);
	call_says(&call, VSOCK_CREDIT_UPDATE);
	assert_false(qga_vsock_call_say(&call, &said));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_called_hangs_up),
		cmocka_unit_test(test_what_becomes_of_a_call),
		cmocka_unit_test(test_not_of_the_call),
		cmocka_unit_test(test_called_asks_for_credit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
