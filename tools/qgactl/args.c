/* SPDX-License-Identifier: MIT */
/* args.c - see command.h: options by getopt_long, from the tables; help from the same. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

enum {
	ROWS_MAX = 32
};

/* getopt_long's own tables. */
struct tables {
	struct option longs[ROWS_MAX];
	char shorts[2 * ROWS_MAX + 2];
};

static void add(struct tables *t, const struct option_row *row)
{
	size_t n = 0, len = strlen(t->shorts);

	while (t->longs[n].name)
		n++;
	for (; row->name && n < ROWS_MAX - 1; row++, n++) {
		t->longs[n] = (struct option){
			row->name, row->value ? required_argument : no_argument, NULL, row->letter};
		if (row->letter < OPT_JSON) {
			t->shorts[len++] = (char)row->letter;
			if (row->value)
				t->shorts[len++] = ':';
		}
	}
	t->shorts[len] = '\0';
}

static int wrong(const char *command, const char *word, int letter, int shown)
{
	const char *what = letter == ':' ? "needs a value" : "is not known";
	char help[40];

	snprintf(help, sizeof(help), "qgactl %s%s--help", command ? command : "",
	         command ? " " : "");
	if (shown > 0 && shown < OPT_JSON && strncmp(word, "--", 2) != 0)
		return fail(FAIL_USAGE, "option -%c %s; see %s", shown, what, help);
	return fail(FAIL_USAGE, "option %s %s; see %s", word, what, help);
}

int args_parse(struct args *a, int argc, char **argv, const struct command *command)
{
	struct tables tables = {.shorts = ":"};
	bool lends = command && command->takes == UP_TO_OTHER;
	int letter;

	*a = (struct args){0};
	if (!command || command->takes != ALL)
		strcpy(tables.shorts, "+:");
	if (command)
		add(&tables, command->options);
	add(&tables, common_options);
	optind = 0; /* glibc: begin anew */
	opterr = 0;
	for (;;) {
		int at = optind ? optind : 1;

		letter = getopt_long(argc, argv, tables.shorts, tables.longs, NULL);
		if (letter < 0)
			break;
		if (letter == '?' && lends) {
			optind = at;
			break;
		}
		if (letter == '?' || letter == ':')
			return wrong(command ? argv[0] : NULL, argv[at < argc ? at : argc - 1],
			             letter, optopt);
		a->given = grow(a->given, (a->n_given + 1) * sizeof(a->given[0]));
		a->given[a->n_given++] = (struct given){letter, optarg};
	}
	a->argc = argc - optind;
	a->argv = argv + optind;
	return OK;
}

void args_free(struct args *a)
{
	free(a->given);
	a->given = NULL;
	a->n_given = 0;
}

const char *args_value(const struct args *a, int letter)
{
	for (size_t i = a->n_given; i > 0; i--)
		if (a->given[i - 1].letter == letter)
			return a->given[i - 1].value;
	return NULL;
}

bool args_has(const struct args *a, int letter)
{
	for (size_t i = 0; i < a->n_given; i++)
		if (a->given[i].letter == letter)
			return true;
	return false;
}

int args_number(const struct args *a, int letter, double low, double high, double *value)
{
	const char *text = args_value(a, letter);
	char *end;
	double number;

	if (!text)
		return OK;
	number = strtod(text, &end);
	if (end == text || *end || !(number >= low && number <= high))
		return fail(FAIL_USAGE, "'%s' is no number from %g to %.0f", text, low, high);
	*value = number;
	return OK;
}

static void print_options(const struct option_row *row)
{
	for (; row->name; row++) {
		char left[64], letter[8] = "    ";

		if (row->letter < OPT_JSON)
			snprintf(letter, sizeof(letter), "-%c, ", row->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, row->name, row->value ? " " : "",
		         row->value ? row->value : "");
		printf("  %-24s %s\n", left, row->help);
	}
}

void command_help(const struct command *command)
{
	if (command) {
		printf("qgactl %s [OPTION...]%s%s - %s\n\n", command->name,
		       *command->words ? " " : "", command->words, command->summary);
		if (command->more)
			printf("%s\n", command->more);
		print_options(command->options);
		if (command->options->name)
			putchar('\n');
		print_options(common_options);
		return;
	}
	printf("qgactl [OPTION...] COMMAND [OPTION...] - talks to a QEMU guest agent\n\n");
	for (const struct command *row = commands; row->name; row++)
		printf("  %-10s %s\n", row->name, row->summary);
	printf("\n");
	print_options(common_options);
	printf("  -V, --version            the version\n\n"
	       "TARGET is unix:PATH, tcp:HOST:PORT, vsock:CID:PORT, vsock-uds:PATH:PORT, "
	       "serial:DEVICE\n"
	       "or libvirt:DOMAIN. \"qgactl COMMAND --help\" says more; so does \"man qgactl\".\n");
}
