// SPDX-License-Identifier: MIT
/*
 * efi.c - a bzImage as an application of UEFI (UEFI Specification 2.10): makes a zero page of what the
 * firmware knows, leaves boot services, and goes on at Linux's 64-bit entry.
 *
 * start.S has moved the image to where it is linked. .bss is not cleared yet: nothing here uses it.
 * Left out: an initrd, a frame buffer, runtime services.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "boot.h"
#include "discover/efi.h"

#define MAP_SIZE     32768 /* linker/x86.ld asks for it, behind the image */
#define CMDLINE_SIZE 2048

enum e820_type {
	E820_RAM = 1,
	E820_RESERVED = 2,
};

static const struct efi_guid acpi_20 = {
	0x8868e871, 0xe4f1, 0x11d3, {0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81}};

extern uint8_t __image_end[]; /* linker/x86.ld */

struct handover {
	uint8_t zero_page[4096];
	char cmdline[CMDLINE_SIZE];
};
static struct handover handover __attribute__((section(".noinit.large")));

/* Neighbours of a kind become one entry; what does not fit into the zero page is left out. */
static void read_map(struct handover *h, const struct efi_map *map)
{
	struct e820_entry *table = (struct e820_entry *)(h->zero_page + ZERO_PAGE_E820_TABLE);
	unsigned n = 0;

	for (uint64_t at = 0; at + sizeof(struct efi_memory) <= map->size; at += map->stride) {
		const struct efi_memory *m = (const struct efi_memory *)(map->bytes + at);
		struct e820_entry *last = &table[n - (n > 0)];
		uint32_t type = efi_is_free(m->type) ? E820_RAM : E820_RESERVED;

		if (n && last->type == type && last->addr + last->size == m->base)
			last->size += m->pages * EFI_PAGE;
		else if (n < E820_MAX)
			table[n++] = (struct e820_entry){m->base, m->pages * EFI_PAGE, type};
	}
	h->zero_page[ZERO_PAGE_E820_ENTRIES] = (uint8_t)n;
}

/* What start.S says when we come back, or have not been called: there was no room for the image. */
extern const uint16_t efi_sorry[];
const uint16_t efi_sorry[] =
	u"bareqga: UEFI has not given the memory at 2 MiB, or not let go of the machine\r\n";

/* Called by start.S. Comes back only with an error of the firmware's. */
uint64_t efi_boot(void *image, const struct efi_system *system);
uint64_t efi_boot(void *image, const struct efi_system *system)
{
	struct handover *h = &handover;
	/* In what will be spare memory. */
	struct efi_map map = {(uint8_t *)(((uintptr_t)__image_end + 7) & ~(uintptr_t)7), MAP_SIZE,
	                      0};
	uint64_t status;

	memset(h->zero_page, 0, sizeof h->zero_page);
	efi_cmdline(system, image, h->cmdline, sizeof h->cmdline);
	*(uint32_t *)(h->zero_page + ZERO_PAGE_HDR_MAGIC) = ZERO_PAGE_HDRS;
	*(uint32_t *)(h->zero_page + ZERO_PAGE_CMD_LINE_PTR) = (uint32_t)(uintptr_t)h->cmdline;
	*(uint64_t *)(h->zero_page + ZERO_PAGE_ACPI_RSDP_ADDR) = efi_table(system, &acpi_20);
	status = efi_leave(system, image, &map);
	if (status)
		return status;
	read_map(h, &map);
	__asm__ volatile("jmp _start" : : "S"(h->zero_page) : "memory");
	__builtin_unreachable();
}
