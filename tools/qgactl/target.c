/* SPDX-License-Identifier: MIT */
/* target.c - see target.h: taking a target apart, and what the kinds share. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "fail.h"
#include "target.h"

static const struct target_kind *const kinds[] = {
	&target_unix,      &target_tcp,    &target_vsock,
	&target_vsock_uds, &target_serial, &target_libvirt,
};

static const char forms[] = "unix:PATH, tcp:HOST:PORT, vsock:CID:PORT, vsock-uds:PATH:PORT, "
			    "serial:DEVICE or libvirt:DOMAIN";

static bool number(const char *text, unsigned long max)
{
	char *end;
	unsigned long value;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	return *end == '\0' && errno == 0 && value <= max;
}

/* Cuts the port from the address, and the brackets from an address of IPv6. */
static int split_port(struct target *t)
{
	unsigned long max = t->kind == &target_tcp ? 65535 : 0xffffffff;
	char *colon = strrchr(t->address, ':');
	size_t len;

	if (!colon || colon == t->address || !number(colon + 1, max))
		return fail(FAIL_USAGE, "target '%s' does not end in :PORT, a number up to %lu",
		            t->text, max);
	*colon = '\0';
	t->port = colon + 1;
	len = strlen(t->address);
	if (t->kind == &target_tcp && t->address[0] == '[' && t->address[len - 1] == ']') {
		t->address[len - 1] = '\0';
		memmove(t->address, t->address + 1, len - 1);
	}
	if (t->kind == &target_vsock && !number(t->address, max))
		return fail(FAIL_USAGE, "target '%s' needs the number of a CID before the port",
		            t->text);
	return OK;
}

int target_parse(struct target *t, const char *text)
{
	const char *colon = strchr(text, ':'), *address = colon ? colon + 1 : NULL;

	*t = (struct target){.text = strcpy(grow(NULL, strlen(text) + 1), text)};
	/* A path alone is what one pastes. */
	if (text[0] == '/' || text[0] == '.') {
		t->kind = &target_unix;
		address = text;
	}
	for (size_t i = 0; colon && !t->kind && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(kinds[i]->scheme, text, (size_t)(colon - text)) == 0 &&
		    kinds[i]->scheme[colon - text] == '\0')
			t->kind = kinds[i];
	if (!t->kind)
		return fail(FAIL_USAGE, "'%s' is no target; it is one of: %s", text, forms);
	if (*address == '\0')
		return fail(FAIL_USAGE, "target '%s' names nothing behind the colon", text);
	t->address = strcpy(grow(NULL, strlen(address) + 1), address);
	return t->kind->has_port ? split_port(t) : OK;
}

void target_free(struct target *t)
{
	free(t->address);
	free(t->text);
	*t = (struct target){0};
}

void target_leave(int fd)
{
	double until = now() + 0.2;
	char nobody[65536];

	if (shutdown(fd, SHUT_WR) == 0)
		while (now() < until) {
			struct pollfd p = {.fd = fd, .events = POLLIN};

			if (poll(&p, 1, ms_until(until)) > 0 &&
			    read(fd, nobody, sizeof(nobody)) <= 0)
				break;
		}
	close(fd);
}

int target_not_let_in(const struct target *t)
{
	return fail(FAIL_TARGET,
	            "%s: nobody listens on port %s of the guest, or another client is served there",
	            t->text, t->port);
}

int target_refused(const struct target *t, int error)
{
	switch (error) {
	case ENOENT:
		return fail(FAIL_TARGET, "%s: there is no %s; is the guest running?", t->text,
		            t->address);
	case ECONNREFUSED:
		return fail(FAIL_TARGET,
		            "%s: refused, for nobody listens there; is the guest running?",
		            t->text);
	case EACCES:
	case EPERM:
		return fail(FAIL_TARGET, "%s: you may not use it; try as root, or as its owner",
		            t->text);
	case EAGAIN: /* a unix socket whose queue of clients is full */
		return fail(FAIL_TARGET, "%s: other clients are waiting there already", t->text);
	case ENAMETOOLONG:
		return fail(FAIL_TARGET,
		            "%s: longer than the 107 bytes a socket's path may have; "
		            "go to its directory and name it from there",
		            t->text);
	case EAFNOSUPPORT:
		return fail(FAIL_TARGET, "%s: this machine has no such sockets", t->text);
	default:
		return fail(FAIL_TARGET, "%s: %s", t->text, strerror(error));
	}
}

int target_connected(const struct target *t, double deadline, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int error = 0, n;
	socklen_t len = sizeof(error);

	do
		n = poll(&p, 1, ms_until(deadline));
	while (n < 0 && errno == EINTR && !stopped);
	if (n > 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0)
		return OK;
	return target_refused(t, n == 0 ? ETIMEDOUT : n < 0 ? errno : error);
}
