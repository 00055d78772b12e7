/* SPDX-License-Identifier: MIT */
/*
 * test_efi.c - hal/discover/efi.c and efi_image.c before a fake of UEFI: what becomes the command line,
 * where the image goes, and what is said when it cannot.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "discover/efi_image.h"

#define RAM_SIZE  (16u << 20)
#define IMAGE     8192
#define LOADED    4096
#define FDT_SIZE  64
#define RUNTIME   6
#define NOT_FOUND (UINT64_C(1) << 63 | 14)
#define INVALID   (UINT64_C(1) << 63 | 2)

/* The image, and what UEFI has given it behind itself. */
extern uint8_t us[IMAGE + 40960];
uint8_t us[IMAGE + 40960] __attribute__((aligned(4096)));
__asm__(".globl __image_start, __image_loaded, __image_end\n"
        "__image_start = us\n"
        "__image_loaded = us + 4096\n"
        "__image_end = us + 8192\n");

static struct {
	const char *file; /* bareqga.env; NULL: there is none */
	uint16_t options[4096];
	struct efi_memory map[8];
	unsigned n_map;
	unsigned moves; /* so often the map is another one when it comes to leaving */
	unsigned left, open;
	unsigned fails; /* calls that do: a bit for each, of enum call */
	uint64_t stride;
	char said[128];
} uefi;

enum call {
	HANDLE_LOADED,
	HANDLE_DISK,
	OPEN_VOLUME,
	READ,
	MAP,
	MAP_AGAIN, /* after the first */
	LOCATE,
	HART
};

static uint64_t fails(enum call call)
{
	return uefi.fails >> call & 1 ? INVALID : 0;
}

static uint8_t *ram; /* below 4 GiB */
static uint8_t fdt[FDT_SIZE] = {0xd0, 0x0d, 0xfe, 0xed, 0, 0, 0, FDT_SIZE};

struct file {
	uint64_t revision;
	EFIAPI uint64_t (*open)(struct file *, struct file **, const uint16_t *, uint64_t,
	                        uint64_t);
	EFIAPI uint64_t (*close)(struct file *);
	void *unused;
	EFIAPI uint64_t (*read)(struct file *, uint64_t *, void *);
};

static EFIAPI uint64_t file_open(struct file *folder, struct file **file, const uint16_t *name,
                                 uint64_t mode, uint64_t attributes)
{
	assert_memory_equal(name, u"bareqga.env", sizeof u"bareqga.env");
	assert_int_equal(mode, 1);
	assert_int_equal(attributes, 0);
	if (!uefi.file)
		return NOT_FOUND;
	uefi.open++;
	*file = folder;
	return 0;
}

static EFIAPI uint64_t file_close(struct file *file)
{
	(void)file;
	uefi.open--;
	return 0;
}

static EFIAPI uint64_t file_read(struct file *file, uint64_t *size, void *bytes)
{
	size_t len = strlen(uefi.file);

	(void)file;
	if (*size > len)
		*size = len;
	memcpy(bytes, uefi.file, *size);
	return fails(READ);
}

static struct file root = {0, file_open, file_close, NULL, file_read};

struct file_system {
	uint64_t revision;
	EFIAPI uint64_t (*open_volume)(struct file_system *, struct file **);
};

static EFIAPI uint64_t open_volume(struct file_system *fs, struct file **file)
{
	(void)fs;
	if (fails(OPEN_VOLUME))
		return INVALID;
	uefi.open++;
	*file = &root;
	return 0;
}

static struct file_system disk = {0, open_volume};

static struct {
	uint32_t revision;
	void *unused1[2];
	void *device;
	void *unused2[2];
	uint32_t options_size;
	const uint16_t *options;
} loaded = {.device = &disk, .options = uefi.options};

static EFIAPI uint64_t handle_protocol(void *handle, const struct efi_guid *protocol,
                                       void **interface)
{
	(void)protocol;
	*interface = handle == &disk ? (void *)&disk : (void *)&loaded;
	return fails(handle == &disk ? HANDLE_DISK : HANDLE_LOADED);
}

