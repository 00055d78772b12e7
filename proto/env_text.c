/* SPDX-License-Identifier: MIT */
/* env_text.c - see env_text.h. The words are the GNU C library's, which clients know. */
#include "env_text.h"

#include "agent_env.h"

const char *env_text(int error)
{
	switch (error) {
	case ENV_EPERM:
		return "Operation not permitted";
	case ENV_ENOENT:
		return "No such file or directory";
	case ENV_E2BIG:
		return "Argument list too long";
	case ENV_EBADF:
		return "Bad file descriptor";
	case ENV_EAGAIN:
		return "Resource temporarily unavailable";
	case ENV_EACCES:
		return "Permission denied";
	case ENV_EBUSY:
		return "Device or resource busy";
	case ENV_EEXIST:
		return "File exists";
	case ENV_ENOTDIR:
		return "Not a directory";
	case ENV_EISDIR:
		return "Is a directory";
	case ENV_EINVAL:
		return "Invalid argument";
	case ENV_EMFILE:
		return "Too many open files";
	case ENV_EFBIG:
		return "File too large";
	case ENV_ENOSPC:
		return "No space left on device";
	case ENV_EROFS:
		return "Read-only file system";
	case ENV_ENAMETOOLONG:
		return "File name too long";
	case ENV_ENOSYS:
		return "Function not implemented";
	default:
		return "Input/output error";
	}
}
