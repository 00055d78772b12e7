/* SPDX-License-Identifier: MIT */
/*
 * cmd_put.c - a file into the guest. The protocol knows no renaming, so the file has its name while
 * it grows; whoever stops in the middle is told how far it is.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "command.h"
#include "compare.h"
#include "print.h"

struct put {
	struct context *c;
	struct remote remote;
	const char *local;
	char *path; /* in the guest */
	FILE *file;
	long long total; /* or -1 */
	long long have;  /* in the guest from an earlier time */
	long long at;    /* stored this time */
	struct progress progress;
};

static long load(void *context, void *data, size_t len)
{
	struct put *p = context;
	size_t n = fread(data, 1, len, p->file);

	if (n == 0 && ferror(p->file))
		return -fail(FAIL_LOCAL, "%s: %s", p->local, strerror(errno));
	return (long)n;
}

static void told(void *context, long long at)
{
	struct put *p = context;

	progress_at(&p->progress, p->have + at);
}

static int open_local(struct put *p)
{
	struct stat s;

	if (strcmp(p->local, "-") == 0) {
		p->file = stdin;
		return OK;
	}
	p->file = fopen(p->local, "r");
	if (!p->file || fstat(fileno(p->file), &s) < 0)
		return fail(FAIL_LOCAL, "%s: %s", p->local, strerror(errno));
	if (S_ISDIR(s.st_mode))
		return fail(FAIL_LOCAL, "%s is a directory; put takes one file", p->local);
	if (S_ISREG(s.st_mode))
		p->total = s.st_size;
	return OK;
}

static char *name_remote(const char *local, const char *remote)
{
	const char *base = base_name(local);
	size_t len;
	char *path;

	if (!remote)
		remote = "/tmp/";
	len = strlen(remote);
	path = grow(NULL, len + strlen(base) + 1);
	strcpy(path, remote);
	if (len > 0 && remote[len - 1] == '/')
		strcat(path, base);
	return path;
}

/* Opens what an earlier transfer left, and sees that it is the beginning of this file. */
static int continue_file(struct put *p)
{
	struct compare compare = {.local = p->local, .remote = p->path, .file = p->file};
	long long from, read = 0;
	int status = remote_open(&p->remote, p->path, "r+");

	if (status == FAIL_AGENT) /* not there yet */
		return remote_open(&p->remote, p->path, "w");
	if (!status)
		status = remote_seek(&p->remote, 0, 2, &p->have);
	if (!status && p->have > p->total)
		status = fail(FAIL_DIFFERS,
		              "%s is longer than %s: not the same file; leave --resume out",
		              p->path, p->local);
	from = p->have > COMPARE_TAIL ? p->have - COMPARE_TAIL : 0;
	if (!status && (fseeko(p->file, from, SEEK_SET) < 0))
		status = fail(FAIL_LOCAL, "%s: %s", p->local, strerror(errno));
	compare.at = from;
	if (!status)
		status = remote_seek(&p->remote, from, 0, &from);
	if (!status && p->have > 0)
		status = remote_read(&p->remote, from, compare_sink, &compare, &read);
	/* Between reading and writing C wants a seek, and qemu-ga is C. */
	if (!status)
		status = remote_seek(&p->remote, p->have, 0, &from);
	if (status == FAIL_DIFFERS)
		fail(status, "%s: leave --resume out to write it anew", failure());
	return status;
}

static int transfer(struct put *p, bool resume)
{
	json_t *value = NULL;
	int status = resume ? continue_file(p) : remote_open(&p->remote, p->path, "w");

	if (status)
		return status;
	progress_begin(&p->progress, base_name(p->local), p->have, p->total, p->c->quiet);
	status = remote_write(&p->remote, load, p, &p->at, told);
	progress_end(&p->progress);
	/* Only now some agents find out that the disk is full. */
	if (!status)
		status = session_ask(&p->c->session, "guest-file-flush",
		                     json_pack("{s:I}", "handle", (json_int_t)p->remote.handle),
		                     &value);
	json_decref(value);
	status = remote_close(&p->remote, status);
	if (status && status != FAIL_DIFFERS && p->have + p->at > 0)
		fail(status,
		     "%s; %s in the guest has the first %lld bytes, qgactl put --resume goes on",
		     failure(), p->path, p->have + p->at);
	return status;
}

static void report(const struct put *p, double seconds)
{
	char size[16], rate[16];

	if (p->c->json) {
		json_t *all =
			json_pack("{s:s, s:s, s:I, s:f}", "local", p->local, "remote", p->path,
		                  "bytes", (json_int_t)(p->have + p->at), "seconds", seconds);

		print_json(all);
		json_decref(all);
	} else if (!p->c->quiet) {
		print_text(stdout, p->path);
		printf(": %s, %s/s\n", print_size(size, (double)(p->have + p->at)),
		       print_size(rate, (double)p->at / (seconds + 1e-9)));
	}
}

int cmd_put(struct context *c, const struct args *a)
{
	struct put p = {
		.c = c, .remote = {.session = &c->session}, .local = a->argv[0], .total = -1};
	double piece = 0, start = now();
	int status = args_number(a, OPT_OWN, 1, 48 << 20, &piece);

	p.remote.piece = (size_t)piece;
	p.path = name_remote(strcmp(p.local, "-") == 0 ? "stdin" : p.local,
	                     a->argc > 1 ? a->argv[1] : NULL);
	if (!status)
		status = open_local(&p);
	if (!status && p.total < 0 && (args_has(a, 'r') || args_has(a, 'c')))
		status = fail(FAIL_USAGE,
		              "%s is no regular file: it can neither be resumed nor compared",
		              p.local);
	if (!status)
		status = transfer(&p, args_has(a, 'r'));
	if (!status && args_has(a, 'c'))
		status = compare_files(&p.remote, p.path, p.file, p.local, p.total, c->quiet);
	if (!status)
		report(&p, now() - start);
	if (p.file && p.file != stdin)
		fclose(p.file);
	free(p.path);
	return status;
}
