/* SPDX-License-Identifier: MIT */
/* latency.c - see latency.h. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "latency.h"

void latency_add(struct latency *l, double seconds)
{
	l->seconds[l->n++ % LATENCIES] = (float)seconds;
}

double latency_at(const struct latency *l, size_t back)
{
	return back < l->n && back < LATENCIES ? l->seconds[(l->n - 1 - back) % LATENCIES] : 0;
}

static int compare(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

double latency_percentile(const struct latency *l, double p)
{
	static float sorted[LATENCIES];
	size_t n = 0, kept = l->n < LATENCIES ? l->n : LATENCIES;

	for (size_t i = 0; i < kept; i++)
		if (l->seconds[i] >= 0)
			sorted[n++] = l->seconds[i];
	if (n == 0)
		return 0;
	qsort(sorted, n, sizeof(sorted[0]), compare);
	return sorted[(size_t)(p * (double)(n - 1) + 0.5)];
}

int latency_ping(struct latency *l, struct session *s)
{
	static const char ping[] = "{\"execute\":\"guest-ping\"}";
	struct answer answer;
	int status = session_ready(s);
	double start = now();

	if (!status)
		status = session_send(s, ping, sizeof(ping) - 1);
	if (!status)
		status = session_receive(s, &answer);
	if (status)
		return status;
	if (!answer.value)
		status = session_refused(&answer);
	else
		latency_add(l, now() - start);
	answer_free(&answer);
	return status;
}
