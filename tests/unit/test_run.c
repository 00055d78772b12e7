/* SPDX-License-Identifier: MIT */
/*
 * qga_run(): what it does in a turn, how long one may wait after it, and guest-shutdown from its
 * acceptance to a machine that is off, or that did not obey.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "far_end.h"

#define MS       UINT64_C(1000000)
#define S        (1000 * MS)
#define PING     "{\"execute\":\"guest-ping\"}\n"
#define INFO     "{\"execute\":\"guest-info\"}\n"
#define DOWN     "{\"execute\":\"guest-shutdown\"}\n"
#define HALT     "{\"execute\":\"guest-shutdown\",\"arguments\":{\"mode\":\"halt\"}}\n"
#define DONE     "{\"return\": {}}\n"
#define DRAIN_NS (5 * MS)
#define CLOSE_NS (300 * MS)
#define LEAVE_NS (2 * S)

static struct far_end *begin(size_t tx_size)
{
	struct far_end *far = far_end_new(1024, tx_size);

	far->power.drain_ns = DRAIN_NS;
	far->power.close_ns = CLOSE_NS;
	far_end_begin(far);
	far_end_run(far);
	assert_string_equal(far_end_called(far), "o");
	return far;
}

/* Sleeps as long as it may, again and again, until `what` has been called; returns how long. */
static uint64_t until(struct far_end *far, char what)
{
	uint64_t start = far->now;
	int i;

	for (i = 0; !strchr(far->called, what); i++) {
		uint64_t ns = qga_run(&far->agent);

		if (i > 10000 || (ns == QGA_IDLE && !strchr(far->called, what)))
			fail_msg("'%c' was never called, but '%s'", what, far->called);
		if (ns != QGA_IDLE)
			far->now += ns;
	}
	return far->now - start;
}

/* --- Waiting --- */

static void idle(void **state)
{
	struct far_end *far = begin(512);

	(void)state;
	assert_false(qga_answered(&far->agent));
	assert_true(far_end_run(far) == QGA_IDLE);
	assert_true(qga_idle(&far->agent));
	qga_interrupt(&far->agent);
	assert_false(qga_idle(&far->agent));
	assert_string_equal(far_end_called(far), "i");
	assert_true(far_end_run(far) == QGA_IDLE);
	assert_true(qga_idle(&far->agent));
	far_end_send(far, PING);
	far_end_run(far);
	assert_string_equal(far_end_heard(far), DONE);
	assert_true(qga_answered(&far->agent));
	far_end_free(far);
}

/* A channel that has one request, and counts how often it is asked for news. */
static struct {
	struct qga_channel channel;
	const char *request;
	uint8_t answer[256];
	size_t answered;
	unsigned polled;
} by_hand;

static size_t by_hand_rx_get(struct qga_channel *channel, const uint8_t **data)
{
	(void)channel;
	*data = (const uint8_t *)by_hand.request;
	return strlen(by_hand.request);
}

static void by_hand_rx_put(struct qga_channel *channel, size_t n)
{
	(void)channel;
	by_hand.request += n;
}

static size_t by_hand_tx_get(struct qga_channel *channel, uint8_t **buf)
{
	(void)channel;
	*buf = by_hand.answer + by_hand.answered;
	return sizeof(by_hand.answer) - by_hand.answered;
}

static void by_hand_tx_put(struct qga_channel *channel, size_t n)
{
	(void)channel;
	by_hand.answered += n;
}

static void by_hand_nothing(struct qga_channel *channel)
{
	(void)channel;
}

static unsigned by_hand_poll(struct qga_channel *channel)
{
	(void)channel;
	by_hand.polled++;
	return 0;
}

static size_t by_hand_rx_one(struct qga_channel *channel, const uint8_t **data)
{
	return by_hand_rx_get(channel, data) > 0;
}

static size_t by_hand_tx_one(struct qga_channel *channel, uint8_t **buf)
{
	return by_hand_tx_get(channel, buf) > 0;
}

