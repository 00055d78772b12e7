/* SPDX-License-Identifier: MIT */
/*
 * programs.c - see programs.h: words of the command line, and the programs that touch no file.
 */
#include <string.h>

#include "cmd/env_text.h"
#include "programs.h"

/* As good as for ever, and no sum with it overflows. */
#define FOR_EVER (UINT64_MAX / 4)

static const struct qga_clock *clock;

/* --- Texts and words --- */

void program_put(struct qga_job *job, int stream, const char *text)
{
	job->output(job, stream, text, strlen(text));
}

void program_put_number(struct qga_job *job, uint64_t value, unsigned decimals, const char *after)
{
	char text[32];
	struct qga_out out = {.buf = text, .cap = sizeof(text)};

	qga_out_fixed(&out, (int64_t)value, decimals);
	job->output(job, STDOUT, text, out.len - (decimals ? decimals + 1 : 0));
	program_put(job, STDOUT, after);
}

int program_complain(struct qga_job *job, const char *before, const char *word, const char *after,
                     int error)
{
	const char *const parts[] = {
		job->argv[0], ": ", before, word, after, error ? qga_env_text(error) : "", "\n"};

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		program_put(job, STDERR, parts[i]);
	return 1;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1];
}

bool program_refuses(struct qga_job *job, const char *known)
{
	for (size_t i = 1; i < job->argc && strcmp(job->argv[i], "--") != 0; i++) {
		const char *word = job->argv[i];

		if (!is_option(word))
			continue;
		if (word[1] == '-')
			return program_complain(job, "unrecognized option '", word, "'", 0);
		for (const char *p = word + 1; *p; p++)
			if (!strchr(known, *p))
				return program_complain(job, "invalid option -- '",
				                        (char[]){*p, '\0'}, "'", 0);
	}
	return false;
}

const char *program_operand(const struct qga_job *job, size_t n)
{
	bool ended = false; /* "--" has been */

	for (size_t i = 1; i < job->argc; i++) {
		if (!ended && is_option(job->argv[i]))
			ended = strcmp(job->argv[i], "--") == 0;
		else if (n-- == 0)
			return job->argv[i];
	}
	return NULL;
}

/* --- true, false, env --- */

int program_true(struct qga_job *job)
{
	(void)job;
	return 0;
}

int program_false(struct qga_job *job)
{
	(void)job;
	return 1;
}

int program_env(struct qga_job *job)
{
	if (program_refuses(job, ""))
		return 125;
	if (program_operand(job, 0)) {
		program_complain(job, "'", program_operand(job, 0), "': ", QGA_ENOENT);
		return 127;
	}
	for (char *const *e = job->env; *e; e++) {
		program_put(job, STDOUT, *e);
		program_put(job, STDOUT, "\n");
	}
	return 0;
}

/* --- echo --- */

/* The value of a digit, or 16. */
static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

/* Up to `most` digits at *p, which moves behind them. */
static char number(const char **p, unsigned base, unsigned most)
{
	unsigned value = 0;

	for (; most > 0 && digit(**p) < base; most--)
		value = value * base + digit(*(*p)++);
	return (char)value;
}

/* What stands behind a backslash at *p, which moves behind it; -1: it is none of echo's. */
static int escaped(const char **p)
{
	static const char names[] = "abefnrtv\\", values[] = "\a\b\033\f\n\r\t\v\\";
	const char *name = strchr(names, **p);

	if (name) {
		(*p)++;
		return values[name - names];
	}
	if (**p == 'x' && digit((*p)[1]) < 16) {
		(*p)++;
		return (unsigned char)number(p, 16, 2);
	}
	if (digit(**p) < 8)
		return (unsigned char)number(p, 8, **p == '0' ? 4 : 3);
	return -1;
}

/* Writes a word as echo -e does; true if that ends the output. */
static bool put_escaped(struct qga_job *job, const char *p)
{
	while (*p) {
		char c = *p++;

		if (c == '\\' && *p) {
			int value;

			if (*p == 'c')
				return true;
			value = escaped(&p);
			c = value < 0 ? '\\' : (char)value;
		}
		job->output(job, STDOUT, &c, 1);
	}
	return false;
}

/* Is the word one of echo's options? Anything else is text. */
static bool is_echo_option(const char *word)
{
	bool option = is_option(word);

	while (option && *++word)
		option = strchr("neE", *word);
	return option;
}

int program_echo(struct qga_job *job)
{
	bool line = true, escapes = false;
	size_t first = 1;

	for (; first < job->argc && is_echo_option(job->argv[first]); first++)
		for (const char *p = job->argv[first] + 1; *p; p++) {
			line &= *p != 'n';
			escapes = *p == 'n' ? escapes : *p == 'e';
		}
	for (size_t i = first; i < job->argc; i++) {
		if (i > first)
			program_put(job, STDOUT, " ");
		if (!escapes)
			program_put(job, STDOUT, job->argv[i]);
		else if (put_escaped(job, job->argv[i]))
			return 0;
	}
	if (line)
		program_put(job, STDOUT, "\n");
	return 0;
}

/* --- sleep --- */

/* Reads "1.5", "3m", "inf"; the nanoseconds, or UINT64_MAX if it is none such. */
static uint64_t interval(const char *p)
{
	static const char names[] = "smhd";
	static const uint32_t seconds[] = {1, 60, 3600, 86400};
	uint64_t ns = 0;
	uint32_t unit = 1000000000, scale = 1;
	bool point = false, digits = false;

	if (strcmp(p, "inf") == 0 || strcmp(p, "infinity") == 0)
		return FOR_EVER;
	for (; *p == '.' ? !point : digit(*p) < 10; p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		digits = true;
		if (point)
			ns += digit(*p) * (unit /= 10);
		else
			ns = ns < FOR_EVER / 20 ? ns * 10 + digit(*p) * (uint64_t)unit : FOR_EVER;
	}
	if (*p && strchr(names, *p))
		scale = seconds[strchr(names, *p++) - names];
	if (*p || !digits)
		return UINT64_MAX;
	return ns < FOR_EVER / scale ? ns * scale : FOR_EVER;
}

/* state[0]: whether it has slept. */
int program_sleep(struct qga_job *job)
{
	uint64_t sum = 0;
	int status = 0;

	if (job->state[0])
		return 0;
	if (program_refuses(job, ""))
		return 1;
	if (job->argc < 2) /* coreutils' does not look for an operand, either */
		return program_complain(job, "missing operand", "", "", 0);
	for (size_t i = 0; program_operand(job, i); i++) {
		uint64_t ns = interval(program_operand(job, i));

		if (ns == UINT64_MAX)
			status = program_complain(job, "invalid time interval '",
			                          program_operand(job, i), "'", 0);
		else
			sum = sum + ns < FOR_EVER ? sum + ns : FOR_EVER;
	}
	if (status == 0 && (!clock || !clock->monotonic))
		return program_complain(job, "no clock", "", "", 0);
	if (status)
		return status;
	job->state[0] = 1;
	job->wait_ns = sum;
	return QGA_RUNNING;
}

void program_clock_init(const struct qga_clock *c)
{
	clock = c;
}
