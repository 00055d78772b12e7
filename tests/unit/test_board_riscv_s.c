/* SPDX-License-Identifier: MIT */
/* test_board_riscv_s.c - RISC-V `virt` machines with firmware below us: what is asked of SBI. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#define BOARD_NAME "virt-riscv64-s"

#include "alone.h"
#include "board_rig.h"
#include "board_riscv.h"
#include "sbi.h"

/* What was asked, in order. */
static char asked[128];

static void ask(const char *what, unsigned long number)
{
	size_t n = strlen(asked);

	snprintf(asked + n, sizeof asked - n, "%s%lu ", what, number);
}

uintptr_t csr_test_read(const char *name)
{
	fail_msg("%s", name);
	return 0;
}

bool riscv_has_time = true;

void imsic_init(uint32_t identity)
{
	ask("imsic", identity);
}

void imsic_claim(void)
{
}

/* This firmware cannot start another hart. */
void riscv_hand_over(uintptr_t hart, uintptr_t fdt)
{
	assert_int_equal(fdt, arch_boot.fdt);
	ask("start", hart);
}

void sbi_park_hart(unsigned long hart)
{
	ask("park", hart);
}

void sbi_shutdown(void)
{
	ask("off", 0);
}

void sbi_reboot(void)
{
	ask("reboot", 0);
}

enum {
	PLIC_AT = 0x0c000000,
	APLIC_AT = 0x0d000000,
	IMSIC_AT = 0x28000000,
};

static void start(unsigned harts)
{
	rig_start();
	rig_memory();
	cpus(harts);
	/* A place to say something. */
	rig_cells(RISCV_VIRT_UART, 8)[1] = 0x6000;
}

/* Power goes by SBI, whatever devices there are; the context is the second of each hart. */
static void test_virt(void **state)
{
	uint32_t *plic = rig_cells(PLIC_AT, 0x204000);

	(void)state;
	start(3);
	rig_node("plic", "riscv,plic0", PLIC_AT, 0x600000);
	RIG_CELLS("riscv,ndev", 95);
	RIG_CELLS("interrupts-extended", INTC(0), 11, INTC(0), 9, INTC(1), 11, INTC(1), 9);
	rig_end();
	rig_seal();
	arch_boot.hart = 1;
	assert_non_null(board_init());
	assert_string_equal(asked, "park0 park2 ");
	assert_true(machine.irqchip->ops->enable(machine.irqchip, 10, false));
	assert_int_equal(plic[(0x2000 + 3 * 0x80) / 4], 1 << 10);
	assert_null(riscv_timer.find); /* SBI has the timer */
	assert_null(machine.exit);
	asked[0] = '\0';
	board_power(BOARD_POWERDOWN);
	board_power(BOARD_REBOOT);
	assert_string_equal(asked, "off0 reboot0 ");
}

/* Where messages go, the firmware has said; that register is machine mode's. */
static void test_imsic(void **state)
{
	uint32_t *aplic = rig_cells(APLIC_AT, 0x8000);

	(void)state;
	start(1);
	rig_node("aplic", "riscv,aplic", APLIC_AT, 0x8000);
	RIG_CELLS("msi-parent", 8);
	RIG_CELLS("riscv,num-sources", 96);
	rig_end();
	rig_node("imsics", "riscv,imsics", IMSIC_AT, 0x1000);
	RIG_CELLS("phandle", 8);
	RIG_CELLS("interrupts-extended", INTC(0), 9);
	rig_end();
	rig_seal();
	assert_non_null(board_init());
	assert_string_equal(asked, "imsic1 ");
	assert_int_equal(aplic[0x1bc0 / 4], 0);
}

/* The controller serves other harts, of which none can be started. */
static void test_cannot_move(void **state)
{
	(void)state;
	start(4);
	rig_node("plic", "riscv,plic0", PLIC_AT, 0x600000);
	RIG_CELLS("interrupts-extended", INTC(2), 9, INTC(3), 9);
	rig_end();
	rig_seal();
	assert_null(board_init());
	assert_string_equal(asked, "start2 start3 ");
	assert_string_equal(rig_said(), "bareqga: the device tree names no interrupt controller "
	                                "(PLIC, APLIC) of this hart\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(test_virt),
		ALONE(test_imsic),
		ALONE(test_cannot_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
