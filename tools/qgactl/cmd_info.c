/* SPDX-License-Identifier: MIT */
/* cmd_info.c - what the guest is: system, name, users, and what its agent can do. */
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "print.h"

static void line(const char *name, const char *text)
{
	if (!text || !*text)
		return;
	print_look(stdout, DIM);
	printf("%-11s ", name);
	print_look(stdout, PLAIN);
	print_text(stdout, text);
	putchar('\n');
}

static void show_system(const json_t *os)
{
	const char *name = member_text(os, "pretty-name");

	line("system", *name ? name : member_text(os, "name"));
	line("kernel", member_text(os, "kernel-release"));
	line("build", member_text(os, "kernel-version"));
	line("machine", member_text(os, "machine"));
}

static void show_zone(const json_t *zone)
{
	long long offset = member_number(zone, "offset");
	char text[128];

	if (!zone)
		return;
	snprintf(text, sizeof(text), "%s %c%02lld:%02lld", member_text(zone, "zone"),
	         offset < 0 ? '-' : '+', llabs(offset) / 3600, llabs(offset) / 60 % 60);
	line("time zone", text);
}

static void show_users(const json_t *users)
{
	char text[1024] = "";
	size_t i, at = 0;
	json_t *user;

	json_array_foreach(users, i, user) if (at < sizeof(text)) at += (size_t)snprintf(
		text + at, sizeof(text) - at, "%s%s", i ? ", " : "", member_text(user, "user"));
	line("users", text);
}

static void show_agent(const json_t *agent)
{
	const json_t *list = json_object_get(agent, "supported_commands");
	size_t i, on = 0, off = 0;
	char text[128];
	json_t *command;

	json_array_foreach(list, i, command) if (member_true(command, "enabled")) on++;
	else off++;
	snprintf(text, sizeof(text), "version %.32s, %zu command%s", member_text(agent, "version"),
	         on, on == 1 ? "" : "s");
	line("agent", text);
	if (off > 0) {
		snprintf(text, sizeof(text), "%zu command%s", off, off == 1 ? "" : "s");
		line("disabled", text);
	}
}

static int show_commands(struct context *c)
{
	json_t *agent, *command, *list;
	size_t i;
	int status = session_ask(&c->session, "guest-info", NULL, &agent);

	if (status)
		return status;
	list = json_object_get(agent, "supported_commands");
	if (c->json)
		print_json(list);
	else
		json_array_foreach(list, i, command)
		{
			print_text(stdout, member_text(command, "name"));
			puts(member_true(command, "enabled") ? "" : " (disabled)");
		}
	json_decref(agent);
	return OK;
}

int cmd_info(struct context *c, const struct args *a)
{
	static const char *const names[] = {"guest-info", "guest-get-osinfo", "guest-get-host-name",
	                                    "guest-get-timezone", "guest-get-users"};
	json_t *all, *value;
	int status = OK;

	if (args_has(a, 'c'))
		return show_commands(c);
	all = json_object();
	for (size_t i = 0; !status && i < 5; i++) {
		status = session_try(&c->session, names[i], NULL, &value);
		/* guest-get-osinfo -> osinfo; guest-info -> agent */
		if (!status && value)
			json_object_set_new(all, i == 0 ? "agent" : names[i] + 10, value);
	}
	if (!status && c->json)
		print_json(all);
	if (!status && !c->json) {
		line("name", member_text(json_object_get(all, "host-name"), "host-name"));
		show_system(json_object_get(all, "osinfo"));
		show_zone(json_object_get(all, "timezone"));
		show_users(json_object_get(all, "users"));
		show_agent(json_object_get(all, "agent"));
	}
	json_decref(all);
	return status;
}