static EFIAPI uint64_t get_memory_map(uint64_t *size, uint8_t *map, uint64_t *key, uint64_t *stride,
                                      uint32_t *version)
{
	*stride = uefi.stride;
	*version = 1;
	*key = uefi.moves;
	assert_true(*size >= uefi.n_map * *stride);
	for (unsigned i = 0; i < uefi.n_map; i++)
		memcpy(map + i * *stride, &uefi.map[i], sizeof uefi.map[i]);
	*size = uefi.n_map * *stride;
	if (fails(MAP_AGAIN)) {
		uefi.fails = 1 << MAP;
		return 0;
	}
	return fails(MAP);
}

static EFIAPI uint64_t exit_boot_services(void *image, uint64_t key)
{
	assert_ptr_equal(image, us);
	assert_int_equal(uefi.open, 0);
	if (uefi.moves && key == uefi.moves) {
		uefi.moves--;
		return INVALID;
	}
	uefi.left++;
	return 0;
}

static EFIAPI uint64_t output_string(struct efi_text_output *output, const uint16_t *text)
{
	size_t n = 0;

	(void)output;
	for (; text[n]; n++)
		uefi.said[n] = (char)text[n];
	uefi.said[n] = '\0';
	return 0;
}

struct hart_protocol {
	uint64_t revision;
	EFIAPI uint64_t (*hart)(struct hart_protocol *self, uint64_t *hart);
};

static EFIAPI uint64_t get_hart(struct hart_protocol *self, uint64_t *hart)
{
	(void)self;
	*hart = 5;
	return fails(HART);
}

static struct hart_protocol hart_protocol = {0, get_hart};

static EFIAPI uint64_t locate_protocol(const struct efi_guid *protocol, void *registration,
                                       void **interface)
{
	(void)protocol;
	assert_null(registration);
	*interface = &hart_protocol;
	return fails(LOCATE);
}

static struct efi_boot_services boot = {
	.get_memory_map = get_memory_map,
	.handle_protocol = handle_protocol,
	.exit_boot_services = exit_boot_services,
	.locate_protocol = locate_protocol,
};
static struct efi_text_output out = {.output_string = output_string};
static struct efi_table tables[2];
static struct efi_system uefi_system = {.out = &out, .boot = &boot, .table = tables};

