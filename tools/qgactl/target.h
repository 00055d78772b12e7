/* SPDX-License-Identifier: MIT */
/*
 * target.h - where an agent is: a word with a scheme, and what each scheme can do.
 *
 *     unix:PATH            a socket of QEMU, or of qemu-ga -m unix-listen
 *     tcp:HOST:PORT        the same over TCP
 *     vsock:CID:PORT       AF_VSOCK of this host
 *     vsock-uds:PATH:PORT  the unix socket of Firecracker, Cloud Hypervisor or vhost-device-vsock
 *     serial:DEVICE        a terminal device, /dev/ttyS0 or a pty of QEMU
 *     libvirt:DOMAIN       through virsh; libvirt keeps the agent's socket to itself
 */
#ifndef QGACTL_TARGET_H
#define QGACTL_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"

struct target {
	const struct target_kind *kind;
	char *text;    /* as the user wrote it; for messages */
	char *address; /* PATH, HOST, CID, DEVICE, DOMAIN */
	char *port;    /* or NULL */
};

struct target_kind {
	const char *scheme;
	bool has_port;
	/* Bytes of a file in one request, and the requests that may be under way at once. */
	size_t read_piece, write_piece;
	unsigned window;
	/* A stream: connects until `deadline`, and gives a descriptor that does not block. */
	int (*open)(const struct target *t, double deadline, int *fd);
	/* No stream: sends one request and gives its answer, a line. It synchronises itself. */
	int (*ask)(const struct target *t, const char *request, double timeout,
	           struct buffer *line);
	/* No stream: guest-shutdown, which has no answer. mode: powerdown, reboot, halt. */
	int (*power)(const struct target *t, const char *mode, double timeout);
};

/* Takes the text apart; it is copied. Fails with FAIL_USAGE. */
int target_parse(struct target *t, const char *text);
void target_free(struct target *t);

extern const struct target_kind target_unix, target_tcp, target_vsock, target_vsock_uds,
	target_serial, target_libvirt;

/*
 * Closes a connection whose answers were not all read. qemu-ga ends when that happens to it (a
 * socket with unread bytes is reset), so they are read, for as long as is bearable.
 */
void target_leave(int fd);
/* Connects a unix socket. */
int target_connect_unix(const struct target *t, int *fd);
/* Waits until a connect() that is under way has succeeded; closes the descriptor if it does not. */
int target_connected(const struct target *t, double deadline, int fd);
/* A sentence for errno after a connect, or an open, that failed. */
int target_refused(const struct target *t, int error);
/* Said where a guest, by vsock, or the VMM for it, has ended the connection at once. */
int target_not_let_in(const struct target *t);

#endif
