/* SPDX-License-Identifier: MIT */
/* test_env_app.c - the environment with an application that has one of everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "app.h"
#include "env/env.h"
#include "env/log.h"
#include "fake_board.h"
#include "fake_job.h"

/* What the application was asked, a letter each, and what it is to answer. */
static char called[64];
static int answer;
static uint64_t again = UINT64_MAX, restored_to;

static void note(char what)
{
	assert_true(strlen(called) + 1 < sizeof called);
	called[strlen(called)] = what;
}

static void assert_called(const char *expected)
{
	assert_string_equal(called, expected);
	memset(called, 0, sizeof called);
}

static uint64_t board_again = UINT64_MAX;

static uint64_t board_poll(void)
{
	return board_again;
}

static void stopping(void)
{
	note('s');
}

static void learn(void)
{
	note('l');
}

static _Alignas(16) char spare[1 << 20];
static struct board board = {
	.name = "fake",
	.cmdline = "bareqga.block-rpcs=of-the-host",
	.ram = {{0, 0x1000000}, {0x2000000, 0x800000}},
	.n_ram = 2,
	.spare = spare,
	.spare_size = sizeof spare,
	.n_cpus = 3,
	.cpu = 1,
	.powers = 1 << BOARD_POWERDOWN,
	.poll = board_poll,
	.stopping = stopping,
	.disturbed = fake_board_disturbed,
};
static const struct qga_env *env;

/* --- The application --- */

static void init(const struct board *b)
{
	assert_ptr_equal(b, &board);
	note('i');
}

static void configure(struct qga_config *config)
{
	config->version = "configured";
}

static uint64_t app_poll(void)
{
	note('p');
	return again;
}

static void restored(uint64_t generation)
{
	restored_to = generation;
}

static uint64_t current_size(void *context)
{
	return *(uint64_t *)context;
}

static int64_t read_it(void *context, uint64_t offset, void *buf, size_t len)
{
	memset(buf, 'r', len);
	return offset < *(uint64_t *)context ? (int64_t)len : QGA_EPERM;
}

static int64_t write_it(void *context, uint64_t offset, const void *buf, size_t len)
{
	(void)context, (void)buf;
	note('w');
	return offset ? QGA_ENOSPC : (int64_t)len;
}

static int truncate_it(void *context)
{
	(void)context;
	note('t');
	return answer;
}

static uint64_t note_size = 7;
static const struct app_file files[] = {
	{.path = "/etc/text", .data = "text\n", .size = 5},
	{.path = "/etc/note",
         .context = &note_size,
         .current_size = current_size,
         .read = read_it,
         .write = write_it,
         .truncate = truncate_it},
	{.path = "/ram/own/sink", .write = write_it},
};

static int own(struct qga_job *job)
{
	return *(int *)job->context;
}

static int seven = 7, eight = 8;
static const struct app_program programs[] = {
	{.path = "/bin/own", .run = own, .context = &seven},
	{.path = "/opt/tools/true", .run = own, .context = &eight},
};

static const struct qga_route routes[] = {{.iface = "a"}, {.iface = "b"}};

static int filesystem(void *context, size_t index, struct qga_filesystem *item)
{
	(void)context;
	item->mountpoint = "/data";
	return index == 0 ? 1 : QGA_EIO;
}

static int freeze(void *context, const char *mountpoint, size_t len, const char **path)
{
	(void)context, (void)len;
	note(mountpoint ? 'f' : 'F');
	if (answer < 0)
		*path = "/data";
	return answer;
}

static int thaw(void *context)
{
	(void)context;
	note('T');
	return answer;
}

static int trim(void *context, size_t index, uint64_t minimum, const char **path, uint64_t *trimmed)
{
	(void)context, (void)index;
	*path = "/data";
	*trimmed = minimum;
	return 1;
}

static struct qga_freeze freezing = {.freeze = freeze, .thaw = thaw};

static int set_vcpu(int64_t logical_id, bool online)
{
	assert_true(online);
	return logical_id == 2 ? 0 : QGA_ENOSYS;
}

static bool vcpu_online(int64_t logical_id)
{
	return logical_id == 2;
}

static bool drain(enum qga_power_mode mode)
{
	return mode == QGA_HALT;
}

const struct app app = {
	.init = init,
	.configure = configure,
	.poll = app_poll,
	.restored = restored,
	.files = files,
	.n_files = sizeof files / sizeof files[0],
	.programs = programs,
	.n_programs = sizeof programs / sizeof programs[0],
	.routes = routes,
	.n_routes = sizeof routes / sizeof routes[0],
	.filesystem = filesystem,
	.freeze = &freezing,
	.set_vcpu = set_vcpu,
	.vcpu_online = vcpu_online,
	.drain = drain,
	.drain_deadline_ns = 77,
	.host_name = "own-name",
	.os_release = "NAME=own\n",
	.allow_rpcs = "of-the-app",
	.block_rpcs = "not-this",
};

