/* SPDX-License-Identifier: MIT */
/* target_tcp.c - tcp:HOST:PORT: QEMU's chardev socket,host=...,port=... */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "target.h"

/* Tries one of the host's addresses. */
static int try_address(const struct target *t, double deadline, const struct addrinfo *a, int *fd)
{
	int one = 1, status = OK;

	*fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return target_refused(t, errno);
	/* Requests are small and waited for. */
	setsockopt(*fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (connect(*fd, a->ai_addr, a->ai_addrlen) < 0)
		status = errno == EINPROGRESS ? target_connected(t, deadline, *fd)
		                              : target_refused(t, errno);
	if (status) {
		close(*fd);
		*fd = -1;
	}
	return status;
}

static int open_tcp(const struct target *t, double deadline, int *fd)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
	int error = getaddrinfo(t->address, t->port, &hints, &list), status = FAIL_TARGET;

	if (error)
		return fail(FAIL_TARGET, "%s: %s: %s", t->text, t->address, gai_strerror(error));
	for (const struct addrinfo *a = list; a && status && !stopped; a = a->ai_next)
		status = try_address(t, deadline, a, fd);
	freeaddrinfo(list);
	return status;
}

const struct target_kind target_tcp = {
	.scheme = "tcp",
	.has_port = true,
	.read_piece = 256 << 10,
	.write_piece = 48 << 10,
	.window = 16,
	.open = open_tcp,
};
