/* SPDX-License-Identifier: MIT */
/*
 * test_x86_tables.c - ACPI's tables and the one of before them, field by field: where each is looked for, what is
 * believed of it, and how the registers that they name are used.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "acpi.h"
#include "mptable.h"
#include "mp_tables.h"
#include "registers.h"

/* Below 4 GiB, for the program is not moved. */
static uint8_t low[1 << 20] __attribute__((aligned(4096)));
uintptr_t x86_low = (uintptr_t)low;

enum {
	RSDP = 0xf0020,
	RSDT = 0xe1000,
	XSDT = 0xe1800,
	FADT = 0xe2000,
	DSDT = 0xe3000,
	MADT = 0xe4000,
};

static uint32_t pm1_control;

static uint32_t read_register(void *context, unsigned offset, unsigned width)
{
	(void)context;
	(void)width;
	return offset == 0x604 ? pm1_control : 0;
}

static void write_register(void *context, unsigned offset, unsigned width, uint32_t value)
{
	(void)context;
	(void)offset;
	(void)width;
	(void)value;
}

static void put(uint8_t *at, uint64_t value, unsigned width)
{
	memcpy(at, &value, width);
}

static uint8_t *table(uint32_t at, const char *signature, uint32_t length)
{
	memcpy(low + at, signature, 4);
	put(low + at + 4, length, 4);
	return low + at;
}

static uint64_t address(uint32_t at)
{
	return (uintptr_t)low + at;
}

/* A root table with a FADT, whose DSDT has \_S5; nothing else. */
static int set_up(void **state)
{
	static const struct registers ports = {0, 0x10000, read_register, write_register, NULL};
	static const struct registers memory = {0xfed00000, 0x1000, read_register, write_register,
	                                        NULL};

	(void)state;
	memset(low, 0, sizeof low);
	pm1_control = 0;
	registers_detach_all();
	registers_attach(&ports);
	registers_attach(&memory);
	memcpy(low + RSDP, "RSD PTR ", 8);
	put(low + RSDP + 16, address(RSDT), 4);
	table(RSDT, "RSDT", 40);
	put(low + RSDT + 36, address(FADT), 4);
	table(FADT, "FACP", 268);
	put(low + FADT + 40, address(DSDT), 4);
	put(low + FADT + 64, 0x604, 4);
	table(DSDT, "DSDT", 64);
	memcpy(low + DSDT + 40, "_S5_\x12\x06\x04\x0a\x05", 9);
	return 0;
}

static bool can_power_off(void)
{
	struct acpi acpi;

	acpi_init(&acpi, 0);
	return acpi_can_power_off(&acpi);
}

/* The last write to a register: its offset, and in *value what was written. */
static unsigned written(uint32_t *value)
{
	for (unsigned i = registers_count; i-- > 0;)
		if (registers_log[i].op == 'W') {
			*value = registers_log[i].value;
			return registers_log[i].offset;
		}
	*value = 0;
	return 0;
}

/* --- The root --- */

static void test_root(void **state)
{
	struct acpi acpi;

	(void)state;
	assert_int_equal(acpi_init(&acpi, 0), 0); /* searched for */
	assert_int_equal(acpi_init(&acpi, address(RSDP)), 0);
	assert_int_equal(acpi_init(&acpi, 0x10), 0); /* the first page is nobody's: searched for */
	assert_int_equal(acpi_init(&acpi, UINT64_MAX), 0); /* nor is anything so high */
	assert_int_equal(acpi_init(&acpi, address(FADT)), -1);
	memcpy(low + RSDP, "RSD", 4);
	assert_int_equal(acpi_init(&acpi, 0), -1);
	assert_false(acpi_can_power_off(&acpi));
	assert_false(acpi_reset(&acpi));
	registers_clear();
	acpi_power_off(&acpi);
	assert_int_equal(registers_count, 0);
}