/* --- The tests --- */

static int start(void **state)
{
	(void)state;
	env = env_init(&board);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	memset(called, 0, sizeof called);
	answer = 0;
	return 0;
}

static void configured(void **state)
{
	struct qga_config config = {.version = "not yet"};

	(void)state;
	env_init(&board);
	assert_called("i");
	env_config(&config);
	assert_string_equal(config.version, "configured");
	assert_string_equal(config.allow_rpcs, "of-the-app");
	assert_string_equal(config.block_rpcs, "of-the-host");
}

/* Whoever wants to be called sooner. */
static void polled(void **state)
{
	(void)state;
	again = 3;
	assert_int_equal(env_poll(false), 3);
	board_again = 2;
	assert_int_equal(env_poll(false), 2);
	board.poll = NULL;
	assert_int_equal(env_poll(false), 3);
	board.poll = board_poll;
	again = board_again = UINT64_MAX;
	assert_called("ppp");
}

static void told_of_a_restore(void **state)
{
	(void)state;
	restored_to = 0;
	env_look();
	assert_true(restored_to == 0);
	fake_board.disturbed = true;
	env_look();
	assert_true(restored_to > 0);
}

/* The first answer looks, and from then on the board reminds us, if it can. */
static void watched(void **state)
{
	(void)state;
	board.remind = fake_board_remind;
	fake_board.notice = NULL;
	env_watch(); /* told_of_a_restore() has looked already */
	assert_null(fake_board.notice);
	env_look();
	assert_ptr_equal(fake_board.notice, env_look);
	board.remind = NULL;
}

static int try(const char *path, unsigned flags, void **file)
{
	return env->files->open(NULL, path, strlen(path), flags, file);
}

static void of_files(void **state)
{
	const unsigned w = QGA_OPEN_WRITE | QGA_OPEN_CREATE | QGA_OPEN_TRUNCATE;
	char buf[8] = "";
	uint64_t size;
	void *file;

	(void)state;
	assert_int_equal(try("/etc", QGA_OPEN_READ, &file), QGA_EISDIR);
	assert_int_equal(try("/etc/no", QGA_OPEN_READ, &file), QGA_ENOENT);
	assert_int_equal(try("/et", QGA_OPEN_READ, &file), QGA_ENOENT);
	assert_int_equal(try("/etc/no", w, &file), QGA_EROFS);
	assert_int_equal(try("/etc/text", w, &file), QGA_EROFS);
	assert_int_equal(try("/etc/text", QGA_OPEN_READ, &file), 0);
	assert_int_equal(env->files->size(NULL, file, &size), 0);
	assert_int_equal(size, 5);
	assert_int_equal(env->files->read(NULL, file, 2, buf, sizeof buf), 3);
	assert_string_equal(buf, "xt\n");
	assert_int_equal(env->files->write(NULL, file, 0, "x", 1), QGA_EROFS);
	env->files->close(NULL, file);
	assert_int_equal(env_files_remove("/etc/text", 9), QGA_EROFS);

	assert_int_equal(try("/etc/note", QGA_OPEN_READ | QGA_OPEN_WRITE, &file), 0);
	assert_called("");
	assert_int_equal(env->files->size(NULL, file, &size), 0);
	assert_int_equal(size, 7);
	assert_int_equal(env->files->read(NULL, file, 0, buf, 2), 2);
	assert_string_equal(buf, "rr\n");
	assert_int_equal(env->files->read(NULL, file, 7, buf, 2), QGA_EPERM);
	assert_int_equal(env->files->write(NULL, file, 0, "x", 1), 1);
	assert_int_equal(env->files->write(NULL, file, 1, "x", 1), QGA_ENOSPC);
	env->files->close(NULL, file);
	assert_called("ww");
	answer = QGA_EBUSY;
	assert_int_equal(try("/etc/note", w, &file), QGA_EBUSY);
	answer = 0;
	assert_int_equal(try("/etc/note", w, &file), 0);
	env->files->close(NULL, file);
	assert_called("tt");
}

/* A file that takes only, and has a directory of its own, in which nothing can be made. */
static void of_a_sink(void **state)
{
	char buf[8];
	void *file;

	(void)state;
	assert_int_equal(try("/ram/own/sink", QGA_OPEN_WRITE | QGA_OPEN_TRUNCATE, &file), 0);
	assert_int_equal(env->files->read(NULL, file, 0, buf, sizeof buf), 0);
	assert_int_equal(env->files->write(NULL, file, 0, "x", 1), 1);
	env->files->close(NULL, file);
	assert_int_equal(try("/ram/own/new", QGA_OPEN_WRITE | QGA_OPEN_CREATE, &file), QGA_ENOENT);
}

