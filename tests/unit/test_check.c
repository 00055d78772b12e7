/* SPDX-License-Identifier: MIT */
/*
 * Configurations that cannot work: each is refused with its own number and a sentence, before a
 * byte of the caller's struct qga is written.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bareqga.h"
#include "commands.h"

#define GUARD  0xA7
#define TOKENS 16

/* A configuration that has everything, and what it is made of: all of it may be spoilt. */
struct subject {
	struct qga_config config;
	struct qga_env env;
	struct qga_clock clock;
	struct qga_power power;
	struct qga_inventory inventory;
	struct qga_files files;
	struct qga_exec exec;
	struct qga_freeze freeze;
	struct qga_channel channel;
	struct qga_command commands[2];
	struct qga_arg args[QGA_ARGS_MAX + 2];
	struct qga_arg items[8];
	char request[QGA_REQUEST_MIN];
	uint64_t tokens[TOKENS * QGA_TOKEN_SIZE / 8];
	void *jobs[64];
	char text[QGA_NAME_MAX + 2];
};

static const struct qga_channel_ops no_ops;
static const char *const names[] = {"a", NULL};
static const char *const no_names[] = {NULL};

/* None of these is called: a configuration is looked at, not tried. */
static enum qga_status command(struct qga_call *call)
{
	(void)call;
	abort();
}

static int get(void *context, int64_t *ns)
{
	(void)context, (void)ns;
	abort();
}

static uint64_t monotonic(void *context)
{
	(void)context;
	abort();
}

static int shutdown(void *context, enum qga_power_mode mode)
{
	(void)context, (void)mode;
	abort();
}

static void off(void *context, enum qga_power_mode mode)
{
	(void)context, (void)mode;
	abort();
}

static int vcpu(void *context, size_t index, struct qga_vcpu *item)
{
	(void)context, (void)index, (void)item;
	abort();
}

static int set_vcpu(void *context, int64_t id, bool online)
{
	(void)context, (void)id, (void)online;
	abort();
}

static int open(void *context, const char *path, size_t len, unsigned flags, void **file)
{
	(void)context, (void)path, (void)len, (void)flags, (void)file;
	abort();
}

static void close(void *context, void *file)
{
	(void)context, (void)file;
	abort();
}

static int size(void *context, void *file, uint64_t *bytes)
{
	(void)context, (void)file, (void)bytes;
	abort();
}

static int64_t read(void *context, void *file, uint64_t offset, void *buf, size_t len)
{
	(void)context, (void)file, (void)offset, (void)buf, (void)len;
	abort();
}

static qga_program *find(void *context, const char *path, size_t len, void **program)
{
	(void)context, (void)path, (void)len, (void)program;
	abort();
}

static int freeze(void *context, const char *mountpoint, size_t len, const char **path)
{
	(void)context, (void)mountpoint, (void)len, (void)path;
	abort();
}

static int thaw(void *context)
{
	(void)context;
	abort();
}

static void good(struct subject *s)
{
	*s = (struct subject){
		.clock = {.get = get, .monotonic = monotonic},
		.power = {.shutdown = shutdown, .off = off},
		.inventory = {.vcpu = vcpu, .set_vcpu = set_vcpu},
		.files = {.open = open, .close = close, .size = size, .read = read},
		.exec = {.find = find},
		.freeze = {.freeze = freeze, .thaw = thaw, .watchdog_ns = 1},
		.channel = {.ops = &no_ops},
		.commands = {{.name = "one", .run = command}, {.name = "two", .run = command}},
		.args = {{.name = "n", .type = QGA_ARG_INT}},
	};
	s->env = (struct qga_env){&s->clock, &s->power, &s->inventory,
	                          &s->files, &s->exec,  &s->freeze};
	s->commands[0].args = s->args;
	s->config = (struct qga_config){
		.env = &s->env,
		.version = "1.0",
		.channel = &s->channel,
		.commands = s->commands,
		.n_commands = 2,
		.request = s->request,
		.request_size = sizeof(s->request),
		.tokens = s->tokens,
		.tokens_size = sizeof(s->tokens),
		.jobs = s->jobs,
		.jobs_size = sizeof(s->jobs),
	};
}

/* A struct qga between guards: it and they are as before if `fault` is not 0. */
static void expect(const struct subject *s, uint32_t build, int fault, const char *change)
{
	struct {
		uint64_t before[4];
		struct qga agent;
		uint64_t behind[4];
	} memory;
	const unsigned char *bytes = (const unsigned char *)&memory;
	const char *sentence;
	size_t i;
	int told;

	memset(&memory, GUARD, sizeof(memory));
	told = qga_init_build(&memory.agent, &s->config, build);
	if (told != fault)
		fail_msg("%s: %d instead of %d", change, told, fault);
	sentence = qga_strerror(fault);
	assert_true(strlen(sentence) > 10 && !strpbrk(sentence, "\n\t"));
	for (i = 0; i < sizeof(memory); i++) {
		bool agent = i >= sizeof(memory.before) &&
		             i < sizeof(memory.before) + sizeof(memory.agent);

		if ((fault || !agent) && bytes[i] != GUARD)
			fail_msg("%s: byte %zu was written", change, i);
	}
}

