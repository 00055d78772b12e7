/* SPDX-License-Identifier: MIT */
/*
 * test_msix.c - interrupts as messages, against a function with one memory BAR of 64 bits at 0 and 1, as
 * Firecracker and Cloud Hypervisor have it, and against such as lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pci/msix.h"
#include "registers.h"

#define ECAM  0x40000000u
#define TABLE 0x8000u
#define BAR   UINT64_C(0x4000080000)
#define SIZE  0x80000u
#define NEAR  0x50000000u /* where reach() says that the BAR is */
#define CAP   0x98

static uint8_t config[256], bar[SIZE];
static uint32_t masks[6]; /* bits of the BARs that can be written */
static bool decoded;      /* while a BAR was not what firmware had set */
static uint64_t asked;    /* of reach() */
static unsigned measured; /* the BAR whose bits were all set */
static bool shrinks;      /* then it is of no size */

static uint32_t get(const uint8_t *at, unsigned width)
{
	uint32_t value = 0;

	memcpy(&value, at, width);
	return value;
}

static void put(uint8_t *at, uint32_t value, unsigned width)
{
	memcpy(at, &value, width);
}

static uint64_t bar_address(void)
{
	return (uint64_t)get(config + PCI_BAR + 4, 4) << 32 | (get(config + PCI_BAR, 4) & ~15u);
}

static void check_decoding(void)
{
	if (config[PCI_COMMAND] & PCI_COMMAND_MEMORY && bar_address() != 0 && bar_address() != BAR)
		decoded = true;
}

static uint32_t config_read(void *context, unsigned offset, unsigned width)
{
	(void)context;
	assert_true(offset + width <= 256 && offset % width == 0);
	if (shrinks && measured == offset)
		return offset == PCI_BAR ? 4 : 0;
	return get(config + offset, width);
}

static void config_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	unsigned n = (offset - PCI_BAR) / 4;

	(void)context;
	assert_true(offset + width <= 256 && offset % width == 0);
	if (offset >= PCI_BAR && n < 6) {
		assert_int_equal(width, 4);
		measured = value == UINT32_MAX ? offset : 0;
		value = (value & masks[n]) | (get(config + offset, 4) & ~masks[n]);
	}
	put(config + offset, value, width);
	check_decoding();
}

static uint32_t bar_read(void *context, unsigned offset, unsigned width)
{
	(void)context;
	assert_int_equal(width, 4);
	return get(bar + offset, width);
}

static void bar_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	(void)context;
	assert_int_equal(width, 4);
	put(bar + offset, value, width);
}

static const struct registers config_device = {ECAM, 256, config_read, config_write, NULL};
static const struct registers bar_device = {NEAR, SIZE, bar_read, bar_write, NULL};
static const struct pci_host host = {.ecam = ECAM};
static const struct pci_function function = {.host = &host};
static const struct pci_message message = {0x10fee01000, 0x20};

static uintptr_t reach(uint64_t address, uint64_t size)
{
	asked = address;
	return address - BAR <= SIZE - size ? NEAR + (uintptr_t)(address - BAR) : 0;
}

static int set_up(void **state)
{
	(void)state;
	memset(config, 0, sizeof config);
	memset(bar, 0, sizeof bar);
	memset(masks, 0, sizeof masks);
	registers_detach_all();
	registers_attach(&config_device);
	registers_attach(&bar_device);
	decoded = false;
	asked = 0;
	shrinks = false;
	config[PCI_STATUS] = PCI_STATUS_CAPABILITIES;
	config[PCI_CAPABILITIES] = CAP;
	config[CAP] = PCI_CAPABILITY_MSIX;
	put(config + CAP + 2, 3, 2); /* of its entries there are four */
	put(config + CAP + 4, TABLE, 4);
	masks[0] = ~(SIZE - 1);
	masks[1] = UINT32_MAX;
	put(config + PCI_BAR, (uint32_t)BAR | 4, 4);
	put(config + PCI_BAR + 4, BAR >> 32, 4);
	bar[TABLE + 12] = 1; /* masked */
	return 0;
}

static struct pci_msix msix;

static bool find(void)
{
	memset(&msix, 0xa5, sizeof msix);
	return pci_msix_find(&function, reach, &msix);
}

/* Nobody has let it decode, and it does not move while it is measured. */
static void test_find(void **state)
{
	(void)state;
	assert_true(find());
	assert_int_equal(msix.entry, NEAR + TABLE);
	assert_int_equal(config[PCI_COMMAND], PCI_COMMAND_MEMORY);
	assert_true(bar_address() == BAR);
	assert_true(find()); /* it does now */
	assert_false(decoded);
	assert_int_equal(config[CAP + 3], 0); /* and has not been switched on */
}

static void assert_sends(void)
{
	assert_memory_equal(bar + TABLE, "\x00\x10\xe0\xfe\x10\0\0\0\x20\0\0\0\0\0\0", 16);
	assert_int_equal(get(config + CAP + 2, 2), 0x8003);
}

