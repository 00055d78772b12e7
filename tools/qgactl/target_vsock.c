/* SPDX-License-Identifier: MIT */
/* target_vsock.c - vsock:CID:PORT: the vsock device of a guest whose host kernel does it
 * (vsock(7)). */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "fail.h"
#include "target.h"

static int refused(const struct target *t, int error)
{
	if (error == ENODEV || error == EHOSTUNREACH)
		return fail(FAIL_TARGET, "%s: there is no guest with CID %s", t->text, t->address);
	if (error == ECONNRESET || error == ECONNREFUSED)
		return target_not_let_in(t);
	return target_refused(t, error);
}

static int open_vsock(const struct target *t, double deadline, int *fd)
{
	struct sockaddr_vm a = {
		.svm_family = AF_VSOCK,
		.svm_cid = (unsigned)strtoul(t->address, NULL, 10),
		.svm_port = (unsigned)strtoul(t->port, NULL, 10),
	};
	int status = OK;

	*fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*fd < 0)
		return target_refused(t, errno);
	if (connect(*fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		status = errno == EINPROGRESS ? target_connected(t, deadline, *fd)
		                              : refused(t, errno);
	if (status) {
		close(*fd);
		*fd = -1;
	}
	return status;
}

const struct target_kind target_vsock = {
	.scheme = "vsock",
	.has_port = true,
	.read_piece = 256 << 10,
	.write_piece = 48 << 10,
	.window = 16,
	.open = open_vsock,
};
