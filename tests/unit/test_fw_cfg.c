/* SPDX-License-Identifier: MIT */
/*
 * test_fw_cfg.c - hal/fw_cfg.c before a fake of QEMU's device, with DMA and without, and before
 * hosts that have none or a damaged one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "discover/fw_cfg.h"
#include "registers.h"

enum {
	BASE = 0x1000000,
	DATA = 0,
	SELECTOR = 8,
	DMA = 16,
	SIZE = 24,
};

enum {
	SIGNATURE = 0x00,
	ID = 0x01,
	DIRECTORY = 0x19,
	FILES = 0x20,
	FILES_MAX = 16,
};

struct item {
	const void *bytes;
	size_t size;
};

static struct {
	struct item items[FILES + FILES_MAX];
	uint8_t directory[4 + 64 * FILES_MAX];
	uint16_t selected;
	size_t at;
	uint32_t dma_high;
	bool deaf;            /* takes the address of a DMA and does nothing */
	bool fails;           /* ... and says that it failed */
	unsigned asked;       /* DMAs begun */
	unsigned fails_after; /* so many of them, if it is not 0 */
} qemu;

static uint8_t next_byte(void)
{
	const struct item *item = &qemu.items[qemu.selected];

	return qemu.at < item->size ? ((const uint8_t *)item->bytes)[qemu.at++] : 0;
}

static uint32_t read_register(void *context, unsigned offset, unsigned width)
{
	const uint8_t *id = qemu.items[ID].bytes;

	(void)context;
	if (offset == DMA) { /* "QEMU CFG" */
		assert_int_equal(width, 4);
		return id[0] & 2 ? 'Q' | 'E' << 8 | 'M' << 16 | (uint32_t)'U' << 24 : 0;
	}
	assert_int_equal(offset, DATA);
	assert_int_equal(width, 1);
	return next_byte();
}

static void run_dma(uint32_t low)
{
	uintptr_t address = (uintptr_t)((uint64_t)qemu.dma_high << 32 | low);
	uint32_t *access = (uint32_t *)address;
	uint32_t control = __builtin_bswap32(access[0]), len = __builtin_bswap32(access[1]);
	uint64_t buf = (uint64_t)__builtin_bswap32(access[2]) << 32 | __builtin_bswap32(access[3]);

	qemu.asked++;
	if (qemu.deaf)
		return;
	if (qemu.fails || (qemu.fails_after && qemu.asked > qemu.fails_after)) {
		access[0] = __builtin_bswap32(1);
		return;
	}
	assert_true(control == 2 || control == 4); /* read, skip */
	for (; len; len--) {
		uint8_t byte = next_byte();

		if (control == 2)
			*(uint8_t *)(uintptr_t)buf++ = byte;
	}
	access[0] = 0;
}

static void write_register(void *context, unsigned offset, unsigned width, uint32_t value)
{
	(void)context;
	switch (offset) {
	case SELECTOR:
		assert_int_equal(width, 2);
		qemu.selected = __builtin_bswap16((uint16_t)value);
		assert_true(qemu.selected < FILES + FILES_MAX);
		qemu.at = 0;
		break;
	case DMA:
		qemu.dma_high = __builtin_bswap32(value);
		break;
	case DMA + 4:
		run_dma(__builtin_bswap32(value));
		break;
	default:
		fail_msg("write at %u", offset);
	}
}

static void add_file(const char *name, const char *text)
{
	unsigned n = qemu.directory[3]++;
	uint8_t *entry = qemu.directory + 4 + 64 * n;

	entry[3] = (uint8_t)strlen(text);
	entry[5] = (uint8_t)(FILES + n);
	strncpy((char *)entry + 8, name, 56);
	qemu.items[FILES + n] = (struct item){text, strlen(text)};
	qemu.items[DIRECTORY] = (struct item){qemu.directory, 4 + 64 * (n + 1u)};
}

static const char id_plain[] = {1, 0, 0, 0}, id_dma[] = {3, 0, 0, 0};

/* A device with six files, none of them the user's. */
static void make_device(const char *id)
{
	static const struct registers device = {
		.base = BASE, .size = SIZE, .read = read_register, .write = write_register};
	static const char *const names[] = {"bootorder",    "etc/acpi/rsdp", "etc/fdtx",
	                                    "etc/acpi/log", "etc/fdt",       "genroms/x"};

	memset(&qemu, 0, sizeof qemu);
	registers_detach_all();
	registers_attach(&device);
	qemu.items[SIGNATURE] = (struct item){"QEMU", 4};
	qemu.items[ID] = (struct item){id, 4};
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		add_file(names[i], "0123456789abcdefghijklmn");
}

/* As long as a name can be; one more byte, and there is no room for its NUL. */
#define LONG "opt/12345678901234567890123456789012345678901234567890_"

static int start(struct fw_cfg *fw_cfg)
{
	return fw_cfg_init(fw_cfg, BASE + SELECTOR, BASE + DATA, BASE + DMA);
}

