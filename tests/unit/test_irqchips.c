/* SPDX-License-Identifier: MIT */
/* test_irqchips.c - interrupt controllers as lists of register accesses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch.h"
#include "irqchip/aplic.h"
#include "irqchip/gicv2.h"
#include "irqchip/plic.h"
#include "mmio.h"
#include "register_memory.h"

/* What the processor says. */
static bool pending;

bool arch_irq_pending(void)
{
	return pending;
}

/* The device is acknowledged: here, a register that no controller has. */
#define DEVICE 0x3fc

static void acknowledge(void)
{
	mmio_write32(BASE + DEVICE, 1);
}

static void test_plic(void **state)
{
	struct plic plic;

	(void)state;
	plic_init(&plic, BASE, 1, 40);
	plic.chip.acknowledge = acknowledge;
	ACCESSES({'W', 0x2080, 0}, {'W', 0x2084, 0}, {'W', 0x201000, 0});
	assert_true(plic.chip.ops->enable(&plic.chip, 33, false));
	ACCESSES({'W', 33 * 4, 1}, {'R', 0x2084, 0}, {'W', 0x2084, 2});
	memory_write(NULL, 0x201004, 4, 33);
	plic.chip.ops->settle(&plic.chip);
	ACCESSES({'R', 0x201004, 33}, {'W', DEVICE, 1}, {'W', 0x201004, 33});
	memory_write(NULL, 0x201004, 4, 0); /* nothing to claim: nothing to complete */
	plic.chip.ops->settle(&plic.chip);
	ACCESSES({'R', 0x201004, 0}, {'W', DEVICE, 1});
	assert_false(plic.chip.ops->enable(&plic.chip, 0, false)); /* no such sources */
	assert_false(plic.chip.ops->enable(&plic.chip, 40, false));
	assert_int_equal(registers_count, 0);
}

static void test_gicv2(void **state)
{
	struct gicv2 gic;

	(void)state;
	pending = true;
	gicv2_init(&gic, BASE, BASE + 0x10000);
	gic.chip.acknowledge = acknowledge;
	ACCESSES({'W', 0, 3}, {'W', 0x10004, 0xff}, {'W', 0x10000, 3});
	gic.chip.ops->settle(&gic.chip); /* no edges: no access */
	ACCESSES({'W', DEVICE, 1});

	memory_write(NULL, 0x800, 1, 1);
	assert_true(gic.chip.ops->enable(&gic.chip, 79, true));
	ACCESSES({'R', 0xc10, 0}, {'W', 0xc10, 2u << 30}, {'W', 0x400 + 79, 0x80}, {'R', 0x800, 1},
	         {'W', 0x800 + 79, 1}, {'W', 0x108, 1u << 15}, {'W', 0x208, 1u << 15},
	         {'W', 0x288, 1u << 15});
	pending = false; /* its line is pending, and no interrupt is */
	assert_false(gic.chip.ops->enable(&gic.chip, 33, false));
	ACCESSES({'R', 0xc08, 0}, {'W', 0xc08, 0}, {'W', 0x400 + 33, 0x80}, {'R', 0x800, 1},
	         {'W', 0x800 + 33, 1}, {'W', 0x104, 2}, {'W', 0x204, 2}, {'W', 0x284, 2});
	memory_write(NULL, 0xc04, 4, 0xaaaaaaaa);
	assert_true(gic.chip.ops->enable(&gic.chip, 27, false)); /* the processor's own */
	ACCESSES({'R', 0xc04, 0xaaaaaaaa}, {'W', 0xc04, 0xaaaaaaaa}, {'W', 0x400 + 27, 0x80},
	         {'R', 0x800, 1}, {'W', 0x800 + 27, 1}, {'W', 0x100, 1u << 27});
	gic.chip.ops->settle(&gic.chip); /* the edge only */
	ACCESSES({'W', 0x288, 1u << 15}, {'W', DEVICE, 1});
	gic.chip.ops->disable(&gic.chip);
	ACCESSES({'W', 0x10000, 0});
	assert_false(gic.chip.ops->enable(&gic.chip, GICV2_LINES_MAX, true));
	assert_int_equal(registers_count, 0);
}

