/* SPDX-License-Identifier: MIT */
/*
 * target_libvirt.c - libvirt:DOMAIN: each request is a virsh of its own. libvirt keeps the agent's
 * socket to itself and is in step with it; a guest-sync-delimited of ours would break that, for its
 * 0xFF is an error to libvirt. Which libvirt: as for virsh, LIBVIRT_DEFAULT_URI says.
 */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "clock.h"
#include "fail.h"
#include "target.h"

/* Starts virsh with its output in pipes; returns its pid, or -1. */
static pid_t start(char *const argv[], int *out, int *err)
{
	int outs[2], errs[2];
	pid_t pid;

	if (pipe(outs) < 0)
		return -1;
	if (pipe(errs) < 0) {
		close(outs[0]);
		close(outs[1]);
		return -1;
	}
	pid = fork();
	if (pid == 0) {
		dup2(outs[1], STDOUT_FILENO);
		dup2(errs[1], STDERR_FILENO);
		close(outs[0]);
		close(errs[0]);
		execvp(argv[0], argv);
		dprintf(STDERR_FILENO, "error: virsh cannot be run (%s); install libvirt-clients",
		        strerror(errno));
		_exit(127);
	}
	close(outs[1]);
	close(errs[1]);
	*out = outs[0];
	*err = errs[0];
	return pid;
}

/* Reads what is there; false at the end. */
static bool drain(int fd, struct buffer *to)
{
	ssize_t n = read(fd, buffer_room(to, 65536), 65536);

	if (n > 0)
		to->len += (size_t)n;
	return n > 0 || (n < 0 && errno == EINTR);
}

/* Runs it; what it wrote is in out and err. Returns its exit status, or -1: killed, for it took too
 * long. */
static int run(char *const argv[], double deadline, struct buffer *out, struct buffer *err)
{
	struct pollfd p[2] = {{.fd = -1, .events = POLLIN}, {.fd = -1, .events = POLLIN}};
	pid_t pid = start(argv, &p[0].fd, &p[1].fd);
	int status = 0;

	if (pid < 0)
		return -1;
	while (p[0].fd >= 0 || p[1].fd >= 0) {
		if (stopped || poll(p, 2, ms_until(deadline)) == 0) {
			kill(pid, SIGTERM);
			break;
		}
		for (int i = 0; i < 2; i++)
			if (p[i].revents && !drain(p[i].fd, i == 0 ? out : err)) {
				close(p[i].fd);
				p[i].fd = -1;
			}
	}
	for (int i = 0; i < 2; i++)
		if (p[i].fd >= 0)
			close(p[i].fd);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	buffer_add(out, "", 1);
	buffer_add(err, "", 1);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The agent's own error, which libvirt wraps, as the answer it once was; false: it is none. */
static bool unwrap(const char *said, struct buffer *line)
{
	const char *command = strstr(said, "unable to execute QEMU agent command '");
	const char *desc = command ? strstr(command, "': ") : NULL;
	json_t *answer;
	char *text;
	bool unknown;

	if (!desc)
		return false;
	unknown = strstr(desc, "has not been found") || strstr(desc, "has been disabled");
	answer = json_pack("{s:{s:s, s:s%}}", "error", "class",
	                   unknown ? "CommandNotFound" : "GenericError", "desc", desc + 3,
	                   strcspn(desc + 3, "\n"));
	text = json_dumps(answer, 0);
	buffer_text(line, text ? text : "{}");
	free(text);
	json_decref(answer);
	return true;
}

/* One sentence of virsh's. */
static int explain(const struct target *t, int result, struct buffer *err)
{
	char *said = strstr(err->data, "error: ");
	int status = FAIL_TARGET;

	if (stopped)
		return fail(FAIL_STOPPED, "stopped");
	if (result < 0)
		return fail(FAIL_ANSWER, "%s: no answer in time", t->text);
	said = said ? said + 7 : err->data;
	said[strcspn(said, "\n")] = '\0';
	if (strstr(said, "agent"))
		status = FAIL_ANSWER;
	if (strstr(said, "disappeared"))
		status = FAIL_GONE;
	return fail(status, "%s: %s", t->text, *said ? said : "virsh failed without a word");
}

static int ask(const struct target *t, const char *request, double timeout, struct buffer *line)
{
	struct buffer out = {0}, err = {0};
	char seconds[32];
	char *argv[] = {"virsh", "-q",    "qemu-agent-command", "--domain", t->address, "--timeout",
	                seconds, "--cmd", (char *)request,      NULL};
	int result, status = OK;

	snprintf(seconds, sizeof(seconds), "%.0f", ceil(timeout));
	result = run(argv, now() + timeout + 5, &out, &err);
	if (result == 0)
		buffer_add(line, out.data, strcspn(out.data, "\n"));
	else if (result < 0 || !unwrap(err.data ? err.data : "", line))
		status = explain(t, err.data ? result : -1, &err);
	buffer_free(&out);
	buffer_free(&err);
	return status;
}

static int power(const struct target *t, const char *mode, double timeout)
{
	struct buffer out = {0}, err = {0};
	bool reboot = strcmp(mode, "reboot") == 0;
	char *argv[] = {"virsh",    "-q",       reboot ? "reboot" : "shutdown",
	                "--domain", t->address, "--mode",
	                "agent",    NULL};
	int result, status = OK;

	if (strcmp(mode, "halt") == 0)
		return fail(FAIL_USAGE, "%s: libvirt does not halt a guest; use shutdown", t->text);
	result = run(argv, now() + timeout + 60, &out, &err);
	if (result != 0)
		status = explain(t, err.data ? result : -1, &err);
	buffer_free(&out);
	buffer_free(&err);
	return status;
}

/* An argument of a program has 128 KiB at most, an answer through libvirt 4 MiB. */
const struct target_kind target_libvirt = {
	.scheme = "libvirt",
	.read_piece = 2 << 20,
	.write_piece = 48 << 10,
	.window = 1,
	.ask = ask,
	.power = power,
};