/* Version 2 has pointers of 64 bits, and is followed if there are any. */
static void test_xsdt(void **state)
{
	struct acpi acpi;

	(void)state;
	low[RSDP + 15] = 2;
	put(low + RSDP + 24, address(XSDT), 8);
	table(XSDT, "XSDT", 36 + 4 * 8);
	put(low + XSDT + 36, UINT64_C(0x100000000) | address(FADT), 8); /* above 4 GiB */
	put(low + XSDT + 44, 0x10, 8);                                  /* nobody's page */
	put(low + XSDT + 52, 0xfffffff0, 8);                            /* runs past 4 GiB */
	assert_int_equal(acpi_init(&acpi, 0), -1);
	put(low + XSDT + 60, address(FADT), 8);
	assert_int_equal(acpi_init(&acpi, 0), 0);
	assert_true(acpi_can_power_off(&acpi));
	put(low + RSDP + 24, 0, 8);
	assert_int_equal(acpi_init(&acpi, 0), 0); /* the RSDT after all */
	put(low + RSDP + 24, address(XSDT), 8);
	low[RSDP + 15] = 1;
	low[FADT + 4] = 0;
	low[FADT + 5] = 0;
	assert_int_equal(acpi_init(&acpi, 0), -1); /* the RSDT, whose only table has no length */
}

static void test_lengths(void **state)
{
	struct acpi acpi;

	(void)state;
	put(low + FADT + 4, 115, 4); /* shorter than the first version's */
	assert_int_equal(acpi_init(&acpi, 0), -1);
	put(low + FADT + 4, 116, 4);
	assert_int_equal(acpi_init(&acpi, 0), 0);
	put(low + RSDT + 4, 35, 4); /* no table at all */
	assert_int_equal(acpi_init(&acpi, 0), -1);
}

/* --- Processors and I/O APICs --- */

static void test_madt(void **state)
{
	struct acpi acpi;
	uint8_t *entry = table(MADT, "APIC", 44 + 6 * 12 + 8 + 8) + 44;

	(void)state;
	put(low + RSDT + 36, address(MADT), 4);
	for (unsigned i = 0; i < 5; i++, entry += 12)
		memcpy(entry,
		       (uint8_t[12]){1, 12, [4] = 0, (uint8_t)(i << 4), 0xc0, 0xfe,
		                     (uint8_t)(24 * i)},
		       12);
	memcpy(entry, (uint8_t[12]){77, 12}, 12); /* what nobody asks for */
	memcpy(entry + 12, (uint8_t[8]){0, 0, 0, 0, 1},
	       8);                                  /* of no length: gone through all the same */
	memcpy(entry + 20, (uint8_t[8]){1, 12}, 8); /* cut off */
	acpi_init(&acpi, 0);
	assert_int_equal(acpi.n_io, IOAPICS_MAX);
	assert_int_equal(acpi.io[3].base, 0xfec03000);
	assert_int_equal(acpi.io[3].gsi, 72);
	assert_int_equal(acpi.n_cpus, 0);
	put(low + MADT + 4, 44 + 8, 4);
	memcpy(low + MADT + 44, (uint8_t[8]){1, 12}, 8);
	acpi_init(&acpi, 0);
	assert_int_equal(acpi.n_io, 0);
}

/* --- Switching off --- */

