/* SPDX-License-Identifier: MIT */
/* A serial line: nobody tells that a client has left, and the torso of its request ends with a silence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "far_end.h"

#define SECOND   UINT64_C(1000000000)
#define TORSO    (10 * SECOND)
#define PING     "{\"execute\":\"guest-ping\"}\n"
#define SYNC     "{\"execute\": \"guest-sync\", \"arguments\": {\"id\": 5}}\n"
#define SYNC_PVE "{\"arguments\":{\"id\":5},\"execute\":\"guest-sync\"}\n"
#define DONE     "{\"return\": {}}\n"
#define SYNCED   "{\"return\": 5}\n"

static struct far_end *begin(size_t rx_size)
{
	struct far_end *far = far_end_new(rx_size, 256);

	far->config.torso_ns = TORSO;
	far_end_begin(far);
	far_end_run(far);
	return far;
}

/* What is answered to a text that comes after so many ns. */
static const char *after(struct far_end *far, uint64_t ns, const char *text)
{
	far->now += ns;
	far_end_send(far, text);
	far_end_run(far);
	return far_end_heard(far);
}

static const char *const torsos[] = {
	"{",
	"{\"execute\":\"gue",
	"{\"execute\":\"guest-file-open\",\"arguments\":{\"path\":\"/ram/a\\",
	"{\"a\":[[tr",
	"\"",
	"[12",
	"12",
	"}{ ,",
};
static const char *const requests[] = {SYNC,
                                       SYNC_PVE,
                                       "\r\n" SYNC,
                                       "\n" SYNC,
                                       "{ \"execute\":\"guest-sync\",\"arguments\":{\"id\":5}}",
                                       "{ \"arguments\":{\"id\":5},\"execute\":\"guest-sync\"}"};

/* In pieces of any size: what is held back is never lost, and never told twice. */
static void torso(void **state)
{
	(void)state;
	for (size_t size = 1; size < 64; size = size * 2 + 1)
		for (size_t t = 0; t < sizeof torsos / sizeof torsos[0]; t++)
			for (size_t r = 0; r < sizeof requests / sizeof requests[0]; r++) {
				struct far_end *far = begin(size);

				assert_string_equal(after(far, 0, PING), DONE);
				after(far, 0, torsos[t]);
				assert_string_equal(after(far, TORSO, requests[r]), SYNCED);
				assert_string_equal(after(far, 0, PING), DONE);
				far_end_free(far);
			}
}

/* One torso after the other, the second of them such as requests begin. */
static void torsos_of_two(void **state)
{
	static const char begins[] = "{\"execute\"";
	const char *answer;

	(void)state;
	for (size_t t = 0; t < sizeof torsos / sizeof torsos[0]; t++)
		for (size_t r = 0; r < sizeof requests / sizeof requests[0]; r++)
			for (size_t cut = 1; cut < sizeof begins - 1; cut++) {
				struct far_end *far = begin(16);
				char head[sizeof begins] = "";

				memcpy(head, begins, cut);
				assert_string_equal(after(far, 0, PING), DONE);
				after(far, 0, torsos[t]);
				after(far, TORSO, head);
				/* The first may have ended with the second's first byte. */
				answer = after(far, TORSO, requests[r]);
				assert_true(strlen(answer) >= strlen(SYNCED));
				assert_string_equal(answer + strlen(answer) - strlen(SYNCED),
				                    SYNCED);
				assert_string_equal(after(far, 0, PING), DONE);
				far_end_free(far);
			}
}

/* What looked like a beginning and is none goes to the torso, as it was sent. */
static void no_beginning(void **state)
{
	struct far_end *far = begin(64);

	(void)state;
	assert_string_equal(after(far, 0, PING), DONE);
	after(far, 0, "{\"execute\":\"guest-ping\",\"id\":[");
	assert_string_equal(after(far, TORSO, "{\n\"exec"), "");
	assert_string_equal(after(far, 0, "\n"),
	                    "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse "
	                    "error, stray '\\\"exec\\n'\"}}\n");
	assert_string_equal(after(far, 0, PING), DONE);
	far_end_free(far);
}

