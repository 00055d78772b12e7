// SPDX-License-Identifier: MIT
/*
 * board.c - qemu-system-arm -M mps2-an385 (Arm DAI 0385, AN385): Cortex-M3, nothing to discover.
 *
 * The board has no clock that survives a reset and no way to switch itself off. Under a debugger or
 * emulator with semihosting it has both, and only then are they offered.
 */
#include "board.h"
#include "uart/cmsdk_uart.h"
#include "cortex_m.h"
#include "soc/mps2_fpgaio.h"

/* 3.1 memory map, 3.2 interrupts */
enum address {
	UART0 = 0x40004000,
	UART1 = 0x40005000,
	FPGAIO = 0x40028000,
	SSRAM23 = 0x20000000,
};

enum interrupt {
	UART0_RX = 0,
	UART0_TX = 1,
};

#define CLOCK_HZ      25000000
#define UART_DIVISOR  (CLOCK_HZ / 115200)
#define SSRAM23_SIZE  (4u << 20)
#define FIRST_WAIT_NS 100000
#define NS_PER_S      1000000000

extern char __image_end[]; /* linker/sections.ld */

static struct uart agent_uart, log_uart;
static uint8_t rx_bytes[UART_RX_SIZE], tx_bytes[UART_TX_SIZE];
static struct board board;
static uint64_t idle;

const struct board *board_init(void)
{
	int64_t ns;

	cmsdk_uart_init(&agent_uart, UART0, UART_DIVISOR);
	cmsdk_uart_init(&log_uart, UART1, UART_DIVISOR);
	mps2_fpgaio_init(FPGAIO, CLOCK_HZ);
	board.name = "mps2-an385";
	board.machine = "armv7m";
	board.cmdline = "";
	board.ram[board.n_ram++] = (struct board_ram){SSRAM23, SSRAM23_SIZE};
	board.spare = __image_end;
	board.spare_size = SSRAM23 + SSRAM23_SIZE - (uintptr_t)__image_end;
	board.n_cpus = 1;
	board.powers = 1u << BOARD_HALT | 1u << BOARD_REBOOT;
	if (board_rtc_get(&ns) == 0) {
		board.has_rtc = true;
		board.powers |= 1u << BOARD_POWERDOWN;
	}
	return &board;
}

struct qga_channel *board_channel(void)
{
	uart_channel(&agent_uart, rx_bytes, tx_bytes);
	board.is_line = true;
	nvic_enable(UART0_RX);
	nvic_enable(UART0_TX);
	return &agent_uart.channel;
}

/* The first wait is a short one, as in machine.c. */
void board_wait(uint64_t ns)
{
	uint64_t start = board_monotonic();

	if (cmsdk_uart_ready(&agent_uart))
		return;
	cortex_m_wait(idle == 0 && ns > FIRST_WAIT_NS ? FIRST_WAIT_NS : ns, CLOCK_HZ);
	idle += board_monotonic() - start;
}

uint64_t board_monotonic(void)
{
	return mps2_fpgaio_ns(FPGAIO);
}

uint64_t board_idle(void)
{
	return idle;
}

/* Whole seconds, from whoever answers semihosting calls. */
int board_rtc_get(int64_t *ns)
{
	int seconds = semihosting(SYS_TIME, 0);

	*ns = (int64_t)(uint32_t)seconds * NS_PER_S;
	return seconds == -1 ? -1 : 0;
}

int board_rtc_set(int64_t ns)
{
	(void)ns;
	return -1;
}

void board_power(enum board_power mode)
{
	if (mode == BOARD_POWERDOWN)
		semihosting(SYS_EXIT, ADP_STOPPED_APPLICATION_EXIT);
	if (mode == BOARD_REBOOT)
		cortex_m_reset();
	if (mode == BOARD_HALT)
		arch_halt();
}

/* Returns where nobody answers semihosting calls. */
void board_exit(unsigned status)
{
	const uintptr_t parameter[] = {ADP_STOPPED_APPLICATION_EXIT, status};

	if (status <= BOARD_EXIT_MAX)
		semihosting(SYS_EXIT_EXTENDED, (uintptr_t)parameter);
}

void board_last_words(void)
{
}

void board_panicked(void)
{
}

void board_debug(const char *text, size_t len)
{
	uart_write(&log_uart, text, len);
	uart_write(&log_uart, "\r\n", 2);
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
