/* SPDX-License-Identifier: MIT */
/*
 * test_board_riscv.c - RISC-V `virt` machines in machine mode: which interrupt controller, timer and power switch
 * are ours, by trees as QEMU writes them, and by such as nobody should.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define BOARD_NAME "virt-riscv64"

#include "alone.h"
#include "board_rig.h"
#include "board_riscv.h"
#include "fake_uart.h"
#include "irqchip/aplic.h"
#include "irqchip/plic.h"

/* --- The processor --- */

bool riscv_has_time = true;
static uintptr_t csr_ip; /* mip */
static uint32_t imsic_identity;
static unsigned imsic_claims;
static uintptr_t handed_over;
static jmp_buf gone;

uintptr_t csr_test_read(const char *name)
{
	assert_string_equal(name, "mip");
	return csr_ip;
}

void imsic_init(uint32_t identity)
{
	imsic_identity = identity;
}

void imsic_claim(void)
{
	imsic_claims++;
}

_Noreturn void riscv_hand_over(uintptr_t msip)
{
	handed_over = msip;
	longjmp(gone, 1);
}

/* --- The machine --- */

enum {
	PLIC = 0x0c000000,
	CLINT = 0x02000000,
	UART = RISCV_VIRT_UART,
	RTC = 0x101000,
	TEST = 0x100000,
	FW_CFG = 0x10100000,
	VIRTIO = 0x10001000,
	APLIC_AT = 0x0c000000,
	IMSIC_AT = 0x24000000,
};

static struct fake_uart uart;

static void serial(uint32_t parent)
{
	fake_uart_attach(&uart, FAKE_16550_QEMU, UART);
	rig_node("serial@10000000", "ns16550a", UART, 0x100);
	RIG_CELLS("interrupts", 10);
	RIG_CELLS("interrupt-parent", parent);
	rig_end();
}

/* A PLIC with contexts of machine and supervisor mode for a hart and the next. */
static uint32_t *plic(uint64_t base, uint32_t phandle, uint32_t hart)
{
	rig_node("plic", "riscv,plic0", base, 0x600000);
	RIG_CELLS("phandle", phandle);
	RIG_CELLS("riscv,ndev", 95);
	RIG_CELLS("interrupts-extended", INTC(hart), 11, INTC(hart), 9, INTC(hart + 1), 11,
	          INTC(hart + 1), 9);
	rig_end();
	return rig_cells(base, 0x204000);
}

static void clint(void)
{
	rig_node("clint", "sifive,clint0", CLINT, 0x10000);
	RIG_CELLS("interrupts-extended", INTC(0), 3, INTC(0), 7, INTC(1), 3, INTC(1), 7, INTC(2), 3,
	          INTC(2), 7, INTC(3), 3, INTC(3), 7);
	rig_end();
}

static uint32_t *power(void)
{
	rig_node("test", "sifive,test0", TEST, 0x1000);
	rig_end();
	return rig_cells(TEST, 0x1000);
}

/* --- Tests --- */

