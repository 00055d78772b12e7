/* SPDX-License-Identifier: MIT */
/* One port and its connection (virtio 1.2, 5.10): who is let in, credit, ends, lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "virtio/vsock_link.h"

#define PORT 1234
#define HELD 4096

static struct vsock_link port;
static struct vsock_header said;

/* A packet of the host to our port. */
static struct vsock_header packet(uint32_t from, unsigned op)
{
	return (struct vsock_header){.src_cid = 2,
	                             .dst_cid = 3,
	                             .src_port = from,
	                             .dst_port = PORT,
	                             .type = VSOCK_TYPE_STREAM,
	                             .op = (uint16_t)op,
	                             .buf_alloc = 100};
}

static unsigned hears_of(uint32_t from, unsigned op, uint32_t bytes, uint32_t flags)
{
	struct vsock_header header = packet(from, op);

	header.len = bytes;
	header.flags = flags;
	return qga_vsock_link_receive(&port, &header, bytes);
}

/* The next that is said is this, to that port. */
static void assert_says(unsigned op, uint32_t to)
{
	assert_true(qga_vsock_link_say(&port, &said));
	assert_int_equal(said.op, op);
	assert_int_equal(said.dst_port, to);
	assert_int_equal(said.src_port, PORT);
	assert_int_equal(said.src_cid, 3);
	assert_int_equal(said.dst_cid, 2);
	assert_int_equal(said.len, 0);
}

static void assert_silent(void)
{
	assert_false(qga_vsock_link_say(&port, &said));
}

static void connected(void)
{
	qga_vsock_link_init(&port, 3, PORT, HELD);
	assert_int_equal(qga_vsock_link_room(&port), 0);
	assert_int_equal(hears_of(50, VSOCK_REQUEST, 0, 0), VSOCK_OPENED);
	assert_int_equal(qga_vsock_link_room(&port), 0); /* not before the RESPONSE */
	assert_says(VSOCK_RESPONSE, 50);
	assert_int_equal(said.buf_alloc, HELD);
	assert_int_equal(qga_vsock_link_room(&port), 100);
	assert_silent();
}

static void test_credit_of_peer(void **state)
{
	struct vsock_header ack = packet(50, VSOCK_CREDIT_UPDATE);

	(void)state;
	connected();
	/* Over the end of 32 bits. */
	port.tx_cnt = port.peer_fwd = UINT32_MAX - 10;
	qga_vsock_link_send(&port, &said, 60);
	assert_int_equal(said.len, 60);
	assert_int_equal(qga_vsock_link_room(&port), 40);
	ack.fwd_cnt = 49;
	assert_int_equal(qga_vsock_link_receive(&port, &ack, 0), VSOCK_NOTHING);
	assert_int_equal(qga_vsock_link_room(&port), 100);
	/* More than was sent, and less room than is in use. */
	ack.fwd_cnt = 50;
	qga_vsock_link_receive(&port, &ack, 0);
	assert_int_equal(qga_vsock_link_room(&port), 0);
	ack.fwd_cnt = 0;
	ack.buf_alloc = 20;
	qga_vsock_link_receive(&port, &ack, 0);
	assert_int_equal(qga_vsock_link_room(&port), 0);
}

static void test_credit_of_ours(void **state)
{
	(void)state;
	connected();
	port.rx_cnt = port.fwd_cnt = port.told_fwd = UINT32_MAX - 10;
	assert_int_equal(hears_of(50, VSOCK_RW, HELD / 2, 0), VSOCK_DATA);
	qga_vsock_link_taken(&port, HELD / 2);
	assert_silent();
	assert_int_equal(hears_of(50, VSOCK_RW, 1, 0), VSOCK_DATA);
	qga_vsock_link_taken(&port, 1);
	assert_says(VSOCK_CREDIT_UPDATE, 50);
	assert_int_equal(said.fwd_cnt, (uint32_t)(UINT32_MAX - 10 + HELD / 2 + 1));
	assert_silent();
	/* What it knows now it is not told again. */
	assert_int_equal(hears_of(50, VSOCK_RW, HELD / 2, 0), VSOCK_DATA);
	qga_vsock_link_taken(&port, HELD / 2);
	assert_silent();
	assert_int_equal(hears_of(50, VSOCK_CREDIT_REQUEST, 0, 0), VSOCK_NOTHING);
	assert_says(VSOCK_CREDIT_UPDATE, 50);
	/* All that there is room for, and not a byte more. */
	assert_int_equal(hears_of(50, VSOCK_RW, HELD, 0), VSOCK_DATA);
	assert_int_equal(hears_of(50, VSOCK_RW, 1, 0), VSOCK_CLOSED);
	assert_says(VSOCK_RST, 50);
	assert_silent();
}

