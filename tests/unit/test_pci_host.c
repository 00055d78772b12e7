/* SPDX-License-Identifier: MIT */
/*
 * test_pci_host.c - a host bridge whose buses do not begin at 0, with functions that a walk may take
 * for others: with odd ids, pins, bridges that lead to where they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "pci/pci.h"
#include "registers.h"

#define ECAM  0x40000000u
#define FIRST 16
#define BUSES 3
#define SLOTS 4

static uint8_t config[BUSES][SLOTS][256]; /* of function 0 of each slot; no id: nobody */
static uint32_t masks[6];                 /* bits of the BARs that can be written */
static bool behind;                       /* something behind the last BAR was written to */

static uint8_t *at(unsigned offset)
{
	unsigned bus = offset >> 20, slot = offset >> 15 & 31;

	assert_in_range(bus, 0, BUSES - 1);
	return slot < SLOTS && (offset >> 12 & 7) == 0 ? config[bus][slot] : NULL;
}

static uint32_t ecam_read(void *context, unsigned offset, unsigned width)
{
	uint32_t value = UINT32_MAX >> (32 - 8 * width);

	(void)context;
	if (at(offset) && memcmp(at(offset), "\xff\xff", 2) != 0)
		memcpy(&value, at(offset) + (offset & 0xff), width);
	return value;
}

static void ecam_write(void *context, unsigned offset, unsigned width, uint32_t value)
{
	unsigned reg = offset & 0xff, n = (reg - PCI_BAR) / 4;
	uint32_t old = 0;

	(void)context;
	if (!at(offset))
		return;
	memcpy(&old, at(offset) + reg, width);
	if (reg >= PCI_BAR && n < 6 && at(offset)[PCI_HEADER_TYPE] != PCI_HEADER_BRIDGE)
		value = (value & masks[n]) | (old & ~masks[n]);
	behind |= reg == PCI_BAR + 24;
	memcpy(at(offset) + reg, &value, width);
}

static const struct registers ecam = {ECAM, BUSES << 20, ecam_read, ecam_write, NULL};
static const struct pci_host host = {.ecam = ECAM, .first = FIRST, .last = FIRST + BUSES - 1};
static struct pci_function found[32];
static unsigned n_found;

static int set_up(void **state)
{
	(void)state;
	memset(config, 0xff, sizeof(config));
	memset(masks, 0, sizeof(masks));
	behind = false;
	registers_detach_all();
	registers_attach(&ecam);
	return 0;
}

static uint8_t *add(unsigned bus, unsigned slot, uint32_t id)
{
	memset(config[bus - FIRST][slot], 0, 256);
	memcpy(config[bus - FIRST][slot], &id, 4);
	return config[bus - FIRST][slot];
}

static void add_bridge(unsigned bus, unsigned slot, uint8_t secondary)
{
	uint8_t *bridge = add(bus, slot, 0x000c1b36);

	bridge[PCI_HEADER_TYPE] = PCI_HEADER_BRIDGE;
	bridge[PCI_SECONDARY_BUS] = secondary;
}

static void note(void *context, const struct pci_function *f)
{
	(void)context;
	assert_in_range(n_found, 0, 31);
	found[n_found++] = *f;
}

static void scan(void)
{
	n_found = 0;
	pci_scan(&host, note, NULL);
}

static void buses_from_16_on(void **state)
{
	(void)state;
	add(FIRST, 1, 0x10431af4);
	add_bridge(FIRST, 2, 0);
	add(FIRST + 1, 3, 0x10531af4);
	scan();
	assert_int_equal(n_found, 2);
	assert_int_equal(found[0].address, FIRST << 8 | 1 << 3);
	assert_int_equal(found[1].address, (FIRST + 1) << 8 | 3 << 3);
	assert_int_equal(found[1].device, 0x1053);
	assert_int_equal(config[0][2][PCI_PRIMARY_BUS], FIRST);
	assert_int_equal(config[0][2][PCI_SECONDARY_BUS], FIRST + 1);
	assert_int_equal(config[0][2][PCI_SUBORDINATE], FIRST + 1);
}

/* To its own bus, to one that is not the host's, below and above. */
static void bridges_to_nowhere(void **state)
{
	static const uint8_t to[] = {FIRST, FIRST - 1, FIRST + BUSES, 255, 1};

	for (unsigned i = 0; i < sizeof(to); i++) {
		set_up(state);
		add_bridge(FIRST, 1, to[i]);
		add(FIRST, 2, 0x10431af4);
		scan();
		assert_int_equal(n_found, 1);
		/* It is not led through. */
		assert_int_equal(config[0][1][PCI_COMMAND], 0);
	}
}

/* Nobody has the id 0, or one of ones only; all others are somebody's. */
static void odd_ids(void **state)
{
	(void)state;
	add(FIRST, 0, 0);
	add(FIRST, 1, 1);
	add(FIRST, 2, 0x10000);
	add(FIRST, 3, 0xfffffffe);
	scan();
	assert_int_equal(n_found, 3);
	assert_int_equal(found[0].vendor, 1);
	assert_int_equal(found[1].device, 1);
}

/* Each pin, through a bridge; what stands behind the register is not part of it. */
static void each_pin(void **state)
{
	(void)state;
	add_bridge(FIRST, 1, 0);
	for (unsigned slot = 0; slot < SLOTS; slot++)
		for (unsigned pin = 0; pin < 6; pin++) {
			uint8_t *f = add(FIRST + 1, slot, 0x10431af4);

			f[PCI_INTERRUPT_PIN] = (uint8_t)pin;
			f[PCI_INTERRUPT_PIN + 1] = 0xa5;
			scan();
			assert_int_equal(found[slot].has_pin, pin >= 1 && pin <= 4);
			assert_int_equal(found[slot].slot, 1);
			if (found[slot].has_pin)
				assert_int_equal(found[slot].pin, (pin - 1 + slot) & 3);
		}
}

/* The last BAR says that it goes on where there is none. */
static void the_last_bar(void **state)
{
	uint8_t *f = add(FIRST, 0, 0x10431af4);

	(void)state;
	masks[5] = 0xfffff000;
	f[PCI_BAR + 20] = 4;
	scan();
	assert_int_equal(n_found, 1);
	assert_true(pci_bar_size(&found[0], 5) == 0x1000);
	assert_false(behind);
	assert_true(pci_bar_size(&found[0], 6) == 0);
	masks[3] = 0xffffe000;
	masks[4] = 0xffffffff;
	f[PCI_BAR + 12] = 4;
	assert_true(pci_bar_size(&found[0], 3) == 0x2000);
	masks[4] = 0xfffffff0;
	masks[3] = 0;
	assert_true(pci_bar_size(&found[0], 3) == UINT64_C(0x1000000000));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup(f, set_up)
	const struct CMUnitTest tests[] = {
		TEST(buses_from_16_on), TEST(bridges_to_nowhere), TEST(odd_ids),
		TEST(each_pin),         TEST(the_last_bar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
