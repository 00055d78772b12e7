/* SPDX-License-Identifier: MIT */
/* test_main.c - the stand-alone image's loop, on a fake board with a stream for a channel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app.h"
#include "fake_board.h"

#include "main.c"

static _Alignas(16) char spare[1 << 20];
static const struct board some_board = {
	.name = "fake", .cmdline = "", .spare = spare, .spare_size = sizeof spare};

/* --- The host --- */

static const char *sent;
static char heard[1024];
static jmp_buf over;
static unsigned waits;

static size_t read_sent(void *context, void *buf, size_t size)
{
	size_t n = strlen(sent);

	(void)context;
	assert_true(n <= size);
	memcpy(buf, sent, n);
	sent += n;
	return n;
}

static size_t write_heard(void *context, const void *data, size_t len)
{
	(void)context;
	assert_true(strlen(heard) + len < sizeof heard);
	strncat(heard, data, len);
	return len;
}

static struct qga_channel *stream(void)
{
	static char rx[512], tx[512];
	static const struct qga_stream_config config = {.read = read_sent,
	                                                .write = write_heard,
	                                                .rx = rx,
	                                                .tx = tx,
	                                                .rx_size = sizeof rx,
	                                                .tx_size = sizeof tx};
	static struct qga_stream it;

	assert_int_equal(qga_stream_init(&it, &config), 0);
	return &it.channel;
}

/* --- The application --- */

static uint64_t again;
static bool spoil;

static uint64_t poll_app(void)
{
	return again;
}

static void configure(struct qga_config *config)
{
	if (spoil)
		config->request_size = 1;
}

const struct app app = {.poll = poll_app, .configure = configure};

/* --- The tests --- */

static int set_up(void **state)
{
	(void)state;
	memset(&fake_board, 0, sizeof fake_board);
	memset(heard, 0, sizeof heard);
	fake_board.board = &some_board;
	fake_board.channel = stream();
	again = UINT64_MAX;
	spoil = false;
	sent = "";
	waits = 0;
	return 0;
}

/* Until it stands still, or sleeps for the second time. */
static bool halts(void)
{
	jmp_buf halted;

	fake_board.halted = &halted;
	if (!setjmp(halted)) {
		if (!setjmp(over))
			firmware_main();
		return false;
	}
	return true;
}

static void no_board(void **state)
{
	(void)state;
	fake_board.board = NULL;
	assert_true(halts());
}

static void no_channel(void **state)
{
	(void)state;
	fake_board.channel = NULL;
	assert_true(halts());
}

static void cannot_work(void **state)
{
	char text[256] = "bareqga: the agent's configuration cannot work\n";

	(void)state;
	spoil = true;
	assert_true(halts());
	strcat(strcat(text, qga_strerror(QGA_FAULT_REQUEST)), "\n");
	assert_string_equal(fake_board.said, text);
}

static void ask_then_end(void)
{
	if (waits++ > 0)
		longjmp(over, 1);
	assert_string_equal(heard, "");
	sent = "{\"execute\":\"guest-ping\"}\n";
}

/* Sleeps until something comes, answers, and sleeps again: for as long as the application likes. */
static void answers(void **state)
{
	(void)state;
	fake_board.wait = ask_then_end;
	assert_false(halts());
	assert_string_equal(heard, "{\"return\": {}}\n");
	assert_true(fake_board.waited == UINT64_MAX);
	again = 5;
	waits = 0;
	memset(heard, 0, sizeof heard);
	assert_false(halts());
	assert_string_equal(heard, "{\"return\": {}}\n");
	assert_int_equal(fake_board.waited, 5);
}

static void sleep_then_end(void)
{
	if (waits++ > 0)
		longjmp(over, 1);
	sent = "{\"execute\":\"guest-exec\",\"arguments\":{\"path\":\"sleep\",\"arg\":[\"3\"]}}\n";
}

/* Or for as long as a program does. */
static void has_a_program(void **state)
{
	(void)state;
	fake_board.wait = sleep_then_end;
	again = 4000000000;
	assert_false(halts());
	assert_non_null(strstr(heard, "{\"return\": {\"pid\": "));
	assert_in_range(fake_board.waited, 1, 3000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(no_board, set_up),
		cmocka_unit_test_setup(no_channel, set_up),
		cmocka_unit_test_setup(cannot_work, set_up),
		cmocka_unit_test_setup(answers, set_up),
		cmocka_unit_test_setup(has_a_program, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