/* \_S5's first element, and what it must be. */
static void test_s5(void **state)
{
	static const struct {
		const char *aml;
		size_t size;
		int type; /* -1: none */
	} packages[] = {
		{"_S5_\x12\x06\x04\x0a\x05", 9, 5},
		{"_S5_\x12\x06\x04\x01\x00", 9, 1},
		{"_S5_\x12\x06\x04\x00\x00", 9, 0},
		{"_S5_\x12\x06\x04\x02\x00", 9, -1},     /* no constant */
		{"_S5_\x12\x46\x00\x04\x0a\x07", 10, 7}, /* a length of two bytes */
		{"_S5_\x11\x06\x04\x0a\x05", 9, -1},     /* a buffer */
		{"_S4_\x12\x06\x04\x0a\x05", 9, -1},
		{"_S5_\x12\xff\x04\x0a\x05", 9, -1}, /* its length leads out of the table */
	};

	(void)state;
	for (size_t i = 0; i < sizeof packages / sizeof packages[0]; i++) {
		struct acpi acpi;
		uint32_t value;

		memset(low + DSDT + 36, 0, 64);
		put(low + DSDT + 4, 40 + packages[i].size, 4);
		memcpy(low + DSDT + 40, packages[i].aml, packages[i].size);
		acpi_init(&acpi, 0);
		assert_int_equal(acpi_can_power_off(&acpi), packages[i].type >= 0);
		registers_clear();
		acpi_power_off(&acpi);
		if (packages[i].type < 0) {
			assert_int_equal(registers_count, 0);
			continue;
		}
		assert_int_equal(written(&value), 0x604);
		assert_int_equal(value, packages[i].type << 10 | 1 << 13 | 1);
	}
	put(low + FADT + 64, 0, 4); /* no register */
	assert_false(can_power_off());
	put(low + FADT + 40, 0, 4); /* no DSDT */
	assert_false(can_power_off());
}

/* It is where the longer pointer says, if the other one says nothing, and the table is long enough to have it. */
static void test_x_dsdt(void **state)
{
	(void)state;
	put(low + FADT + 40, 0, 4);
	put(low + FADT + 140, address(DSDT), 8);
	assert_true(can_power_off());
	put(low + FADT + 4, 147, 4);
	assert_false(can_power_off());
}

/* Not in ACPI mode yet: firmware is asked for it first, if there is any to ask. */
static void test_acpi_mode(void **state)
{
	static const struct {
		uint32_t control, command;
		unsigned asked; /* accesses of that port */
	} modes[] = {{0, 0xb2, 1}, {1, 0xb2, 0}, {0, 0, 0}, {0, 0x10000, 0}};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct acpi acpi;

		pm1_control = modes[i].control;
		put(low + FADT + 48, modes[i].command, 4);
		low[FADT + 52] = 0xf1;
		acpi_init(&acpi, 0);
		registers_clear();
		acpi_power_off(&acpi);
		assert_int_equal(registers_accesses('W', 0xb2), modes[i].asked);
		assert_int_equal(registers_accesses('W', 0x604), 1);
	}
}

/* A register as ACPI describes any: space, and address. */
static void gas(uint32_t at, uint8_t space, uint64_t where)
{
	low[FADT + at] = space;
	put(low + FADT + at + 4, where, 8);
}

static const struct {
	uint8_t space;
	uint64_t where;
	bool reached;
} registers[] = {
	{1, 0x600, true},  {1, 0x10000, false},           {1, 0, false},     {0, 0xfed00200, true},
	{0, 0x600, false}, {0, UINT64_C(1) << 32, false}, {2, 0x600, false},
};

#define REGISTERS (sizeof registers / sizeof registers[0])

/* Hardware-reduced: there is but one register (Cloud Hypervisor, microvm). */
static void test_reduced(void **state)
{
	struct acpi acpi;
	uint32_t value;

	(void)state;
	put(low + FADT + 112, 1 << 20, 4);
	for (size_t i = 0; i < REGISTERS; i++) {
		gas(244, registers[i].space, registers[i].where);
		acpi_init(&acpi, 0);
		assert_int_equal(acpi_can_power_off(&acpi), registers[i].reached);
		registers_clear();
		acpi_power_off(&acpi);
		if (registers[i].reached) {
			assert_int_equal(written(&value), registers[i].where & 0xfff);
			assert_int_equal(value, 5 << 2 | 1 << 5);
		} else {
			assert_int_equal(registers_count, 0);
		}
	}
	gas(244, 1, 0x600);
	put(low + FADT + 4, 255, 4); /* the table ends before it */
	assert_false(can_power_off());
}

