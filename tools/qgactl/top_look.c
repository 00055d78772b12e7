/* SPDX-License-Identifier: MIT */
/*
 * top_look.c - see top.h: from the agent's answers to numbers. What is used of the memory no
 * command tells; a Linux guest has it in /proc/meminfo.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fail.h"
#include "print.h"
#include "remote.h"
#include "top.h"

enum {
	HOST_NAME,
	OSINFO,
	LOAD,
	CPUSTATS,
	BLOCKS,
	BLOCK_INFO,
	DISKSTATS,
	INTERFACES,
	FSINFO
};

static const char *const names[] = {
	[HOST_NAME] = "guest-get-host-name",
	[OSINFO] = "guest-get-osinfo",
	[LOAD] = "guest-get-load",
	[CPUSTATS] = "guest-get-cpustats",
	[BLOCKS] = "guest-get-memory-blocks",
	[BLOCK_INFO] = "guest-get-memory-block-info",
	[DISKSTATS] = "guest-get-diskstats",
	[INTERFACES] = "guest-network-get-interfaces",
	[FSINFO] = "guest-get-fsinfo",
};

/* The answer to a command, or NULL: the agent has none. */
static int ask(struct picture *p, struct session *s, unsigned which, json_t **value)
{
	int status;

	*value = NULL;
	if (p->lacking & 1u << which)
		return OK;
	status = session_ask(s, names[which], NULL, value);
	if (status == FAIL_UNKNOWN)
		p->lacking |= 1u << which;
	if (status)
		*value = NULL;
	return status == FAIL_UNKNOWN || status == FAIL_AGENT ? OK : status;
}

static void clean(char *to, size_t size, const char *text)
{
	print_clean(to, size, text, strlen(text));
}

/* --- Each answer --- */

static void take_system(struct picture *p, const json_t *os)
{
	const char *name = member_text(os, "pretty-name");

	clean(p->system, sizeof(p->system), *name ? name : member_text(os, "name"));
}

static void take_load(struct picture *p, const json_t *load)
{
	p->has_load = load != NULL;
	p->load[0] = member_real(load, "load1m");
	p->load[1] = member_real(load, "load5m");
	p->load[2] = member_real(load, "load15m");
}

static void take_cpus(struct picture *p, const json_t *list)
{
	static const char *const work[] = {"user", "nice", "system", "irq", "softirq", "steal"};
	json_t *stats;
	size_t i, highest = 0;

	json_array_foreach(list, i, stats)
	{
		long long id = member_number(stats, "cpu");
		double busy = 0, all;
		struct cpu *cpu;

		if (id < 0 || id >= TOP_CPUS)
			continue;
		cpu = &p->cpu[id];
		for (size_t w = 0; w < 6; w++)
			busy += member_real(stats, work[w]);
		all = busy + member_real(stats, "idle") + member_real(stats, "iowait");
		/* Less than before: the guest was restarted. */
		cpu->part = all > cpu->all && busy >= cpu->busy
		                    ? (busy - cpu->busy) / (all - cpu->all)
		                    : 0;
		cpu->busy = busy;
		cpu->all = all;
		if ((size_t)id + 1 > highest)
			highest = (size_t)id + 1;
	}
	p->n_cpus = highest;
}

static void take_memory(struct picture *p, const json_t *blocks, const json_t *info)
{
	json_t *block;
	size_t i, online = 0;

	json_array_foreach(blocks, i, block) online += member_true(block, "online");
	p->memory_total = (double)online * member_real(info, "size");
}

static int keep(void *context, const void *data, size_t len)
{
	buffer_add(context, data, len);
	return OK;
}

static double kib_behind(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtod(at + strlen(name), NULL) * 1024 : -1;
}

static int read_meminfo(struct picture *p, struct session *s)
{
	struct remote r = {.session = s, .piece = 4096, .window = 2};
	struct buffer text = {0};
	long long at = 0;
	double total, available;
	int status = p->no_meminfo ? FAIL_AGENT : remote_open(&r, "/proc/meminfo", "r");

	if (status == FAIL_AGENT || status == FAIL_UNKNOWN) {
		p->no_meminfo = true;
		return OK;
	}
	if (!status)
		status = remote_close(&r, remote_read(&r, 0, keep, &text, &at));
	buffer_add(&text, "", 1);
	total = kib_behind(text.data, "MemTotal:");
	available = kib_behind(text.data, "MemAvailable:");
	if (!status && total > 0 && available >= 0) {
		p->memory_total = total;
		p->memory_used = total - available;
	}
	buffer_free(&text);
	return status;
}

/* A row of the last look, or a new one. */
static struct flow *flow_of(struct flows *flows, const char *name, bool *fresh)
{
	char shown[TOP_NAME];

