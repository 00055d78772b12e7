/* SPDX-License-Identifier: MIT */
/* cmd_cpus.c - processors: which are on, what their time went to since the start, the load. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "print.h"

/* Time that a processor had, and that it was not idle. Units are the agent's; only parts count. */
static double spent(const json_t *stats, double *busy)
{
	static const char *const work[] = {"user", "nice", "system", "irq", "softirq", "steal"};

	*busy = 0;
	for (size_t i = 0; i < 6; i++)
		*busy += member_real(stats, work[i]);
	return *busy + member_real(stats, "idle") + member_real(stats, "iowait");
}

static const json_t *stats_of(const json_t *list, long long cpu)
{
	json_t *stats;
	size_t i;

	json_array_foreach(list, i, stats) if (member_number(stats, "cpu") == cpu) return stats;
	return NULL;
}

static void show(const json_t *cpus, const json_t *stats, const json_t *load)
{
	struct table t = {.columns = 4, .right = 1 | 1 << 3};
	json_t *cpu;
	size_t i;

	table_cell(&t, "CPU");
	table_cell(&t, "STATE");
	table_cell(&t, "CAN BE SWITCHED OFF");
	table_cell(&t, "BUSY SINCE START");
	json_array_foreach(cpus, i, cpu)
	{
		long long id = member_number(cpu, "logical-id");
		double busy, all = spent(stats_of(stats, id), &busy);

		table_cell(&t, "%lld", id);
		table_cell(&t, "%s", member_true(cpu, "online") ? "on" : "off");
		table_cell(&t, "%s", member_true(cpu, "can-offline") ? "yes" : "no");
		if (all > 0)
			table_cell(&t, "%.1f %%", busy / all * 100);
		else
			table_cell(&t, "-");
	}
	table_print(&t);
	if (load)
		printf("\nload %.2f %.2f %.2f  (over 1, 5 and 15 minutes)\n",
		       member_real(load, "load1m"), member_real(load, "load5m"),
		       member_real(load, "load15m"));
}

static int set(struct context *c, const struct args *a)
{
	json_t *list = json_array(), *value = NULL;
	int status = OK;

	for (size_t i = 0; i < a->n_given && !status; i++) {
		int letter = a->given[i].letter;
		char *end;
		long long id;

		if (letter != OPT_OWN && letter != OPT_OWN + 1)
			continue;
		id = strtoll(a->given[i].value, &end, 10);
		if (end == a->given[i].value || *end || id < 0)
			status = fail(FAIL_USAGE, "'%s' is no processor's number",
			              a->given[i].value);
		json_array_append_new(list, json_pack("{s:I, s:b}", "logical-id", (json_int_t)id,
		                                      "online", letter == OPT_OWN));
	}
	if (status || json_array_size(list) == 0) {
		json_decref(list);
		return status;
	}
	status = session_ask(&c->session, "guest-set-vcpus", json_pack("{s:O}", "vcpus", list),
	                     &value);
	if (!status && json_integer_value(value) < (json_int_t)json_array_size(list))
		status = fail(FAIL_AGENT, "only %lld of %zu processors were switched",
		              (long long)json_integer_value(value), json_array_size(list));
	json_decref(value);
	json_decref(list);
	return status;
}

int cmd_cpus(struct context *c, const struct args *a)
{
	json_t *cpus = NULL, *stats = NULL, *load = NULL;
	int status = set(c, a);

	if (!status)
		status = session_ask(&c->session, "guest-get-vcpus", NULL, &cpus);
	if (!status)
		status = session_try(&c->session, "guest-get-cpustats", NULL, &stats);
	if (!status)
		status = session_try(&c->session, "guest-get-load", NULL, &load);
	if (!status && c->json) {
		json_t *all =
			json_pack("{s:O, s:O*, s:O*}", "cpus", cpus, "stats", stats, "load", load);

		print_json(all);
		json_decref(all);
	} else if (!status) {
		show(cpus, stats, load);
	}
	json_decref(load);
	json_decref(stats);
	json_decref(cpus);
	return status;
}