/* A beginning and a NUL, which is nothing that a text of ours would end with. */
static void beginning_and_nul(void **state)
{
	static const char text[] = "{\"execute\"";
	struct far_end *far = begin(64);

	(void)state;
	assert_string_equal(after(far, 0, PING), DONE);
	after(far, 0, "[");
	far->now += TORSO;
	far->sent = text;
	far->sent_len = sizeof text;
	far_end_run(far);
	assert_string_equal(far_end_heard(far),
	                    "{\"error\": {\"class\": \"GenericError\", \"desc\": "
	                    "\"JSON parse error, stray ''\"}}\n");
	assert_string_equal(after(far, 0, PING), DONE);
	far_end_free(far);
}

/* The torso is at its limit, so that there is an answer amid of what is held: nothing of it is lost. */
static void held_at_the_limit(void **state)
{
	struct far_end *far = begin(64);
	const char *answer;

	(void)state;
	assert_string_equal(after(far, 0, PING), DONE);
	after(far, 0, "[1");
	for (int i = 2; i < 256; i++)
		after(far, 0, ",1");
	assert_string_equal(after(far, 0, ","), "");
	answer = after(far, TORSO, "{\"exX}\":[]");
	assert_string_equal(answer, "{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON "
	                            "token count limit exceeded\"}}\n");
	/* The brackets of what was held are counted. */
	assert_string_equal(after(far, 0, "}"), "");
	assert_string_equal(after(far, 0, "]" PING), DONE);
	far_end_free(far);
}

/* Before the first request is complete, 10 ms are enough. */
static void early(void **state)
{
	struct far_end *far = begin(16);

	(void)state;
	after(far, 0, "{");
	assert_string_equal(after(far, 9999999, "\"execute\":\"guest-ping\"}"), DONE);
	far_end_free(far);
	far = begin(16);
	after(far, SECOND, "{");
	assert_string_equal(after(far, 10000000, SYNC), SYNCED);
	/* From now on it takes longer: this is the rest of something. */
	after(far, 0, "[");
	assert_string_equal(after(far, TORSO - 1, SYNC), "");
	assert_string_equal(after(far, TORSO, SYNC), SYNCED);
	far_end_free(far);
}

/* A person types: what comes after however long a pause is the rest of the request. */
static void slow_writer(void **state)
{
	static const char request[] = "{\"execute\":\"guest-sync\",\"arguments\":{\"id\":5}}";

	(void)state;
	for (size_t cut = 1; cut < sizeof request - 1; cut++) {
		struct far_end *far = begin(64);
		char head[sizeof request];

		memcpy(head, request, cut);
		head[cut] = '\0';
		assert_string_equal(after(far, 0, PING), DONE);
		assert_string_equal(after(far, 0, head), "");
		assert_string_equal(after(far, 2 * TORSO, request + cut), SYNCED);
		far_end_free(far);
	}
	/* Each byte by itself. */
	struct far_end *far = begin(64);

	for (size_t i = 0; i < sizeof request - 1; i++)
		assert_string_equal(after(far, TORSO, (char[]){request[i], '\0'}),
		                    i + 2 < sizeof request ? "" : SYNCED);
	far_end_free(far);
}

/* Not asked for: never. */
static void off(void **state)
{
	struct far_end *far = far_end_new(64, 64);

	(void)state;
	far_end_begin(far);
	after(far, 0, "{");
	assert_string_equal(after(far, 1000 * TORSO, SYNC), "");
	far->clock.monotonic = NULL;
	far->power.off = NULL;
	assert_int_equal(qga_init(&far->agent, &far->config), 0);
	far->config.torso_ns = 1;
	assert_int_equal(qga_init(&far->agent, &far->config), QGA_FAULT_CLOCK);
	far_end_free(far);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(torso),
		cmocka_unit_test(torsos_of_two),
		cmocka_unit_test(early),
		cmocka_unit_test(slow_writer),
		cmocka_unit_test(off),
		cmocka_unit_test(no_beginning),
		cmocka_unit_test(beginning_and_nul),
		cmocka_unit_test(held_at_the_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