/* Data do not answer it; a full window is told once, and again when there is room. */
static void test_credit_request(void **state)
{
	(void)state;
	connected();
	assert_int_equal(hears_of(50, VSOCK_CREDIT_REQUEST, 0, 0), VSOCK_NOTHING);
	qga_vsock_link_send(&port, &said, 1);
	assert_says(VSOCK_CREDIT_UPDATE, 50);
	assert_silent();
	assert_int_equal(hears_of(50, VSOCK_RW, HELD, 0), VSOCK_DATA);
	assert_int_equal(hears_of(50, VSOCK_CREDIT_REQUEST, 0, 0), VSOCK_NOTHING);
	assert_says(VSOCK_CREDIT_UPDATE, 50);
	assert_int_equal(said.fwd_cnt, 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(hears_of(50, VSOCK_CREDIT_REQUEST, 0, 0), VSOCK_NOTHING);
		assert_silent();
	}
	qga_vsock_link_taken(&port, HELD);
	qga_vsock_link_send(&port, &said, 1);
	assert_says(VSOCK_CREDIT_UPDATE, 50);
	assert_int_equal(said.fwd_cnt, HELD);
	assert_silent();
	/* Full once more, which it has not been told. */
	assert_int_equal(hears_of(50, VSOCK_RW, HELD, 0), VSOCK_DATA);
	assert_int_equal(hears_of(50, VSOCK_CREDIT_REQUEST, 0, 0), VSOCK_NOTHING);
	assert_says(VSOCK_CREDIT_UPDATE, 50);
	assert_silent();
}

/* Nothing is believed of a packet without an op, and its sender looks again. */
static void test_no_op(void **state)
{
	struct vsock_header header = packet(50, VSOCK_INVALID);

	(void)state;
	connected();
	header.buf_alloc = 0;
	assert_int_equal(qga_vsock_link_receive(&port, &header, 0), VSOCK_NOTHING);
	assert_int_equal(qga_vsock_link_room(&port), 100);
	qga_vsock_link_send(&port, &said, 1);
	assert_says(VSOCK_CREDIT_UPDATE, 50);
	assert_silent();
}

static void test_length_is_a_lie(void **state)
{
	struct vsock_header header = packet(50, VSOCK_RW);

	(void)state;
	connected();
	header.len = UINT32_MAX;
	assert_int_equal(qga_vsock_link_receive(&port, &header, 10), VSOCK_CLOSED);
	assert_says(VSOCK_RST, 50);
	assert_int_equal(hears_of(51, VSOCK_REQUEST, 0, 0), VSOCK_OPENED);
}

static void test_ends(void **state)
{
	(void)state;
	connected();
	assert_int_equal(hears_of(50, VSOCK_RST, 0, 0), VSOCK_CLOSED);
	assert_silent();
	assert_false(qga_vsock_link_is_due(&port));
	connected();
	assert_int_equal(hears_of(50, VSOCK_SHUTDOWN, 0, 3), VSOCK_CLOSED);
	assert_says(VSOCK_RST, 50);
	/* Half: answers still go out, then ours; nothing more may come. */
	connected();
	assert_int_equal(hears_of(50, VSOCK_SHUTDOWN, 0, VSOCK_NO_SEND), VSOCK_NOTHING);
	assert_int_equal(qga_vsock_link_room(&port), 100);
	qga_vsock_link_end(&port);
	assert_int_equal(qga_vsock_link_room(&port), 0);
	assert_says(VSOCK_SHUTDOWN, 50);
	assert_int_equal(said.flags, 3);
	qga_vsock_link_end(&port);
	assert_silent();
	assert_int_equal(hears_of(50, VSOCK_RST, 0, 0), VSOCK_CLOSED);
	connected();
	hears_of(50, VSOCK_SHUTDOWN, 0, VSOCK_NO_SEND);
	assert_int_equal(hears_of(50, VSOCK_RW, 1, 0), VSOCK_CLOSED);
}

