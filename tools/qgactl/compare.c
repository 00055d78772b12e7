/* SPDX-License-Identifier: MIT */
/* compare.c - see compare.h. */
#include <string.h>

#include "compare.h"
#include "fail.h"

int compare_sink(void *context, const void *data, size_t len)
{
	const char *p = data;
	struct compare *c = context;
	char own[4096];

	while (len > 0) {
		size_t n = len < sizeof(own) ? len : sizeof(own), have = fread(own, 1, n, c->file);

		if (have < n)
			return fail(FAIL_DIFFERS, "%s is longer than %s", c->remote, c->local);
		if (memcmp(own, p, n) != 0) {
			size_t i = 0;

			while (own[i] == p[i])
				i++;
			return fail(FAIL_DIFFERS, "%s and %s differ at byte %lld", c->remote,
			            c->local, c->at + (long long)i);
		}
		c->at += (long long)n;
		p += n;
		len -= n;
	}
	if (c->progress)
		progress_at(c->progress, c->at);
	return OK;
}

int compare_files(struct remote *r, const char *path, FILE *file, const char *local, long long size,
                  bool quiet)
{
	struct progress progress;
	struct compare c = {.file = file, .local = local, .remote = path, .progress = &progress};
	long long at = 0;
	int status = remote_open(r, path, "r");

	if (status)
		return status;
	rewind(file);
	progress_begin(&progress, "comparing", 0, size, quiet);
	status = remote_read(r, 0, compare_sink, &c, &at);
	progress_end(&progress);
	if (!status && fgetc(file) != EOF)
		status = fail(FAIL_DIFFERS, "%s is shorter than %s", path, local);
	return remote_close(r, status);
}

const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}
