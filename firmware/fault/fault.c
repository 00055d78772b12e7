/* SPDX-License-Identifier: MIT */
/*
 * fault.c - an application that makes the agent misbehave, for tests of what talks to it:
 * `make APP=fault`. It does so only if the host asks, by the setting `fault` or by the file /run/fault.
 */
#include <string.h>

#include "env/env.h"
#include "fault.h"
#include "app.h"

#define SECOND 1000000000
#define SHOWN  40 /* of what is not understood */
#define IS_OFF "bareqga: no more faults"

static const struct board *board;
static char text[FAULT_TEXT_MAX];
static size_t text_len;
static int64_t clock_off; /* ns */

/* --- What applies --- */

static void say(const char *before, const char *what, size_t len)
{
	char line[FAULT_TEXT_MAX + 80];
	size_t n = strlen(before);

	memcpy(line, before, n);
	memcpy(line + n, what, len);
	while (len > 0 && line[n + len - 1] == '\n')
		len--;
	line[n + len] = '\0';
	env_say(line);
}

/* The text is what the host wants; returns 0 or QGA_EINVAL. */
static int apply(void)
{
	const char *wrong = fault_rules_set(text, text_len);
	const struct fault_rule *rule;
	size_t rest;

	if (wrong) {
		rest = text_len - (size_t)(wrong - text);
		say("bareqga: setting fault is not understood and not used, from here: ", wrong,
		    rest < SHOWN ? rest : SHOWN);
		return QGA_EINVAL;
	}
	/* A clock jumps once, and is then wrong until somebody sets it. */
	rule = fault_rule_take(FAULT_CLOCK, "");
	if (rule)
		clock_off += rule->value * SECOND;
	if (text_len > 0)
		say("bareqga: misbehaves, as the host asks: ", text, text_len);
	return 0;
}

/* --- /run/fault --- */

static uint64_t current_size(void *context)
{
	(void)context;
	return text_len;
}

static int64_t read(void *context, uint64_t offset, void *buf, size_t len)
{
	(void)context;
	if (offset >= text_len)
		return 0;
	if (len > text_len - offset)
		len = (size_t)(text_len - offset);
	memcpy(buf, text + offset, len);
	return (int64_t)len;
}

static int truncate(void *context)
{
	(void)context;
	if (text_len > 0)
		env_say(IS_OFF);
	text_len = 0;
	return apply();
}

static int64_t write(void *context, uint64_t offset, const void *buf, size_t len)
{
	(void)context;
	if (offset > text_len || len > sizeof text - offset)
		return QGA_ENOSPC;
	memcpy(text + offset, buf, len);
	if (offset + len > text_len)
		text_len = (size_t)offset + len;
	if (apply() == 0)
		return (int64_t)len;
	text_len = 0;
	return QGA_EINVAL;
}

static const struct app_file files[] = {{.path = "/run/fault",
                                         .current_size = current_size,
                                         .read = read,
                                         .write = write,
                                         .truncate = truncate}};

/* --- The world, with faults --- */

static struct qga_env env;
static struct qga_clock clock;
static struct qga_freeze freeze;
static struct qga_exec exec;
static const struct qga_env *real;

static int clock_get(void *context, int64_t *ns)
{
	int status = real->clock->get(context, ns);

	*ns += clock_off;
	return status;
}

static int clock_set(void *context, int64_t ns)
{
	clock_off = 0;
	return real->clock->set(context, ns);
}

static int clock_reread(void *context)
{
	clock_off = 0;
	return real->clock->reread(context);
}

static int freeze_all(void *context, const char *mountpoint, size_t len, const char **path)
{
	if (!fault_rule_take(FAULT_FREEZE, ""))
		return real->freeze->freeze(context, mountpoint, len, path);
	*path = "/ram";
	return QGA_EIO;
}

static int never_end(struct qga_job *job)
{
	job->wait_ns = SECOND;
	return QGA_RUNNING;
}

static qga_program *find(void *context, const char *path, size_t len, void **program_context)
{
	qga_program *program = real->exec->find(context, path, len, program_context);

	if (program && fault_rule_take(FAULT_HANG, ""))
		return &never_end;
	return program;
}

static void wrap_world(void)
{
	env = *real;
	if (env.clock && env.clock->get) {
		clock = *env.clock;
		clock.get = clock_get;
		clock.set = clock.set ? clock_set : NULL;
		clock.reread = clock.reread ? clock_reread : NULL;
		env.clock = &clock;
	}
	if (env.freeze) {
		freeze = *env.freeze;
		freeze.freeze = freeze_all;
		env.freeze = &freeze;
	}
	if (env.exec) {
		exec = *env.exec;
		exec.find = find;
		env.exec = &exec;
	}
}

/* --- The application --- */

static void init(const struct board *b)
{
	board = b;
}

static void configure(struct qga_config *config)
{
	const char *asked = env_setting(ENV_SETTING("fault"), board->cmdline);
	size_t len = asked ? strlen(asked) : 0;

	real = config->env;
	wrap_world();
	config->env = &env;
	if (config->channel)
		config->channel = fault_channel(config->channel);
	if (len > sizeof text) {
		env_say("bareqga: setting fault is too long and not used");
		return;
	}
	if (len > 0)
		memcpy(text, asked, len);
	text_len = len;
	if (apply() < 0)
		text_len = 0;
}

const struct app app = {
	.init = init,
	.configure = configure,
	.poll = fault_channel_wait,
	.files = files,
	.n_files = sizeof files / sizeof files[0],
};
