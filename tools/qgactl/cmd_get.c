/* SPDX-License-Identifier: MIT */
/*
 * cmd_get.c - a file out of the guest. It grows as LOCAL.part, and gets its name when it is whole:
 * so what has the name is never half a file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "compare.h"
#include "print.h"

struct get {
	struct context *c;
	struct remote remote;
	const char *path;   /* in the guest */
	char *local, *part; /* here; the same if it is stdout */
	FILE *file;
	struct compare compare; /* what an earlier transfer left, up to */
	long long have;
	long long total; /* of the file, or -1 */
	long long at;
	struct progress progress;
};

static int store(void *context, const void *data, size_t len)
{
	struct get *g = context;

	/* The end of what is there already comes once more. */
	if (g->compare.at < g->have) {
		size_t n = (size_t)(g->have - g->compare.at);
		int status = compare_sink(&g->compare, data, len < n ? len : n);

		if (status || len <= n)
			return status;
		data = (const char *)data + n;
		len -= n;
		fseeko(g->file, 0, SEEK_END);
	}
	if (fwrite(data, 1, len, g->file) != len)
		return errno == EPIPE ? fail(FAIL_LOCAL, "%s", "")
		                      : fail(FAIL_LOCAL, "%s: %s", g->part, strerror(errno));
	g->at += (long long)len;
	progress_at(&g->progress, g->have + g->at);
	return OK;
}

static char *join(const char *a, const char *b)
{
	char *both = grow(NULL, strlen(a) + strlen(b) + 1);

	return strcat(strcpy(both, a), b);
}

static void name_files(struct get *g, const char *local)
{
	struct stat s;
	const char *base = base_name(g->path);

	if (!local)
		local = *base ? base : "file";
	if (strcmp(local, "-") == 0) {
		g->local = join("stdout", "");
		g->part = join("stdout", "");
		return;
	}
	if (stat(local, &s) == 0 && S_ISDIR(s.st_mode)) {
		char *directory = join(local, local[strlen(local) - 1] == '/' ? "" : "/");

		g->local = join(directory, base);
		free(directory);
	} else {
		g->local = join(local, "");
	}
	g->part = join(g->local, ".part");
}

static int open_local(struct get *g, const char *local, bool resume)
{
	name_files(g, local);
	if (local && strcmp(local, "-") == 0) {
		g->file = stdout;
		return OK;
	}
	g->file = fopen(g->part, resume ? "r+" : "w+");
	if (!g->file && resume && errno == ENOENT)
		g->file = fopen(g->part, "w+");
	if (!g->file)
		return fail(FAIL_LOCAL, "%s: %s", g->part, strerror(errno));
	if (resume && fseeko(g->file, 0, SEEK_END) == 0)
		g->have = ftello(g->file);
	return OK;
}

/* Finds the size, where there is one, and goes to where reading begins. */
static int place(struct get *g, long long from)
{
	long long position;
	int status = remote_seek(&g->remote, 0, 2, &g->total);

	if (status == FAIL_AGENT || status == FAIL_UNKNOWN || g->total == 0)
		g->total = -1;
	else if (status)
		return status;
	if (g->total >= 0 && g->have > g->total)
		return fail(FAIL_DIFFERS, "%s is longer than %s: not the same file; remove it",
		            g->part, g->path);
	status = remote_seek(&g->remote, from, 0, &position);
	/* What cannot be sought in, a device perhaps, is where it begins. */
	return status == FAIL_AGENT && from == 0 ? OK : status;
}

static int transfer(struct get *g)
{
	long long from = g->have > COMPARE_TAIL ? g->have - COMPARE_TAIL : 0, read = 0;
	int status = remote_open(&g->remote, g->path, "r");

	if (status)
		return status;
	g->compare = (struct compare){g->file, g->part, g->path, from, NULL};
	fseeko(g->file, from, SEEK_SET);
	status = place(g, from);
	progress_begin(&g->progress, base_name(g->path), g->have, g->total, g->c->quiet);
	if (!status)
		status = remote_read(&g->remote, from, store, g, &read);
	progress_end(&g->progress);
	if (!status && g->compare.at < g->have)
		status = fail(FAIL_DIFFERS, "%s is longer than %s: not the same file; remove it",
		              g->part, g->path);
	return remote_close(&g->remote, status);
}

static void report(const struct get *g, double seconds)
{
	char size[16], rate[16];

	if (g->c->json) {
		json_t *all =
			json_pack("{s:s, s:s, s:I, s:f}", "remote", g->path, "local", g->local,
		                  "bytes", (json_int_t)(g->have + g->at), "seconds", seconds);

		print_json(all);
		json_decref(all);
	} else if (!g->c->quiet) {
		printf("%s: %s, %s/s\n", g->local, print_size(size, (double)(g->have + g->at)),
		       print_size(rate, (double)g->at / (seconds + 1e-9)));
	}
}

/* What is to be known of a file that is not whole. */
static int partly(const struct get *g, int status)
{
	long long have = g->have + g->at;

	if (have == 0) {
		if (g->have == 0)
			remove(g->part);
		return status;
	}
	/* What was wrong from the beginning is no matter of how far it came. */
	if (status == FAIL_DIFFERS ||
	    (g->at == 0 && (status == FAIL_AGENT || status == FAIL_UNKNOWN)))
		return status;
	return fail(status, "%s; %s has the first %lld bytes, qgactl get --resume goes on",
	            failure(), g->part, have);
}

static int finish(struct get *g, bool check)
{
	int status = OK;

	if (fflush(g->file) != 0)
		return fail(FAIL_LOCAL, "%s: %s", g->part, strerror(errno));
	if (check)
		status =
			compare_files(&g->remote, g->path, g->file, g->part, g->total, g->c->quiet);
	if (!status && rename(g->part, g->local) < 0)
		status = fail(FAIL_LOCAL, "%s: %s", g->local, strerror(errno));
	return status;
}

int cmd_get(struct context *c, const struct args *a)
{
	struct get g = {
		.c = c, .remote = {.session = &c->session}, .path = a->argv[0], .total = -1};
	const char *local = a->argc > 1 ? a->argv[1] : NULL;
	bool out = local && strcmp(local, "-") == 0;
	double piece = 0, start = now();
	int status = args_number(a, OPT_OWN, 1, 48 << 20, &piece);

	if (!status && out && (args_has(a, 'r') || args_has(a, 'c') || c->json))
		status = fail(FAIL_USAGE,
		              "stdout can neither be resumed nor compared, and is no place "
		              "for JSON");
	g.remote.piece = (size_t)piece;
	if (!status)
		status = open_local(&g, local, args_has(a, 'r'));
	if (!status) {
		status = transfer(&g);
		if (!out && fflush(g.file) != 0 && !status)
			status = fail(FAIL_LOCAL, "%s: %s", g.part, strerror(errno));
		if (!status && !out)
			status = finish(&g, args_has(a, 'c'));
		if (status && !out)
			status = partly(&g, status);
		if (!status && !out)
			report(&g, now() - start);
	}
	if (g.file && !out)
		fclose(g.file);
	free(g.local);
	free(g.part);
	return status;
}
