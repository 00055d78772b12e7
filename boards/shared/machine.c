/* SPDX-License-Identifier: MIT */
/*
 * machine.c - board.h for every board that is described by a struct machine.
 */
#include "machine.h"
#include "pci_devices.h"
#include "arch.h"

#include <string.h>

#define NS_PER_S      1000000000u
#define FIRST_WAIT_NS 100000
#define SILENCE_NS    10000000

/* Devices tell that the machine was restored somewhat later than its memory does. */
#define SAME_NS 1000000000

/* Nanoseconds of a tick; 0: not a whole number. Where it is one, much dividing is spared. */
static uintptr_t tick_ns(void)
{
	uintptr_t hz = (uintptr_t)arch_ticks_hz(), ns = NS_PER_S / hz;

	return ns * hz == NS_PER_S ? ns : 0;
}

/* value * to / from, without an overflow on the way */
static uint64_t scale(uint64_t value, uintptr_t from, uintptr_t to)
{
	uint64_t whole = value / from;

	return whole * to + (uint64_t)(uintptr_t)(value - whole * from) * to / from;
}

static uint64_t ticks_to_ns(uint64_t ticks)
{
	uint64_t ns = tick_ns();

	return ns ? ticks * ns : scale(ticks, (uintptr_t)arch_ticks_hz(), NS_PER_S);
}

static uint64_t ns_to_ticks(uint64_t ns)
{
	return scale(ns, NS_PER_S, (uintptr_t)arch_ticks_hz());
}

static void find_idle(void)
{
	pci_devices_find(&machine);
}

static void remind(uint64_t ns, void (*notice)(void))
{
	machine.remind_at = arch_ticks() + ns_to_ticks(ns);
	machine.notice = notice;
}

static void look(struct machine *m)
{
	m->remind_at = UINT64_MAX;
	m->notice();
}

bool machine_disturbed(void)
{
	struct machine *m = &machine;
	bool sign = machine_take_sign();

	if (m->told && (!m->disturbed_at || ticks_to_ns(arch_ticks() - m->disturbed_at) > SAME_NS))
		sign = true;
	m->told = false;
	if (sign)
		m->disturbed_at = arch_ticks();
	return sign;
}

void machine_say_disturbed(void)
{
	machine.told = true;
	if (machine.notice)
		look(&machine);
}

/* One look at the directory of fw_cfg is enough, if no name in it begins as a setting's. */
static bool nothing_set(struct machine *m)
{
	if (m->board.cmdline[0])
		return false;
	return !m->has_fw_cfg || fw_cfg_lacks(&m->fw_cfg, "opt/");
}

/* A serial port needs none. */
static void acknowledge_nothing(void)
{
}

const struct board *board_init(void)
{
	struct machine *m = &machine;

	m->board.name = machine_board.name;
	m->board.machine = machine_board.machine;
	m->board.cmdline = "";
	if (machine_discover(m))
		return NULL;
	m->board.nothing_set = nothing_set(m);
	m->irqchip->acknowledge = acknowledge_nothing;
	m->board.find_idle = find_idle;
	m->board.remind = remind;
	m->remind_at = UINT64_MAX;
	m->looked = true;
	m->start = arch_ticks(); /* not earlier: which counter it is, is chosen only now */
	m->board.has_rtc = m->rtc != NULL || m->clock.bus != NULL;
	m->board.has_rtc_set = m->rtc && m->rtc->ops->set;
	m->board.powers = 1u << BOARD_HALT | (m->power_off ? 1u << BOARD_POWERDOWN : 0) |
	                  (m->reboot ? 1u << BOARD_REBOOT : 0);
	return &m->board;
}

/* Called, not inlined: the loop in firmware_main() would spill registers for it, 14 instructions a request on riscv64. */
__attribute__((noinline)) void board_wait(uint64_t ns)
{
	struct machine *m = &machine;
	bool listens = false;
	uint64_t start, now;

	if (ns == 0)
		return;
	if (arch_irq_pending()) {
		m->irqchip->ops->settle(m->irqchip);
		if (machine_sign())
			look(m);
		return;
	}
	/*
	 * QEMU holds back what a host sent before a serial port could take it, until something
	 * wakes QEMU's main loop; a timer does.
	 */
	if (m->serial) {
		listens = uart_wants_quiet(m->serial) && ns > SILENCE_NS;
		if (listens)
			ns = SILENCE_NS;
		else if (m->idle == 0 && ns > FIRST_WAIT_NS)
			ns = FIRST_WAIT_NS;
	}
	start = arch_ticks();
	arch_wait(ns == UINT64_MAX ? UINT64_MAX : start + ns_to_ticks(ns));
	now = arch_ticks();
	m->idle += now - start;
	/* Now, not after the answer: one look at the channel then finds all, none is in vain. */
	if (arch_irq_pending())
		m->irqchip->ops->settle(m->irqchip);
	/* It was the timer's, where that is an interrupt as any other (x86): a little early, at times. */
	if (listens && now - start >= ns_to_ticks(SILENCE_NS - SILENCE_NS / 8))
		uart_quiet(m->serial);
	if (now >= m->remind_at || machine_sign())
		look(m);
}

