// SPDX-License-Identifier: MIT
/*
 * boot.c - reads hvm_start_info (Xen, xen/include/public/arch-x86/hvm/start_info.h) or the zero
 * page (Linux, Documentation/x86/zero-page.rst).
 */
#include <stddef.h>
#include <string.h>

#include "arch/protect.h"
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

#define MEMORY_RAM 1 /* in both tables */

/* A part of one at the end is not counted: libkrun tells of a byte that is not there. */
#define PAGE 4096

/* No loader gives more (QEMU and Firecracker 2 KiB, Linux on most architectures 4 KiB at most). */
#define CMDLINE_MAX 65536

_Static_assert(offsetof(struct hvm_start_info, memmap_paddr) == 40, "start_info.h");
_Static_assert(sizeof(struct e820_entry) == 20, "zero-page.rst");

/* NULL: so many bytes are not there. */
static const void *mapped(uint64_t address, uint64_t size)
{
	return address && address <= BOOT_MAPPED - size ? (const void *)address : NULL;
}

/*
 * A string that ends within the longest that there is, or "": it does not. It is for later, when nothing is
 * to be had from the first page any more.
 */
static const char *string_at(uint64_t address)
{
	const char *text = address < ARCH_NULL_SIZE ? NULL : mapped(address, CMDLINE_MAX);

	return text && memchr(text, '\0', CMDLINE_MAX) ? text : "";
}

bool boot_ram(const struct boot *boot, uint32_t index, uint64_t *base, uint64_t *size)
{
	struct e820_entry entry;
	uint64_t part;

	if (index >= boot->map_entries)
		return false;
	memcpy(&entry, boot->map + (size_t)index * boot->stride, sizeof entry);
	part = (entry.addr + entry.size) % PAGE;
	*base = entry.addr;
	*size = entry.type == MEMORY_RAM && entry.size > part ? entry.size - part : 0;
	return true;
}

static int read_pvh(struct boot *boot, const struct hvm_start_info *info)
{
	if (info->magic != HVM_START_MAGIC)
		return -1;
	boot->rsdp = info->rsdp_paddr;
	boot->cmdline = string_at(info->cmdline_paddr);
	if (!info->version)
		return 0;
	boot->map = mapped(info->memmap_paddr, E820_MAX * sizeof(struct hvm_memmap_entry));
	boot->stride = sizeof(struct hvm_memmap_entry);
	boot->map_entries = boot->map ? info->memmap_entries : 0;
	return 0;
}

/* Nothing is aligned there. */
static int read_zero_page(struct boot *boot, const uint8_t *page)
{
	uint32_t cmdline, magic;

	memcpy(&magic, page + ZERO_PAGE_HDR_MAGIC, sizeof magic);
	if (magic != ZERO_PAGE_HDRS)
		return -1;
	memcpy(&boot->rsdp, page + ZERO_PAGE_ACPI_RSDP_ADDR, sizeof boot->rsdp);
	memcpy(&cmdline, page + ZERO_PAGE_CMD_LINE_PTR, sizeof cmdline);
	boot->cmdline = string_at(cmdline);
	boot->map = page + ZERO_PAGE_E820_TABLE;
	boot->stride = sizeof(struct e820_entry);
	boot->map_entries = page[ZERO_PAGE_E820_ENTRIES];
	return 0;
}

int boot_read(struct boot *boot)
{
	/* An address that is none, or not mapped, ends where there is no magic number. */
	const void *info = (const void *)(uintptr_t)(uint32_t)x86_boot_info;
	uint64_t here = (uintptr_t)&boot_read, base, size;

	boot->cmdline = "";
	boot->rsdp = boot->ram_end = boot->map_entries = 0;
	if (x86_boot_protocol == BOOT_PVH ? read_pvh(boot, info) : read_zero_page(boot, info))
		return -1;
	if (boot->map_entries > E820_MAX)
		boot->map_entries = E820_MAX;
	for (uint32_t i = 0; boot_ram(boot, i, &base, &size); i++)
		if (here - base < size)
			boot->ram_end = base + size;
	return 0;
}