/* All is well but for one change. */
#define REFUSED(fault, change)                         \
	do {                                           \
		struct subject s;                      \
		good(&s);                              \
		change;                                \
		expect(&s, QGA_BUILD, fault, #change); \
	} while (0)
#define ACCEPTED(change) REFUSED(0, change)

/* A string of n characters. */
static const char *text_of(struct subject *s, size_t n)
{
	memset(s->text, 'x', n);
	s->text[n] = '\0';
	return s->text;
}

static void memory(void **state)
{
	(void)state;
	ACCEPTED((void)s);
	REFUSED(QGA_FAULT_NULL, s.config.env = NULL);
	REFUSED(QGA_FAULT_NULL, s.config.version = NULL);
	REFUSED(QGA_FAULT_NULL, s.config.request = NULL);
	REFUSED(QGA_FAULT_NULL, s.config.tokens = NULL);
	REFUSED(QGA_FAULT_NULL, s.config.commands = NULL);
	REFUSED(QGA_FAULT_NULL, s.channel.ops = NULL);
	ACCEPTED(s.config.channel = NULL);
	REFUSED(QGA_FAULT_REQUEST, s.config.request_size = 0);
	REFUSED(QGA_FAULT_REQUEST, s.config.request_size = QGA_REQUEST_MIN - 1);
	REFUSED(QGA_FAULT_REQUEST, s.config.request_size = (size_t)QGA_REQUEST_MAX + 1);
	REFUSED(QGA_FAULT_REQUEST, s.config.request_size = SIZE_MAX);
	REFUSED(QGA_FAULT_TOKENS, s.config.tokens_size = 0);
	REFUSED(QGA_FAULT_TOKENS, s.config.tokens_size = QGA_TOKENS_MIN * QGA_TOKEN_SIZE - 1);
	ACCEPTED(s.config.tokens_size = QGA_TOKENS_MIN * QGA_TOKEN_SIZE);
	REFUSED(QGA_FAULT_TOKENS, s.config.tokens_size = SIZE_MAX);
	REFUSED(QGA_FAULT_ALIGNMENT, s.config.tokens = (char *)s.tokens + 1);
	REFUSED(QGA_FAULT_ALIGNMENT, s.config.tokens = (char *)s.tokens + 2);
	ACCEPTED(s.config.tokens = (char *)s.tokens + 4);
	REFUSED(QGA_FAULT_ALIGNMENT, s.config.jobs = (char *)s.jobs + 4);
	REFUSED(QGA_FAULT_JOBS, s.config.jobs = NULL);
	REFUSED(QGA_FAULT_JOBS, s.config.jobs_size = 0);
	ACCEPTED(s.env.exec = NULL; s.config.jobs = NULL);
}

/* What becomes part of an answer as it is. */
static void texts(void **state)
{
	static const char *const bad[] = {"\"", "\\", "a\nb", "\x7F", "\xC3\xA4", "a\x1F"};
	size_t i;

	(void)state;
	for (i = 0; i <= QGA_NAME_MAX; i++) {
		ACCEPTED(s.config.version = text_of(&s, i));
		REFUSED(i > 0 ? 0 : QGA_FAULT_NAME, s.commands[1].name = text_of(&s, i));
	}
	REFUSED(QGA_FAULT_VERSION, s.config.version = text_of(&s, QGA_NAME_MAX + 1));
	REFUSED(QGA_FAULT_NAME, s.commands[1].name = text_of(&s, QGA_NAME_MAX + 1));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		REFUSED(QGA_FAULT_VERSION, s.config.version = bad[i]);
		REFUSED(QGA_FAULT_NAME, s.commands[0].name = bad[i]);
	}
	REFUSED(QGA_FAULT_NAME, s.commands[0].name = NULL);
	REFUSED(QGA_FAULT_NAME, s.commands[1].name = "");
}