#define RUN(...) job_run(env->exec, "", (char *[]){__VA_ARGS__, NULL})

static void of_programs(void **state)
{
	(void)state;
	assert_int_equal(RUN("/bin/own"), 7);
	assert_int_equal(RUN("own"), 7);
	assert_int_equal(RUN("/usr/bin/own"), 7);
	assert_int_equal(RUN("/usr/bin//own"), 7);
	assert_int_equal(RUN("/opt/tools/true"), 8);
	assert_int_equal(RUN("true"), 8); /* comes before ours */
	assert_int_equal(RUN("/opt/own"), -1);
	assert_int_equal(RUN("echo"), 0);
	assert_int_equal(RUN("cat", "/etc/note"), 1);
	assert_string_equal(ran.err, "cat: /etc/note: Operation not permitted\n");
	assert_int_equal(RUN("ls", "/etc/text", "/etc/note", "/etc"), 0);
	assert_string_equal(ran.out, "/etc/text 5\n/etc/note 7\n");
}

static void of_an_inventory(void **state)
{
	const struct qga_inventory *inventory = env->inventory;
	struct qga_memory_block block;
	struct qga_cpustat stat;
	struct qga_route route;
	struct qga_vcpu vcpu;

	(void)state;
	assert_string_equal(inventory->host_name(NULL), "own-name");
	assert_string_equal(inventory->host_name(NULL), "own-name"); /* is kept */
	assert_string_equal(inventory->os_release(NULL), "NAME=own\n");
	assert_string_equal(inventory->os_release(NULL), "NAME=own\n");
	assert_int_equal(inventory->route(NULL, 1, &route), 1);
	assert_string_equal(route.iface, "b");
	assert_int_equal(inventory->route(NULL, 2, &route), 0);

	assert_int_equal(inventory->vcpu(NULL, 0, &vcpu), 1);
	assert_true(!vcpu.online && vcpu.can_offline);
	assert_int_equal(inventory->vcpu(NULL, 1, &vcpu), 1); /* runs us */
	assert_true(vcpu.online && !vcpu.can_offline);
	assert_int_equal(inventory->vcpu(NULL, 2, &vcpu), 1);
	assert_true(vcpu.online && vcpu.can_offline);
	assert_int_equal(inventory->vcpu(NULL, 3, &vcpu), 0);
	assert_int_equal(inventory->set_vcpu(NULL, 2, true), 0);
	assert_int_equal(inventory->set_vcpu(NULL, 0, true), QGA_ENOSYS);

	fake_board.monotonic = 5000000;
	fake_board.idle = 3000000;
	assert_int_equal(inventory->cpustat(NULL, 0, &stat), 1);
	assert_int_equal(stat.system_ms, 2);
	assert_int_equal(stat.idle_ms, 3);
	fake_board.idle = 6000000; /* of another clock */
	assert_int_equal(inventory->cpustat(NULL, 0, &stat), 1);
	assert_int_equal(stat.system_ms, 0);
	assert_int_equal(inventory->cpustat(NULL, 1, &stat), 0);

	/* Of 8 MiB there could be whole blocks, but too many of them. */
	assert_int_equal(inventory->memory_block_size, 16 << 20);
	assert_int_equal(inventory->memory_block(NULL, 1, &block), 1);
	assert_int_equal(block.phys_index, 2);
	assert_int_equal(inventory->memory_block(NULL, 2, &block), 0);
}

/* Of a machine with less memory than a block has, which does not begin at 0 either. */
static void of_a_little_memory(void **state)
{
	static const struct board little = {.ram = {{0x20000000, 0x400000}}, .n_ram = 1};
	const struct qga_inventory *inventory = env_inventory_init(&little);
	struct qga_memory_block block;

	(void)state;
	assert_int_equal(inventory->memory_block_size, 4 << 20);
	assert_int_equal(inventory->memory_block(NULL, 0, &block), 1);
	assert_int_equal(block.phys_index, 0x20000000 / 0x400000);
	assert_int_equal(inventory->memory_block(NULL, 1, &block), 0);
	env_inventory_init(&board);
}

/* Where one waits longer than it took, one was not busy; where nothing waits, all of it. */
static void of_the_load(void **state)
{
	struct qga_load load;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		fake_board.monotonic += 3600000000000;
		fake_board.idle += 3700000000000;
		env_load_sample();
	}
	assert_int_equal(env->inventory->load(NULL, &load), 0);
	assert_int_equal(load.load15m, 0);
	fake_board.monotonic += 3600000000000;
	assert_int_equal(env->inventory->load(NULL, &load), 0);
	assert_int_equal(load.load1m, 100);
}