/* All that QEMU's -M virt has. */
static void test_virt(void **state)
{
	uint32_t *controller, *switches;
	uint64_t ram_end;
	int64_t ns;

	(void)state;
	rig_start();
	rig_begin("chosen");
	rig_text("bootargs", "console=ttyS0 bareqga.channel=uart");
	rig_text("stdout-path", "/soc/serial@10000000");
	rig_end();
	ram_end = rig_memory();
	cpus(2);
	serial(3);
	controller = plic(PLIC, 3, 0);
	clint();
	switches = power();
	rig_node("rtc", "google,goldfish-rtc", RTC, 0x1000);
	rig_end();
	rig_cells(RTC, 0x1000)[0] = 77;
	for (unsigned i = 0; i < 5; i++) {
		static const uint32_t ids[] = {0, 3, 2, 1, 19};

		rig_slot(VIRTIO + i * 0x1000, ids[i]);
		rig_node("virtio_mmio", "virtio,mmio", VIRTIO + i * 0x1000, 0x1000);
		RIG_CELLS("interrupts", 1 + i);
		RIG_CELLS("interrupt-parent", 3);
		rig_end();
	}
	rig_seal();
	arch_boot.hart = 1;

	assert_non_null(board_init());
	assert_string_equal(rig_said(), "");
	assert_string_equal(machine.board.name, "virt-riscv64");
	assert_string_equal(machine.board.machine, "riscv64");
	assert_string_equal(machine.board.cmdline, "console=ttyS0 bareqga.channel=uart");
	assert_int_equal(machine.board.n_cpus, 2);
	assert_int_equal(machine.board.cpu, 1);
	assert_int_equal(machine.board.n_ram, 1);
	assert_int_equal(machine.board.n_disks, 1);
	assert_int_equal(machine.board.n_nets, 1);
	assert_int_equal(machine.n_consoles, 1);
	assert_int_equal(machine.console_irq[0].number, 2);
	assert_int_equal(machine.n_vsocks, 1);
	assert_int_equal(machine.vsock_irq[0].number, 5);
	assert_true((uintptr_t)machine.board.spare >= (uintptr_t)__image_end);
	assert_true((uintptr_t)machine.board.spare + machine.board.spare_size <= ram_end);
	assert_int_equal(machine.board.powers,
	                 1 << BOARD_HALT | 1 << BOARD_POWERDOWN | 1 << BOARD_REBOOT);
	assert_true(machine.board.has_rtc);
	assert_int_equal(board_rtc_get(&ns), 0);
	assert_int_equal(ns, 77);

	/* Hart 1 in machine mode is the PLIC's third context; its timer CLINT's second. */
	assert_true(machine.irqchip->ops->enable(machine.irqchip, 10, false));
	assert_int_equal(controller[10], 1);
	assert_int_equal(controller[(0x2000 + 2 * 0x80) / 4], 1 << 10);
	assert_int_equal(riscv_timer.hz, 10000000);
	assert_int_equal(riscv_timer.mtimecmp, 0); /* for who asks */
	riscv_timer.find();
	assert_int_equal(riscv_timer.mtimecmp, CLINT + 0x4000 + 8);
	assert_int_equal(riscv_timer.mtime, 0);

	board_power(BOARD_POWERDOWN);
	assert_int_equal(switches[0], 0x5555);
	board_power(BOARD_REBOOT);
	assert_int_equal(switches[0], 0x7777);
	board_exit(42);
	assert_int_equal(switches[0], 42 << 16 | 0x3333);
	board_exit(BOARD_EXIT_MAX + 1);
	assert_int_equal(switches[0], 42 << 16 | 0x3333);
	board_exit(0);
	assert_int_equal(switches[0], 0x5555);
}

static uint32_t *rig_plic;

/* A hart without the time CSR has it from CLINT, or from an ACLINT's mtimer, at once. */
static void test_time_in_memory(void **state)
{
	(void)state;
	riscv_has_time = false;
	rig_start();
	rig_memory();
	cpus(2);
	serial(3);
	rig_plic = plic(PLIC, 3, 0);
	clint();
	rig_seal();
	arch_boot.hart = 1;
	assert_non_null(board_init());
	assert_int_equal(riscv_timer.mtimecmp, CLINT + 0x4000 + 8);
	assert_int_equal(riscv_timer.mtime, CLINT + 0xbff8);
	assert_int_equal(machine.board.powers, 1 << BOARD_HALT);
	board_exit(3); /* there is nobody who could be told */
	board_power(BOARD_REBOOT);
	/* What a PLIC has latched is taken, and completed once the device was acknowledged. */
	rig_plic[0x202004 / 4] = 10;
	fake_arch.pending = true;
	registers_clear();
	board_wait(UINT64_MAX);
	assert_int_equal(registers_accesses('R', 0x202004), 1);
	assert_int_equal(registers_accesses('W', 0x202004), 1);
}

static void test_aclint(void **state)
{
	(void)state;
	riscv_has_time = false;
	rig_start();
	rig_memory();
	cpus(2);
	plic(PLIC, 3, 0);
	rig_begin("mtimer");
	rig_text("compatible", "riscv,aclint-mtimer");
	RIG_CELLS("reg", 0, 0x2007ff8, 0, 8, 0, 0x2004000, 0, 0x7ff8);
	RIG_CELLS("interrupts-extended", INTC(0), 7, INTC(1), 7);
	rig_end();
	rig_node("mswi", "riscv,aclint-mswi", CLINT, 0x4000);
	RIG_CELLS("interrupts-extended", INTC(0), 3, INTC(1), 3);
	rig_end();
	rig_seal();
	arch_boot.hart = 1;
	assert_non_null(board_init());
	assert_int_equal(riscv_timer.mtimecmp, 0x2004008);
	assert_int_equal(riscv_timer.mtime, 0x2007ff8);
}

