/* SPDX-License-Identifier: MIT */
/* os_release.h - reads values out of the text of an os-release(5) file. */
#ifndef BAREQGA_CMD_OS_RELEASE_H
#define BAREQGA_CMD_OS_RELEASE_H

#include <stddef.h>

/*
 * Copies the value of `name`, without its quotes and back-slashes, to buf, NUL-ended, cut at a
 * character's end if it is longer than size - 1. Returns its length, or -1 if the text does not
 * set it. The last assignment wins, as in a shell.
 */
int qga_os_release_get(const char *text, const char *name, char *buf, size_t size);

#endif