static void test_second_client(void **state)
{
	(void)state;
	connected();
	/* One that lives stays, ... */
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(hears_of(51, VSOCK_REQUEST, 0, 0), VSOCK_NOTHING);
		assert_says(VSOCK_RST, 51);
		assert_says(VSOCK_CREDIT_REQUEST, 50);
		assert_int_equal(hears_of(50, VSOCK_CREDIT_UPDATE, 0, 0), VSOCK_NOTHING);
		assert_silent();
	}
	/* ... one that does not must go. */
	assert_int_equal(hears_of(51, VSOCK_REQUEST, 0, 0), VSOCK_NOTHING);
	assert_says(VSOCK_RST, 51);
	assert_says(VSOCK_CREDIT_REQUEST, 50);
	assert_int_equal(hears_of(52, VSOCK_REQUEST, 0, 0), VSOCK_OPENED | VSOCK_CLOSED);
	assert_says(VSOCK_RST, 50);
	assert_says(VSOCK_RESPONSE, 52);
	assert_silent();
	assert_int_equal(hears_of(50, VSOCK_RW, 4, 0), VSOCK_NOTHING);
	assert_says(VSOCK_RST, 50);
}

static void test_unknown(void **state)
{
	struct vsock_header header = packet(9, VSOCK_REQUEST);

	(void)state;
	connected();
	header.type = 3;
	header.buf_alloc = 0; /* not the connection's */
	assert_int_equal(qga_vsock_link_receive(&port, &header, 0), VSOCK_NOTHING);
	assert_says(VSOCK_RST, 9);
	assert_int_equal(said.type, 3);
	header.type = VSOCK_TYPE_STREAM;
	header.dst_port = 22;
	qga_vsock_link_receive(&port, &header, 0);
	assert_true(qga_vsock_link_say(&port, &said));
	assert_int_equal(said.op, VSOCK_RST);
	assert_int_equal(said.src_port, 22);
	header.op = VSOCK_RST; /* or two would talk for ever */
	qga_vsock_link_receive(&port, &header, 0);
	assert_silent();
	for (unsigned op = 0; op < 20; op++)
		if (op != VSOCK_RST && op != VSOCK_REQUEST) {
			assert_int_equal(hears_of(9, op, 0, 0), VSOCK_NOTHING);
			assert_says(VSOCK_RST, 9);
		}
	/* Receiving goes on though nothing is sent. */
	for (unsigned i = 0; i < 100; i++)
		hears_of(9, VSOCK_RW, 0, 0);
	for (unsigned i = 0; i < VSOCK_STRAYS; i++)
		assert_says(VSOCK_RST, 9);
	assert_silent();
	/* The connection is as it was; what makes no sense in it ends it. */
	assert_int_equal(qga_vsock_link_room(&port), 100);
	assert_int_equal(hears_of(50, 77, 0, 0), VSOCK_CLOSED);
	assert_says(VSOCK_RST, 50);
}

/* Replies to others go out in the order of what they answer, each once, however many there have been. */
static void test_strays_in_order(void **state)
{
	(void)state;
	connected();
	for (uint32_t n = 1; n <= 3 * VSOCK_STRAYS; n += 3) {
		hears_of(n, VSOCK_RW, 0, 0);
		hears_of(n + 1, VSOCK_RW, 0, 0);
		hears_of(n + 2, VSOCK_RW, 0, 0);
		assert_says(VSOCK_RST, n);
		assert_says(VSOCK_RST, n + 1);
		assert_says(VSOCK_RST, n + 2);
		assert_silent();
	}
}

