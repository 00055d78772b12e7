/* SPDX-License-Identifier: MIT */
/*
 * fuzz_answers.c - a hostile agent: its answers are the fuzzer's bytes.
 *
 * The first byte chooses a sub-command; the lines behind it are the answers to the requests it
 * makes, in their order. The same bytes also go through the reader in pieces, as before an agent is
 * in step. Time passes only when somebody waits, so nothing takes long.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base64.h"
#include "clock.h"
#include "command.h"
#include "print.h"
#include "top.h"
#include "words.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- In the place of clock.c --- */

volatile int stopped;
static double passed;

double now(void)
{
	return passed += 1e-4;
}

int ms_until(double when)
{
	return when > passed ? 1 : 0;
}

void doze(double seconds)
{
	passed += seconds;
}

/* --- A target whose answers are the lines --- */

static const char *at, *end;

static int ask(const struct target *t, const char *request, double timeout, struct buffer *line)
{
	const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;

	(void)t;
	(void)timeout;
	if (strlen(request) == 0)
		abort();
	if (at >= end)
		return fail(FAIL_GONE, "no more answers");
	buffer_add(line, at, (size_t)((newline ? newline : end) - at));
	at = newline ? newline + 1 : end;
	return OK;
}

static const struct target_kind kind = {
	.scheme = "fuzz",
	.read_piece = 1024,
	.write_piece = 768,
	.window = 3,
	.ask = ask,
};

static char local[] = "/tmp/qgactl-fuzz-XXXXXX";

static void run_command(uint8_t which, bool json)
{
	static char *lines[][5] = {
		{"ping", "-c", "2"},
		{"info"},
		{"info", "-c"},
		{"exec", "x"},
		{"cat", "a", "b"},
		{"put", local, "/x"},
		{"put", "-rc", local, "/x"},
		{"get", "x", "-"},
		{"ls"},
		{"log"},
		{"crash"},
		{"time"},
		{"time", "-s"},
		{"freeze", "/a"},
		{"thaw"},
		{"status"},
		{"net"},
		{"disks"},
		{"cpus"},
		{"cpus", "--online", "1"},
		{"shutdown"},
		{"reboot", "-w", "-t", "1"},
		{"raw", "{}"},
		{"exec", "-s", "x"},
		{"top", "--json", "-n", "2"},
		{"wait", "-t", "1"},
	};
	char text[] = "fuzz", address[] = "x", *argv[6] = {0};
	struct context c = {.shell = true, .json = json, .quiet = true};
	int argc = 0;

	c.session = (struct session){.fd = -1, .timeout = 2};
	c.session.target = (struct target){.kind = &kind, .text = text, .address = address};
	/* A copy: getopt puts options first. */
	while (argc < 5 && lines[which % 26][argc]) {
		argv[argc] = lines[which % 26][argc];
		argc++;
	}
	command_run(&c, argc, argv);
	session_drop(&c.session);
	buffer_free(&c.session.out);
}

static void read_pieces(const uint8_t *data, size_t size)
{
	struct reader r = {0};
	uint64_t number;
	size_t len, piece = size > 0 ? data[0] % 37 + 1 : 1;
	char *line;

	for (size_t i = 0; i < size; i += piece) {
		reader_feed(&r, data + i, size - i < piece ? size - i : piece);
		if (i < size / 2)
			reader_sync(&r, 0, 1000, &number);
		while (i >= size / 2 && reader_line(&r, &line, &len) == READER_LINE) {
			struct answer a, b;
			char *text;
			size_t text_len;

			answer_read(&a, line, len);
			answer_read_around(&b, line, len, "buf-b64", &text, &text_len);
			if (text && (text < line || text + text_len > line + len))
				abort();
			answer_free(&a);
			answer_free(&b);
		}
	}
	reader_free(&r);
}

static void read_texts(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *decoded = malloc(size / 4 * 3 + 3), shown[50];
	struct words words;
	size_t len;

	memcpy(text, data, size);
	text[size] = '\0';
	print_clean(shown, sizeof(shown), text, size);
	for (const char *p = shown; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			abort();
	base64_decode(decoded, &len, text, size);
	words_split(&words, text);
	words_free(&words);
	free(decoded);
	free(text);
}

static void remove_local(void)
{
	unlink(local);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char data[5000];
	int fd = mkstemp(local);

	(void)argc;
	(void)argv;
	memset(data, 'x', sizeof(data));
	if (fd < 0 || write(fd, data, sizeof(data)) != sizeof(data) ||
	    !freopen("/dev/null", "w", stdout))
		abort();
	close(fd);
	atexit(remove_local);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	at = (const char *)data + 2;
	end = (const char *)data + size;
	run_command(data[0], data[1] & 1);
	read_pieces(data + 1, size - 1);
	read_texts(data + 1, size - 1);
	return 0;
}
