/* SPDX-License-Identifier: MIT */
/*
 * test_families.c - files, jobs and freezing on an environment that misbehaves: errors in the
 * middle, files that shrink, programs that want more than there is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "cmd/base64.h"
#include "cmd/env_text.h"
#include "talk.h"

#define FAILS(text) "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}\n"

/* --- An environment that does what the test says --- */

static struct {
	uint64_t size;    /* that the file says it has */
	int64_t readable; /* bytes before reads return 0, or the error they return */
	int64_t write_error;
	uint8_t written[1024]; /* last */
	int open;              /* files */
	uint64_t now;
	int frozen, freeze_error_at, thaw_error;
	int runs;
} world;

static int file_open(void *context, const char *path, size_t len, unsigned flags, void **file)
{
	(void)context;
	(void)flags;
	*file = &world;
	world.open++;
	return len == 2 && memcmp(path, "/f", 2) == 0 ? 0 : (world.open--, QGA_ENOENT);
}

static void file_close(void *context, void *file)
{
	(void)context;
	(void)file;
	world.open--;
}

static int file_size(void *context, void *file, uint64_t *size)
{
	(void)context;
	(void)file;
	*size = world.size;
	return 0;
}

static int64_t file_read(void *context, void *file, uint64_t offset, void *buf, size_t len)
{
	(void)context;
	(void)file;
	if (world.readable < 0)
		return world.readable;
	if (offset >= (uint64_t)world.readable)
		return 0;
	if (len > 100) /* short reads are fine */
		len = 100;
	if (len > (uint64_t)world.readable - offset)
		len = (size_t)((uint64_t)world.readable - offset);
	memset(buf, 'x', len);
	return (int64_t)len;
}

static int64_t file_write(void *context, void *file, uint64_t offset, const void *buf, size_t len)
{
	(void)context;
	(void)file;
	if (world.write_error)
		return world.write_error;
	assert_true(len <= sizeof(world.written));
	memcpy(world.written, buf, len);
	if (offset + len > world.size)
		world.size = offset + len;
	return (int64_t)len;
}

static uint64_t monotonic(void *context)
{
	(void)context;
	return world.now;
}

static int program(struct qga_job *job)
{
	for (size_t i = 0; i < job->argc; i++)
		job->output(job, 1, job->argv[i], strlen(job->argv[i]));
	job->output(job, 2, job->input, job->input_len);
	job->wait_ns = 1000;
	return ++world.runs % 3 ? QGA_RUNNING : 259; /* a byte of it counts */
}

static qga_program *find(void *context, const char *path, size_t len, void **program_context)
{
	(void)context;
	(void)program_context;
	return len == 2 && memcmp(path, "/p", 2) == 0 ? program : NULL;
}

static int freeze(void *context, const char *mountpoint, size_t len, const char **path)
{
	(void)context;
	(void)mountpoint;
	(void)len;
	*path = "/bad";
	if (++world.frozen == world.freeze_error_at)
		return QGA_EIO;
	return 1;
}

static int thaw(void *context)
{
	int n = world.frozen;

	(void)context;
	world.frozen = 0;
	return world.thaw_error ? world.thaw_error : n;
}

static const struct qga_files files = {.open = file_open,
                                       .close = file_close,
                                       .size = file_size,
                                       .read = file_read,
                                       .write = file_write};
static int set_time(void *context, int64_t ns)
{
	(void)context;
	return ns == 1 ? QGA_EPERM : 0;
}

static const struct qga_clock clock = {.monotonic = monotonic, .set = set_time};
static const struct qga_exec exec = {.find = find};
static const struct qga_freeze freezing = {.freeze = freeze, .thaw = thaw, .watchdog_ns = 500};

static _Alignas(16) char jobs[QGA_JOBS_MAX * 256];
static struct talk talk;

static int setup(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	memset(&talk, 0, sizeof(talk));
	talk.env.files = &files;
	talk.env.clock = &clock;
	talk.env.exec = &exec;
	talk.env.freeze = &freezing;
	talk.config.jobs = jobs;
	talk.config.jobs_size = sizeof(jobs);
	talk_begin(&talk, 4096, 256);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	talk_end(&talk);
	return 0;
}

