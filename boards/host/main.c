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
	size_t request_size, tokens, read_max;
	struct agent_config config;
};

/* One client's connection: bytes read and not yet fed, bytes pulled and not yet written. */
struct client {
	int fd;
	size_t rx_at, rx_len, tx_at, tx_len;
	char rx[4096], tx[65536];
};

static volatile sig_atomic_t stop;

/* Signals come only while we wait, so that none comes between a look at `stop` and the wait. */
static sigset_t waiting;

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

/* --- The loop --- */

/* Reads, feeds, pulls and writes once each; false when the client has gone. */
static bool serve(struct agent *agent, struct client *client, size_t read_max)
{
	ssize_t n;

	if (client->rx_at == client->rx_len && !agent_pending(agent)) {
		n = read(client->fd, client->rx, read_max);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return false;
		client->rx_at = 0;
		client->rx_len = n > 0 ? (size_t)n : 0;
	}
	client->rx_at +=
		agent_feed(agent, client->rx + client->rx_at, client->rx_len - client->rx_at);
	while (agent_pending(agent) || client->tx_at < client->tx_len) {
		if (client->tx_at == client->tx_len) {
			client->tx_at = 0;
			client->tx_len = agent_pull(agent, client->tx, sizeof(client->tx));
		}
		n = write(client->fd, client->tx + client->tx_at, client->tx_len - client->tx_at);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		client->tx_at += (size_t)n;
	}
	return true;
}

/* Waits until there is something to do for the client, or for one to come. */
static void await(struct agent *agent, int listener, const struct client *client)
{
	struct pollfd fd = {.fd = client->fd >= 0 ? client->fd : listener, .events = POLLIN};
	uint64_t ns = agent_poll(agent), env_ns = env_poll(true), start = board_monotonic();
	struct timespec limit;

	if (env_ns < ns)
		ns = env_ns;
	if (client->tx_at < client->tx_len)
		fd.events = POLLOUT;
	else if (client->rx_at < client->rx_len)
		return;
	limit.tv_sec = (time_t)(ns / 1000000000);
	limit.tv_nsec = (long)(ns % 1000000000);
	ppoll(&fd, 1, ns == AGENT_IDLE ? NULL : &limit, &waiting);
	host_waited(board_monotonic() - start);
}

static void run(struct agent *agent, int listener, size_t read_max)
{
	static struct client client = {.fd = -1};
	enum board_power mode;

	while (!stop && !(env_power_due(&mode) && !agent_pending(agent))) {
		await(agent, listener, &client);
		if (client.fd < 0) {
			client.fd = accept(listener, NULL, NULL);
			if (client.fd >= 0)
				fcntl(client.fd, F_SETFL, O_NONBLOCK);
		} else if (!serve(agent, &client, read_max)) {
			agent_host_closed(agent);
			close(client.fd);
			client = (struct client){.fd = -1};
		}
	}
}

/* --- Start --- */

static void usage(void)
{
	fputs("usage: bareqga -p SOCKET [-a LIST] [-b LIST] [-s BYTES] [-k TOKENS] [-r BYTES]\n"
	      "  -p  unix socket to listen on\n"
	      "  -a  offer only these commands (comma list)      -b  refuse these commands\n"
	      "  -s  size of the request buffer (98304)          -k  tokens of a request (4096)\n"
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
			options->read_max = number(optarg, sizeof(((struct client *)0)->rx));
			break;
		default:
			usage();
		}
	}
	if (!options->path || optind != argc)
		usage();
}

/* A listening socket at path; what stood there is replaced. */
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
	return fd;
}

static void configure(struct options *options)
{
	struct agent_config *config = &options->config;

	const char *allow = config->allow_rpcs, *block = config->block_rpcs;

	env_init(board_init());
	env_config(config);
	if (allow)
		config->allow_rpcs = allow;
	if (block)
		config->block_rpcs = block;
	config->version = "bareqga host";
	config->request_size = options->request_size;
	config->request = malloc(config->request_size);
	config->tokens_size = options->tokens * AGENT_TOKEN_SIZE;
	config->tokens = malloc(config->tokens_size);
	if (!config->request || !config->tokens) {
		fputs("bareqga: out of memory\n", stderr);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static struct agent agent;
	struct options options = {.request_size = 98304, .tokens = 4096, .read_max = 4096};
	struct sigaction action = {.sa_handler = on_signal};
	int listener;

	parse(argc, argv, &options);
	configure(&options);
	if (agent_init(&agent, &options.config) < 0) {
		fputs("bareqga: the request buffer or the token table is too small\n", stderr);
		return 1;
	}
	sigemptyset(&action.sa_mask);
	sigaddset(&action.sa_mask, SIGTERM);
	sigaddset(&action.sa_mask, SIGINT);
	sigprocmask(SIG_BLOCK, &action.sa_mask, &waiting);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	listener = listen_at(options.path);
	run(&agent, listener, options.read_max);
	unlink(options.path);
	return 0;
}