/* Memory below 2 GiB, where a program has none of its own, each piece at its own place: none takes another's. */
static uint8_t *mapped(uintptr_t at, size_t size)
{
	return mmap((void *)at, size, PROT_READ | PROT_WRITE,
	            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}

static int reset(void **state)
{
	static const struct efi_guid tree = {
		0xb1b621d5, 0xf19c, 0x41a5, {0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0}};

	(void)state;
	if (!ram)
		ram = mapped(0x50000000, RAM_SIZE);
	assert_ptr_not_equal(ram, MAP_FAILED);
	memset(&uefi, 0, sizeof uefi);
	uefi.stride = sizeof(struct efi_memory) + 8; /* 7.2.3: not what the structure has */
	loaded.options_size = 0;
	tables[1] = (struct efi_table){tree, (uintptr_t)fdt};
	uefi_system.n_tables = 2;
	for (size_t i = 0; i < IMAGE; i++)
		us[i] = (uint8_t)(i * 7);
	return 0;
}

static void options(const char *text)
{
	size_t n = 0;

	for (; text[n]; n++)
		uefi.options[n] = (uint8_t)text[n];
	loaded.options_size = (uint32_t)(2 * n + 2);
}

static void assert_cmdline(const char *expected)
{
	char text[64];

	efi_cmdline(&uefi_system, us, text, sizeof text);
	assert_string_equal(text, expected);
	assert_int_equal(uefi.open, 0);
}

static void test_cmdline(void **state)
{
	static const struct {
		const char *file, *options, *cmdline;
	} rows[] = {
		{NULL, "", ""},
		{NULL, "a b", "a b"},
		{"", "a", "a"},
		{"# GRUB Environment Block\ncmdline=a b\n", "", "a b "},
		{"# GRUB Environment Block\r\ncmdline=a b\r\n", "", "a b "},
		{"cmdline=one\ncmdline=two\n", "", "one "},
		{"cmdline=no end", "", "no end "},
		{"cmdline=", "x", "x"},
		{"cmdline", "x", "x"},
		{"#cmdline=no\nmy_cmdline=no\n", "x", "x"},
		{"cmdline=a\\\\b\\c\n", "", "a\\bc "},
		{"cmdline=a\\", "", "a\\ "},
		{"cmdline=first\n", "then", "first then"},
		{NULL, "caf\xe9", "caf?"},
		{"cmdline=0123456789012345678901234567890123456789012345678901234567890123456789",
	         "x", "012345678901234567890123456789012345678901234567890123456789012"},
		{"cmdline=0123456789",
	         "0123456789012345678901234567890123456789012345678901234567890123",
	         "0123456789 0123456789012345678901234567890123456789012345678901"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		reset(state);
		uefi.file = rows[i].file;
		options(rows[i].options);
		assert_cmdline(rows[i].cmdline);
	}
}

static void add(uint32_t type, uint64_t base, uint64_t size)
{
	uefi.map[uefi.n_map++] =
		(struct efi_memory){.type = type, .base = base, .pages = size / EFI_PAGE};
}

static void assert_placed(const struct efi_placed *p, const uint8_t *at, const uint8_t *end)
{
	assert_ptr_equal(p->image, at);
	assert_memory_equal(at, us, LOADED);
	assert_true(p->fdt > p->image + IMAGE && p->fdt % EFI_PAGE == 0);
	assert_memory_equal(p->fdt, fdt, FDT_SIZE);
	assert_string_equal((const char *)p->cmdline, "hello");
	assert_true((const uint8_t *)p->cmdline > (const uint8_t *)p->fdt + FDT_SIZE - 1 &&
	            (const uint8_t *)p->cmdline < end && (const uint8_t *)p->fdt < end);
	assert_int_equal(uefi.left, 1);
	assert_string_equal(uefi.said, "");
}

/* Into the largest piece that is free, though the firmware's own and what is out of reach are larger. */
static void test_placed(void **state)
{
	struct efi_placed p;

	(void)state;
	options("hello");
	add(EFI_CONVENTIONAL_MEMORY, (uintptr_t)ram, 1 << 20);
	add(EFI_CONVENTIONAL_MEMORY, (uintptr_t)ram + (1 << 20), 2 << 20);
	add(EFI_BOOT_SERVICES_DATA, (uintptr_t)ram + (3 << 20), 8 << 20);
	add(EFI_CONVENTIONAL_MEMORY, UINT64_C(1) << 32, 1 << 30);
	uefi.moves = 2;
	assert_int_equal(efi_image(us, &uefi_system, &p, 0, 0), 0);
	assert_placed(&p, ram + (1 << 20), ram + (3 << 20));
}

/* What is linked for one address goes there, and its spare memory reaches as far as what is free. */
static void test_fixed(void **state)
{
	struct efi_placed p;

	(void)state;
	options("hello");
	add(EFI_CONVENTIONAL_MEMORY, (uintptr_t)ram + (2 << 20), 8 << 20);
	add(EFI_CONVENTIONAL_MEMORY, (uintptr_t)ram, 1 << 20);
	assert_int_equal(efi_image(us, &uefi_system, &p, 0, (uintptr_t)ram + (512 << 10)), 0);
	assert_placed(&p, ram + (512 << 10), ram + (1 << 20));
}

/* A piece over the end of a GiB is two. */
static void test_block(void **state)
{
	struct efi_placed p;
	uint8_t *end = mapped(0x3ff00000, 5 << 20);

	(void)state;
	assert_ptr_not_equal(end, MAP_FAILED);
	options("hello");
	add(EFI_CONVENTIONAL_MEMORY, 0x3ff00000, 5 << 20);
	assert_int_equal(efi_image(us, &uefi_system, &p, 0, 0), 0);
	assert_placed(&p, end + (1 << 20), end + (5 << 20));
	munmap(end, 5 << 20);
}

/* A tree that only the machine has left there. */
static void test_tree_left(void **state)
{
	struct efi_placed p;

	(void)state;
	options("hello");
	uefi_system.n_tables = 1;
	add(EFI_CONVENTIONAL_MEMORY, (uintptr_t)ram, 1 << 20);
	assert_int_equal(efi_image(us, &uefi_system, &p, (uintptr_t)fdt, 0), 0);
	assert_placed(&p, ram, ram + (1 << 20));
}

static void assert_refused(uint64_t fixed, uintptr_t left, const char *said)
{
	struct efi_placed p;

	assert_int_not_equal(efi_image(us, &uefi_system, &p, left, fixed), 0);
	assert_string_equal(uefi.said, said);
	assert_int_equal(uefi.left, 0);
	assert_int_equal(uefi.open, 0);
}

static void test_refused(void **state)
{
	static const char no_tree[] =
		"bareqga: UEFI hands over no device tree; is it ACPI only?\r\n";
	static const char no_room[] =
		"bareqga: UEFI has left no memory where this image can be\r\n";
	static uint8_t huge[FDT_SIZE] = {0xd0, 0x0d, 0xfe, 0xed, 0, 0x20, 0, 1};
	static uint8_t none[FDT_SIZE];

	add(EFI_CONVENTIONAL_MEMORY, (uintptr_t)ram, 1 << 20);
	uefi_system.n_tables = 1;
	assert_refused(0, 0, no_tree);
	assert_refused(0, (uintptr_t)none, no_tree);
	assert_refused(0, (uintptr_t)huge, no_tree);

	reset(state);
	assert_refused(0, 0, no_room); /* no memory at all */
	add(EFI_CONVENTIONAL_MEMORY, (uintptr_t)ram, 4 * EFI_PAGE - EFI_PAGE);
	add(RUNTIME, (uintptr_t)ram + (1 << 20), 1 << 20);
	assert_refused(0, 0, no_room);
	assert_refused((uintptr_t)ram + (1 << 20), 0, no_room);

	reset(state);
	add(EFI_CONVENTIONAL_MEMORY, (uintptr_t)ram, 1 << 20);
	uefi.moves = 1000;
	assert_refused(0, 0, "bareqga: UEFI does not let go of the machine\r\n");
	assert_int_equal(uefi.moves, 1000 - 8);
}

/* What UEFI does not do is as if it had nothing to say. */
static void test_unwilling(void **state)
{
	static const char no_room[] =
		"bareqga: UEFI has left no memory where this image can be\r\n";

	(void)state;
	uefi.file = "cmdline=a\n";
	options("b");
	uefi.fails = 1 << HANDLE_LOADED;
	assert_cmdline("");
	uefi.fails = 1 << HANDLE_DISK;
	assert_cmdline("b");
	uefi.fails = 1 << OPEN_VOLUME;
	assert_cmdline("b");
	uefi.fails = 1 << READ;
	assert_cmdline("b");
	loaded.options = NULL;
	assert_cmdline("");
	loaded.options = uefi.options;

	add(EFI_CONVENTIONAL_MEMORY, (uintptr_t)ram, 1 << 20);
	uefi.fails = 1 << MAP;
	assert_refused(0, 0, no_room);
	uefi.fails = 1 << MAP_AGAIN;
	assert_refused(0, 0, "bareqga: UEFI does not let go of the machine\r\n");
	uefi.fails = 0;
	uefi.stride = 0;
	assert_refused(0, 0, no_room);
	uefi.stride = 48;
	uefi.map[0].pages = 1; /* less than is needed for the tree and the command line */
	assert_refused(0, 0, no_room);
}

static void test_hart(void **state)
{
	(void)state;
	assert_int_equal(efi_boot_hart(&uefi_system), 5);
	uefi.fails = 1 << LOCATE;
	assert_int_equal(efi_boot_hart(&uefi_system), 0);
	uefi.fails = 1 << HART;
	assert_int_equal(efi_boot_hart(&uefi_system), 0);
}

/* What is ours once the firmware has gone: its own of before, and what nobody has (7.2). */
static void test_is_free(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < 16; type++)
		assert_int_equal(efi_is_free(type), (type >= 1 && type <= 4) || type == 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_cmdline, reset),
		cmocka_unit_test_setup(test_placed, reset),
		cmocka_unit_test_setup(test_fixed, reset),
		cmocka_unit_test_setup(test_block, reset),
		cmocka_unit_test_setup(test_tree_left, reset),
		cmocka_unit_test_setup(test_refused, reset),
		cmocka_unit_test_setup(test_unwilling, reset),
		cmocka_unit_test_setup(test_hart, reset),
		cmocka_unit_test_setup(test_is_free, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