/* No more lines than it keeps. */
static void test_aplic_lines(void **state)
{
	struct aplic aplic;

	(void)state;
	aplic_init(&aplic, BASE, 40, 3);
	for (uint32_t line = 1; line <= APLIC_LINES_MAX; line++)
		assert_true(aplic.chip.ops->enable(&aplic.chip, line, false));
	assert_false(aplic.chip.ops->enable(&aplic.chip, APLIC_LINES_MAX + 1, false));
}

static unsigned claims;

static void claim(void)
{
	claims++;
}

static void test_aplic(void **state)
{
	struct aplic aplic;

	(void)state;
	aplic_init(&aplic, BASE, 40, 3);
	aplic.chip.acknowledge = acknowledge;
	ACCESSES({'W', 0, 0x100}, {'W', 0x1f00, UINT32_MAX}, {'W', 0x1f04, UINT32_MAX},
	         {'W', 0x4068, 0}, {'W', 0x4060, 1});
	assert_true(aplic.chip.ops->enable(&aplic.chip, 33, false));
	ACCESSES({'W', 33 * 4, 6}, {'W', 0x3000 + 33 * 4, 3u << 18 | 1}, {'W', 0x1edc, 33},
	         {'R', 33 * 4, 6});
	aplic.chip.ops->settle(&aplic.chip);
	ACCESSES({'R', 0x407c, 0}, {'W', DEVICE, 1});
	assert_true(aplic.chip.ops->enable(&aplic.chip, 1, true));
	ACCESSES({'W', 4, 4}, {'W', 0x3004, 3u << 18 | 1}, {'W', 0x1edc, 1}, {'R', 4, 4});
	aplic.chip.ops->settle(&aplic.chip);
	ACCESSES({'R', 0x407c, 0}, {'W', DEVICE, 1});
	assert_false(aplic.chip.ops->enable(&aplic.chip, 0, false)); /* no such sources */
	assert_false(aplic.chip.ops->enable(&aplic.chip, 41, false));
	assert_int_equal(registers_count, 0);
}

/* By messages: what is still high afterwards is sent once more, what is low is not. */
static void test_aplic_by_message(void **state)
{
	static const struct aplic_imsic imsic = {.claim = claim};
	struct aplic aplic;

	(void)state;
	aplic_init(&aplic, BASE, 40, 3);
	aplic.chip.acknowledge = acknowledge;
	registers_clear();
	aplic_by_message(&aplic, &imsic);
	aplic_send_to(&aplic, UINT64_C(0x123024001000));
	ACCESSES({'W', 0, 0x104}, {'W', 0x1bc0, 0x23024001}, {'W', 0x1bc4, 1});
	assert_true(aplic.chip.ops->enable(&aplic.chip, 33, false));
	ACCESSES({'W', 33 * 4, 6}, {'W', 0x3000 + 33 * 4, APLIC_IDENTITY}, {'W', 0x1edc, 33},
	         {'R', 33 * 4, 6});
	aplic.chip.ops->settle(&aplic.chip);
	assert_int_equal(claims, 1);
	ACCESSES({'W', DEVICE, 1}, {'R', 0x1d04, 0});
	memory_write(NULL, 0x1d04, 4, 2);
	aplic.chip.ops->settle(&aplic.chip);
	ACCESSES({'W', DEVICE, 1}, {'R', 0x1d04, 2}, {'W', 0x1cdc, 33});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_plic, set_up),
		cmocka_unit_test_setup(test_gicv2, set_up),
		cmocka_unit_test_setup(test_aplic, set_up),
		cmocka_unit_test_setup(test_aplic_by_message, set_up),
		cmocka_unit_test_setup(test_aplic_lines, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