static void environment(void **state)
{
	(void)state;
	REFUSED(QGA_FAULT_CLOCK, s.clock.monotonic = NULL);
	REFUSED(QGA_FAULT_CLOCK, s.env.clock = NULL);
	REFUSED(QGA_FAULT_CLOCK, s.power.off = NULL; s.clock.monotonic = NULL);
	ACCEPTED(s.power.off = NULL; s.freeze.watchdog_ns = 0; s.env.clock = NULL);
	REFUSED(QGA_FAULT_ENV, s.freeze.thaw = NULL);
	REFUSED(QGA_FAULT_ENV, s.files.close = NULL);
	REFUSED(QGA_FAULT_ENV, s.files.size = NULL);
	REFUSED(QGA_FAULT_ENV, s.files.read = NULL);
	REFUSED(QGA_FAULT_ENV, s.inventory.vcpu = NULL);
	ACCEPTED(s.inventory.vcpu = NULL; s.inventory.set_vcpu = NULL);
	/* A group of which nothing is offered needs nothing. */
	ACCEPTED(s.freeze.freeze = NULL; s.freeze.thaw = NULL);
	ACCEPTED(s.files = (struct qga_files){0});
	ACCEPTED(s.exec.find = NULL; s.config.jobs = NULL; s.config.jobs_size = 0);
	ACCEPTED(s.env = (struct qga_env){0});
}

static void commands(void **state)
{
	static struct qga_command many[QGA_COMMANDS_MAX];
	static char many_names[QGA_COMMANDS_MAX][8];
	const size_t room = QGA_COMMANDS_MAX - qga_commands_count;
	size_t i;

	(void)state;
	for (i = 0; i < QGA_COMMANDS_MAX; i++) {
		memcpy(many_names[i], "many-", 5);
		many_names[i][5] = (char)('a' + i / 10);
		many_names[i][6] = (char)('0' + i % 10);
		many[i] = (struct qga_command){.name = many_names[i], .run = command};
	}
	ACCEPTED(s.config.commands = many; s.config.n_commands = room);
	REFUSED(QGA_FAULT_COMMANDS, s.config.commands = many; s.config.n_commands = room + 1);
	REFUSED(QGA_FAULT_COMMANDS, s.config.n_commands = SIZE_MAX);
	ACCEPTED(s.config.commands = NULL; s.config.n_commands = 0);
	REFUSED(QGA_FAULT_DUPLICATE, s.commands[1].name = "one");
	/* There where the built-in one is not. */
	ACCEPTED(s.commands[1].name = "guest-suspend-ram");
	REFUSED(QGA_FAULT_RUN, s.commands[0].run = NULL);
	REFUSED(QGA_FAULT_RUN, s.commands[1].run = NULL);
}

/* n arguments of one type: a, b, c ... */
static void fill(struct subject *s, size_t n, enum qga_arg_type type)
{
	static char letters[QGA_ARGS_MAX + 1][2];
	size_t i;

	for (i = 0; i < n; i++) {
		letters[i][0] = (char)('a' + i);
		s->args[i] = (struct qga_arg){.name = letters[i], .type = (uint8_t)type};
	}
}

static void first(struct subject *s, enum qga_arg_type type)
{
	fill(s, 1, type);
}

/* Lists of lists of ... numbers, `depth` lists in all. */
static void lists(struct subject *s, size_t depth)
{
	size_t i;

	first(s, QGA_ARG_LIST);
	s->args[0].item = &s->items[0];
	for (i = 0; i < depth; i++) {
		s->items[i] = (struct qga_arg){.type = QGA_ARG_INT};
		if (i + 1 < depth) {
			s->items[i].type = QGA_ARG_LIST;
			s->items[i].item = &s->items[i + 1];
		}
	}
}

static void arguments(void **state)
{
	(void)state;
	ACCEPTED(fill(&s, QGA_ARGS_MAX, QGA_ARG_INT));
	REFUSED(QGA_FAULT_ARGS, fill(&s, QGA_ARGS_MAX + 1, QGA_ARG_INT));
	/* None: what is behind the row that ends them is nobody's. */
	ACCEPTED(fill(&s, QGA_ARGS_MAX + 1, QGA_ARG_INT); s.args[0].name = NULL);
	REFUSED(QGA_FAULT_ARG, first(&s, QGA_ARG_TYPES));
	REFUSED(QGA_FAULT_ARG, first(&s, 255));
	REFUSED(QGA_FAULT_ARG, first(&s, QGA_ARG_ENUM));
	REFUSED(QGA_FAULT_ARG, first(&s, QGA_ARG_ENUM); s.args[0].names = no_names);
	ACCEPTED(first(&s, QGA_ARG_ENUM); s.args[0].names = names);
	REFUSED(QGA_FAULT_ARG, first(&s, QGA_ARG_ALT_INT_ENUM));
	REFUSED(QGA_FAULT_ARG, first(&s, QGA_ARG_ALT_BOOL_ENUM));
	REFUSED(QGA_FAULT_ARG, first(&s, QGA_ARG_LIST));
	REFUSED(QGA_FAULT_ARG, first(&s, QGA_ARG_STRUCT));
	REFUSED(QGA_FAULT_ARG, lists(&s, 1); s.items[0].type = QGA_ARG_TYPES);
	REFUSED(QGA_FAULT_ARG, lists(&s, 1); s.items[0].type = QGA_ARG_STRUCT);
	ACCEPTED(lists(&s, 1));
	ACCEPTED(lists(&s, 3));
	REFUSED(QGA_FAULT_NESTING, lists(&s, 4));
	REFUSED(QGA_FAULT_NESTING, lists(&s, 1); s.items[0].type = QGA_ARG_LIST;
	        s.items[0].item = &s.items[0]);
}

