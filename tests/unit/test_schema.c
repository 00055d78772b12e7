/* SPDX-License-Identifier: MIT */
/*
 * test_schema.c - our command table beside tests/tools/schema.txt: names, arguments, their types
 * and whether they may be left out, what is answered while frozen, and what is not answered at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "commands.h"

#define FACTS "tests/tools/schema.txt"

/* A command of the schema that we never offer, and why is in docs/COMMANDS.md. */
static const char *const absent[] = {
	"guest-suspend-disk",
	"guest-suspend-hybrid",
	"guest-set-user-password",
	"guest-set-memory-blocks",
	"guest-get-devices",
	"guest-ssh-get-authorized-keys",
	"guest-ssh-add-authorized-keys",
	"guest-ssh-remove-authorized-keys",
};

static const char *type_name(enum qga_arg_type type)
{
	switch (type) {
	case QGA_ARG_INT:
	case QGA_ARG_ALT_INT_ENUM:
		return "int";
	case QGA_ARG_UINT:
		return "uint";
	case QGA_ARG_BOOL:
	case QGA_ARG_ALT_BOOL_ENUM:
		return "bool";
	default:
		return "str";
	}
}

static bool has_names(const struct qga_arg *row)
{
	return row->type == QGA_ARG_ENUM || row->type == QGA_ARG_ALT_INT_ENUM ||
	       row->type == QGA_ARG_ALT_BOOL_ENUM;
}

/* Writes rows in the notation of the facts. Nests as deep as the rows do. */
static void describe(char *to, const struct qga_arg *rows)
{
	for (const struct qga_arg *row = rows; row && row->name; row++) {
		const struct qga_arg *type = row->type == QGA_ARG_LIST ? row->item : row;

		to += sprintf(to, "%s%s%s:%s", row == rows ? "" : " ", row->optional ? "*" : "",
		              row->name, row->type == QGA_ARG_LIST ? "[" : "");
		if (type->type == QGA_ARG_STRUCT) {
			to += sprintf(to, "{");
			describe(to, type->members);
			to += strlen(to);
			to += sprintf(to, "}");
		} else if (type->type != QGA_ARG_ENUM) {
			to += sprintf(to, "%s", type_name((enum qga_arg_type)type->type));
		}
		/* The first of an alternate's names is that of its type. */
		for (size_t i = type->type != QGA_ARG_ENUM; has_names(type) && type->names[i]; i++)
			to += sprintf(to, "%s%s", i ? "|" : "", type->names[i]);
		to += sprintf(to, "%s", row->type == QGA_ARG_LIST ? "]" : "");
	}
	*to = '\0';
}

static const struct qga_command *find(const char *name)
{
	for (unsigned i = 0; i < qga_commands_count; i++)
		if (strcmp(qga_commands[i].name, name) == 0)
			return &qga_commands[i];
	return NULL;
}

static bool is_absent(const char *name)
{
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		if (strcmp(absent[i], name) == 0)
			return true;
	return false;
}

/* One line: NAME(ARGUMENTS) -> SHAPE since VERSION [frozen] */
static void compare(char *line)
{
	char ours[512], *args = strchr(line, '('), *end = strstr(line, ") -> ");
	const struct qga_command *command;

	assert_non_null(args);
	assert_non_null(end);
	*args++ = '\0';
	*end = '\0';
	end += strlen(") -> ");
	command = find(line);
	if (!command && is_absent(line))
		return;
	if (!command)
		fail_msg("%s is not in our table", line);
	describe(ours, command->args);
	if (strcmp(ours, args) != 0)
		fail_msg("%s takes (%s), but ours takes (%s)", line, args, ours);
	assert_int_equal(strncmp(end, "silence", 7) == 0, (command->flags & QGA_NO_RESPONSE) != 0);
	assert_int_equal(strstr(end, " frozen") != NULL, (command->flags & QGA_WHEN_FROZEN) != 0);
	assert_int_equal(strcmp(line, "guest-sync-delimited") == 0,
	                 (command->flags & QGA_DELIMITED) != 0);
}

static void test_table(void **state)
{
	FILE *facts = fopen(FACTS, "r");
	char line[1024];
	unsigned n = 0;

	(void)state;
	if (!facts)
		fail_msg("%s cannot be read; run the tests from the top directory", FACTS);
	while (fgets(line, sizeof(line), facts)) {
		if (strncmp(line, "guest-", 6) != 0)
			continue;
		n++;
		line[strcspn(line, "\n")] = '\0';
		compare(line);
	}
	fclose(facts);
	assert_int_equal(n, 44);
	assert_int_equal(qga_commands_count + sizeof(absent) / sizeof(absent[0]), n);
}

/* In a world where nothing is there, what needs nothing is offered, and nothing else. */
static void test_offered_by_nobody(void **state)
{
	static const struct qga_env nothing;
	unsigned offered = 0;

	(void)state;
	for (unsigned i = 0; i < qga_commands_count; i++) {
		bool is = qga_command_offered(&qga_commands[i], &nothing);

		assert_int_equal(is, qga_commands[i].needs.size == 0);
		offered += is;
	}
	/* guest-info, -ping, -sync, -sync-delimited and -get-timezone */
	assert_int_equal(offered, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_table),
	                                   cmocka_unit_test(test_offered_by_nobody)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