uint64_t board_monotonic(void)
{
	return ticks_to_ns(arch_ticks() - machine.start);
}

uint64_t board_idle(void)
{
	/* Before the first wait nobody asks how fast the counter is, which x86 must measure. */
	return machine.idle ? ticks_to_ns(machine.idle) : 0;
}

int board_rtc_get(int64_t *ns)
{
	if (machine_has_virtio_clock())
		return machine_virtio_clock(ns);
	return machine.rtc ? machine.rtc->ops->get(machine.rtc, ns) : -1;
}

int board_rtc_set(int64_t ns)
{
	if (!machine.rtc || !machine.rtc->ops->set)
		return -1;
	return machine.rtc->ops->set(machine.rtc, ns);
}

void board_power(enum board_power mode)
{
	struct machine *m = &machine;

	if (m->shares_console)
		machine_last_words();
	if (mode != BOARD_HALT && m->board.learn)
		m->board.learn();
	if (mode == BOARD_HALT && m->irqchip && m->irqchip->ops->disable)
		m->irqchip->ops->disable(m->irqchip);
	if (mode == BOARD_HALT)
		arch_halt();
	if (mode == BOARD_POWERDOWN && m->power_off) {
		machine_tell(m, MACHINE_SHUTDOWN);
		m->power_off(m);
	}
	if (mode == BOARD_REBOOT && m->reboot)
		m->reboot(m);
}

void board_exit(unsigned status)
{
	struct machine *m = &machine;

	if (status == 0)
		board_power(BOARD_POWERDOWN);
	else if (status <= BOARD_EXIT_MAX && m->exit)
		m->exit(m, status);
}

void board_last_words(void)
{
	machine.alone = true;
}

void board_panicked(void)
{
	if (machine.looked)
		machine_tell(&machine, MACHINE_PANICKED);
}

/* True if the path's last part, without options, is the node's name. */
static bool path_ends(const char *path, const char *name)
{
	const char *last = strrchr(path, '/');
	size_t len = strlen(name);

	return last && strncmp(last + 1, name, len) == 0 &&
	       (last[1 + len] == '\0' || last[1 + len] == ':');
}

void machine_start_uarts(struct machine *m)
{
	const char *stdout_path = fdt_text(&m->stdout_path);

	if (m->uarts_started)
		return;
	m->uarts_started = true;
	for (unsigned i = 0; i < m->n_uarts; i++) {
		const struct machine_uart *found = &m->uart[i];

		found->init(&m->uart_device[i], found->base, found->stride);
		if (!m->log || path_ends(stdout_path, found->name))
			m->log = &m->uart_device[i];
	}
}

void board_debug(const char *text, size_t len)
{
	struct machine *m = &machine;

	if (!m->looked && m->n_uarts == 0 && machine_board.uart.init) /* a trap, early */
		m->uart[m->n_uarts++] = machine_board.uart;
	if (m->shares_console) {
		machine_say_shared(text, len);
		if (m->alone)
			machine_last_words();
		return;
	}
	machine_start_uarts(m);
	if (!m->log)
		return;
	uart_write(m->log, text, len);
	uart_write(m->log, "\r\n", 2);
}

/* A line that does not fit is only shown. */
void machine_log(const char *text)
{
	static char said[320];
	size_t at = strlen(said), len = strlen(text);

	machine.board.said = said;
	if (len < sizeof said - at - 1) {
		memcpy(said + at, text, len);
		strcpy(said + at + len, "\n");
	}
	board_debug(text, len);
}

/* Finds an item; the last one that was there is remembered, for a long one is read in pieces. */
static int64_t find_item(const char *name, uint16_t *item)
{
	struct machine *m = &machine;
	int64_t size;

	if (!m->has_fw_cfg || fw_cfg_lacks(&m->fw_cfg, name))
		return -1;
	if (m->item_name[0] && strcmp(m->item_name, name) == 0) {
		*item = m->item;
		return m->item_size;
	}
	size = fw_cfg_find(&m->fw_cfg, name, item);
	if (size >= 0 && strlen(name) < sizeof m->item_name) {
		strcpy(m->item_name, name);
		m->item = *item;
		m->item_size = size;
	}
	return size;
}

int64_t board_item_size(const char *name)
{
	uint16_t item;

	return find_item(name, &item);
}

int64_t board_item_read(const char *name, uint64_t offset, void *buf, size_t len)
{
	uint16_t item;
	int64_t size = find_item(name, &item);

	if (size < 0)
		return -1;
	if (offset >= (uint64_t)size)
		return 0;
	if (len > (uint64_t)size - offset)
		len = (size_t)((uint64_t)size - offset);
	return fw_cfg_read(&machine.fw_cfg, item, offset, buf, len) ? -1 : (int64_t)len;
}
