/* SPDX-License-Identifier: MIT */
/*
 * What may be called from where, under ThreadSanitizer: qga_interrupt() from another thread at any
 * time, beside everything else; and no wake-up is lost between qga_idle() and sleep.
 */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "bareqga.h"

#define ROUNDS 5000
#define RING   64

/* Bytes from one thread to another: each end writes its own index. */
struct ring {
	uint32_t put, got;
	char bytes[RING];
};

static size_t ring_write(struct ring *ring, const void *data, size_t len)
{
	uint32_t put = ring->put, got = __atomic_load_n(&ring->got, __ATOMIC_ACQUIRE);
	size_t n;

	for (n = 0; n < len && put + n - got < RING; n++)
		ring->bytes[(put + n) % RING] = ((const char *)data)[n];
	__atomic_store_n(&ring->put, put + (uint32_t)n, __ATOMIC_RELEASE);
	return n;
}

static size_t ring_read(struct ring *ring, void *buf, size_t size)
{
	uint32_t got = ring->got, put = __atomic_load_n(&ring->put, __ATOMIC_ACQUIRE);
	size_t n;

	for (n = 0; n < size && got + n != put; n++)
		((char *)buf)[n] = ring->bytes[(got + n) % RING];
	__atomic_store_n(&ring->got, got + (uint32_t)n, __ATOMIC_RELEASE);
	return n;
}

/*
 * Two threads: the host, which sends, reads and interrupts, and the one that the agent belongs to.
 * The pending interrupt is what ends its sleep, as on a processor; it is latched, and stays so
 * until it is looked at.
 */
static struct {
	struct ring to_agent, to_host;
	sem_t pending;
	unsigned acknowledged; /* by the channel's interrupt() */
	bool over;
} shared;

static struct qga agent;
static bool wrote; /* there may be news for the host */

static size_t agent_read(void *context, void *buf, size_t size)
{
	(void)context;
	return ring_read(&shared.to_agent, buf, size);
}

static size_t agent_write(void *context, const void *data, size_t len)
{
	(void)context;
	wrote = true;
	return ring_write(&shared.to_host, data, len);
}

static void acknowledge(void *context)
{
	(void)context;
	__atomic_add_fetch(&shared.acknowledged, 1, __ATOMIC_RELAXED);
}

/* The interrupt, in the place of a handler: it calls qga_interrupt() and nothing else. */
static void interrupt(void)
{
	qga_interrupt(&agent);
	sem_post(&shared.pending);
}

static void *host(void *context)
{
	unsigned *answered = context, i;

	for (i = 0; i < ROUNDS; i++) {
		char asked[64], expected[32], heard[32];
		size_t len, at = 0, want;

		len = (size_t)sprintf(asked,
		                      "{\"execute\":\"guest-sync\",\"arguments\":{\"id\":%u}}", i);
		want = (size_t)sprintf(expected, "{\"return\": %u}\n", i);
		while (at < len) {
			/* In two pieces now and then, and interrupts without a reason between them. */
			size_t n = i % 3 == 0 && at == 0 ? len / 2 : len - at;

			at += ring_write(&shared.to_agent, asked + at, n);
			interrupt();
			if (i % 5 == 0)
				interrupt();
		}
		for (at = 0; at < want;) {
			size_t n = ring_read(&shared.to_host, heard + at, want - at);

			at += n;
			if (n == 0)
				sched_yield();
		}
		*answered += !memcmp(heard, expected, want);
	}
	__atomic_store_n(&shared.over, true, __ATOMIC_RELEASE);
	interrupt();
	return NULL;
}

static void interrupts(void **state)
{
	static char rx[24], tx[24], request[256];
	static int tokens[8 * QGA_TOKEN_SIZE / sizeof(int)];
	static const struct qga_env env;
	static const struct qga_stream_config stream_config = {
		.read = agent_read,
		.write = agent_write,
		.interrupt = acknowledge,
		.rx = rx,
		.tx = tx,
		.rx_size = sizeof(rx),
		.tx_size = sizeof(tx),
	};
	static struct qga_stream stream;
	static const struct qga_config config = {
		.env = &env,
		.version = "test",
		.channel = &stream.channel,
		.request = request,
		.request_size = sizeof(request),
		.tokens = tokens,
		.tokens_size = sizeof(tokens),
	};
	unsigned answered = 0, slept = 0;
	pthread_t thread;

	(void)state;
	assert_int_equal(sem_init(&shared.pending, 0, 0), 0);
	assert_int_equal(qga_stream_init(&stream, &stream_config), 0);
	assert_int_equal(qga_init(&agent, &config), 0);
	assert_int_equal(pthread_create(&thread, NULL, host, &answered), 0);
	while (!__atomic_load_n(&shared.over, __ATOMIC_ACQUIRE)) {
		if (qga_run(&agent) == 0 || !qga_idle(&agent))
			continue;
		/* Sleeps without a limit: a lost wake-up would be the end of this test. */
		sem_wait(&shared.pending);
		slept++;
	}
	pthread_join(thread, NULL);
	assert_int_equal(answered, ROUNDS);
	assert_true(slept > 0 && wrote);
	assert_true(shared.acknowledged >= ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interrupts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
