/* SPDX-License-Identifier: MIT */
/*
 * board.c - this machine as a board: its clocks, its name, and memory for the environment of the
 * stand-alone image, so that commands are the same code here as there.
 *
 * The clock is read but never set, power off ends the process, and nothing is handed over by a
 * host but what BAREQGA_CMDLINE in the environment says.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "host.h"

#define SPARE_SIZE ((size_t)128 << 20)

static uint64_t idle;

static int64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

const struct board *board_init(void)
{
	static struct utsname uts;
	static struct board board;
	void *spare =
		mmap(NULL, SPARE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const char *cmdline = getenv("BAREQGA_CMDLINE");

	uname(&uts);
	board = (struct board){
		.name = "host",
		.machine = uts.machine,
		.cmdline = cmdline ? cmdline : "",
		.ram = {{0, (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE)}},
		.n_ram = 1,
		.spare = spare == MAP_FAILED ? NULL : spare,
		.spare_size = spare == MAP_FAILED ? 0 : SPARE_SIZE,
		.n_cpus = 1,
		.has_rtc = true,
		.has_rtc_set = true,
		.powers = 1 << BOARD_POWERDOWN | 1 << BOARD_HALT | 1 << BOARD_REBOOT,
	};
	return &board;
}

uint64_t board_monotonic(void)
{
	return (uint64_t)nanoseconds(CLOCK_MONOTONIC);
}

uint64_t board_idle(void)
{
	return idle;
}

void host_waited(uint64_t ns)
{
	idle += ns;
}

int board_rtc_get(int64_t *ns)
{
	*ns = nanoseconds(CLOCK_REALTIME);
	return 0;
}

int board_rtc_set(int64_t ns)
{
	(void)ns;
	return -1;
}

void board_power(enum board_power mode)
{
	(void)mode;
	exit(0);
}

void board_exit(unsigned status)
{
	exit((int)status);
}

void board_last_words(void)
{
}

void board_panicked(void)
{
}

void board_wait(uint64_t ns)
{
	(void)ns;
}

void board_debug(const char *text, size_t len)
{
	if (write(STDERR_FILENO, text, len) < 0 || write(STDERR_FILENO, "\n", 1) < 0)
		return;
}

bool board_debug_ready(void)
{
	return true;
}

int64_t board_item_size(const char *name)
{
	(void)name;
	return -1;
}

int64_t board_item_read(const char *name, uint64_t offset, void *buf, size_t len)
{
	(void)name;
	(void)offset;
	(void)buf;
	(void)len;
	return -1;
}

/* hal/arch.h, hal/arch/record.h; nothing here calls firmware_trap(). */
const char *arch_trap_name(uintptr_t cause);
size_t arch_calls(uintptr_t *address, size_t most);
uintptr_t arch_image(void);
const uint8_t *arch_build_id(size_t *size);

const char *arch_trap_name(uintptr_t cause)
{
	(void)cause;
	return NULL;
}

uintptr_t arch_registers[1];
const char arch_register_names[] = "";

size_t arch_calls(uintptr_t *address, size_t most)
{
	(void)address;
	(void)most;
	return 0;
}

uintptr_t arch_image(void)
{
	return 0;
}

const uint8_t *arch_build_id(size_t *size)
{
	*size = 0;
	return NULL;
}