static void ask(const char *command, const char *arguments, const char *answer)
{
	char request[2048];

	snprintf(request, sizeof(request), "{\"execute\":\"%s\",\"arguments\":{%s}}", command,
	         arguments);
	talk.len = 0;
	talk_say(&talk, request, strlen(request));
	talk_listen(&talk);
	assert_int_equal(talk.len, strlen(answer));
	assert_memory_equal(talk.answer, answer, talk.len);
}

/* --- Files --- */

#define READ(n)  "guest-file-read", "\"handle\":1000,\"count\":" #n
#define POSITION "guest-file-seek", "\"handle\":1000,\"offset\":0,\"whence\":\"cur\""
#define AT(n)    "{\"return\": {\"eof\": false, \"position\": " #n "}}\n"

static void test_read_errors(void **state)
{
	(void)state;
	world.size = 9;
	world.readable = QGA_EIO;
	ask("guest-file-open", "\"path\":\"/f\"", "{\"return\": 1000}\n");
	ask(READ(4), FAILS("failed to read file: Input/output error"));
	ask(POSITION, AT(0));
	world.readable = 4; /* it was truncated meanwhile: the promised count is kept */
	ask(READ(6), "{\"return\": {\"count\": 6, \"buf-b64\": \"eHh4eAAA\", \"eof\": false}}\n");
	ask(READ(6), "{\"return\": {\"count\": 3, \"buf-b64\": \"AAAA\", \"eof\": true}}\n");
	ask(POSITION, AT(9));
}

/* The same answer through buffers of any size. */
static void test_read_in_any_room(void **state)
{
	char *whole = NULL;
	size_t len = 0;

	(void)state;
	world.size = world.readable = 3001;
	ask("guest-file-open", "\"path\":\"/f\"", "{\"return\": 1000}\n");
	for (size_t room = 1; room < 6000; room += room < 40 ? 1 : 397) {
		const char *request =
			"{\"execute\":\"guest-file-seek\",\"arguments\":{\"handle\":1000,"
			"\"offset\":0,\"whence\":0}}";

		talk_say(&talk, request, strlen(request));
		talk_listen(&talk);
		request = "{\"execute\":\"guest-file-read\",\"arguments\":{\"handle\":1000}}";
		talk.len = 0;
		talk.pull = room;
		talk_say(&talk, request, strlen(request));
		talk_listen(&talk);
		if (!whole) {
			whole = malloc(talk.len);
			len = talk.len;
			memcpy(whole, talk.answer, len);
		}
		assert_int_equal(talk.len, len);
		assert_memory_equal(talk.answer, whole, len);
	}
	assert_int_equal(
		len, strlen("{\"return\": {\"count\": 3001, \"buf-b64\": \"\", \"eof\": true}}\n") +
			     4004);
	free(whole);
}

static void test_write_errors(void **state)
{
	(void)state;
	ask("guest-file-open", "\"path\":\"/f\",\"mode\":\"r+\"", "{\"return\": 1000}\n");
	world.write_error = QGA_ENOSPC;
	ask("guest-file-write", "\"handle\":1000,\"buf-b64\":\"aaaa\"",
	    FAILS("failed to write to file: No space left on device"));
	ask(POSITION, AT(0));
	world.write_error = 0;
	ask("guest-file-seek", "\"handle\":1000,\"offset\":17592186040319,\"whence\":0",
	    AT(17592186040319));
	ask("guest-file-write", "\"handle\":1000,\"buf-b64\":\"aaaa\"",
	    FAILS("failed to write to file: File too large"));
	ask("guest-file-seek", "\"handle\":1000,\"offset\":9223372036854775807,\"whence\":1",
	    FAILS("failed to seek file: Invalid argument"));
	ask("guest-file-seek", "\"handle\":1000,\"offset\":-9223372036854775808,\"whence\":1",
	    FAILS("failed to seek file: Invalid argument"));
	ask(POSITION, AT(17592186040319));
	ask("guest-file-close", "\"handle\":1000", "{\"return\": {}}\n");
	assert_int_equal(world.open, 0);
}

