/* SPDX-License-Identifier: MIT */
/* remote.c - see remote.h: opening, closing, seeking. */
#include <stdio.h>

#include "clock.h"
#include "fail.h"
#include "print.h"
#include "remote.h"

int remote_open(struct remote *r, const char *path, const char *mode)
{
	json_t *value;
	int status;

	r->path = path;
	status = session_ask(r->session, "guest-file-open",
	                     json_pack("{s:s, s:s}", "path", path, "mode", mode), &value);
	if (status)
		return status;
	if (json_is_integer(value))
		r->handle = json_integer_value(value);
	else
		status = fail(FAIL_ANSWER, "%s: the agent gives no number for a file", path);
	json_decref(value);
	return status;
}

/* Closes, and forgets what became of it; what was said of an earlier failure stays said. */
static void close_quietly(struct remote *r)
{
	double timeout = r->session->timeout;
	char kept[1024];
	json_t *value;
	int was_stopped = stopped;

	snprintf(kept, sizeof(kept), "%s", failure());
	/* Files that stay open are few in a small guest: even who is stopped closes. */
	stopped = 0;
	if (was_stopped && timeout > 1)
		r->session->timeout = 1;
	if (session_try(r->session, "guest-file-close",
	                json_pack("{s:I}", "handle", (json_int_t)r->handle), &value) == OK)
		json_decref(value);
	r->session->timeout = timeout;
	stopped = was_stopped;
	fail(OK, "%s", kept);
}

int remote_close(struct remote *r, int status)
{
	json_t *value;

	if (status == OK) {
		status = session_ask(r->session, "guest-file-close",
		                     json_pack("{s:I}", "handle", (json_int_t)r->handle), &value);
		if (status == OK)
			json_decref(value);
		return status;
	}
	/* Who is gone, or does not answer, will not hear. */
	if (status != FAIL_GONE && status != FAIL_ANSWER)
		close_quietly(r);
	return status;
}

int remote_seek(struct remote *r, long long offset, int whence, long long *position)
{
	json_t *value;
	int status = session_ask(r->session, "guest-file-seek",
	                         json_pack("{s:I, s:I, s:i}", "handle", (json_int_t)r->handle,
	                                   "offset", (json_int_t)offset, "whence", whence),
	                         &value);

	if (status)
		return status;
	*position = member_number(value, "position");
	json_decref(value);
	return OK;
}