static const struct qga_channel_ops by_hand_ops = {.rx_get = by_hand_rx_get,
                                                   .rx_put = by_hand_rx_put,
                                                   .tx_get = by_hand_tx_get,
                                                   .tx_put = by_hand_tx_put,
                                                   .tx_flush = by_hand_nothing,
                                                   .open = by_hand_nothing,
                                                   .close = by_hand_nothing,
                                                   .poll = by_hand_poll};

/* One turn answers all that is asked, and has looked once. */
static void assert_answers_in_a_turn(const struct qga_channel_ops *ops, const char *request,
                                     const char *answer)
{
	struct far_end *far = far_end_new(64, 64);

	memset(&by_hand, 0, sizeof(by_hand));
	by_hand.channel.ops = ops;
	by_hand.request = request;
	far->config.channel = &by_hand.channel;
	far->env.power = NULL;
	far_end_begin(far);
	assert_true(qga_run(&far->agent) == QGA_IDLE);
	assert_int_equal(by_hand.polled, 1);
	assert_int_equal(by_hand.answered, strlen(answer));
	assert_memory_equal(by_hand.answer, answer, strlen(answer));
	far_end_free(far);
}

/* Byte by byte, both ways: a turn goes on as long as any comes or goes. */
static void byte_by_byte(void **state)
{
	struct qga_channel_ops ops = by_hand_ops;

	(void)state;
	ops.rx_get = by_hand_rx_one;
	ops.tx_get = by_hand_tx_one;
	assert_answers_in_a_turn(&ops, PING PING, DONE DONE);
}

/* What is answered in one turn leaves nothing to look for: who may sleep then has looked once. */
static void one_look(void **state)
{
	(void)state;
	assert_answers_in_a_turn(&by_hand_ops, PING, DONE);
}

static void interrupt_once(struct far_end *far)
{
	far->in_read = NULL;
	qga_interrupt(&far->agent);
}

/* What happens while the agent looks is not slept over, however late it is in its turn. */
static void interrupt_meanwhile(void **state)
{
	struct far_end *far = begin(512);

	(void)state;
	far->in_read = interrupt_once;
	qga_run(&far->agent);
	assert_false(qga_idle(&far->agent));
	qga_run(&far->agent);
	assert_true(qga_idle(&far->agent));
	far_end_free(far);
}

/* Without room for an answer one looks now and then: not every host says when there is room. */
static void patience(void **state)
{
	struct far_end *far = begin(16);

	(void)state;
	far->takes = 0;
	far_end_send(far, INFO);
	assert_true(far_end_run(far) == 100 * MS);
	assert_true(qga_idle(&far->agent));
	far->takes = SIZE_MAX;
	assert_true(far_end_run(far) == QGA_IDLE);
	assert_non_null(strstr(far_end_heard(far), "]}}\n"));
	far_end_free(far);
}

static int beat(struct qga_job *job)
{
	job->wait_ns = 7 * MS;
	return job->state[0]++ < 3 ? QGA_RUNNING : 0;
}

static qga_program *find(void *context, const char *path, size_t len, void **program)
{
	(void)context, (void)path, (void)len, (void)program;
	return beat;
}

/* A program says when it wants to go on, and that is how long one may sleep. */
static void jobs(void **state)
{
	static const struct qga_exec exec = {.find = find};
	static void *memory[512];
	struct far_end *far = far_end_new(1024, 512);

	(void)state;
	far->env.exec = &exec;
	far->config.jobs = memory;
	far->config.jobs_size = sizeof(memory);
	far_end_begin(far);
	far_end_send(far, "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"beat\"}}");
	assert_true(far_end_run(far) == 7 * MS);
	far->now += 3 * MS;
	assert_true(far_end_run(far) == 4 * MS);
	far->now += 4 * MS;
	assert_true(far_end_run(far) == 7 * MS);
	far->now += 14 * MS;
	far_end_run(far);
	far->now += 14 * MS;
	assert_true(far_end_run(far) == QGA_IDLE);
	far_end_free(far);
}

