/* SPDX-License-Identifier: MIT */
/* rules.c - the rules, and how they are written. */
#include <string.h>

#include "fault.h"

#define RULES_MAX 8

#define VALUE_DIGITS 9

enum value {
	NONE,
	NUMBER, /* of VALUE_DIGITS at most */
	SIGNED,
	CLASS
};

static const struct {
	const char *name;
	uint8_t value;    /* enum value */
	bool must;        /* it cannot be left out */
	bool for_command; /* @COMMAND may be said */
	int64_t unless;   /* the value if it is left out */
} kinds[FAULT_KINDS] = {
	[FAULT_LATE] = {"late", NUMBER, true, true, 0},
	[FAULT_PIECES] = {"pieces", NUMBER, false, true, 1},
	[FAULT_CUT] = {"cut", NUMBER, true, true, 0},
	[FAULT_DROP] = {"drop", NUMBER, false, true, 2000},
	[FAULT_STALE] = {"stale", NUMBER, false, true, 1},
	[FAULT_ERROR] = {"error", CLASS, true, true, 0},
	[FAULT_FREEZE] = {"freeze", NONE, false, false, 0},
	[FAULT_HANG] = {"hang", NONE, false, false, 0},
	[FAULT_CLOCK] = {"clock", SIGNED, true, false, 0},
};

static struct fault_rule rules[RULES_MAX];
static size_t n_rules;

static bool is_apart(char c)
{
	return c == ',' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Each reads from p on, and returns where it ends, or NULL. */
static const char *read_number(const char *p, const char *end, bool may_be_less, int64_t *value)
{
	bool less = may_be_less && p < end && *p == '-';
	const char *digits = p += less;

	for (*value = 0; p < end && is_digit(*p) && p - digits < VALUE_DIGITS; p++)
		*value = *value * 10 + (*p - '0');
	if (less)
		*value = -*value;
	return p > digits ? p : NULL;
}

/* Letters, and of a command '-' and '_' and digits, too. */
static const char *read_word(const char *p, const char *end, bool command, char *word, size_t size)
{
	size_t n = 0;

	for (; p < end; p++) {
		if (!is_letter(*p) &&
		    !(command && (*p == '-' || *p == '_' || *p == '.' || is_digit(*p))))
			break;
		if (n == size - 1)
			return NULL;
		word[n++] = *p;
	}
	word[n] = '\0';
	return n > 0 ? p : NULL;
}

static const char *read_value(const char *p, const char *end, struct fault_rule *rule)
{
	uint8_t value = kinds[rule->kind].value;

	if (value == CLASS)
		return read_word(p, end, false, rule->class, sizeof rule->class);
	return value == NONE ? NULL : read_number(p, end, value == SIGNED, &rule->value);
}

static const char *read_rule(const char *p, const char *end, struct fault_rule *rule)
{
	char name[8];
	int64_t times = FAULT_FOREVER;

	*rule = (struct fault_rule){.kind = 0};
	p = read_word(p, end, false, name, sizeof name);
	if (!p)
		return NULL;
	while (rule->kind < FAULT_KINDS && strcmp(kinds[rule->kind].name, name) != 0)
		rule->kind++;
	if (rule->kind == FAULT_KINDS)
		return NULL;
	rule->value = kinds[rule->kind].unless;
	if (p < end && *p == '=')
		p = read_value(p + 1, end, rule);
	else if (kinds[rule->kind].must)
		return NULL;
	if (p && p < end && *p == '@')
		p = kinds[rule->kind].for_command
		            ? read_word(p + 1, end, true, rule->command, sizeof rule->command)
		            : NULL;
	if (p && p < end && *p == '*')
		p = read_number(p + 1, end, false, &times);
	rule->left = (uint32_t)times;
	/* No answer would ever end in pieces of nothing. */
	if (rule->kind == FAULT_PIECES && rule->value == 0)
		return NULL;
	return p && (p == end || is_apart(*p)) ? p : NULL;
}

const char *fault_rules_set(const char *text, size_t len)
{
	const char *p = text, *end = text + len, *behind;

	for (n_rules = 0;; n_rules++, p = behind) {
		while (p < end && is_apart(*p))
			p++;
		if (p == end)
			return NULL;
		behind = n_rules < RULES_MAX ? read_rule(p, end, &rules[n_rules]) : NULL;
		if (!behind)
			break;
	}
	n_rules = 0;
	return p;
}

const struct fault_rule *fault_rule_take(enum fault_kind kind, const char *command)
{
	for (size_t i = 0; i < n_rules; i++) {
		struct fault_rule *rule = &rules[i];

		if (rule->kind != kind || rule->left == 0 ||
		    (rule->command[0] && strcmp(rule->command, command) != 0))
			continue;
		if (rule->left != FAULT_FOREVER)
			rule->left--;
		return rule;
	}
	return NULL;
}