static void test_reset(void **state)
{
	struct acpi acpi;
	uint32_t value;

	(void)state;
	low[FADT + 128] = 6;
	gas(116, 1, 0xcf9);
	acpi_init(&acpi, 0);
	assert_false(acpi_reset(&acpi)); /* it does not say that it has one */
	put(low + FADT + 112, 1 << 10, 4);
	for (size_t i = 0; i < REGISTERS; i++) {
		gas(116, registers[i].space, registers[i].where);
		acpi_init(&acpi, 0);
		registers_clear();
		assert_int_equal(acpi_reset(&acpi), registers[i].reached);
		if (registers[i].reached) {
			assert_int_equal(written(&value), registers[i].where & 0xfff);
			assert_int_equal(value, 6);
		}
	}
}

/* --- Memory of signs, by AML --- */

#define GENID                  \
	"VM_Gen_Counter\0\x08" \
	"ADDR"

static void test_vmgenid(void **state)
{
	static const struct {
		const char *package;
		size_t size;
		uint64_t at; /* 0: nowhere */
	} packages[] = {
		{"\x12\x0b\x02\x0c\xf0\xff\x0d\x00\x00", 9, 0xdfff0},
		{"\x12\x0b\x02\x0b\x00\x20\x00", 7, 0x2000},
		{"\x12\x0b\x02\x0a\x20\x00", 6, 0},     /* nobody's page */
		{"\x12\x0b\x02\x0b\x00\x20\x01", 7, 0}, /* above 4 GiB */
		{"\x12\x0b\x02\x0b\x00\x20\x0c\x01\x00\x00\x00", 11, 0},
		{"\x12\x0b\x02\x0c\x00\xff\xff\xff\x00", 9, 0}, /* not all mapped */
		{"\x12\x4b\x00\x02\x0b\x00\x20\x00", 8, 0},     /* a length of two bytes */
		{"\x12\x0b\x03\x0b\x00\x20\x00", 7, 0},         /* of three elements */
		{"\x12\x0b\x02\x0d\x00", 5, 0},                 /* a string */
		{"\x12\x0b\x02\x0b\x00\x20\x0d", 7, 0},
		{"\x12\x0b\x02\x0c\x00\x20\x00", 7, 0}, /* cut off */
		{"\x12\x0b\x02", 3, 0},
		{"\x12\x0b", 2, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof packages / sizeof packages[0]; i++) {
		size_t head = sizeof GENID - 1;
		struct acpi acpi;

		memset(low + DSDT + 36, 0, 256);
		put(low + DSDT + 4, 36 + head + packages[i].size, 4);
		memcpy(low + DSDT + 36, GENID, head);
		memcpy(low + DSDT + 36 + head, packages[i].package, packages[i].size);
		acpi_init(&acpi, 0);
		assert_int_equal(acpi_vmgenid(&acpi), packages[i].at);
	}
}

/* What follows the name lies within the device, so not further than that; and of tables some are looked at. */
static void test_vmgenid_far_off(void **state)
{
	struct acpi acpi;

	(void)state;
	put(low + DSDT + 4, 600, 4);
	memcpy(low + DSDT + 36, "VM_Gen_Counter", 15);
	memcpy(low + DSDT + 400,
	       "\x08"
	       "ADDR\x12\x0b\x02\x0c\xf0\xff\x0d\x00\x00",
	       14);
	acpi_init(&acpi, 0);
	assert_int_equal(acpi_vmgenid(&acpi), 0);
	memcpy(low + DSDT + 200,
	       "\x08"
	       "ADDR\x12\x0b\x02\x0c\xe0\xff\x0d\x00\x00",
	       14);
	assert_int_equal(acpi_vmgenid(&acpi), 0xdffe0);
	put(low + RSDT + 4, 36 + 4 * 40, 4);
	for (unsigned i = 0; i < 40; i++)
		put(low + RSDT + 36 + 4 * i, address(i < 39 ? FADT : MADT), 4);
	table(MADT, "SSDT", 600);
	memcpy(low + MADT + 36, low + DSDT + 36, 500);
	memset(low + DSDT + 36, 0, 500);
	acpi_init(&acpi, 0);
	assert_int_equal(acpi_vmgenid(&acpi), 0); /* number 40 */
	put(low + RSDT + 36 + 4 * 20, address(MADT), 4);
	acpi_init(&acpi, 0);
	assert_int_equal(acpi_vmgenid(&acpi), 0xdffe0);
}

/* --- The table of before ACPI --- */

enum {
	MPC = 0x80000
};

static void pointer(uint32_t at, uint64_t where)
{
	mp_pointer(low + at, (uint32_t)where);
}

/* `length` bytes of it are said to be there. */
static void processors(uint16_t length)
{
	memset(low + MPC, 0, 200);
	memcpy(low + MPC, "PCMP", 4);
	put(low + MPC + 4, length, 2);
	for (unsigned i = 0; i < 4; i++)
		low[MPC + 44 + 20 * i + 3] = 1;
	low[MPC + 7] = mp_balance(low + MPC, length);
}

static void test_where_the_pointer_is(void **state)
{
	static const uint32_t places[] = {0x9fc00, 0x9f800, 0xf1230, 0x7fc00};

	(void)state;
	processors(84);
	for (unsigned i = 0; i < 4; i++) {
		memset(low + 0x90000, 0, 0x70000);
		memset(low + 0x7fc00, 0, 1024);
		put(low + 0x40e, i == 3 ? 0x7fc0 : 0, 2); /* the last in the extended data area */
		pointer(places[i], address(MPC));
		assert_int_equal(mptable_cpus((uintptr_t)low), 2);
	}
	put(low + 0x40e, 0xffff, 2); /* not within base memory */
	assert_int_equal(mptable_cpus((uintptr_t)low), 0);
}

static void test_pointers_of_nobody(void **state)
{
	(void)state;
	processors(84);
	pointer(0x9fc00, address(MPC));
	low[0x9fc00 + 8] = 2; /* of another length */
	assert_int_equal(mptable_cpus((uintptr_t)low), 0);
	pointer(0x9fc00, address(MPC));
	low[0x9fc00 + 15]++; /* does not add up */
	assert_int_equal(mptable_cpus((uintptr_t)low), 0);
	pointer(0x9fc00, 0); /* a default configuration, which has no table */
	assert_int_equal(mptable_cpus((uintptr_t)low), 0);
	pointer(0x9fc00, address(FADT)); /* a table of others */
	assert_int_equal(mptable_cpus((uintptr_t)low), 0);
	assert_false(mptable_by((uintptr_t)low, "FC      "));
}

/* The last entry is cut off: that processor is none. */
static void test_cut_off(void **state)
{
	(void)state;
	pointer(0x9fc00, address(MPC));
	processors(44 + 3 * 20 + 10);
	assert_int_equal(mptable_cpus((uintptr_t)low), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_root, set_up),
		cmocka_unit_test_setup(test_xsdt, set_up),
		cmocka_unit_test_setup(test_lengths, set_up),
		cmocka_unit_test_setup(test_madt, set_up),
		cmocka_unit_test_setup(test_s5, set_up),
		cmocka_unit_test_setup(test_x_dsdt, set_up),
		cmocka_unit_test_setup(test_acpi_mode, set_up),
		cmocka_unit_test_setup(test_reduced, set_up),
		cmocka_unit_test_setup(test_reset, set_up),
		cmocka_unit_test_setup(test_vmgenid, set_up),
		cmocka_unit_test_setup(test_vmgenid_far_off, set_up),
		cmocka_unit_test_setup(test_where_the_pointer_is, set_up),
		cmocka_unit_test_setup(test_pointers_of_nobody, set_up),
		cmocka_unit_test_setup(test_cut_off, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