/* Requests without end: each turn is bounded, so that others of the same processor get theirs. */
static void endless(struct far_end *far)
{
	if (far->sent_len == 0)
		far_end_send(far, PING);
	far->heard_len = 0;
}

static void bounded(void **state)
{
	struct far_end *far = begin(64);
	int i;

	(void)state;
	far->in_read = endless;
	for (i = 0; i < 1000; i++)
		assert_true(qga_run(&far->agent) == 0);
	far_end_free(far);
}

/* --- guest-shutdown --- */

/* Drained at once, nothing under way: closed, waited for the host to see it, off. */
static void down(void **state)
{
	struct far_end *far = begin(512);

	(void)state;
	far_end_send(far, PING DOWN);
	assert_true(until(far, 'P') == CLOSE_NS);
	assert_string_equal(far_end_called(far), "sdcP");
	assert_string_equal(far_end_heard(far), DONE);
	far_end_free(far);
}

/* What ends no client's connection for good has nothing to be noticed. */
static void halt(void **state)
{
	struct far_end *far = begin(512);

	(void)state;
	far_end_send(far, HALT);
	assert_true(until(far, 'H') == 0);
	assert_string_equal(far_end_called(far), "sdcH");
	far_end_free(far);
}

static void refused(void **state)
{
	struct far_end *far = begin(512);

	(void)state;
	far->refuse = QGA_ENOSYS;
	far_end_send(far, DOWN PING);
	assert_true(far_end_run(far) == QGA_IDLE);
	assert_string_equal(far_end_called(far), "s");
	assert_non_null(strstr(far_end_heard(far), "not supported by the guest\"}}\n" DONE));
	far_end_free(far);
}

/* The application is asked every millisecond, until it is ready or its time is over. */
static void drain(void **state)
{
	struct far_end *far = begin(512);

	(void)state;
	far->drained = false;
	far_end_send(far, HALT);
	far_end_run(far);
	far->now += MS;
	assert_true(far_end_run(far) == MS);
	far->drained = true;
	assert_true(until(far, 'H') == 0);
	assert_string_equal(far_end_called(far), "sdddcH");
	far_end_free(far);

	far = begin(512);
	far->drained = false;
	far_end_send(far, HALT);
	assert_true(until(far, 'H') == DRAIN_NS);
	assert_string_equal(far_end_called(far), "sddddddcH");
	far_end_free(far);
}

/* Answers leave first, even slowly; if they cannot, that has an end too. */
static void leave(void **state)
{
	struct far_end *far = begin(512);

	(void)state;
	far->takes = 0;
	far_end_send(far, PING HALT);
	far_end_run(far);
	far->now += S;
	far_end_run(far);
	assert_string_equal(far_end_called(far), "sd");
	far->takes = SIZE_MAX;
	until(far, 'H');
	assert_string_equal(far_end_heard(far), DONE);
	far_end_free(far);

	far = begin(512);
	far->busy = 1; /* taken by the device, and not gone */
	far_end_send(far, HALT);
	assert_true(until(far, 'c') == LEAVE_NS);
	far_end_free(far);

	/* A device that does not say that they have left is looked at again soon. */
	far = begin(512);
	far->busy = 1;
	far_end_send(far, HALT);
	assert_true(far_end_run(far) <= MS);
	far->busy = 0;
	assert_true(until(far, 'H') == 0);
	far_end_free(far);
}

