/* SPDX-License-Identifier: MIT */
/* cmd_time.c - the guest's clock beside this host's, and setting it. Times are UTC, in nanoseconds.
 */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "command.h"
#include "print.h"

static long long host_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static int set(struct context *c, bool hardware)
{
	json_t *arguments = hardware ? NULL : json_pack("{s:I}", "time", (json_int_t)host_ns());
	json_t *value = NULL;
	int status = session_ask(&c->session, "guest-set-time", arguments, &value);

	json_decref(value);
	return status;
}

static void show(const struct context *c, long long guest, double ahead, double doubt)
{
	time_t seconds = (time_t)(guest / 1000000000);
	struct tm t;
	char text[64] = "?";

	if (c->json) {
		json_t *all = json_pack("{s:I, s:f, s:f}", "time", (json_int_t)guest,
		                        "ahead-seconds", ahead, "uncertainty-seconds", doubt);

		print_json(all);
		json_decref(all);
		return;
	}
	if (gmtime_r(&seconds, &t))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &t);
	printf("%s.%03lld UTC, ", text, guest / 1000000 % 1000);
	if (doubt < 0.001)
		doubt = 0.001; /* more is not shown */
	if (fabs(ahead) <= doubt)
		printf("as this host's, within %.3f s\n", doubt);
	else
		printf("%.3f s %s this host's\n", fabs(ahead), ahead > 0 ? "ahead of" : "behind");
}

int cmd_time(struct context *c, const struct args *a)
{
	long long before, after;
	json_t *value;
	int status = OK;

	if (args_has(a, 's') && args_has(a, OPT_OWN))
		return fail(FAIL_USAGE, "--set or --sync, not both");
	if (args_has(a, 's') || args_has(a, OPT_OWN))
		status = set(c, args_has(a, OPT_OWN));
	before = host_ns();
	if (!status)
		status = session_ask(&c->session, "guest-get-time", NULL, &value);
	after = host_ns();
	if (status)
		return status;
	show(c, json_integer_value(value),
	     ((double)json_integer_value(value) - ((double)before + (double)after) / 2) / 1e9,
	     (double)(after - before) / 2e9);
	json_decref(value);
	return OK;
}