/* Data is decoded to before where it stands: what else the request says must outlive it. */
static void test_write_anywhere(void **state)
{
	static const size_t lengths[] = {1, 2, 30, 31, 200, 500};
	char data[BASE64_CHARS(500) + 1], request[1024], answer[100];
	uint8_t raw[500];

	(void)state;
	for (size_t i = 0; i < sizeof(raw); i++)
		raw[i] = (uint8_t)(i * 7);
	ask("guest-file-open", "\"path\":\"/f\",\"mode\":\"w\"", "{\"return\": 1000}\n");
	for (unsigned i = 0; i < 16 * sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t len = lengths[i / 16];

		data[qga_base64_encode(data, raw, len)] = 0;
		snprintf(request, sizeof(request), "\"handle\":1000,\"whence\":0,\"offset\":%u", i);
		snprintf(answer, sizeof(answer),
		         "{\"return\": {\"eof\": false, \"position\": %u}}\n", i);
		ask("guest-file-seek", request, answer);
		snprintf(request, sizeof(request),
		         "{\"execute\":\"guest-file-write\",\"id\":\"%.*s\",\"arguments\":"
		         "{\"count\":%zu,\"handle\":1000,\"buf-b64\":\"%s\"}}",
		         (int)(i % 16), "before the data", len, data);
		snprintf(answer, sizeof(answer),
		         "{\"return\": {\"count\": %zu, \"eof\": false}, \"id\": \"%.*s\"}\n", len,
		         (int)(i % 16), "before the data");
		talk.len = 0;
		assert_string_equal(talk_ask(&talk, request), answer);
		assert_memory_equal(world.written, raw, len);
	}
}

/* --- Jobs --- */

static void test_job_runs_when_due(void **state)
{
	(void)state;
	assert_int_equal(qga_poll(&talk.agent), QGA_IDLE);
	ask("guest-exec",
	    "\"path\":\"/p\",\"arg\":[\"a\"],\"input-data\":\"aWk=\",\"capture-output\":true",
	    "{\"return\": {\"pid\": 1}}\n");
	assert_int_equal(qga_poll(&talk.agent), 1000);
	world.now = 999;
	assert_int_equal(qga_poll(&talk.agent), 1);
	assert_int_equal(world.runs, 1);
	ask("guest-exec-status", "\"pid\":1", "{\"return\": {\"exited\": false}}\n");
	world.now = 1000;
	qga_poll(&talk.agent);
	world.now = 2000;
	assert_int_equal(qga_poll(&talk.agent), QGA_IDLE);
	ask("guest-exec-status", "\"pid\":1",
	    "{\"return\": {\"exitcode\": 3, \"err-data\": \"aWlpaWlp\", \"out-data\": "
	    "\"L3BhL3BhL3Bh\", "
	    "\"err-truncated\": false, \"out-truncated\": false, \"exited\": true}}\n");
	ask("guest-exec-status", "\"pid\":1", FAILS("Invalid parameter 'pid'"));
}

/* A slot has 256 bytes here. */
static void test_job_too_large(void **state)
{
	char arguments[512] = "\"path\":\"/p\",\"capture-output\":\"merged\",\"arg\":[\"";

	(void)state;
	ask("guest-exec", "\"path\":\"/p\",\"capture-output\":true",
	    "{\"return\": {\"pid\": 1}}\n");
	memset(arguments + strlen(arguments), 'x', 256);
	strcat(arguments, "\"]");
	ask("guest-exec", arguments,
	    FAILS("Guest agent command failed, error was 'Failed to execute child process "
	          "\\u201C/p\\u201D (Argument list too long)'"));
	memmove(strchr(arguments, 'x'), strchr(arguments, 'x') + 156,
	        strlen(strchr(arguments, 'x')) - 155);
	ask("guest-exec", arguments, "{\"return\": {\"pid\": 2}}\n");
	for (world.now = 0; qga_poll(&talk.agent) != QGA_IDLE; world.now += 1000)
		;
	talk.len = 0;
	talk_say(&talk, "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":2}}", 54);
	talk_listen(&talk);
	talk.answer[talk.len - 1] = '\0';
	assert_non_null(strstr(talk.answer, "\"out-truncated\": true, \"exited\": true}"));
}

/* --- Freeze --- */

