// SPDX-License-Identifier: MIT
/*
 * boot.c - reads hvm_start_info (Xen, xen/include/public/arch-x86/hvm/start_info.h) or the zero
 * page (Linux, Documentation/x86/zero-page.rst).
 */
#include <stddef.h>

#include "boot.h"
#include "x86.h"

struct hvm_start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t nr_modules;
	uint64_t modlist_paddr;
	uint64_t cmdline_paddr;
	uint64_t rsdp_paddr;
	uint64_t memmap_paddr; /* from version 1 on */
	uint32_t memmap_entries;
	uint32_t reserved;
};

#define HVM_START_MAGIC 0x336ec578

struct hvm_memmap_entry {
	uint64_t addr;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};

/* The zero page has its entries packed: 20 bytes each. */
struct e820_entry {
	uint64_t addr;
	uint64_t size;
	uint32_t type;
} __attribute__((packed));

#define MEMORY_RAM 1 /* in both tables */

enum zero_page {
	ACPI_RSDP_ADDR = 0x070,
	E820_ENTRIES = 0x1e8,
	HDR_MAGIC = 0x202,
	CMD_LINE_PTR = 0x228,
	E820_TABLE = 0x2d0,
};

#define HDRS             0x53726448 /* "HdrS" */
#define E820_ENTRIES_MAX 128

_Static_assert(offsetof(struct hvm_start_info, memmap_paddr) == 40, "start_info.h");
_Static_assert(sizeof(struct e820_entry) == 20, "zero-page.rst");

/* Only the first 4 GiB are mapped. */
static const void *mapped(uint64_t address)
{
	return address < UINT64_C(1) << 32 ? (const void *)address : NULL;
}

static void add_region(struct boot *boot, uint64_t addr, uint64_t size, uint32_t type)
{
	uint64_t here = (uint64_t)&boot_read, end = addr + size;

	if (type != MEMORY_RAM)
		return;
	boot->ram_base = addr < boot->ram_base ? addr : boot->ram_base;
	boot->ram_size += size;
	boot->ram_end = here - addr < size ? end : boot->ram_end;
}

static int read_pvh(struct boot *boot, const struct hvm_start_info *info)
{
	const char *cmdline = mapped(info->cmdline_paddr);
	const struct hvm_memmap_entry *map;
	uint32_t i, n;

	if (info->magic != HVM_START_MAGIC)
		return -1;
	boot->rsdp = info->rsdp_paddr;
	boot->cmdline = cmdline ? cmdline : "";
	if (!info->version)
		return 0;
	map = mapped(info->memmap_paddr);
	n = map ? info->memmap_entries : 0;
	for (i = 0; i < n; i++)
		add_region(boot, map[i].addr, map[i].size, map[i].type);
	return 0;
}

static int read_zero_page(struct boot *boot, const uint8_t *page)
{
	const struct e820_entry *map = (const struct e820_entry *)(page + E820_TABLE);
	uint32_t cmdline = *(const uint32_t *)(page + CMD_LINE_PTR);
	uint32_t i;

	if (*(const uint32_t *)(page + HDR_MAGIC) != HDRS)
		return -1;
	boot->rsdp = *(const uint64_t *)(page + ACPI_RSDP_ADDR);
	if (cmdline)
		boot->cmdline = mapped(cmdline);
	for (i = 0; i < page[E820_ENTRIES] && i < E820_ENTRIES_MAX; i++)
		add_region(boot, map[i].addr, map[i].size, map[i].type);
	return 0;
}

int boot_read(struct boot *boot)
{
	/* An address that is none, or not mapped, ends where there is no magic number. */
	const void *info = (const void *)(uintptr_t)(uint32_t)x86_boot_info;

	boot->cmdline = "";
	boot->rsdp = boot->ram_end = boot->ram_size = 0;
	boot->ram_base = UINT64_MAX;
	return x86_boot_protocol == BOOT_PVH ? read_pvh(boot, info) : read_zero_page(boot, info);
}
