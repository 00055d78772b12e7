/* SPDX-License-Identifier: MIT */
/*
 * client.c - sends requests to an agent and measures when its answers come back.
 *
 *     client FD COUNT DEPTH [TIMEOUT] < requests > times
 *
 * FD is a connected, inherited stream socket. Standard input holds the requests, one a line, which
 * are sent in turn and over again until COUNT have gone out; DEPTH of them are in flight, written
 * together when DEPTH is more than one (the next DEPTH follows when all of them are answered). An
 * answer ends with a newline. Standard output gets one line for each batch: nanoseconds, bytes
 * sent, bytes received. Exits 1 with a sentence if the answers stop for TIMEOUT seconds (default
 * 20).
 *
 * In C because an interpreter would add a third to the round trip that is to be measured. Left out:
 * looking into the answers; the caller has asked once and compared before it measures.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static char *requests;
static size_t requests_len;

static void die(const char *what)
{
	fprintf(stderr, "client: %s\n", what);
	exit(1);
}

static void read_requests(void)
{
	size_t cap = 0, n;

	do {
		if (requests_len == cap) {
			cap = cap ? 2 * cap : 65536;
			requests = realloc(requests, cap);
			if (!requests)
				die("out of memory");
		}
		n = fread(requests + requests_len, 1, cap - requests_len, stdin);
		requests_len += n;
	} while (n);
	if (!requests_len || requests[requests_len - 1] != '\n')
		die("requests must be lines");
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Bytes of the next request, newline included, from requests[*at]; wraps around. */
static size_t next(size_t *at)
{
	char *end;

	if (*at == requests_len)
		*at = 0;
	end = memchr(requests + *at, '\n', requests_len - *at);
	return (size_t)(end + 1 - (requests + *at));
}

/* Sends out[0..len) and takes answers until `depth` newlines have come; returns the bytes taken. */
static size_t batch(int fd, const char *out, size_t len, int depth, int timeout)
{
	static char in[1 << 20];
	size_t sent = 0, got = 0;
	ssize_t n;
	char *p;

	while (depth) {
		struct pollfd poller = {.fd = fd, .events = POLLIN};

		if (sent < len) {
			n = send(fd, out + sent, len - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (n > 0)
				sent += (size_t)n;
			else if (errno != EAGAIN)
				die("the guest hung up");
			if (sent < len)
				poller.events |= POLLOUT;
		}
		if (!poll(&poller, 1, timeout * 1000))
			die("no answer");
		if (!(poller.revents & (POLLIN | POLLHUP | POLLERR)))
			continue;
		n = recv(fd, in, sizeof(in), 0);
		if (n <= 0)
			die("the guest hung up");
		got += (size_t)n;
		for (p = in; depth && (p = memchr(p, '\n', (size_t)(in + n - p))); p++)
			depth--;
	}
	return got;
}

int main(int argc, char **argv)
{
	int fd, depth, timeout;
	long count;
	size_t at = 0;
	char *out = NULL;

	if (argc < 4)
		die("usage: client FD COUNT DEPTH [TIMEOUT] < requests > times");
	fd = atoi(argv[1]);
	count = atol(argv[2]);
	depth = atoi(argv[3]);
	timeout = argc > 4 ? atoi(argv[4]) : 20;
	if (depth < 1 || count < 1)
		die("COUNT and DEPTH are numbers from 1");
	read_requests();

	for (; count > 0; count -= depth) {
		size_t len = 0, got, n;
		long long start;

		for (int i = 0; i < depth; i++) {
			n = next(&at);
			if (depth == 1) {
				out = requests + at;
			} else {
				out = i ? realloc(out, len + n) : realloc(NULL, n);
				if (!out)
					die("out of memory");
				memcpy(out + len, requests + at, n);
			}
			len += n;
			at += n;
		}
		start = now();
		got = batch(fd, out, len, depth, timeout);
		printf("%lld %zu %zu\n", now() - start, len, got);
		if (depth > 1)
			free(out);
	}
	return 0;
}