/* A structure x of two numbers, of these names. */
static void structure(struct subject *s, const char *one, const char *two)
{
	static struct qga_arg members[3];

	members[0] = (struct qga_arg){.name = one, .type = QGA_ARG_INT};
	members[1] = (struct qga_arg){.name = two, .type = QGA_ARG_INT};
	first(s, QGA_ARG_STRUCT);
	s->args[0].name = "x";
	s->args[0].members = members;
}

static void repeated(void **state)
{
	(void)state;
	REFUSED(QGA_FAULT_DUPLICATE, fill(&s, 2, QGA_ARG_INT); s.args[1].name = "a");
	REFUSED(QGA_FAULT_DUPLICATE, fill(&s, 3, QGA_ARG_INT); s.args[2].name = "a");
	REFUSED(QGA_FAULT_DUPLICATE, fill(&s, 3, QGA_ARG_INT); s.args[2].name = "b");
	REFUSED(QGA_FAULT_DUPLICATE, structure(&s, "a", "a"));
	REFUSED(QGA_FAULT_DUPLICATE, structure(&s, "a", "a"); s.items[0] = s.args[0];
	        s.items[0].name = NULL; first(&s, QGA_ARG_LIST); s.args[0].item = &s.items[0]);
	ACCEPTED(fill(&s, 2, QGA_ARG_INT); s.args[1].name = "aa");
	ACCEPTED(structure(&s, "x", "y"));
	/* What a list is of has no name, and no row behind it. */
	ACCEPTED(lists(&s, 2); s.items[0].name = s.items[1].name = "a");
}

/* Every bit of what the application was compiled with counts. */
static void build(void **state)
{
	struct subject s;
	int bit;

	(void)state;
	good(&s);
	for (bit = 0; bit < 32; bit++)
		expect(&s, QGA_BUILD ^ 1u << bit, QGA_FAULT_BUILD, "another build");
	/* It is found first: nothing else that such an application says can be believed. */
	memset(&s, 0, sizeof(s));
	expect(&s, QGA_BUILD ^ 1, QGA_FAULT_BUILD, "another build, and nothing else");
}

static size_t stream_read(void *context, void *buf, size_t size)
{
	(void)context, (void)buf, (void)size;
	abort();
}

static size_t stream_write(void *context, const void *data, size_t len)
{
	(void)context, (void)data, (void)len;
	abort();
}

/* A stream that lacks one thing. */
#define STREAM_LACKS(change)                                                      \
	do {                                                                      \
		struct qga_stream_config c = whole;                               \
		change;                                                           \
		assert_int_equal(qga_stream_init(&stream, &c), QGA_FAULT_STREAM); \
		assert_null(stream.channel.ops);                                  \
	} while (0)

static void stream(void **state)
{
	struct qga_stream stream;
	char memory[1];
	const struct qga_stream_config whole = {.read = stream_read,
	                                        .write = stream_write,
	                                        .rx = memory,
	                                        .tx = memory,
	                                        .rx_size = 1,
	                                        .tx_size = 1};

	(void)state;
	assert_int_equal(qga_stream_init(&stream, &whole), 0);
	assert_non_null(stream.channel.ops);
	STREAM_LACKS(c.read = NULL);
	STREAM_LACKS(c.write = NULL);
	STREAM_LACKS(c.rx = NULL);
	STREAM_LACKS(c.tx = NULL);
	STREAM_LACKS(c.rx_size = 0);
	STREAM_LACKS(c.tx_size = 0);
	/* Whoever did not look at that is told by qga_init(). */
	REFUSED(QGA_FAULT_NULL, s.config.channel = &stream.channel);
}

static void sentences(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i >= QGA_FAULT_STREAM; i--)
		for (j = 0; j > i; j--)
			assert_string_not_equal(qga_strerror(i), qga_strerror(j));
	for (i = 1; i > 0 && i < 1 << 30; i *= 2) {
		assert_string_equal(qga_strerror(i), qga_strerror(INT_MIN));
		assert_string_equal(qga_strerror(QGA_FAULT_STREAM - i), qga_strerror(INT_MAX));
	}
	assert_string_equal(qga_library_version(), BAREQGA_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory),      cmocka_unit_test(texts),
		cmocka_unit_test(environment), cmocka_unit_test(commands),
		cmocka_unit_test(arguments),   cmocka_unit_test(repeated),
		cmocka_unit_test(build),       cmocka_unit_test(stream),
		cmocka_unit_test(sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