	clean(shown, sizeof(shown), name);
	*fresh = false;
	for (size_t i = 0; i < flows->n; i++)
		if (strcmp(flows->row[i].name, shown) == 0)
			return &flows->row[i];
	if (flows->n == TOP_ROWS)
		return NULL;
	*fresh = true;
	flows->row[flows->n] = (struct flow){0};
	memcpy(flows->row[flows->n].name, shown, sizeof(shown));
	return &flows->row[flows->n++];
}

static void take_flow(struct flows *flows, const char *name, double in, double out, double seconds)
{
	bool fresh;
	struct flow *f = flow_of(flows, name, &fresh);

	if (!f)
		return;
	f->in_rate = !fresh && in >= f->in && seconds > 0 ? (in - f->in) / seconds : 0;
	f->out_rate = !fresh && out >= f->out && seconds > 0 ? (out - f->out) / seconds : 0;
	f->in = in;
	f->out = out;
}

static void take_disks(struct picture *p, const json_t *list, double seconds)
{
	json_t *disk;
	size_t i;

	json_array_foreach(list, i, disk)
	{
		const json_t *stats = json_object_get(disk, "stats");
		double in = 512 * member_real(stats, "read-sectors");
		double out = 512 * member_real(stats, "write-sectors");

		/* A Linux guest has rows of loop devices that nobody has ever used. */
		if (in + out > 0 || json_array_size(list) <= 4)
			take_flow(&p->disks, member_text(disk, "name"), in, out, seconds);
	}
}

static void take_nets(struct picture *p, const json_t *list, double seconds)
{
	json_t *net;
	size_t i;

	json_array_foreach(list, i, net)
	{
		const json_t *stats = json_object_get(net, "statistics");

		take_flow(&p->nets, member_text(net, "name"), member_real(stats, "rx-bytes"),
		          member_real(stats, "tx-bytes"), seconds);
	}
}

static void take_systems(struct picture *p, const json_t *list)
{
	json_t *system;
	size_t i;

	p->n_systems = 0;
	json_array_foreach(list, i, system)
	{
		struct filling *f = &p->systems[p->n_systems];

		if (p->n_systems == TOP_ROWS || member_real(system, "total-bytes") <= 0)
			continue;
		clean(f->name, sizeof(f->name), member_text(system, "mountpoint"));
		f->used = member_real(system, "used-bytes");
		f->total = member_real(system, "total-bytes");
		p->n_systems++;
	}
}

/* --- All of them --- */

static void take(struct picture *p, unsigned which, const json_t *value, double seconds)
{
	switch (which) {
	case HOST_NAME:
		clean(p->host, sizeof(p->host), member_text(value, "host-name"));
		break;
	case OSINFO:
		take_system(p, value);
		break;
	case LOAD:
		take_load(p, value);
		break;
	case CPUSTATS:
		take_cpus(p, value);
		break;
	case DISKSTATS:
		take_disks(p, value, seconds);
		break;
	case INTERFACES:
		take_nets(p, value, seconds);
		break;
	case FSINFO:
		take_systems(p, value);
		break;
	}
}

static int look(struct picture *p, struct session *s, double seconds)
{
	json_t *value = NULL, *blocks = NULL;
	int status = OK;

	for (unsigned i = 0; !status && i <= FSINFO; i++) {
		if (i == BLOCKS || i == BLOCK_INFO)
			continue;
		status = ask(p, s, i, &value);
		if (!status)
			take(p, i, value, seconds);
		json_decref(value);
	}
	p->memory_used = -1;
	if (!status)
		status = ask(p, s, BLOCKS, &blocks);
	if (!status && blocks) {
		status = ask(p, s, BLOCK_INFO, &value);
		if (!status)
			take_memory(p, blocks, value);
		json_decref(value);
	}
	json_decref(blocks);
	return status ? status : read_meminfo(p, s);
}

/* A guest that is away may come back: that is what one looks for. */
static int note(struct picture *p, struct session *s, int status)
{
	const char *said = failure();
	size_t len = strlen(s->target.text);

	if (!status) {
		p->lost_since = 0;
		p->trouble[0] = '\0';
		return OK;
	}
	if (status == FAIL_STOPPED)
		return status;
	if (p->lost_since == 0)
		p->lost_since = now();
	p->lost++;
	/* The target is on the screen already. */
	if (strncmp(said, s->target.text, len) == 0 && strncmp(said + len, ": ", 2) == 0)
		said += len + 2;
	clean(p->trouble, sizeof(p->trouble), said);
	latency_add(&p->latency, -1);
	if (status == FAIL_GONE || status == FAIL_TARGET)
		session_drop(s);
	return OK;
}

int top_look(struct picture *p, struct session *s)
{
	double time = now(), seconds = p->at > 0 ? time - p->at : 0;

	p->at = time;
	return note(p, s, look(p, s, seconds));
}

int top_ping(struct picture *p, struct session *s)
{
	return note(p, s, latency_ping(&p->latency, s));
}
