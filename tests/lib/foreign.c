/* SPDX-License-Identifier: MIT */
/*
 * foreign.c - somebody's program with an agent in it, on standard input and output: C11 or C++17,
 * with nothing of ours but bareqga.h. It ends with its input, or says why there is no agent.
 */
#include <bareqga.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static bool ended;

static size_t from_host(void *context, void *buf, size_t size)
{
	ssize_t n = read(0, buf, size);

	(void)context;
	ended = n == 0;
	return n > 0 ? (size_t)n : 0;
}

static size_t to_host(void *context, const void *data, size_t len)
{
	ssize_t n = write(1, data, len);

	(void)context;
	return n > 0 ? (size_t)n : 0;
}

int main(void)
{
	static char rx[256], tx[256], request[1024];
	static int tokens[64 * QGA_TOKEN_SIZE / sizeof(int)];
	static struct qga_stream_config stream_config;
	static struct qga_stream stream;
	static struct qga_config config;
	static struct qga_env env;
	static struct qga agent;
	struct pollfd input = {0, POLLIN, 0};
	int fault;

	stream_config.read = from_host;
	stream_config.write = to_host;
	stream_config.rx = rx;
	stream_config.rx_size = sizeof(rx);
	stream_config.tx = tx;
	stream_config.tx_size = sizeof(tx);
	config.env = &env;
	config.version = BAREQGA_VERSION;
	config.channel = &stream.channel;
	config.request = request;
	config.request_size = sizeof(request);
	config.tokens = tokens;
	config.tokens_size = sizeof(tokens);
	fault = qga_stream_init(&stream, &stream_config);
	if (!fault)
		fault = qga_init(&agent, &config);
	if (fault) {
		fprintf(stderr, "%s\n", qga_strerror(fault));
		return 1;
	}
	fcntl(0, F_SETFL, O_NONBLOCK);
	while (!ended)
		if (qga_run(&agent))
			poll(&input, 1, 100);
	return 0;
}
