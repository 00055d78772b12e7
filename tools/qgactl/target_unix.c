/* SPDX-License-Identifier: MIT */
/*
 * target_unix.c - unix:PATH, and vsock-uds:PATH:PORT, which is a unix socket that wants to be told
 * a port first:
 *
 *     CONNECT 1234\n  ->
 *               <-  OK 1073741824\n      any number: the VMMs do not agree on what it is
 *
 * (Firecracker, docs/vsock.md; Cloud Hypervisor and vhost-device-vsock do the same.)
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "target.h"

int target_connect_unix(const struct target *t, int *fd)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	if (strlen(t->address) >= sizeof(a.sun_path))
		return target_refused(t, ENAMETOOLONG);
	strcpy(a.sun_path, t->address);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return target_refused(t, errno);
	if (connect(*fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		int error = errno;

		close(*fd);
		*fd = -1;
		return target_refused(t, error);
	}
	return OK;
}

static int open_unix(const struct target *t, double deadline, int *fd)
{
	(void)deadline;
	return target_connect_unix(t, fd);
}

/* Reads a line byte by byte: what comes behind it is the agent's. */
static int read_line(const struct target *t, double deadline, int fd, char *line, size_t size)
{
	size_t len = 0;

	while (len < size - 1) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (poll(&p, 1, ms_until(deadline)) == 0)
			return fail(FAIL_ANSWER,
			            "%s: no answer to CONNECT; is this the socket of a "
			            "VMM's vsock device?",
			            t->text);
		if (stopped)
			return fail(FAIL_STOPPED, "stopped");
		n = read(fd, line + len, 1);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0)
			return target_not_let_in(t);
		if (line[len] == '\n')
			break;
		len++;
	}
	line[len] = '\0';
	return OK;
}

static int open_uds(const struct target *t, double deadline, int *fd)
{
	char line[64];
	int n, status = target_connect_unix(t, fd);

	if (status)
		return status;
	n = snprintf(line, sizeof(line), "CONNECT %s\n", t->port);
	if (write(*fd, line, (size_t)n) != n)
		status = fail(FAIL_TARGET, "%s: closed at once; is the guest running?", t->text);
	else
		status = read_line(t, deadline, *fd, line, sizeof(line));
	if (!status && strncmp(line, "OK ", 3) != 0)
		status = fail(FAIL_ANSWER,
		              "%s: no answer to CONNECT; is this the socket of a VMM's "
		              "vsock device?",
		              t->text);
	if (status) {
		target_leave(*fd);
		*fd = -1;
	}
	return status;
}

const struct target_kind target_unix = {
	.scheme = "unix",
	.read_piece = 256 << 10,
	.write_piece = 48 << 10,
	.window = 16,
	.open = open_unix,
};

const struct target_kind target_vsock_uds = {
	.scheme = "vsock-uds",
	.has_port = true,
	.read_piece = 256 << 10,
	.write_piece = 48 << 10,
	.window = 16,
	.open = open_uds,
};