/* An APLIC that drives lines: its number of a hart is that among all. */
static void test_aplic(void **state)
{
	uint32_t *aplic;

	(void)state;
	rig_start();
	rig_memory();
	cpus(2);
	clint();
	/* Of two domains devices are given to the lower one, whose interrupts are of the other mode. */
	rig_node("aplic", "riscv,aplic", APLIC_AT, 0x8000);
	RIG_CELLS("phandle", 3);
	RIG_CELLS("riscv,num-sources", 96);
	RIG_CELLS("riscv,children", 4);
	RIG_CELLS("interrupts-extended", INTC(0), 11, INTC(1), 11);
	rig_end();
	rig_node("aplic", "riscv,aplic", APLIC_AT + 0x1000000, 0x8000);
	RIG_CELLS("phandle", 4);
	RIG_CELLS("riscv,num-sources", 96);
	RIG_CELLS("interrupts-extended", INTC(0), 9, INTC(1), 9);
	rig_end();
	serial(4);
	aplic = rig_cells(APLIC_AT, 0x8000);
	rig_seal();
	arch_boot.hart = 1;
	assert_non_null(board_init());
	assert_int_equal(machine.uart[0].irq.number, 10);
	assert_int_equal(aplic[0], 0x100);
	assert_int_equal(aplic[0x4020 / 4], 1); /* delivery to hart 1 */
	assert_true(machine.irqchip->ops->enable(machine.irqchip, 10, true));
	assert_int_equal(aplic[0x3000 / 4 + 10], 1 << 18 | 1);
}

/* An APLIC that sends messages to an IMSIC, whose pages are in two groups, a socket each. */
static void aplic_by_messages(bool has_imsic)
{
	rig_start();
	rig_memory();
	cpus(4);
	clint();
	rig_node("aplic", "riscv,aplic", APLIC_AT, 0x8000);
	RIG_CELLS("phandle", 3);
	RIG_CELLS("riscv,num-sources", 96);
	RIG_CELLS("msi-parent", 8);
	rig_end();
	rig_begin("imsics");
	rig_text("compatible", "riscv,imsics");
	RIG_CELLS("phandle", has_imsic ? 8 : 9);
	RIG_CELLS("reg", 0, IMSIC_AT, 0, 0x2000, 1, 0x23000000, 0, 0x4000);
	RIG_CELLS("riscv,hart-index-bits", 1);
	RIG_CELLS("interrupts-extended", INTC(0), 11, INTC(1), 11, INTC(2), 11, INTC(3), 11);
	rig_end();
	serial(3);
	rig_seal();
}

static void test_imsic(void **state)
{
	uint32_t *aplic = rig_cells(APLIC_AT, 0x8000);

	(void)state;
	aplic_by_messages(true);
	arch_boot.hart = 3;
	assert_non_null(board_init());
	assert_int_equal(imsic_identity, APLIC_IDENTITY);
	assert_int_equal(aplic[0], 0x104);
	/* The fourth is the second of the second group: page 1 of 0x123000000. */
	assert_int_equal(aplic[0x1bc0 / 4], 0x123001);
	assert_int_equal(aplic[0x1bc4 / 4], 0);
	machine.irqchip->ops->settle(machine.irqchip);
	assert_int_equal(imsic_claims, 1);
}

static void test_imsic_is_missing(void **state)
{
	(void)state;
	aplic_by_messages(false);
	assert_null(board_init());
	assert_string_equal(rig_said(), "bareqga: the device tree names no interrupt controller "
	                                "(PLIC, APLIC) of this hart\n");
}

/* Our hart has no page in what the IMSIC says it has: messages go to page 0, which nobody has. */
static void test_imsic_is_short(void **state)
{
	uint32_t *aplic = rig_cells(APLIC_AT, 0x8000);

	(void)state;
	rig_start();
	rig_memory();
	cpus(2);
	rig_node("aplic", "riscv,aplic", APLIC_AT, 0x8000);
	RIG_CELLS("msi-parent", 8);
	rig_end();
	rig_node("imsics", "riscv,imsics", IMSIC_AT, 0x1000);
	RIG_CELLS("phandle", 8);
	RIG_CELLS("interrupts-extended", INTC(0), 11, INTC(1), 11);
	rig_end();
	rig_seal();
	arch_boot.hart = 1;
	assert_non_null(board_init());
	assert_int_equal(aplic[0x1bc0 / 4], 0);
}

/* --- Several controllers, of harts each, as with NUMA nodes --- */

static void two_plics(uint32_t parent_of_console)
{
	rig_start();
	rig_memory();
	cpus(4);
	serial(3);
	clint();
	plic(PLIC, 3, 0);
	plic(PLIC + 0x1000000, 4, 2);
	rig_slot(VIRTIO, 3);
	rig_node("virtio_mmio", "virtio,mmio", VIRTIO, 0x1000);
	RIG_CELLS("interrupts", 1);
	RIG_CELLS("interrupt-parent", parent_of_console);
	rig_end();
	rig_slot(VIRTIO + 0x1000, 19);
	rig_node("virtio_mmio", "virtio,mmio", VIRTIO + 0x1000, 0x1000);
	RIG_CELLS("interrupts", 2);
	RIG_CELLS("interrupt-parent", 4);
	rig_end();
	rig_seal();
}

