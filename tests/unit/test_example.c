/* SPDX-License-Identifier: MIT */
/* test_example.c - the example of an application, through an agent on a fake board, and by its programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "fake_board.h"
#include "fake_job.h"
#include "talk.h"

#include "example/app.c"

#define ERROR(text) "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}\n"
#define DONE        "{\"return\": {}}\n"

static _Alignas(16) char spare[1 << 20];
static const struct board machine = {.name = "fake",
                                     .cmdline = "",
                                     .spare = spare,
                                     .n_cpus = 3,
                                     .spare_size = sizeof spare,
                                     .disturbed = fake_board_disturbed};
static struct talk talk;

static int start(void **state)
{
	(void)state;
	env_init(&machine);
	assert_string_equal(fake_board.said, "example: hello\n");
	env_config(&talk.config);
	talk.env = *talk.config.env;
	talk.config.version = "1";
	talk_begin(&talk, 16384, 256);
	return 0;
}

static int end(void **state)
{
	(void)state;
	talk_end(&talk);
	return 0;
}

/* A command with arguments, both without their quotes' backslashes. */
static const char *ask(const char *command, const char *arguments)
{
	static char request[8192];
	int n = snprintf(request, sizeof request, "{'execute':'%s','arguments':{%s}}", command,
	                 arguments);

	assert_in_range(n, 1, sizeof request - 1);
	return talk_ask(&talk, request);
}

static void hello_to_someone(void **state)
{
	static char name[3001], arguments[3100], expected[3100];

	(void)state;
	assert_string_equal(ask("example-hello", "'name':'you'"),
	                    "{\"return\": {\"hello\": \"you\", \"times\": 1}}\n");
	assert_string_equal(ask("example-hello", "'name':'you','times':3"),
	                    "{\"return\": {\"hello\": \"you\", \"times\": 3}}\n");
	assert_string_equal(ask("example-hello", "'name':'you','times':-3"),
	                    ERROR("cannot say hello -3 times"));
	/* Of any length, in whatever pieces the answer is fetched. */
	memset(name, 'n', sizeof name - 1);
	snprintf(arguments, sizeof arguments, "'name':'%s'", name);
	snprintf(expected, sizeof expected, "{\"return\": {\"hello\": \"%s\", \"times\": 1}}\n",
	         name);
	for (talk.pull = 32; talk.pull < 4096; talk.pull += 1013)
		assert_string_equal(ask("example-hello", arguments), expected);
	talk.pull = 4096;
}

static void memory_blocks(void **state)
{
	(void)state;
	assert_string_equal(ask("guest-set-memory-blocks", "'mem-blks':[]"), "{\"return\": []}\n");
	assert_string_equal(
		ask("guest-set-memory-blocks",
	            "'mem-blks':[{'phys-index':1,'online':true},{'phys-index':7,'online':false}]"),
		"{\"return\": [{\"response\": \"operation-not-supported\", \"phys-index\": 1}, "
		"{\"response\": \"operation-not-supported\", \"phys-index\": 7}]}\n");
}

static void no_suspend(void **state)
{
	(void)state;
	assert_string_equal(ask("guest-suspend-ram", ""),
	                    ERROR("the requested suspend mode is not supported by the guest"));
}

/* --- People --- */

#define OPERATOR "'username':'operator'"
#define LOOKUP   ERROR("failed to lookup user 'root'")

static void strangers(void **state)
{
	(void)state;
	assert_string_equal(ask("guest-ssh-get-authorized-keys", "'username':'root'"), LOOKUP);
	assert_string_equal(ask("guest-ssh-add-authorized-keys", "'username':'root','keys':[]"),
	                    LOOKUP);
	assert_string_equal(ask("guest-ssh-remove-authorized-keys", "'username':'root','keys':[]"),
	                    LOOKUP);
	assert_string_equal(
		ask("guest-set-user-password", "'username':'root','password':'','crypted':false"),
		LOOKUP);
	assert_string_equal(ask("guest-ssh-get-authorized-keys", "'username':'operatoR'"),
	                    ERROR("failed to lookup user 'operatoR'"));
	assert_string_equal(
		ask("guest-set-user-password", OPERATOR ",'password':'','crypted':false"),
		ERROR("user 'operator' has no password"));
}

static void assert_keys(const char *expected)
{
	char answer[4096];

	snprintf(answer, sizeof answer, "{\"return\": {\"keys\": [%s]}}\n", expected);
	assert_string_equal(ask("guest-ssh-get-authorized-keys", OPERATOR), answer);
}

static const char *add(const char *keys)
{
	char arguments[4096];

	snprintf(arguments, sizeof arguments, OPERATOR ",'keys':[%s]", keys);
	return ask("guest-ssh-add-authorized-keys", arguments);
}

