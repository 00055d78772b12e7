/* SPDX-License-Identifier: MIT */
/* env_text.c - see env_text.h. The words are the GNU C library's, which clients know. */
#include <string.h>

#include "bareqga.h"
#include "env_text.h"

/* Each sentence behind the number of its error; the last one is for all others. */
static const char env_texts[] = "\001Operation not permitted\0"
				"\002No such file or directory\0"
				"\007Argument list too long\0"
				"\011Bad file descriptor\0"
				"\013Resource temporarily unavailable\0"
				"\015Permission denied\0"
				"\020Device or resource busy\0"
				"\021File exists\0"
				"\024Not a directory\0"
				"\025Is a directory\0"
				"\026Invalid argument\0"
				"\030Too many open files\0"
				"\033File too large\0"
				"\034No space left on device\0"
				"\036Read-only file system\0"
				"\044File name too long\0"
				"\046Function not implemented\0"
				"\005Input/output error";

const char *qga_env_text(int error)
{
	const char *text = env_texts;

	while (*text != -error && *text != -QGA_EIO)
		text += strlen(text) + 1;
	return text + 1;
}