/* The agent's device is at the other one: another hart begins anew. */
static void test_moves(void **state)
{
	(void)state;
	two_plics(4);
	if (setjmp(gone) == 0) {
		board_init();
		fail();
	}
	assert_int_equal(handed_over, CLINT + 4 * 2);
}

/* That hart finds its own software interrupt, lets go of it, and keeps the lines that come there. */
static void test_has_moved(void **state)
{
	uint32_t *software = rig_cells(CLINT, 0x10000);

	(void)state;
	two_plics(4);
	arch_boot.hart = 2;
	csr_ip = 1 << 3;
	software[2] = 1;
	assert_non_null(board_init());
	assert_int_equal(software[2], 0);
	assert_int_equal(machine.console_irq[0].number, 1);
	assert_int_equal(machine.uart[0].irq.number, 0); /* of a controller that is not ours */
}

static void test_stays(void **state)
{
	(void)state;
	two_plics(3);
	assert_non_null(board_init());
	assert_int_equal(machine.console_irq[0].number, 1);
	assert_int_equal(machine.uart[0].irq.number, 10);
	/* Nor does the agent's socket device come to a hart of the other one. */
	assert_int_equal(machine_agent_irq(&machine).parent, 3);
}

/* No hart that could be started serves the device: the agent is told so. */
static void test_cannot_move(void **state)
{
	(void)state;
	rig_start();
	rig_memory();
	cpus(4);
	plic(PLIC, 3, 2);
	serial(3);
	rig_seal();
	csr_ip = 1 << 3; /* of nobody: there is no CLINT */
	assert_null(board_init());
	assert_string_equal(rig_said(), "bareqga: the device tree names no interrupt controller "
	                                "(PLIC, APLIC) of this hart\n");
}

/* A software interrupt without a register to clear it in is left alone. */
static void test_software_interrupt_of_nobody(void **state)
{
	(void)state;
	rig_start();
	rig_memory();
	cpus(2);
	plic(PLIC, 3, 1);
	rig_seal();
	arch_boot.hart = 1;
	csr_ip = 1 << 3;
	assert_non_null(board_init());
}

/* --- Trees that say too little, or too much --- */

static void test_no_timebase(void **state)
{
	(void)state;
	rig_start();
	rig_memory();
	serial(3);
	plic(PLIC, 3, 0);
	rig_seal();
	assert_null(board_init());
	assert_string_equal(rig_said(), "bareqga: the device tree names no timebase-frequency\n");
	assert_int_equal(uart.heard_len, strlen(rig_said()) + 1);
	assert_memory_equal(uart.heard, rig_said(), uart.heard_len - 2);
}

/* More controllers than are looked at, harts with numbers that are too high, registers at 0. */
static void test_too_many(void **state)
{
	(void)state;
	rig_start();
	rig_memory();
	cpus(70);
	rig_node("plic", "riscv,plic0", 0, 0x600000);
	rig_end();
	for (unsigned i = 0; i < 20; i++) {
		rig_node("clint", "sifive,clint0", CLINT + i * 0x10000, 0x10000);
		RIG_CELLS("interrupts-extended", 0, 3, INTC(80), 7);
		rig_end();
	}
	plic(PLIC, 3, 0); /* not seen any more */
	serial(3);
	rig_seal();
	arch_boot.hart = 69;
	assert_null(board_init());
	assert_int_equal(machine.board.n_cpus, 70);
	assert_int_equal(machine.board.cpu, 69);
	assert_true(machine.cpus == UINT64_MAX);
	assert_string_equal(rig_said(), "bareqga: the device tree names no interrupt controller "
	                                "(PLIC, APLIC) of this hart\n");
}

static void test_clock_out_of_reach(void **state)
{
	(void)state;
	rig_start();
	rig_memory();
	cpus(1);
	plic(PLIC, 3, 0);
	rig_node("rtc", "google,goldfish-rtc", 0, 0x1000);
	rig_end();
	rig_seal();
	assert_non_null(board_init());
	assert_false(machine.board.has_rtc);
	assert_false(machine.board.has_rtc_set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_virt),
		ALONE(test_time_in_memory),
		ALONE(test_aclint),
		ALONE(test_aplic),
		ALONE(test_imsic),
		ALONE(test_imsic_is_missing),
		ALONE(test_imsic_is_short),
		ALONE(test_moves),
		ALONE(test_has_moved),
		ALONE(test_stays),
		ALONE(test_cannot_move),
		ALONE(test_software_interrupt_of_nobody),
		ALONE(test_no_timebase),
		ALONE(test_too_many),
		ALONE(test_clock_out_of_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
