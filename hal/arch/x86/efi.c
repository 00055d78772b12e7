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

#define EFIAPI __attribute__((ms_abi))

struct efi_guid {
	uint32_t a;
	uint16_t b, c;
	uint8_t d[8];
};

struct efi_memory { /* 7.2.3, EFI_MEMORY_DESCRIPTOR */
	uint32_t type;
	uint64_t base;
	uint64_t virtual_base;
	uint64_t pages;
	uint64_t attribute;
};

struct efi_boot_services { /* 4.4.1 */
	uint8_t header[24];
	void *unused1[4];
	EFIAPI uint64_t (*get_memory_map)(uint64_t *size, uint8_t *map, uint64_t *key,
	                                  uint64_t *stride, uint32_t *version);
	void *unused2[11];
	EFIAPI uint64_t (*handle_protocol)(void *handle, const struct efi_guid *protocol,
	                                   void **interface);
	void *unused3[9];
	EFIAPI uint64_t (*exit_boot_services)(void *image, uint64_t key);
};

struct efi_table { /* 4.6.1, EFI_CONFIGURATION_TABLE */
	struct efi_guid guid;
	uint64_t address;
};

struct efi_system { /* 4.3.1 */
	uint8_t header[24];
	void *unused[9];
	struct efi_boot_services *boot;
	uint64_t n_tables;
	const struct efi_table *table;
};

struct efi_loaded_image { /* 9.1.1 */
	uint32_t revision;
	void *unused[5];
	uint32_t options_size; /* in bytes */
	const uint16_t *options;
};

_Static_assert(offsetof(struct efi_boot_services, get_memory_map) == 0x38, "4.4.1");
_Static_assert(offsetof(struct efi_boot_services, handle_protocol) == 0x98, "4.4.1");
_Static_assert(offsetof(struct efi_boot_services, exit_boot_services) == 0xe8, "4.4.1");
_Static_assert(offsetof(struct efi_system, boot) == 0x60, "4.3.1");
_Static_assert(offsetof(struct efi_loaded_image, options) == 0x38, "9.1.1");

enum efi_memory_type {
	EFI_LOADER_CODE = 1,
	EFI_BOOT_SERVICES_DATA = 4,
	EFI_CONVENTIONAL_MEMORY = 7,
};

#define EFI_PAGE     4096
#define MAP_SIZE     32768 /* linker/x86.ld asks for it, behind the image */
#define CMDLINE_SIZE 2048
#define RETRIES      8

enum e820_type {
	E820_RAM = 1,
	E820_RESERVED = 2,
};

static const struct efi_guid loaded_image = {
	0x5b1b31a1, 0x9562, 0x11d2, {0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};
static const struct efi_guid acpi_20 = {
	0x8868e871, 0xe4f1, 0x11d3, {0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81}};

extern uint8_t __image_end[]; /* linker/x86.ld */

/* The map is in what will be spare memory. */
struct handover {
	uint8_t *map;
	uint8_t zero_page[4096];
	char cmdline[CMDLINE_SIZE];
};
static struct handover handover __attribute__((section(".noinit")));

/* The load options are UCS-2; what is not ASCII becomes a question mark. */
static void read_options(struct handover *h, const struct efi_system *system, void *image)
{
	const struct efi_loaded_image *loaded;
	void *found;
	size_t i, n;

	h->cmdline[0] = '\0';
	if (system->boot->handle_protocol(image, &loaded_image, &found))
		return;
	loaded = found;
	n = loaded->options ? loaded->options_size / 2 : 0;
	if (n > CMDLINE_SIZE - 1)
		n = CMDLINE_SIZE - 1;
	for (i = 0; i < n && loaded->options[i]; i++)
		h->cmdline[i] = loaded->options[i] < 0x80 ? (char)loaded->options[i] : '?';
	h->cmdline[i] = '\0';
}

static uint64_t acpi_root(const struct efi_system *system)
{
	for (uint64_t i = 0; i < system->n_tables; i++)
		if (memcmp(&system->table[i].guid, &acpi_20, sizeof acpi_20) == 0)
			return system->table[i].address;
	return 0;
}

static uint32_t e820_type(uint32_t type)
{
	return (type >= EFI_LOADER_CODE && type <= EFI_BOOT_SERVICES_DATA) ||
	                       type == EFI_CONVENTIONAL_MEMORY
	               ? E820_RAM
	               : E820_RESERVED;
}

/* Neighbours of a kind become one entry; what does not fit into the zero page is left out. */
static void read_map(struct handover *h, uint64_t size, uint64_t stride)
{
	struct e820_entry *table = (struct e820_entry *)(h->zero_page + ZERO_PAGE_E820_TABLE);
	unsigned n = 0;

	for (uint64_t at = 0; at + sizeof(struct efi_memory) <= size; at += stride) {
		const struct efi_memory *m = (const struct efi_memory *)(h->map + at);
		struct e820_entry *last = &table[n - (n > 0)];
		uint32_t type = e820_type(m->type);

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
	uint64_t size, key, stride, status;
	uint32_t version, tries = 0;

	h->map = (uint8_t *)(((uintptr_t)__image_end + 7) & ~(uintptr_t)7);
	memset(h->zero_page, 0, sizeof h->zero_page);
	read_options(h, system, image);
	*(uint32_t *)(h->zero_page + ZERO_PAGE_HDR_MAGIC) = ZERO_PAGE_HDRS;
	*(uint32_t *)(h->zero_page + ZERO_PAGE_CMD_LINE_PTR) = (uint32_t)(uintptr_t)h->cmdline;
	*(uint64_t *)(h->zero_page + ZERO_PAGE_ACPI_RSDP_ADDR) = acpi_root(system);

	/* The map may change as long as the firmware runs: its key then fits no more (7.4.6). */
	do {
		size = MAP_SIZE;
		status = system->boot->get_memory_map(&size, h->map, &key, &stride, &version);
		if (status)
			return status;
		status = system->boot->exit_boot_services(image, key);
	} while (status && ++tries < RETRIES);
	if (status)
		return status;
	read_map(h, size, stride);
	__asm__ volatile("jmp _start" : : "S"(h->zero_page) : "memory");
	__builtin_unreachable();
}