/* Nothing of one connection is left for the next, of what was said or is due. */
static void test_begins_anew(void **state)
{
	struct vsock_header ack = packet(50, VSOCK_CREDIT_UPDATE);

	(void)state;
	connected();
	ack.fwd_cnt = 60;
	qga_vsock_link_send(&port, &said, 60);
	assert_int_equal(hears_of(50, VSOCK_RW, HELD, 0), VSOCK_DATA);
	qga_vsock_link_taken(&port, HELD);
	qga_vsock_link_receive(&port, &ack, 0);
	hears_of(51, VSOCK_REQUEST, 0, 0);
	assert_true(qga_vsock_link_is_due(&port));
	assert_int_equal(hears_of(50, VSOCK_RST, 0, 0), VSOCK_CLOSED);
	assert_int_equal(hears_of(52, VSOCK_REQUEST, 0, 0), VSOCK_OPENED);
	assert_says(VSOCK_RST, 51);
	assert_says(VSOCK_RESPONSE, 52);
	assert_int_equal(said.fwd_cnt, 0);
	assert_silent();
	assert_false(qga_vsock_link_is_due(&port));
	assert_int_equal(qga_vsock_link_room(&port), 100);
	/* It lives: one that asks is refused. */
	assert_int_equal(hears_of(53, VSOCK_REQUEST, 0, 0), VSOCK_NOTHING);
}

/* Who is thrown out for a lie, or for what was not to be sent: no byte counts. */
static void test_not_to_be_sent(void **state)
{
	(void)state;
	connected();
	assert_int_equal(hears_of(50, VSOCK_RW, 0, 0), VSOCK_NOTHING); /* nothing is no data */
	qga_vsock_link_end(&port);
	assert_int_equal(hears_of(50, VSOCK_RW, 1, 0), VSOCK_CLOSED);
	assert_says(VSOCK_RST, 50);
	assert_silent();
	/* It takes nothing more. */
	connected();
	assert_int_equal(hears_of(50, VSOCK_SHUTDOWN, 0, VSOCK_NO_RECEIVE), VSOCK_NOTHING);
	assert_int_equal(qga_vsock_link_room(&port), 0);
	assert_int_equal(hears_of(50, VSOCK_RW, 1, 0), VSOCK_DATA);
}

/* One whose end we wait for is not asked for a sign of life: the next one takes its place. */
static void test_next_while_ending(void **state)
{
	(void)state;
	connected();
	qga_vsock_link_end(&port);
	assert_int_equal(hears_of(51, VSOCK_REQUEST, 0, 0), VSOCK_OPENED | VSOCK_CLOSED);
	assert_says(VSOCK_RST, 50);
	assert_says(VSOCK_RESPONSE, 51);
	assert_silent();
}

/* The same port of another machine is somebody else. */
static void test_port_of_another_machine(void **state)
{
	struct vsock_header header = packet(50, VSOCK_RST);

	(void)state;
	connected();
	header.src_cid = 9;
	header.buf_alloc = 0; /* not the connection's */
	assert_int_equal(qga_vsock_link_receive(&port, &header, 0), VSOCK_NOTHING);
	assert_silent();
	header.op = VSOCK_RW;
	assert_int_equal(qga_vsock_link_receive(&port, &header, 0), VSOCK_NOTHING);
	assert_true(qga_vsock_link_say(&port, &said));
	assert_int_equal(said.op, VSOCK_RST);
	assert_int_equal(said.dst_cid, 9);
	assert_int_equal(qga_vsock_link_room(&port), 100);
}

/* Who is kept waiting hears nothing, also if it is asked. */
static void test_held(void **state)
{
	(void)state;
	qga_vsock_link_init(&port, 3, PORT, HELD);
	port.held = true;
	assert_int_equal(hears_of(50, VSOCK_REQUEST, 0, 0), VSOCK_OPENED);
	assert_false(qga_vsock_link_is_due(&port));
	assert_silent();
	port.held = false;
	assert_true(qga_vsock_link_is_due(&port));
	assert_says(VSOCK_RESPONSE, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credit_of_peer),
		cmocka_unit_test(test_credit_of_ours),
		cmocka_unit_test(test_credit_request),
		cmocka_unit_test(test_no_op),
		cmocka_unit_test(test_length_is_a_lie),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_second_client),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_strays_in_order),
		cmocka_unit_test(test_begins_anew),
		cmocka_unit_test(test_not_to_be_sent),
		cmocka_unit_test(test_next_while_ending),
		cmocka_unit_test(test_port_of_another_machine),
		cmocka_unit_test(test_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