/* How often the table was written to. */
static unsigned written(void)
{
	return registers_accesses('W', TABLE) + registers_accesses('W', TABLE + 8);
}

static void test_send(void **state)
{
	(void)state;
	assert_true(find());
	registers_clear();
	pci_msix_send(&function, &msix, &message);
	assert_sends();
	assert_int_equal(written(), 2);
	pci_msix_send(&function, &msix, &message); /* for the next queue */
	assert_int_equal(written(), 2);
	/* A reset of the device has taken the table with it, or the enable bit, or both. */
	memset(bar + TABLE, 0, 16);
	bar[TABLE + 12] = 1;
	pci_msix_send(&function, &msix, &message);
	assert_sends();
	config[CAP + 3] = 0;
	pci_msix_send(&function, &msix, &message);
	assert_sends();
	config[CAP + 3] = 0xc0; /* all are masked */
	pci_msix_send(&function, &msix, &message);
	assert_sends();
}

/* While the entry is written, none is sent. */
static void test_order(void **state)
{
	unsigned at = 0, masked = 0;

	(void)state;
	assert_true(find());
	registers_clear();
	pci_msix_send(&function, &msix, &message);
	for (; at < registers_count; at++) {
		const struct registers_access *a = &registers_log[at];

		if (a->op == 'W' && a->offset == CAP + 2)
			masked = a->value >> 14;
		if (a->op == 'W' && a->offset >= TABLE)
			assert_int_equal(masked, 3);
	}
	assert_int_equal(masked, 2);
}

static void test_nowhere(void **state)
{
	(void)state;
	config[CAP] = 9;
	assert_false(find());
	assert_int_equal(msix.entry, 0);
	set_up(NULL);
	put(config + PCI_BAR, 4, 4); /* no firmware has set it: it is not to decode at 0 */
	put(config + PCI_BAR + 4, 0, 4);
	assert_false(find());
	assert_int_equal(config[PCI_COMMAND], 0);
	set_up(NULL);
	for (unsigned n = 1; n < 8; n++) { /* BARs that are none, and such as do not exist */
		put(config + CAP + 4, TABLE | n, 4);
		masks[1] = 0;
		put(config + PCI_BAR + 4, 0, 4);
		assert_false(find());
	}
	set_up(NULL);
	put(config + PCI_BAR, 0xc001, 4); /* of ports */
	masks[0] = 0xffc0;
	assert_false(find());
	assert_true(asked == 0);
}

/* The table ends behind the BAR, or the BAR behind all addresses. */
static void test_outside(void **state)
{
	(void)state;
	put(config + CAP + 4, SIZE - 16, 4);
	assert_true(find());
	put(config + CAP + 4, SIZE - 8, 4);
	assert_false(find());
	put(config + CAP + 4, SIZE, 4);
	asked = 0;
	assert_false(find());
	assert_true(asked == 0);
	put(config + CAP + 4, 0xfffffff8, 4);
	asked = 0;
	assert_false(find());
	assert_true(asked == 0);
	put(config + CAP + 4, TABLE, 4);
	put(config + PCI_BAR, 0xfff80004, 4);
	put(config + PCI_BAR + 4, UINT32_MAX, 4);
	assert_false(find()); /* out of reach */
	masks[0] = masks[1] = 0x80000000;
	assert_false(find());
}

/* A BAR that nobody reaches. */
static void test_out_of_reach(void **state)
{
	(void)state;
	put(config + PCI_BAR + 4, 0x50, 4);
	asked = 0;
	assert_false(find());
	assert_true(asked != 0);
	assert_int_equal(msix.entry, 0);
}

/* A BAR that has an address, and says that it has no size. */
static void test_no_size(void **state)
{
	(void)state;
	shrinks = true;
	assert_false(find());
	assert_true(asked == 0);
}

/* What is only in part as it should be is written anew, each part on its own. */
static void test_sent_in_part(void **state)
{
	(void)state;
	assert_true(find());
	for (unsigned at = 0; at < 16; at += 4) {
		pci_msix_send(&function, &msix, &message);
		bar[TABLE + at] ^= 1;
		pci_msix_send(&function, &msix, &message);
		assert_sends();
	}
}

/* The last place where a capability fits, and beyond. */
static void test_end_of_space(void **state)
{
	(void)state;
	memcpy(config + 244, config + CAP, 12);
	config[PCI_CAPABILITIES] = 244;
	assert_true(find());
	config[248] = PCI_CAPABILITY_MSIX;
	config[PCI_CAPABILITIES] = 248;
	assert_false(find());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_find, set_up),
		cmocka_unit_test_setup(test_send, set_up),
		cmocka_unit_test_setup(test_order, set_up),
		cmocka_unit_test_setup(test_nowhere, set_up),
		cmocka_unit_test_setup(test_outside, set_up),
		cmocka_unit_test_setup(test_out_of_reach, set_up),
		cmocka_unit_test_setup(test_no_size, set_up),
		cmocka_unit_test_setup(test_sent_in_part, set_up),
		cmocka_unit_test_setup(test_end_of_space, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