static void ssh_keys(void **state)
{
	static const char full[] = ERROR("there is no room for so many keys");
	static char longest[804] = "'";

	(void)state;
	assert_keys("");
	assert_string_equal(add("'a','b','','a'"), DONE);
	assert_keys("\"a\", \"b\"");
	assert_string_equal(add("'b','c'"), DONE);
	assert_keys("\"a\", \"b\", \"c\"");
	assert_string_equal(
		ask("guest-ssh-remove-authorized-keys", OPERATOR ",'keys':['b','x','']"), DONE);
	assert_keys("\"a\", \"c\"");
	/* All of them fit, or none is taken. */
	assert_string_equal(add("'1','2','3','4','5','6','7'"), full);
	assert_keys("\"a\", \"c\"");
	assert_string_equal(add("'1','2','3','4','5','6'"), DONE);
	assert_string_equal(add("'7'"), full);
	assert_string_equal(add("'1','a'"), DONE);
	assert_string_equal(
		ask("guest-ssh-add-authorized-keys", OPERATOR ",'keys':['a','z'],'reset':false"),
		full);
	assert_string_equal(
		ask("guest-ssh-add-authorized-keys", OPERATOR ",'keys':['a','z'],'reset':true"),
		DONE);
	assert_keys("\"a\", \"z\"");
	memset(longest + 1, 'k', 800);
	longest[801] = '\'';
	assert_string_equal(add(longest), DONE);
	talk.pull = 32; /* more than a piece of the answer */
	assert_non_null(strstr(ask("guest-ssh-get-authorized-keys", OPERATOR), "kkk\"]}}\n"));
	talk.pull = 4096;
	longest[801] = 'k';
	assert_string_equal(add(strcat(longest, "'")), full);
	assert_string_equal(
		ask("guest-ssh-add-authorized-keys", OPERATOR ",'keys':[],'reset':true"), DONE);
	assert_keys("");
}

/* --- Its files, programs and world --- */

static void the_note(void **state)
{
	const struct qga_files *tree = talk.env.files;
	char buf[80], sixty_four[64];
	uint64_t size;
	void *file;

	(void)state;
	assert_int_equal(tree->open(NULL, "/etc/note", 9,
	                            QGA_OPEN_WRITE | QGA_OPEN_CREATE | QGA_OPEN_TRUNCATE, &file),
	                 0);
	assert_int_equal(tree->write(NULL, file, 0, "abc", 3), 3);
	assert_int_equal(tree->write(NULL, file, 5, "f", 1), 1);
	assert_int_equal(tree->write(NULL, file, 0, "A", 1), 1);
	assert_int_equal(tree->size(NULL, file, &size), 0);
	assert_int_equal(size, 6);
	assert_int_equal(tree->read(NULL, file, 0, buf, sizeof buf), 6);
	assert_memory_equal(buf, "Abc\0\0f", 6);
	assert_int_equal(tree->read(NULL, file, 1, buf, 2), 2);
	assert_memory_equal(buf, "bc", 2);
	assert_int_equal(tree->read(NULL, file, 6, buf, 1), 0);
	memset(sixty_four, 'x', sizeof sixty_four);
	assert_int_equal(tree->write(NULL, file, 1, sixty_four, 64), QGA_ENOSPC);
	assert_int_equal(tree->write(NULL, file, 65, sixty_four, 1), QGA_ENOSPC);
	assert_int_equal(tree->write(NULL, file, 0, sixty_four, 64), 64);
	tree->close(NULL, file);
	assert_int_equal(tree->open(NULL, "/etc/example.conf", 17, QGA_OPEN_READ, &file), 0);
	assert_int_equal(tree->read(NULL, file, 0, buf, sizeof buf), 13);
	assert_memory_equal(buf, "colour=green\n", 13);
	tree->close(NULL, file);
}

#define RUN(...) job_run(talk.env.exec, "", (char *[]){__VA_ARGS__, NULL})

static void counts(void **state)
{
	static char *const wrong[] = {"0", ":", "", "12", "x"};

	(void)state;
	assert_int_equal(RUN("count", "3"), 0);
	assert_string_equal(ran.out, "1\n2\n3\n");
	assert_int_equal(ran.waited, 200000000);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(RUN("count", wrong[i]), 2);
		assert_string_equal(ran.err, "usage: count 1..9\n");
	}
	assert_int_equal(RUN("count"), 2);
}

static size_t flooded;

static void flood_output(struct qga_job *job, int stream, const void *data, size_t len)
{
	(void)job, (void)stream, (void)data;
	flooded += len;
}