static void test_freeze_fails_midway(void **state)
{
	(void)state;
	world.freeze_error_at = 2;
	ask("guest-fsfreeze-freeze-list", "\"mountpoints\":[\"/a\",\"/b\",\"/c\"]",
	    FAILS("failed to freeze /bad: Input/output error"));
	assert_int_equal(world.frozen, 0);
	ask("guest-fsfreeze-status", "", "{\"return\": \"thawed\"}\n");
	ask("guest-fsfreeze-freeze-list", "\"mountpoints\":[]", "{\"return\": 0}\n");
	ask("guest-fsfreeze-status", "", "{\"return\": \"thawed\"}\n");
}

static void test_watchdog(void **state)
{
	(void)state;
	world.now = 100;
	ask("guest-fsfreeze-freeze", "", "{\"return\": 1}\n");
	world.now = 599;
	assert_int_equal(qga_poll(&talk.agent), 1);
	ask("guest-fsfreeze-status", "", "{\"return\": \"frozen\"}\n");
	ask("guest-exec", "\"path\":\"/p\"",
	    "{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"Command guest-exec has been "
	    "disabled: the agent is in frozen state\"}}\n");
	world.now = 600;
	assert_int_equal(qga_poll(&talk.agent), QGA_IDLE);
	assert_int_equal(world.frozen, 0);
	ask("guest-fsfreeze-status", "", "{\"return\": \"thawed\"}\n");
	ask("guest-fsfreeze-thaw", "", "{\"return\": 0}\n");
}

/* The shortest there is. */
static void test_watchdog_of_1_ns(void **state)
{
	static const struct qga_freeze hasty = {.freeze = freeze, .thaw = thaw, .watchdog_ns = 1};

	(void)state;
	talk.env.freeze = &hasty;
	ask("guest-fsfreeze-freeze", "", "{\"return\": 1}\n");
	assert_int_equal(qga_poll(&talk.agent), 1);
	world.now++;
	assert_int_equal(qga_poll(&talk.agent), QGA_IDLE);
	ask("guest-fsfreeze-status", "", "{\"return\": \"thawed\"}\n");
}

/* Without a watchdog it stays frozen, whatever the time. */
static void test_no_watchdog(void **state)
{
	static const struct qga_freeze patient = {.freeze = freeze, .thaw = thaw};

	(void)state;
	talk.env.freeze = &patient;
	ask("guest-fsfreeze-freeze", "", "{\"return\": 1}\n");
	assert_int_equal(qga_poll(&talk.agent), QGA_IDLE);
	world.now = UINT64_MAX;
	assert_int_equal(qga_poll(&talk.agent), QGA_IDLE);
	ask("guest-fsfreeze-status", "", "{\"return\": \"frozen\"}\n");
	/* A thaw that fails is told, and nobody is locked out by it. */
	world.thaw_error = QGA_EIO;
	ask("guest-fsfreeze-thaw", "", FAILS("failed to thaw: Input/output error"));
	ask("guest-fsfreeze-status", "", "{\"return\": \"thawed\"}\n");
}

/* --- Time --- */

static void test_clock_of_little(void **state)
{
	(void)state;
	ask("guest-set-time", "", FAILS("Failed to read the hardware clock"));
	ask("guest-set-time", "\"time\":1", FAILS("Failed to set time to guest"));
	ask("guest-set-time", "\"time\":2", "{\"return\": {}}\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* They are those of the C library, whose errno the errors are named after. */
static void test_error_texts(void **state)
{
	static const int errors[] = {
		QGA_EPERM,  QGA_ENOENT, QGA_EIO,    QGA_E2BIG,   QGA_EBADF,        QGA_EAGAIN,
		QGA_EACCES, QGA_EBUSY,  QGA_EEXIST, QGA_ENOTDIR, QGA_EISDIR,       QGA_EINVAL,
		QGA_EMFILE, QGA_EFBIG,  QGA_ENOSPC, QGA_EROFS,   QGA_ENAMETOOLONG, QGA_ENOSYS,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		assert_string_equal(qga_env_text(errors[i]), strerror(-errors[i]));
	assert_string_equal(qga_env_text(-3), "Input/output error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_read_errors),         TEST(test_read_in_any_room),
		TEST(test_write_errors),        TEST(test_write_anywhere),
		TEST(test_job_runs_when_due),   TEST(test_job_too_large),
		TEST(test_freeze_fails_midway), TEST(test_watchdog),
		TEST(test_watchdog_of_1_ns),    TEST(test_error_texts),
		TEST(test_no_watchdog),         TEST(test_clock_of_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
