/* SPDX-License-Identifier: MIT */
/*
 * A channel of two callbacks: torn reads and writes, one-byte buffers, a host that does not read,
 * and the end of a client, which comes behind its bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "far_end.h"

#define PING      "{\"execute\":\"guest-ping\"}\n"
#define SYNC(n)   "{\"execute\":\"guest-sync\",\"arguments\":{\"id\":" #n "}}\n"
#define DONE      "{\"return\": {}}\n"
#define SYNCED(n) "{\"return\": " #n "}\n"
#define MANY      SYNC(1) SYNC(2) SYNC(3) PING SYNC(4) SYNC(5) PING
#define MANY_DONE SYNCED(1) SYNCED(2) SYNCED(3) DONE SYNCED(4) SYNCED(5) DONE

static const size_t sizes[] = {1, 2, 3, 7, 16, 64, 512, 4096};

#define EACH(i) (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)

/* Buffers and pieces of every size, all the same answers, in one go. */
static void torn(void **state)
{
	size_t i, k, m;

	(void)state;
	for
		EACH(i)
		for
			EACH(k)
			for
				EACH(m)
				{
					struct far_end *far = far_end_new(sizes[i], sizes[k]);

					far->read_max = sizes[m];
					far->write_max = sizes[(m + i) % 8];
					far_end_begin(far);
					far_end_send(far, MANY);
					assert_true(far_end_run(far) == QGA_IDLE);
					assert_string_equal(far_end_heard(far), MANY_DONE);
					assert_string_equal(far_end_called(far), "o");
					far_end_free(far);
				}
}

/*
 * A host that reads a few bytes at a time. One that is woken only when the host takes more, as by
 * an interrupt, has always done all it could: nothing is left lying that came before it waited.
 */
static void slow_host(void **state)
{
	size_t i, k, m;

	(void)state;
	for
		EACH(i)
		for
			EACH(k)
			for
				EACH(m)
				{
					struct far_end *far = far_end_new(sizes[i], sizes[k]);
					size_t want = strlen(MANY_DONE);

					far->takes = 0;
					far_end_begin(far);
					far_end_send(far, MANY);
					while (far->heard_len < want) {
						size_t before = far->heard_len;

						far->takes = sizes[m];
						assert_true(far_end_run(far) > 0);
						if (far->heard_len == before ||
				                    (far->takes > 0 && far->heard_len < want))
							fail_msg("rx %zu, tx %zu: stuck at %zu",
					                         sizes[i], sizes[k], before);
					}
					assert_int_equal(far->heard_len, want);
					assert_string_equal(far_end_heard(far), MANY_DONE);
					far_end_free(far);
				}
}

/* Bytes that came before the close are answered or forgotten with it, never after it. */
static void close_behind_bytes(void **state)
{
	size_t i;

	(void)state;
	for
		EACH(i)
		{
			struct far_end *far = far_end_new(sizes[i], 256);

			far_end_begin(far);
			far_end_run(far);
			/* The last of it is half a request. */
			far_end_send(far, SYNC(7) "{\"execute\":");
			far->events = QGA_HOST_CLOSE;
			assert_true(far_end_run(far) == QGA_IDLE);
			assert_int_equal(far->events, 0);
			assert_string_equal(far_end_heard(far), SYNCED(7));
			far_end_send(far, PING);
			far->events = QGA_HOST_OPEN;
			far_end_run(far);
			assert_string_equal(far_end_heard(far), DONE);
			far_end_free(far);
		}
}

/* A client that goes without reading takes its answers along: the next one gets none of them. */
static void close_with_answers(void **state)
{
	size_t i;

	(void)state;
	for
		EACH(i)
		{
			struct far_end *far = far_end_new(256, sizes[i]);

			far_end_begin(far);
			far->takes = 3;
			far_end_send(far, SYNC(1));
			far_end_run(far);
			far->events = QGA_HOST_CLOSE;
			far_end_run(far);
			far_end_heard(far);
			far->takes = SIZE_MAX;
			far_end_send(far, PING);
			far_end_run(far);
			assert_string_equal(far_end_heard(far), DONE);
			far_end_free(far);
		}
}

/* Bytes under way count, in the stream's own memory and behind write(). */
static void busy(void **state)
{
	struct far_end *far = far_end_new(64, 64);
	struct qga_channel *channel = &far->stream.channel;

	(void)state;
	far_end_begin(far);
	far->takes = 5;
	far_end_send(far, PING);
	far_end_run(far);
	assert_int_equal(channel->ops->tx_busy(channel), strlen(DONE) - 5);
	far->takes = SIZE_MAX;
	far->busy = 9;
	far_end_run(far);
	assert_int_equal(channel->ops->tx_busy(channel), 9);
	far->busy = 0;
	assert_int_equal(channel->ops->tx_busy(channel), 0);
	far_end_free(far);
}

/* Two callbacks and memory are enough. */
static void least(void **state)
{
	struct far_end *far = far_end_new(1, 1);
	struct qga_channel *channel = &far->stream.channel;

	(void)state;
	far->stream_config.events = NULL;
	far->stream_config.busy = NULL;
	far->stream_config.open = far->stream_config.close = NULL;
	far->stream_config.interrupt = NULL;
	far_end_begin(far);
	far_end_send(far, PING);
	far_end_run(far);
	assert_string_equal(far_end_heard(far), DONE);
	qga_interrupt(&far->agent);
	assert_int_equal(channel->ops->tx_busy(channel), 0);
	channel->ops->close(channel);
	assert_string_equal(far_end_called(far), "");
	far_end_free(far);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(torn),
		cmocka_unit_test(slow_host),
		cmocka_unit_test(close_behind_bytes),
		cmocka_unit_test(close_with_answers),
		cmocka_unit_test(busy),
		cmocka_unit_test(least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