static void floods(void **state)
{
	struct qga_job job = {.output = flood_output};

	(void)state;
	while (flood(&job) == QGA_RUNNING)
		continue;
	assert_int_equal(flooded, 8192 * 256);
}

/* As many lines at a time as there is room for, and none while there is none. */
static void chatters(void **state)
{
	struct qga_job job = {.argc = 2, .argv = (char *[]){"chatter", "2x"}};

	(void)state;
	fake_board.said[0] = '\0';
	fake_board.deaf = true;
	assert_int_equal(chatter(&job), QGA_RUNNING);
	assert_int_equal(job.wait_ns, 1000000);
	assert_string_equal(fake_board.said, "");
	fake_board.deaf = false;
	assert_int_equal(chatter(&job), 0);
	assert_memory_equal(fake_board.said, "0000000 \"quoted\"", 16);
	assert_non_null(strstr(fake_board.said, "\n0000001 \"quoted\""));
	assert_null(strstr(fake_board.said, "0000002"));
	assert_int_equal(RUN("chatter"), 0);
	assert_int_equal(RUN("chatter", "/"), 0);
}

static void leaves(void **state)
{
	(void)state;
	assert_int_equal(RUN("exit", "42"), 1); /* for nothing here can */
	assert_int_equal(fake_board.status, 42);
	assert_int_equal(RUN("exit"), 1);
	assert_int_equal(fake_board.status, 0);
	assert_int_equal(RUN("exit", "7/"), 1);
	assert_int_equal(fake_board.status, 7);
	assert_int_equal(RUN("exit", "7:"), 1);
	assert_int_equal(fake_board.status, 7);
}

static void freezes(void **state)
{
	const char *path;

	(void)state;
	assert_int_equal(freezing.freeze(NULL, "/none", 5, &path), 0);
	assert_int_equal(freezing.freeze(NULL, "/data", 5, &path), 1);
	assert_int_equal(freezing.freeze(NULL, NULL, 0, &path), 1);
	assert_int_equal(freezing.thaw(NULL), 2);
	assert_string_equal(
		ask("guest-fstrim", "'minimum':4096"),
		"{\"return\": {\"paths\": [{\"path\": \"/\", \"error\": \"failed to trim: "
		"Function not implemented\"}, {\"minimum\": 4096, \"path\": \"/data\", "
		"\"trimmed\": 983040}]}}\n");
	assert_non_null(strstr(ask("guest-fstrim", ""), "\"trimmed\": 983040}"));
	assert_non_null(strstr(ask("guest-get-fsinfo", ""), "\"mountpoint\": \"/data\""));
	assert_non_null(strstr(ask("guest-get-fsinfo", ""), "\"mountpoint\": \"/\""));
}

static void processors(void **state)
{
	const char *answer;

	(void)state;
	assert_false(vcpu_online(1) || vcpu_online(2));
	answer = ask("guest-set-vcpus", "'vcpus':[{'logical-id':1,'online':true}]");
	assert_string_equal(answer, "{\"return\": 1}\n");
	assert_true(vcpu_online(1));
	assert_false(vcpu_online(2));
	assert_int_equal(app.set_vcpu(2, true), QGA_ENOSYS);
	assert_int_equal(app.set_vcpu(1, false), 0);
}

static void comes_to_rest(void **state)
{
	(void)state;
	fake_board.said[0] = '\0';
	assert_false(app.drain(QGA_HALT) || app.drain(QGA_HALT));
	assert_true(app.drain(QGA_HALT));
	assert_string_equal(fake_board.said, "example: at rest\n");
	assert_true(app.drain(QGA_REBOOT));
	assert_string_equal(fake_board.said, "example: at rest\nexample: at rest, rebooting\n");
}

static void is_restored(void **state)
{
	(void)state;
	fake_board.disturbed = true;
	fake_board.said[0] = '\0';
	env_look();
	assert_string_equal(fake_board.said,
	                    "bareqga: the machine was stopped, restored or cloned\n"
	                    "example: another seed\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello_to_someone), cmocka_unit_test(memory_blocks),
		cmocka_unit_test(no_suspend),       cmocka_unit_test(strangers),
		cmocka_unit_test(ssh_keys),         cmocka_unit_test(the_note),
		cmocka_unit_test(counts),           cmocka_unit_test(floods),
		cmocka_unit_test(chatters),         cmocka_unit_test(leaves),
		cmocka_unit_test(freezes),          cmocka_unit_test(processors),
		cmocka_unit_test(comes_to_rest),    cmocka_unit_test(is_restored),
	};

	return cmocka_run_group_tests(tests, start, end);
}
