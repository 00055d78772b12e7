/* SPDX-License-Identifier: MIT */
/* failing.h - handlers that do not say why they fail. Those that do are each test's own. */
#ifndef FAILING_H
#define FAILING_H

#include "bareqga.h"

static enum qga_status fails(struct qga_call *call)
{
	(void)call;
	return QGA_FAIL;
}

/* What it returns is no status. */
static enum qga_status astray(struct qga_call *call)
{
	qga_out_put(call->out, "astray");
	return (enum qga_status)(QGA_FAIL + 1);
}

#endif
