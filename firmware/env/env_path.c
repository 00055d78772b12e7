/* SPDX-License-Identifier: MIT */
/*
 * env_path.c - names of files as path_resolution(7) has them, without links: "//", "." and "..",
 * and where names begin that do not begin with a slash.
 */
#include <string.h>

#include "env.h"

#define COMPONENT_MAX 255 /* Linux, include/uapi/linux/limits.h: NAME_MAX */

/* Without its last component; the root is "". */
static size_t parent(const char *path, size_t len)
{
	while (len > 0 && path[--len] != '/')
		;
	return len;
}

/* Not on the stack, which is the scarcer. */
static char buf[ENV_PATH_MAX];

int env_path(const char *path, size_t len, env_path_step *step, const char **result)
{
	size_t n = 0, i = 0;

	*result = buf;
	if (len == 0)
		return QGA_ENOENT;
	if (path[0] != '/') {
		memcpy(buf, "/tmp", 4);
		n = 4;
	}
	for (;;) {
		const char *component;
		size_t size;
		int error;

		while (i < len && path[i] == '/')
			i++;
		component = path + i;
		while (i < len && path[i] != '/')
			i++;
		size = (size_t)(path + i - component);
		if (size == 0)
			break;
		error = n > 0 ? step(buf, n) : 0;
		if (error < 0)
			return error;
		if (size == 1 && component[0] == '.')
			continue;
		if (size == 2 && component[0] == '.' && component[1] == '.') {
			n = parent(buf, n);
			continue;
		}
		if (size > COMPONENT_MAX || size >= ENV_PATH_MAX - n)
			return QGA_ENAMETOOLONG;
		buf[n++] = '/';
		memcpy(buf + n, component, size);
		n += size;
	}
	if (n == 0)
		buf[n++] = '/';
	return (int)n;
}