static void of_filesystems(void **state)
{
	struct qga_filesystem item;

	(void)state;
	assert_int_equal(env->inventory->filesystem(NULL, 0, &item), 1);
	assert_string_equal(item.mountpoint, "/ram");
	assert_int_equal(item.total_bytes, env_files_total());
	assert_int_equal(env->inventory->filesystem(NULL, 1, &item), 1);
	assert_string_equal(item.mountpoint, "/data");
	assert_int_equal(env->inventory->filesystem(NULL, 2, &item), QGA_EIO);
	/* Without room for RAM files it is the application's alone. */
	env_files_init(NULL, NULL);
	assert_non_null(env_inventory_init(&board)->filesystem);
	assert_int_equal(env_filesystem(NULL, 0, &item), 1);
	assert_string_equal(item.mountpoint, "/data");
	env_init(&board);
}

static void frozen(void **state)
{
	const struct qga_freeze *all = env->freeze;
	const char *path = NULL;
	void *file;

	(void)state;
	answer = 2;
	assert_int_equal(all->freeze(NULL, NULL, 0, &path), 3);
	assert_int_equal(try("/ram/a", QGA_OPEN_WRITE | QGA_OPEN_CREATE, &file), QGA_EBUSY);
	assert_int_equal(all->freeze(NULL, NULL, 0, &path), 2); /* ours is already */
	assert_int_equal(all->thaw(NULL), 3);
	assert_int_equal(all->thaw(NULL), 2);
	assert_called("FFTT");
	answer = 0;
	assert_int_equal(all->freeze(NULL, "/ram", 4, &path), 1);
	assert_int_equal(all->thaw(NULL), 1);
	assert_int_equal(all->freeze(NULL, "/rom", 4, &path), 0);
	assert_int_equal(all->freeze(NULL, "/ra", 3, &path), 0);
	assert_called("fTff");
	/* What cannot be frozen leaves the rest as it is. */
	answer = QGA_EIO;
	assert_int_equal(all->freeze(NULL, NULL, 0, &path), QGA_EIO);
	assert_string_equal(path, "/data");
	assert_int_equal(try("/ram/a", QGA_OPEN_WRITE | QGA_OPEN_CREATE, &file), 0);
	env->files->close(NULL, file);
	assert_int_equal(all->thaw(NULL), QGA_EIO);
}

/* What an application of its own brings of it. */
static void freezes_as_it_can(void **state)
{
	const struct qga_freeze *all = env_freeze_init();
	const char *path;
	uint64_t trimmed;

	(void)state;
	assert_null(all->trim);
	assert_true(all->watchdog_ns == 300000000000);
	freezing = (struct qga_freeze){.trim = trim, .watchdog_ns = 5};
	all = env_freeze_init();
	assert_int_equal(all->trim(NULL, 0, 9, &path, &trimmed), 1);
	assert_string_equal(path, "/data");
	assert_int_equal(trimmed, 9);
	assert_int_equal(all->watchdog_ns, 5);
	assert_int_equal(all->freeze(NULL, NULL, 0, &path), 1);
	assert_int_equal(all->thaw(NULL), 1);
	env_files_init(NULL, NULL);
	assert_int_equal(all->freeze(NULL, NULL, 0, &path), 0);
	env_init(&board);
	freezing = (struct qga_freeze){.freeze = freeze, .thaw = thaw};
}

static void switched_off(void **state)
{
	const struct qga_power *power = env->power;

	(void)state;
	assert_true(power->drain(NULL, QGA_HALT));
	assert_false(power->drain(NULL, QGA_REBOOT));
	assert_int_equal(power->drain_ns, 77);
	assert_int_equal(power->shutdown(NULL, QGA_REBOOT), QGA_ENOSYS);
	assert_called("");
	board.learn = learn;
	assert_int_equal(power->shutdown(NULL, QGA_POWERDOWN), 0);
	assert_called("ls");
	assert_int_equal(env_exit(3), QGA_ENOSYS);
	assert_int_equal(fake_board.status, 3);
	assert_called("ls");
	board.learn = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(configured, set_up),
		cmocka_unit_test_setup(polled, set_up),
		cmocka_unit_test_setup(told_of_a_restore, set_up),
		cmocka_unit_test_setup(watched, set_up),
		cmocka_unit_test_setup(of_files, set_up),
		cmocka_unit_test_setup(of_a_sink, set_up),
		cmocka_unit_test_setup(of_programs, set_up),
		cmocka_unit_test_setup(of_an_inventory, set_up),
		cmocka_unit_test_setup(of_a_little_memory, set_up),
		cmocka_unit_test_setup(of_the_load, set_up),
		cmocka_unit_test_setup(of_filesystems, set_up),
		cmocka_unit_test_setup(frozen, set_up),
		cmocka_unit_test_setup(freezes_as_it_can, set_up),
		cmocka_unit_test_setup(switched_off, set_up),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
