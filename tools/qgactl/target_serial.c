/* SPDX-License-Identifier: MIT */
/*
 * target_serial.c - serial:DEVICE: a UART, or the pty that QEMU's -serial pty makes. Bytes are lost
 * on a real one if they come faster than a guest takes them from its FIFO, so pieces are small and
 * one request is under way at a time. Speed and parity stay as the device has them (stty(1)).
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

#include "fail.h"
#include "target.h"

static int open_serial(const struct target *t, double deadline, int *fd)
{
	struct termios mode;

	(void)deadline;
	*fd = open(t->address, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0)
		return target_refused(t, errno);
	if (tcgetattr(*fd, &mode) < 0) {
		close(*fd);
		*fd = -1;
		return fail(FAIL_TARGET, "%s: %s is no terminal device", t->text, t->address);
	}
	if (flock(*fd, LOCK_EX | LOCK_NB) < 0) {
		close(*fd);
		*fd = -1;
		return fail(FAIL_TARGET, "%s: another program has locked it", t->text);
	}
	cfmakeraw(&mode);
	mode.c_cflag |= CLOCAL | CREAD;
	tcsetattr(*fd, TCSANOW, &mode);
	return OK;
}

const struct target_kind target_serial = {
	.scheme = "serial",
	.read_piece = 4 << 10,
	.write_piece = 1536,
	.window = 1,
	.open = open_serial,
};
