/* SPDX-License-Identifier: MIT */
/*
 * main.c - the agent as a process of a POSIX machine, on a unix socket: what qemu-ga -m unix-listen
 * is, for tests, fuzzing and measuring.
 *
 * One client at a time, the next one waits. A client that leaves with unread answers does no harm.
 */
#define _GNU_SOURCE /* ppoll */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "env/env.h"
#include "host.h"

#define REQUEST_MAX (64 << 20)

struct options {
	const char *path;
	size_t request_size, tokens, read_max; /* 0: as env.c shares memory out */
	struct qga_config config;
};

/* One client's connection, and the channel made of it. */
struct client {
	int listener, fd; /* fd -1: nobody is there */
	bool gone;        /* it has, and is to be told of */
	bool stuck;       /* it does not read */
	char rx[4096], tx[65536];
	struct qga_stream_config config;
	struct qga_stream stream;
};

static struct client client = {.fd = -1};
static volatile sig_atomic_t stop;

/* Signals come only while we wait, so that none comes between a look at `stop` and the wait. */
static sigset_t waiting;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

/* --- The client's connection as a byte stream --- */

/* What a read or write that failed means: nothing now, or the end of the client. */
static void note_error(struct client *c)
{
	if (errno != EAGAIN && errno != EINTR)
		c->gone = true;
}

static size_t client_read(void *context, void *buf, size_t size)
{
	struct client *c = context;
	ssize_t n;

	if (c->fd < 0 || c->gone)
		return 0;
	n = read(c->fd, buf, size);
	if (n < 0)
		note_error(c);
	c->gone |= n == 0;
	return n > 0 ? (size_t)n : 0;
}

static size_t client_write(void *context, const void *data, size_t len)
{
	struct client *c = context;
	ssize_t n;

	if (c->fd < 0 || c->gone)
		return len; /* nobody misses it */
	n = write(c->fd, data, len);
	if (n < 0)
		note_error(c);
	c->stuck = n < (ssize_t)len;
	return n > 0 ? (size_t)n : 0;
}

static unsigned client_events(void *context)
{
	struct client *c = context;

	if (c->gone) {
		close(c->fd);
		c->fd = -1;
		c->gone = c->stuck = false;
		return QGA_HOST_CLOSE;
	}
	if (c->fd < 0)
		c->fd = accept(c->listener, NULL, NULL);
	else
		return 0;
	if (c->fd >= 0)
		fcntl(c->fd, F_SETFL, O_NONBLOCK);
	return c->fd >= 0 ? QGA_HOST_OPEN : 0;
}

static struct qga_channel *client_channel(int listener, size_t read_max)
{
	client.listener = listener;
	client.config = (struct qga_stream_config){
		.context = &client,
		.read = client_read,
		.write = client_write,
		.events = client_events,
		.rx = client.rx,
		.rx_size = read_max,
		.tx = client.tx,
		.tx_size = sizeof(client.tx),
	};
	qga_stream_init(&client.stream, &client.config);
	return &client.stream.channel;
}

/* --- The loop --- */

/* Waits until there is something to do for the client, or for one to come. */
static void await(uint64_t ns)
{
	struct pollfd fd = {.fd = client.fd >= 0 ? client.fd : client.listener,
	                    .events = client.stuck ? POLLOUT : POLLIN};
	uint64_t start = board_monotonic();
	struct timespec limit = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};

	ppoll(&fd, 1, ns == QGA_IDLE ? NULL : &limit, &waiting);
	host_waited(board_monotonic() - start);
}

static void run(struct qga *agent)
{
	while (!stop) {
		uint64_t ns = qga_run(agent), env_ns = env_poll(true);

		if (ns > 0)
			await(ns < env_ns ? ns : env_ns);
	}
}

/* --- Start --- */

static void usage(void)
{
	fputs("usage: bareqga -p SOCKET [-a LIST] [-b LIST] [-s BYTES] [-k TOKENS] [-r BYTES]\n"
	      "  -p  unix socket to listen on\n"
	      "  -a  offer only these commands (comma list)      -b  refuse these commands\n"
	      "  -s  size of the request buffer (32 MiB)         -k  tokens of a request (500,000)\n"
	      "  -r  read so many bytes at once (4096)\n",
	      stderr);
	exit(2);
}

static size_t number(const char *text, size_t max)
{
	char *end;
	unsigned long long n = strtoull(text, &end, 0);

	if (*end || end == text || n == 0 || n > max) {
		fprintf(stderr, "bareqga: \"%s\" is not a number from 1 to %zu\n", text, max);
		exit(2);
	}
	return (size_t)n;
}

static void parse(int argc, char **argv, struct options *options)
{
	int option;

	while ((option = getopt(argc, argv, "p:a:b:s:k:r:")) != -1) {
		switch (option) {
		case 'p':
			options->path = optarg;
			break;
		case 'a':
			options->config.allow_rpcs = optarg;
			break;
		case 'b':
			options->config.block_rpcs = optarg;
			break;
		case 's':
			options->request_size = number(optarg, REQUEST_MAX);
			break;
		case 'k':
			options->tokens = number(optarg, REQUEST_MAX);
			break;
		case 'r':
			options->read_max = number(optarg, sizeof(client.rx));
			break;
		default:
			usage();
		}
	}
	if (!options->path || optind != argc)
		usage();
}

static const char *socket_path;

static void remove_socket(void)
{
	unlink(socket_path);
}

/* A listening socket at path until the process ends; what stood there is replaced. */
static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "bareqga: the path \"%s\" is too long for a socket\n", path);
		exit(1);
	}
	strcpy(address.sun_path, path);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 8)) {
		fprintf(stderr, "bareqga: cannot listen on \"%s\": %s\n", path, strerror(errno));
		exit(1);
	}
	socket_path = path;
	atexit(remove_socket);
	return fd;
}

static void configure(struct options *options)
{
	struct qga_config *config = &options->config;

	const char *allow = config->allow_rpcs, *block = config->block_rpcs;

	env_init(board_init());
	env_config(config);
	if (allow)
		config->allow_rpcs = allow;
	if (block)
		config->block_rpcs = block;
	config->version = "bareqga host";
	if (options->request_size) {
		config->request_size = options->request_size;
		config->request = malloc(config->request_size);
	}
	if (options->tokens) {
		config->tokens_size = options->tokens * QGA_TOKEN_SIZE;
		config->tokens = malloc(config->tokens_size);
	}
	if (!config->request || !config->tokens) {
		fputs("bareqga: out of memory\n", stderr);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static struct qga agent;
	struct options options = {.read_max = 4096};
	struct sigaction action = {.sa_handler = on_signal};
	int fault;

	parse(argc, argv, &options);
	options.config.channel = client_channel(listen_at(options.path), options.read_max);
	configure(&options);
	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGTERM);
	sigaddset(&action.sa_mask, SIGINT);
	sigprocmask(SIG_BLOCK, &action.sa_mask, &waiting);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	fault = qga_init(&agent, &options.config);
	if (fault) {
		fprintf(stderr, "bareqga: %s\n", qga_strerror(fault));
		return 1;
	}
	run(&agent);
	return 0;
}
