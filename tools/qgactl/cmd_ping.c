/* SPDX-License-Identifier: MIT */
/* cmd_ping.c - does the agent answer, and how fast. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "latency.h"
#include "print.h"

static json_t *milliseconds(double seconds)
{
	return json_real((double)(long long)(seconds * 1e6 + 0.5) / 1e3);
}

static void show(const struct context *c, const struct latency *l, size_t count)
{
	double low = latency_percentile(l, 0), mid = latency_percentile(l, 0.5);
	double late = latency_percentile(l, 0.99), high = latency_percentile(l, 1);

	if (c->json) {
		json_t *all = json_pack("{s:I, s:o, s:o, s:o, s:o}", "answers", (json_int_t)count,
		                        "min-ms", milliseconds(low), "median-ms", milliseconds(mid),
		                        "p99-ms", milliseconds(late), "max-ms", milliseconds(high));

		print_json(all);
		json_decref(all);
		return;
	}
	if (count == 1)
		printf("answered in %.3f ms\n", low * 1e3);
	else
		printf("%zu answers: min %.3f, median %.3f, 99 %% within %.3f, max %.3f ms\n",
		       count, low * 1e3, mid * 1e3, late * 1e3, high * 1e3);
}

int cmd_ping(struct context *c, const struct args *a)
{
	struct latency *l = calloc(1, sizeof(*l));
	double count = 1;
	int status = args_number(a, 'c', 1, 1e9, &count);

	if (!l)
		return fail(FAIL_LOCAL, "out of memory");
	for (size_t i = 0; !status && i < (size_t)count; i++)
		status = latency_ping(l, &c->session);
	if (!status)
		show(c, l, (size_t)count);
	free(l);
	return status;
}