/* Whatever the host asks after guest-shutdown, and does not read, holds nothing off. */
static void flooded(void **state)
{
	static char flood[400 * sizeof(INFO) + sizeof(DOWN)];
	size_t i, tx;

	(void)state;
	strcpy(flood, DOWN);
	for (i = 0; i < 400; i++)
		strcat(flood, INFO);
	for (tx = 16; tx <= 4096; tx *= 16) {
		struct far_end *far = begin(tx);

		far->takes = 0;
		far_end_send(far, flood);
		assert_true(until(far, 'P') <= DRAIN_NS + LEAVE_NS + CLOSE_NS);
		assert_string_equal(far_end_called(far), "sdcP");
		far_end_free(far);
		/* A host that does read gets no more than what was begun. */
		far = begin(tx);
		far_end_send(far, flood);
		until(far, 'P');
		assert_true(far->heard_len < 2 * 4096);
		far_end_free(far);
	}
}

/* The machine did not obey: the channel is opened again, and whoever is there is served. */
static void disobeyed(void **state)
{
	struct far_end *far = begin(512);
	int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		far_end_send(far, i == 1 ? HALT : DOWN);
		until(far, i == 1 ? 'H' : 'P');
		assert_string_equal(far_end_called(far), i == 1 ? "sdcH" : "sdcP");
		assert_true(far_end_run(far) == QGA_IDLE);
		assert_string_equal(far_end_called(far), "o");
		far_end_send(far, PING);
		far_end_run(far);
		assert_string_equal(far_end_heard(far), DONE);
	}
	far_end_free(far);
}

/* The client goes in the middle of it: that changes nothing, and its answers hold nothing off. */
static void client_gone(void **state)
{
	struct far_end *far = begin(16);

	(void)state;
	far->drained = false;
	far->takes = 0;
	far_end_send(far, DOWN INFO);
	far_end_run(far);
	far->sent_len = 0;
	far->events = QGA_HOST_CLOSE;
	assert_true(until(far, 'P') <= DRAIN_NS + CLOSE_NS + LEAVE_NS);
	assert_string_equal(far_end_heard(far), "");
	far_end_free(far);
}

/* Without drain() nothing is waited for; without off() it is not the agent's to do. */
static void without(void **state)
{
	struct far_end *far = begin(512);

	(void)state;
	far->power.drain = NULL;
	far_end_send(far, HALT);
	assert_true(until(far, 'H') == 0);
	assert_string_equal(far_end_called(far), "scH");
	far_end_free(far);

	far = begin(512);
	far->power.off = NULL;
	far_end_send(far, DOWN PING);
	assert_true(far_end_run(far) == QGA_IDLE);
	assert_string_equal(far_end_called(far), "s");
	assert_string_equal(far_end_heard(far), DONE);
	assert_false(qga_pending(&far->agent));
	far_end_free(far);
}

/* An interrupt counts without a channel, too, and without one that wants to know of it. */
static void interrupt_of_nobody(void **state)
{
	struct far_end *far = begin(64);
	struct qga_channel_ops ops = *far->stream.channel.ops;
	struct qga_channel channel = {.ops = &ops};

	(void)state;
	ops.interrupt = NULL;
	far->config.channel = &channel;
	assert_int_equal(qga_init(&far->agent, &far->config), 0);
	assert_true(qga_idle(&far->agent));
	qga_interrupt(&far->agent);
	assert_false(qga_idle(&far->agent));

	far->config.channel = NULL;
	assert_int_equal(qga_init(&far->agent, &far->config), 0);
	assert_true(qga_idle(&far->agent));
	qga_interrupt(&far->agent);
	assert_false(qga_idle(&far->agent));
	assert_string_equal(far_end_called(far), "");
	far_end_free(far);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle),
		cmocka_unit_test(interrupt_meanwhile),
		cmocka_unit_test(patience),
		cmocka_unit_test(jobs),
		cmocka_unit_test(bounded),
		cmocka_unit_test(down),
		cmocka_unit_test(halt),
		cmocka_unit_test(refused),
		cmocka_unit_test(drain),
		cmocka_unit_test(leave),
		cmocka_unit_test(flooded),
		cmocka_unit_test(disobeyed),
		cmocka_unit_test(client_gone),
		cmocka_unit_test(without),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(one_look),
		cmocka_unit_test(interrupt_of_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