static void finds_and_reads(const char *id)
{
	struct fw_cfg fw_cfg;
	uint16_t item = 0;
	char text[32] = "";

	make_device(id);
	add_file("opt/a", "value");
	add_file(LONG "1", "a name without an end");
	assert_int_equal(start(&fw_cfg), 0);
	assert_int_equal(fw_cfg.dma != 0, id == id_dma);
	assert_int_equal(fw_cfg_find(&fw_cfg, "etc/fdt", &item), 24);
	assert_int_equal(item, FILES + 4);
	fw_cfg_read(&fw_cfg, item, 0, text, 24);
	assert_string_equal(text, "0123456789abcdefghijklmn");
	memset(text, 0, sizeof text);
	fw_cfg_read(&fw_cfg, item, 20, text, 3);
	assert_string_equal(text, "klm");

	assert_int_equal(fw_cfg_find(&fw_cfg, "opt/a", &item), 5);
	assert_int_equal(item, FILES + 6);
	assert_int_equal(fw_cfg_find(&fw_cfg, "opt/ab", &item), -1);
	assert_int_equal(fw_cfg_find(&fw_cfg, "opt", &item), -1);
	assert_int_equal(fw_cfg_find(&fw_cfg, "", &item), -1);
	assert_int_equal(fw_cfg_find(&fw_cfg, LONG "1", &item), -1);
	assert_int_equal(fw_cfg_find(&fw_cfg, LONG "12", &item), -1);
	assert_int_equal(item, FILES + 6);
}

static void by_dma(void **state)
{
	(void)state;
	finds_and_reads(id_dma);
	assert_int_equal(registers_accesses('R', DATA), 0);
}

static void byte_by_byte(void **state)
{
	(void)state;
	finds_and_reads(id_plain);
	assert_int_equal(registers_accesses('W', DMA), 0);
}

/* What is missing is known after one look, and needs no second one; what is not known does. */
static void lacks(void **state)
{
	struct fw_cfg fw_cfg;
	uint16_t item;

	(void)state;
	make_device(id_dma);
	assert_int_equal(start(&fw_cfg), 0);
	assert_true(fw_cfg_lacks(&fw_cfg, "opt/a"));
	qemu.asked = 0;
	assert_true(fw_cfg_lacks(&fw_cfg, ""));
	assert_false(fw_cfg_lacks(&fw_cfg, "etc/other"));
	assert_int_equal(qemu.asked, 0);

	make_device(id_dma);
	add_file("opt/b", "");
	assert_int_equal(start(&fw_cfg), 0);
	assert_int_equal(fw_cfg_find(&fw_cfg, "opt/a", &item), -1);
	assert_false(fw_cfg_lacks(&fw_cfg, "opt/a"));
	assert_int_equal(fw_cfg_find(&fw_cfg, "opt/b", &item), 0);
}

static void absent_or_damaged(void **state)
{
	struct fw_cfg fw_cfg;
	char text[4];
	uint16_t item;

	(void)state;
	make_device(id_plain);
	qemu.items[SIGNATURE] = (struct item){"\xff\xff\xff\xff", 4};
	assert_int_equal(start(&fw_cfg), -1);

	make_device(id_dma);
	qemu.directory[0] = 0x7f; /* files without end */
	assert_int_equal(start(&fw_cfg), 0);
	assert_int_equal(fw_cfg_find(&fw_cfg, "etc/fdt", &item), -1);

	make_device(id_dma);
	qemu.directory[3]++; /* one more than there is */
	assert_int_equal(start(&fw_cfg), 0);
	assert_int_equal(fw_cfg_find(&fw_cfg, "etc/fdt", &item), 24);
	assert_int_equal(fw_cfg_find(&fw_cfg, "etc/none", &item), -1);

	make_device(id_dma);
	assert_int_equal(start(&fw_cfg), 0);
	qemu.fails = true;
	assert_int_equal(fw_cfg_find(&fw_cfg, "etc/fdt", &item), -1);
	assert_int_equal(fw_cfg_read(&fw_cfg, FILES, 1, text, 4), -1);
	qemu.fails = false;
	assert_int_equal(fw_cfg_find(&fw_cfg, "etc/fdt", &item), 24);

	/* One that never ends a DMA holds addresses of ours: it is not asked for anything again. */
	qemu.deaf = true;
	qemu.asked = 0;
	assert_int_equal(fw_cfg_find(&fw_cfg, "etc/fdt", &item), -1);
	assert_int_equal(qemu.asked, 1);
	qemu.deaf = false;
	assert_int_equal(fw_cfg_find(&fw_cfg, "etc/fdt", &item), -1);
	assert_int_equal(fw_cfg_read(&fw_cfg, item, 0, text, 4), -1);
	assert_int_equal(qemu.asked, 1);
}

/* Long items go straight to their buffer; and a directory that breaks off in the middle has nothing. */
static void long_ones(void **state)
{
	static char long_item[1000], read[1000];
	struct fw_cfg fw_cfg;
	uint16_t item;

	(void)state;
	make_device(id_dma);
	memset(long_item, 'x', sizeof long_item);
	qemu.items[FILES] = (struct item){long_item, sizeof long_item};
	assert_int_equal(start(&fw_cfg), 0);
	qemu.asked = 0;
	assert_int_equal(fw_cfg_read(&fw_cfg, FILES, 0, read, sizeof read), 0);
	assert_memory_equal(read, long_item, sizeof read);
	assert_int_equal(qemu.asked, 1);
	qemu.asked = 0;
	qemu.fails_after = 1; /* the number of files, and no more */
	assert_int_equal(fw_cfg_find(&fw_cfg, "etc/fdt", &item), -1);
	assert_int_equal(qemu.asked, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_dma),    cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(lacks),     cmocka_unit_test(absent_or_damaged),
		cmocka_unit_test(long_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
